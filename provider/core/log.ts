import { setTimeout as wait } from "node:timers/promises";
import { engineAddress } from "./engine.ts";
import { redact } from "./redact.ts";

const patienceMs = 5000;

const shown = new Set<string>();

/**
 * A warning on the engine's own display, counted as one, once per process and text. `pulumi.log` cannot do it here:
 * the provider process has no engine connection (reference: Pulumi dynamic providers, 3.6). The process is not told
 * its URN, so the text must name the kind and the object.
 */
export async function warn(text: string): Promise<void> {
  const message = redact(text);
  if (shown.has(message)) return;
  shown.add(message);
  await tell("warning", message);
}

/** How far something long has come, on the engine's own display. */
export async function inform(text: string): Promise<void> {
  await tell("info", redact(text));
}

async function tell(severity: "warning" | "info", message: string): Promise<void> {
  const address = engineAddress();
  if (address === undefined) {
    console.error(`${severity}: ${message}`);
    return;
  }
  // Commands of their own have no engine, and need not wait for the SDK.
  const { default: engine } = await import("@pulumi/pulumi/proto/engine_pb.js");
  const request = new engine.LogRequest();
  request.setSeverity(severity === "warning" ? engine.LogSeverity.WARNING : engine.LogSeverity.INFO);
  request.setMessage(message);
  const client = await engineClient(address);
  // A stopped engine accepts and says nothing.
  const delivered = new Promise<void>((done) => client.log(request, () => done()));
  await Promise.race([delivered, wait(patienceMs, undefined, { ref: false })]);
}

let connected: EngineClient | undefined;

interface EngineClient {
  log(request: unknown, callback: () => void): unknown;
}

async function engineClient(address: string): Promise<EngineClient> {
  if (connected) return connected;
  const pulumi = await import("@pulumi/pulumi");
  pulumi.runtime.resetOptions(pulumi.getProject(), pulumi.getStack(), -1, address, "", false, "");
  connected = pulumi.runtime.getEngine() as EngineClient;
  return connected;
}

/** One line per request while CLOUDSTACK_STORAGE_DEBUG is set: no query, no header, no body, ever. */
export function debugRequest(
  method: string,
  path: string,
  status: string,
  attempt: number,
  milliseconds: number,
  requestId: string | undefined,
): void {
  if (!process.env["CLOUDSTACK_STORAGE_DEBUG"]) return;
  const id = requestId === undefined ? "" : ` request-id=${requestId}`;
  console.error(
    `cloudstack-storage: ${method} ${path} ${status} attempt=${attempt} ${Math.round(milliseconds)} ms${id}`,
  );
}
