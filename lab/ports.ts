import { once } from "node:events";
import type { Server } from "node:net";
import { LabError } from "./errors.ts";

/** The lab is for this machine only. */
export const host = "127.0.0.1";

/** Listens on the port (0 = any free one) and answers the one it got. */
export async function listen(server: Server, port: number): Promise<number> {
  const listening = once(server, "listening");
  server.listen(port, host);
  await listening.catch((error: NodeJS.ErrnoException) => {
    throw explained(error, port);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new LabError("The lab did not get a TCP port.");
  return address.port;
}

function explained(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code !== "EADDRINUSE") return new LabError(`The lab cannot listen on port ${port}: ${error.message}.`);
  return new LabError(
    `Port ${port} is taken, perhaps by a lab that already runs. Use that one, end it, or start this one elsewhere with --port-base N (0 = any free ports).`,
  );
}
