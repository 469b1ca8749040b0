import { subscribe } from "node:diagnostics_channel";

/** The errors that kept a connection from coming about: to the system or its proxy, at the tunnel, in the handshake. */
const connectErrors = new WeakSet<Error>();

// The code of an error does not tell: TLS fails with the same one before a request has left and in the middle of it.
subscribe("undici:client:connectError", (message) => {
  connectErrors.add((message as { error: Error }).error);
});

/** Whether an error of undici is that of a request for which there was no connection, so that nothing has left. */
export function neverSent(error: unknown): boolean {
  return error instanceof Error && connectErrors.has(error);
}
