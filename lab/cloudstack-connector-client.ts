import type { Call } from "./cloudstack-call.ts";
import { isObject } from "./errors.ts";
import { decodeQuery } from "./query.ts";
import type { LabReply } from "./system.ts";

/** The Admin API does not answer at all. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** What the settings say; empty where a setting has no value. */
export function settingText({ store }: Pick<Call, "store">, name: string): string {
  return store.settings.get(name)?.value ?? "";
}

/** Whether the connector is switched on. Off counts at once; on needs that it runs as well. */
export function isEnabled(call: Pick<Call, "store">): boolean {
  return settingText(call, "cloudian.connector.enabled") === "true";
}

/** One request to the Admin API with the log-in of the settings. */
export function adminCall(call: Call, method: string, path: string, query: object, body?: object): LabReply {
  if (!call.store.options.connectorReachesCloudian) throw new Unreachable("Connection refused");
  const rawQuery = new URLSearchParams({ ...query }).toString();
  const logIn = `${settingText(call, "cloudian.admin.user")}:${settingText(call, "cloudian.admin.password")}`;
  return call.cloudian.handle({
    method,
    path,
    rawQuery,
    query: decodeQuery(rawQuery),
    headers: { authorization: `Basic ${Buffer.from(logIn).toString("base64")}` },
    body: Buffer.from(body === undefined ? "" : JSON.stringify(body)),
  });
}

/** Whether a writing request succeeded: 200 and nothing else. */
export function isDone({ status }: LabReply): boolean {
  return status === 200;
}

/** The objects in an answer; none for an empty body. */
export function documentsOf({ status, body = "" }: LabReply): Record<string, unknown>[] {
  if (status !== 200 || body.length === 0) return [];
  const value: unknown = JSON.parse(body.toString());
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}
