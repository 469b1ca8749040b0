import { connect } from "node:net";
import { leave } from "./farewell.ts";
import { whenIdle } from "./operation.ts";

let watching = false;

/**
 * Ends the provider process soon after its engine is gone. A killed CLI leaves its provider processes behind, and
 * nothing else ends them (reference: Pulumi dynamic providers, "SIGKILL of the CLI"). A call that runs is finished
 * first, so that what it makes is made whole. The sign is an idle connection to the engine that closes and that nobody
 * accepts anew.
 */
export function watchEngine(address: string | undefined): void {
  const target = /^\[?([^\]]+)\]?:(\d+)$/.exec(address ?? "");
  if (watching || !target) return;
  watching = true;
  keepConnected(target[1] as string, Number(target[2]), false);
}

function keepConnected(host: string, port: number, acceptedBefore: boolean): void {
  const socket = connect({ host, port });
  let accepted = false;
  socket.unref();
  socket.on("connect", () => {
    accepted = true;
  });
  socket.on("error", () => {});
  socket.on("data", () => {});
  socket.on("close", () => {
    if (!accepted && acceptedBefore) whenIdle(() => void leave());
    // The engine's server drops a connection that never speaks; that is no sign of its end.
    else if (accepted) setTimeout(() => keepConnected(host, port, true), 500).unref();
  });
}
