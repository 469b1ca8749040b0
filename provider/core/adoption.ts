import { Conflict, Refused } from "./errors.ts";
import type { AnyHandler, Live } from "./handler.ts";
import { same, type Values } from "./values.ts";

/** How far a program lets `create` take over an object that exists already. */
export interface Permission {
  /** `adopt: true`: also what differs in properties that can be updated. */
  readonly differing: boolean;
  /** `adopt: true`, a derived name, or CLOUDSTACK_STORAGE_ADOPT=identical for the whole run. */
  readonly identical: boolean;
  /** Properties whose values no message may show. */
  readonly hide: readonly string[];
}

interface Difference {
  readonly property: string;
  readonly live: unknown;
  readonly declared: unknown;
  /** Nobody has changed it since the object was made, so writing it overrules nobody. */
  readonly atDefault: boolean;
}

/** Which declared properties differ from the live object; those that no call returns are not compared. */
export function differences(handler: AnyHandler, live: Live<Values>, args: Values): Difference[] {
  const defaults = handler.creationDefaults(args);
  return comparable(handler, live, args).flatMap((property) => {
    const found = live.state[property];
    if (same(found, args[property])) return [];
    const atDefault = found === undefined || same(found, defaults[property]);
    return [{ property, live: found, declared: args[property], atDefault }];
  });
}

/**
 * Decides whether a live object may be taken over; throws where it may not. Returns the warning that says so, what will
 * be written and what nobody can compare: one that identical objects deserve too, because another process could hold it.
 */
export function permitAdoption(
  handler: AnyHandler,
  id: string,
  live: Live<Values>,
  args: Values,
  may: Permission,
): string {
  const found = differences(handler, live, args);
  const isFixed = (property: string) => handler.fixed.includes(property) || handler.replaces.includes(property);
  const fixed = found.filter((difference) => isFixed(difference.property));
  if (fixed.length > 0)
    throw new Refused(
      `${handler.noun} ${id} exists and cannot become the declared one: ${fixed.map((each) => sentence(each, may.hide)).join("; ")}. ` +
        `That cannot be changed under the same name; declare what exists, or choose another name.`,
    );
  const foreign = found.filter((difference) => !difference.atDefault);
  if (!may.identical || (foreign.length > 0 && !may.differing))
    throw new Conflict(conflictText(handler, id, live, args, found, may));
  const uncomparable = [...handler.writeOnly, ...(live.unseen ?? [])].filter(
    (property) => args[property] !== undefined,
  );
  const writes =
    found.length > 0 ? ` It will be changed: ${found.map((each) => sentence(each, may.hide)).join("; ")}.` : "";
  const written = uncomparable.filter((property) => !isFixed(property));
  const believed = uncomparable.filter(isFixed);
  const blind =
    (written.length > 0 ? ` Nobody can compare ${written.join(", ")}; the declared value is written.` : "") +
    (believed.length > 0 ? ` Nobody can compare or change ${believed.join(", ")}; it is taken to be as declared.` : "");
  return `${handler.noun} ${id} exists and is taken over.${writes}${blind}`;
}

function comparable(handler: AnyHandler, live: Live<Values>, args: Values): string[] {
  const left = [...handler.local, ...handler.writeOnly, ...(live.unseen ?? [])];
  return Object.keys(args).filter((property) => !left.includes(property));
}

function conflictText(
  handler: AnyHandler,
  id: string,
  live: Live<Values>,
  args: Values,
  found: Difference[],
  may: Permission,
): string {
  const differing = new Set(found.map((difference) => difference.property));
  const rows = comparable(handler, live, args).map((property) => {
    const mark = differing.has(property) ? "differs" : "equal";
    return `  ${property}: live ${show(property, live.state[property], may.hide)}, declared ${show(property, args[property], may.hide)} (${mark})`;
  });
  const allEqual = found.every((difference) => difference.atDefault);
  const ways = [
    allEqual && !may.identical
      ? "set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical"
      : undefined,
    `set adopt: true to take it over${allEqual ? "" : " and change what differs"}`,
    `choose another ${handler.nameKey}`,
    "or delete the existing one",
  ].filter((way) => way !== undefined);
  return `${handler.noun} ${id} exists already.\n${rows.join("\n")}\nWays on: ${ways.join("; ")}.`;
}

function sentence({ property, live, declared }: Difference, hide: readonly string[]): string {
  return `${property} from ${show(property, live, hide)} to ${show(property, declared, hide)}`;
}

function show(property: string, value: unknown, hide: readonly string[]): string {
  if (hide.includes(property)) return "[secret]";
  return value === undefined ? "nothing" : JSON.stringify(value);
}
