import { messageOf, Refused, UnexpectedAnswer } from "../../core/errors.ts";
import type { AnyHandler } from "../../core/handler.ts";
import { redact } from "../../core/redact.ts";
import type { Settings } from "../../core/settings.ts";
import { type TakeoverOptions, takeOver } from "../../core/takeover.ts";
import type { Values } from "../../core/values.ts";
import { handlerOf } from "../../handlers.ts";
import { KeyRefused } from "../../s3/answers.ts";
import { type Found, FromConfig } from "./found.ts";

interface Subject extends TakeoverOptions {
  readonly kind: string;
  readonly name: string;
  readonly stem: string;
  readonly id: string;
  /** What the program says instead of the plain value. */
  readonly instead?: Values;
  /** Arguments that nobody can read and that the object can have, where that depends on more than the kind. */
  readonly unreadable?: readonly string[];
}

/** Looks at one object; a failure is part of what was found, so that one object does not hide the others. */
export async function inspect(settings: Settings, subject: Subject): Promise<Found> {
  const { kind, name, stem, id, known = {}, instead = {} } = subject;
  const handler = handlerOf(kind) as AnyHandler;
  const hidden = Object.entries(instead).filter(([, value]) => holdsConfig(value));
  const placeholders = Object.fromEntries(hidden.map(([key, value]) => [key, standIn(value)]));
  const base = { kind, name, stem, id, instead };
  try {
    const takeover = await takeOver(handler, settings, id, { ...subject, known: { ...placeholders, ...known } });
    const keys = takeover.ignored.includes("keyGeneration") ? ["secretAccessKey"] : [];
    const found = { ...base, takeover, notReturned: [...(subject.unreadable ?? takeover.unread), ...keys] };
    const lacking = hidden.map(([key]) => key).filter((key) => !(key in known));
    if (lacking.length === 0) return { ...found, way: "import" };
    return { ...found, way: "adopt", reason: `no call returns ${lacking.join(", ")}` };
  } catch (error) {
    const { noun } = handler;
    const said = messageOf(error);
    const reason = error instanceof Refused ? said : `${noun} ${name} could not be read: ${said}`;
    const failed = isPassing(error) ? { unread: true } : {};
    return { ...base, way: "none", reason: redact(reason).replace(/\.$/, ""), notReturned: [], ...failed };
  }
}

/** Whether another try may end otherwise; what a system refuses by nature stays refused. */
function isPassing(error: unknown): boolean {
  if (error instanceof Refused || error instanceof KeyRefused) return false;
  return !(error instanceof UnexpectedAnswer) || error.status >= 500;
}

function holdsConfig(value: unknown): boolean {
  if (value instanceof FromConfig) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsConfig);
}

const standIns = {
  boolean: true,
  url: "https://from-the-configuration.invalid",
  text: "from-the-configuration",
  secret: "from-the-configuration",
};

/** Something of the right type for what only the configuration will tell. */
function standIn(value: unknown): unknown {
  if (value instanceof FromConfig) return standIns[value.type];
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, standIn(each)]));
}
