import { messageOf, Refused } from "../../core/errors.ts";
import type { AnyHandler } from "../../core/handler.ts";
import type { Settings } from "../../core/settings.ts";
import { type TakeoverOptions, takeOver } from "../../core/takeover.ts";
import type { Values } from "../../core/values.ts";
import { handlerOf } from "../../handlers.ts";
import { type Found, FromConfig } from "./found.ts";

interface Subject extends TakeoverOptions {
  readonly kind: string;
  readonly name: string;
  readonly stem: string;
  readonly id: string;
  /** What the program says instead of the plain value. */
  readonly instead?: Values;
  /** What no call returns, where that depends on more than the kind. */
  readonly notReturned?: readonly string[];
}

/** Looks at one object; a failure is part of what was found, so that one object does not hide the others. */
export async function inspect(settings: Settings, subject: Subject): Promise<Found> {
  const { kind, name, stem, id, known = {}, instead = {} } = subject;
  const handler = handlerOf(kind) as AnyHandler;
  const hidden = Object.entries(instead).filter(([, value]) => holdsConfig(value));
  const standIns = Object.fromEntries(hidden.map(([key, value]) => [key, standIn(value)]));
  const { notReturned = handler.writeOnly.filter((key) => !(key in standIns)) } = subject;
  const base = { kind, name, stem, id, instead, notReturned };
  try {
    const takeover = await takeOver(handler, settings, id, { ...subject, known: { ...standIns, ...known } });
    const lacking = hidden.map(([key]) => key).filter((key) => !(key in known));
    if (lacking.length === 0) return { ...base, way: "import", takeover };
    return { ...base, way: "adopt", reason: `no call returns ${lacking.join(", ")}`, takeover };
  } catch (error) {
    const { noun } = handler;
    const reason = error instanceof Refused ? error.message : `${noun} ${name} could not be read: ${messageOf(error)}`;
    return { ...base, way: "none", reason: reason.replace(/\.$/, "") };
  }
}

function holdsConfig(value: unknown): boolean {
  if (value instanceof FromConfig) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsConfig);
}

/** Something of the right type for what only the configuration will tell. */
function standIn(value: unknown): unknown {
  if (value instanceof FromConfig) return value.type === "boolean" ? true : "from-the-configuration";
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, standIn(each)]));
}
