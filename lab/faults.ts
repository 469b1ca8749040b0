import { setTimeout as wait } from "node:timers/promises";
import { LabError } from "./errors.ts";

export const faultKinds = [
  "refuse",
  "reset-before-read",
  "reset-after-commit",
  "reset-in-body",
  "status",
  "status-after-commit",
  "html",
  "redirect",
  "expired",
  "hang",
  "truncate",
  "wrong-length",
  "delay",
] as const;

const retryAfterForms = ["seconds", "date"] as const;

export type FaultKind = (typeof faultKinds)[number];

/** What shall go wrong, for which requests, how often. */
export interface Fault {
  readonly system: string;
  readonly kind: FaultKind;
  readonly method?: string;
  /** The whole path, or its beginning when it ends in `*`. */
  readonly path?: string;
  /** The command of the call, where one path serves them all. */
  readonly command?: string;
  readonly times: number;
  /** So many matching requests pass first. */
  readonly after: number;
  readonly status?: number;
  readonly retryAfter?: number;
  readonly retryAfterForm?: (typeof retryAfterForms)[number];
  /** Where a redirect leads. */
  readonly location?: string;
  readonly delayMs?: number;
}

export interface ArmedFault extends Fault {
  /** Requests that this fault would fit, whether it fired or not. */
  matched: number;
  fired: number;
}

/** What a fault looks at. */
export interface FaultTarget {
  readonly system: string;
  readonly method: string;
  readonly path: string;
  readonly command: string | undefined;
}

/** The faults that are armed now. */
export class Faults {
  #armed: ArmedFault[] = [];
  #held = new AbortController();

  arm(fault: Fault): ArmedFault {
    const armed = { ...fault, matched: 0, fired: 0 };
    this.#armed.push(armed);
    return armed;
  }

  list(): readonly ArmedFault[] {
    return this.#armed;
  }

  /** What is being delayed goes on at once. */
  clear(): void {
    this.#armed = [];
    this.#held.abort();
    this.#held = new AbortController();
  }

  async delay({ delayMs }: Fault): Promise<void> {
    if (!delayMs) return;
    // Aborted means cleared.
    await wait(delayMs, undefined, { ref: false, signal: this.#held.signal }).catch(() => undefined);
  }

  /** The fault for this request, if there is one: the first that fits and is not used up. */
  take(request: FaultTarget): Fault | undefined {
    let taken: ArmedFault | undefined;
    for (const fault of this.#armed) {
      if (fault.kind === "refuse" || !fits(fault, request)) continue;
      fault.matched += 1;
      if (taken === undefined && fault.matched > fault.after && fault.fired < fault.times) taken = fault;
    }
    if (taken !== undefined) taken.fired += 1;
    return taken;
  }

  /** Whether this request is the last one before a refusal; to be asked once for each. */
  refusesAfter(request: FaultTarget): boolean {
    const due = this.#armed.filter((fault) => {
      if (fault.kind !== "refuse" || !fits(fault, request)) return false;
      fault.matched += 1;
      return fault.matched === fault.after;
    });
    for (const fault of due) fault.fired += 1;
    return due.length > 0;
  }
}

function fits(fault: Fault, { system, method, path, command }: FaultTarget): boolean {
  if (fault.system !== system) return false;
  if (fault.method !== undefined && fault.method !== method) return false;
  if (fault.command !== undefined && fault.command !== command) return false;
  if (fault.path === undefined) return true;
  return fault.path.endsWith("*") ? path.startsWith(fault.path.slice(0, -1)) : path === fault.path;
}

const members = [
  ...["system", "method", "path", "command", "kind", "times", "after"],
  ...["status", "retryAfter", "retryAfterForm", "location", "delayMs"],
];

/** Reads the body of `POST /faults`. */
export function parseFault(body: Record<string, unknown>, systems: readonly string[]): Fault {
  const unknown = Object.keys(body).find((name) => !members.includes(name));
  if (unknown !== undefined) throw new LabError(`"${unknown}" is not a member of a fault: use ${members.join(", ")}.`);
  const kind = oneOf(body, "kind", faultKinds);
  const system = oneOf(body, "system", systems);
  if (kind === "refuse") return parseRefusal(body, system);
  const status = whole(body, "status", 200, 599);
  const retryAfter = whole(body, "retryAfter", 0, 86_400);
  const form = body["retryAfterForm"] === undefined ? undefined : oneOf(body, "retryAfterForm", retryAfterForms);
  const location = text(body, "location", /^https?:\/\/\S+$/, "an address that begins with http:// or https://");
  const delayMs = whole(body, "delayMs", 0, 3_600_000);
  if (kind === "delay" && delayMs === undefined) throw new LabError('A fault of kind "delay" needs "delayMs".');
  if (kind === "redirect" && location === undefined)
    throw new LabError('A fault of kind "redirect" needs a "location".');
  return {
    system,
    kind,
    ...parseFitting(body, system),
    times: whole(body, "times", 1, 1_000_000) ?? 1,
    after: whole(body, "after", 0, 1_000_000) ?? 0,
    ...(status === undefined ? {} : { status }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(form === undefined ? {} : { retryAfterForm: form }),
    ...(location === undefined ? {} : { location }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}

/** Which requests fit. */
function parseFitting(body: Record<string, unknown>, system: string): Pick<Fault, "method" | "path" | "command"> {
  const method = text(body, "method", /^[A-Z]+$/, "upper-case letters, such as PUT");
  const path = text(
    body,
    "path",
    /^\//,
    "a path that begins with /, without query; a * at its end stands for any rest",
  );
  const command = text(body, "command", /^\w+$/, "the name of a command, such as listZones");
  if (command !== undefined && system !== "cloudstack")
    throw new LabError('Only a fault of "cloudstack" takes a "command".');
  return {
    ...(method === undefined ? {} : { method }),
    ...(path === undefined ? {} : { path }),
    ...(command === undefined ? {} : { command }),
  };
}

function parseRefusal(body: Record<string, unknown>, system: string): Fault {
  const allowed = body["after"] === undefined ? [] : ["after", "method", "path", "command"];
  const extra = Object.keys(body).find((name) => !["system", "kind", ...allowed].includes(name));
  if (extra !== undefined) {
    const counting = ["method", "path", "command"].includes(extra) ? ` without "after"` : "";
    throw new LabError(
      `A fault of kind "refuse" takes no "${extra}"${counting}: it closes the whole system to new connections until DELETE /faults.`,
    );
  }
  const after = whole(body, "after", 0, 1_000_000) ?? 0;
  return { system, kind: "refuse", ...parseFitting(body, system), times: 1, after };
}

function oneOf<T extends string>(body: Record<string, unknown>, name: string, allowed: readonly T[]): T {
  const value = allowed.find((candidate) => candidate === body[name]);
  if (value === undefined) throw new LabError(`"${name}" must be one of ${allowed.join(", ")}.`);
  return value;
}

function text(body: Record<string, unknown>, name: string, form: RegExp, expected: string): string | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !form.test(value)) throw new LabError(`"${name}" must be ${expected}.`);
  return value;
}

function whole(body: Record<string, unknown>, name: string, least: number, most: number): number | undefined {
  const value = body[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw new LabError(`"${name}" must be a whole number from ${least} to ${most}.`);
  }
  return value;
}
