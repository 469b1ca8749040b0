import { calls, type LabRequestRecord } from "../harness/lab.ts";
import type { TestStack } from "../harness/stack.ts";

/** What every request carries, and details, which the lab's state shows. */
const leftOut = /^(apikey|command|details\[.*|expires|response|signature|signatureversion)$/;

/** What a process asks before its first request of any other sort. */
export const firstOfAll = ["GET listCapabilities", "GET listConfigurations name=encode.api.response"];

/** One line per request to CloudStack, such as `POST updateImageStore id=<main> readonly=true`, in order. */
export async function commandsTo(stack: TestStack): Promise<string[]> {
  const names = new Map(Object.entries((await stack.lab.state()).cloudstack).flatMap(([, items]) => namesIn(items)));
  const records = await stack.lab.requests("cloudstack");
  return records.map((record) => lineOf(record).replaceAll(uuid, (id) => `<${names.get(id) ?? id}>`));
}

/** The commands that change something. */
export async function changesTo(stack: TestStack): Promise<string[]> {
  return (await commandsTo(stack)).filter((line) => line.startsWith("POST "));
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function lineOf({ method, query, body }: LabRequestRecord): string {
  const parameters = Object.entries({ ...query, ...body }).filter(([name]) => !leftOut.test(name));
  const shown = parameters.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
  return [method, body?.["command"] ?? query["command"], ...shown].join(" ");
}

function namesIn(items: Record<string, unknown>): [string, string][] {
  return Object.entries(items).flatMap(([id, item]) => {
    const name = (item as { name?: unknown } | null)?.name;
    return typeof name === "string" ? [[id, name] as [string, string]] : [];
  });
}

/** What was changed in any of the simulated systems, in order. */
export async function writesTo(stack: TestStack): Promise<string[]> {
  const writes = (await stack.requests()).filter(({ method }) => method !== "GET" && method !== "HEAD");
  return writes.map((record) => (record.system === "cloudstack" ? lineOf(record) : (calls([record])[0] ?? "")));
}
