import type { LabFault, LabRequestRecord } from "../../lab.ts";
import { patience } from "./life.ts";

type System = LabFault["system"];

/** What goes wrong with one request, under the name that the table of results shows. */
export interface FaultKind {
  readonly name: string;
  /** The members of the lab's fault beside the system and the request. */
  readonly fault: Omit<LabFault, "system" | "after">;
  /** Only of a request whose answer has a body. */
  readonly needsBody?: true;
  /** Not only the one request, but every one of its kind from then on. */
  readonly isForever?: true;
}

const tooLateMs = 1.5 * patience.requestSeconds * 1000;

export const faultKinds: readonly FaultKind[] = [
  { name: "refused connection", fault: { kind: "refuse" } },
  { name: "reset before read", fault: { kind: "reset-before-read" } },
  { name: "reset after commit", fault: { kind: "reset-after-commit" } },
  { name: "reset in the body", fault: { kind: "reset-in-body" } },
  { name: "429 with seconds", fault: { kind: "status", status: 429, retryAfter: 1 } },
  { name: "429 with a date", fault: { kind: "status", status: 429, retryAfter: 2, retryAfterForm: "date" } },
  { name: "503", fault: { kind: "status", status: 503 } },
  { name: "500 once", fault: { kind: "status", status: 500 } },
  { name: "500 after commit", fault: { kind: "status-after-commit", status: 500 } },
  { name: "500 always", fault: { kind: "status", status: 500, times: 1_000_000 }, isForever: true },
  { name: "expired token", fault: { kind: "expired" } },
  { name: "403", fault: { kind: "status", status: 403 } },
  { name: "HTML 502", fault: { kind: "html", status: 502 } },
  { name: "truncated body", fault: { kind: "truncate" } },
  { name: "wrong content length", fault: { kind: "wrong-length" } },
  { name: "slower than the deadline", fault: { kind: "delay", delayMs: tooLateMs } },
  { name: "never answering", fault: { kind: "hang" } },
  { name: "empty 200, not done", fault: { kind: "status", status: 200 }, needsBody: true },
  { name: "empty 200, done", fault: { kind: "status-after-commit", status: 200 }, needsBody: true },
  { name: "redirect", fault: { kind: "redirect" } },
];

/** Requests that are answered by a status alone when all goes well: an empty answer is the right one there. */
const bodiless: readonly RegExp[] = [
  /^cloudian (PUT|POST|DELETE) \/(group|user|user\/password|qos\/limits)$/,
  /^cloudian (POST|DELETE) \/user\/credentials(\/status)?$/,
  /^(cloudian|ecs)-s3 (HEAD|PUT|DELETE) /,
  /^ecs (PUT|DELETE) /,
  /^ecs POST .*\/(deactivate|owner|tags)$/,
];

/** Whether this can go wrong with this request. */
export function canHit({ fault, needsBody }: FaultKind, request: LabRequestRecord): boolean {
  const label = labelOf(request);
  if (fault.kind === "expired") return label !== "ecs GET /login";
  return !needsBody || !bodiless.some((form) => form.test(label));
}

/** The lab's fault for one request of a run whose requests are known. */
export function faultAt(
  { fault, isForever }: FaultKind,
  requests: readonly LabRequestRecord[],
  index: number,
  redirectTo: string,
): LabFault {
  const request = requests[index] as LabRequestRecord;
  const before = requests.slice(0, index);
  const members = fault.kind === "redirect" ? { ...fault, location: redirectTo } : fault;
  const system = request.system as System;
  if (!isForever) {
    const after = before.filter((each) => each.system === system).length;
    return { ...members, system, ...(fault.kind === "refuse" && after === 0 ? {} : { after }) };
  }
  const command = commandOf(request);
  const same = before.filter(
    (each) =>
      each.system === system && each.method === request.method && pathAndCommand(each) === pathAndCommand(request),
  );
  const { method, path } = request;
  return { ...members, system, method, path, ...(command === undefined ? {} : { command }), after: same.length };
}

/** Such as `cloudian PUT /group`. */
export function labelOf(request: LabRequestRecord): string {
  return `${request.system} ${request.method} ${pathAndCommand(request)}`;
}

function pathAndCommand(request: LabRequestRecord): string {
  return commandOf(request) ?? request.path;
}

function commandOf({ system, query, body }: LabRequestRecord): string | undefined {
  if (system !== "cloudstack") return undefined;
  return query["command"] ?? String(body?.["command"]);
}
