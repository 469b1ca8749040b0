import { isDeepStrictEqual as same } from "node:util";
import type { Ended } from "../little-engine.ts";
import type { Seen, SeenPart } from "./census.ts";
import type { Part, Values } from "./part.ts";

/** What the program of this moment says of a part. */
export interface Declared {
  readonly values: Values;
  readonly keyGeneration: number;
}

/** One command: what was there, what the program said, how it ended, what is there now. */
export interface Scene {
  readonly parts: readonly Part[];
  readonly before: Seen;
  readonly after: Seen;
  readonly ended: Ended;
  /** Where nothing is wrong a command has to end well. */
  readonly mayFail: boolean;
  declared(part: Part): Declared | undefined;
}

type Complain = (part: Part | undefined, what: string) => never;

interface Pair {
  readonly part: Part;
  readonly was: SeenPart;
  readonly is: SeenPart;
}

/** After any command: strangers untouched, nothing said that must not be, no failure without a reason. */
export function generally({ before, after, ended, mayFail }: Scene, complain: Complain): void {
  if (!same(before.others, after.others))
    complain(undefined, `strangers changed: ${differing(before.others as Values, after.others as Values)}`);
  if (ended.errors.some((error) => error.includes("unexpected failure"))) complain(undefined, "an unexpected failure");
  if (!ended.ok && !mayFail) complain(undefined, "a failure where nothing is wrong");
}

export function afterUp(scene: Scene, complain: Complain): void {
  for (const pair of pairsOf(scene)) {
    const declared = scene.declared(pair.part);
    const say = (what: string) => complain(pair.part, what);
    if (declared) afterUpOfDeclared(pair, declared, scene.ended.ok, say);
    else if (pair.was.entry) afterRemoval(pair, scene.ended.ok, say);
    else unchanged(pair, say);
  }
}

export function afterDestroy(scene: Scene, complain: Complain): void {
  for (const pair of pairsOf(scene)) {
    const say = (what: string) => complain(pair.part, what);
    if (pair.was.entry) afterRemoval(pair, scene.ended.ok, say);
    else unchanged(pair, say);
  }
}

/** It only looks. */
export function afterRefresh(scene: Scene, complain: Complain): void {
  for (const pair of pairsOf(scene)) {
    const { part, was, is } = pair;
    const say = (what: string) => complain(part, what);
    unchanged(pair, say);
    if (!was.entry) continue;
    if (was.live.length === 0 && scene.ended.ok && is.entry) say("the state holds what is gone");
    if (was.live.length > 0 && !is.entry) say("the state has forgotten what is there");
    if (is.entry && scene.ended.ok) readsAs(pair, say);
  }
}

/** The managed inputs of the state are what is live, and no other; of an unfinished object those that were written. */
function readsAs({ part, was, is }: Pair, say: (what: string) => never): void {
  const isUnfinished = was.entry !== undefined && was.entry.initErrors.length > 0;
  const [live = {}] = was.live;
  const managed = (isUnfinished ? was.entry?.outputs : was.entry?.inputs) ?? {};
  for (const [aspect, { replaces, shared }] of Object.entries(part.aspects)) {
    const recorded = managed[aspect];
    const read = is.entry?.inputs[aspect];
    if (recorded === undefined) {
      if (read !== undefined) say(`${aspect} is not managed and reads as ${JSON.stringify(read)}`);
    } else if (!replaces) {
      const expected = shared
        ? (recorded as string[]).filter((one) => (live[aspect] as string[]).includes(one))
        : live[aspect];
      if (!same(plain(read), plain(expected)))
        say(`${aspect} reads as ${JSON.stringify(read)} and is ${JSON.stringify(expected)}`);
    }
  }
  if (!part.keys) return;
  const isLost = handOf(is) === undefined;
  if (isLost !== (is.entry?.inputs["keyGeneration"] === 0))
    say(`the key is ${isLost ? "" : "not "}lost and reads otherwise`);
}

function afterUpOfDeclared(pair: Pair, declared: Declared, ok: boolean, say: (what: string) => never): void {
  const { part, was, is } = pair;
  if (ok) {
    if (!is.entry) say("it is not in the state");
    if (is.entry.initErrors.length > 0) say("it counts as unfinished");
    for (const aspect of Object.keys(part.aspects))
      if (!same(plain(is.entry.inputs[aspect]), plain(declared.values[aspect])))
        say(`the state does not hold ${aspect} as declared`);
  }
  const replaced = was.entry !== undefined && isReplaced(part, was, declared);
  const made = replaced || (was.live.length === 0 && !was.entry);
  const gone = was.entry !== undefined && was.live.length === 0 && !replaced;
  const least = gone || (!ok && was.live.length === 0) ? 0 : 1;
  const most = gone ? 0 : !ok && replaced ? 2 : 1;
  if (is.live.length < least || is.live.length > most) say(`there are ${is.live.length} of it`);
  for (const live of is.live)
    for (const [aspect, rule] of Object.entries(part.aspects)) {
      const allowed = allowedValues(aspect, rule.initial, was, declared, made, ok);
      if (!allowed.some((value) => same(plain(value), plain(live[aspect]))))
        say(
          `${aspect} is ${JSON.stringify(live[aspect])}, not ${allowed.map((value) => JSON.stringify(value)).join(" or ")}`,
        );
    }
  if (part.keys && is.live.length > 0) keysAfterUp(pair, declared, ok && !gone, say);
}

function isReplaced(part: Part, was: SeenPart, { values }: Declared): boolean {
  return Object.entries(part.aspects).some(
    ([key, { replaces }]) => replaces && !same(was.entry?.outputs[key], values[key]),
  );
}

function allowedValues(
  aspect: string,
  initial: unknown,
  was: SeenPart,
  { values }: Declared,
  made: boolean,
  ok: boolean,
): unknown[] {
  const declared = values[aspect];
  const before = was.live.map((live) => live[aspect]);
  const from = made ? [initial, ...(ok ? [] : before)] : before;
  if (declared === undefined) return from;
  const isKnown = was.entry !== undefined && same(plain(was.entry.outputs[aspect]), plain(declared));
  return ok && !(isKnown && !made) ? [declared] : [...from, declared];
}

/** A rotation makes one pair; none that is in use goes, and what the state holds works. */
function keysAfterUp(
  { part, was, is }: Pair,
  { keyGeneration }: Declared,
  ok: boolean,
  say: (what: string) => never,
): void {
  const before = Object.keys(was.keys);
  const now = Object.keys(is.keys);
  if (part.keys?.keepsPrevious && before.some((key) => !now.includes(key))) say("a key is gone");
  const more = now.filter((key) => !before.includes(key)).length;
  if (more > 1) say(`${more} keys were made at once`);
  const isBehind = was.entry?.inputs["keyGeneration"] !== keyGeneration || was.entry.initErrors.length > 0;
  const wasWorking = handOf(was) !== undefined;
  if (ok && (isBehind || wasWorking) && handOf(is) === undefined) say("the pair in the state does not work");
}

/** The key that the state holds, where it is live with the secret that the state holds. */
export function handOf({ entry, keys }: SeenPart): string | undefined {
  const id = String(plain(entry?.outputs["accessKeyId"]));
  const secret = String(plain(entry?.outputs["secretAccessKey"]));
  if (keys[id] === secret) return id;
  return keys[secret] === secret ? secret : undefined;
}

function afterRemoval({ part, was, is }: Pair, ok: boolean, say: (what: string) => never): void {
  if (ok && is.entry) say("the state still holds it");
  if (part.alwaysThere) {
    withAlwaysThere({ part, was, is }, say);
    return;
  }
  if (ok && is.live.length > 0) say("it is still there");
  if (is.live.length > was.live.length) say("there is one more of it");
  if (!is.entry && is.live.length > 0) say("the state has forgotten what is there");
}

function withAlwaysThere({ part, was, is }: Pair, say: (what: string) => never): void {
  const sources = [...(part.alwaysThere ?? []), ...was.live];
  for (const aspect of Object.keys(part.aspects)) {
    const allowed = sources.filter((values) => aspect in values).map((values) => values[aspect]);
    if (!allowed.some((value) => same(value, is.live[0]?.[aspect])))
      say(
        `${aspect} is left as ${JSON.stringify(is.live[0]?.[aspect])}, not ${allowed.map((value) => JSON.stringify(value)).join(" or ")}`,
      );
  }
}

function unchanged({ was, is }: Pair, say: (what: string) => never): void {
  if (!same(was.live, is.live)) say(`${JSON.stringify(was.live)} has become ${JSON.stringify(is.live)}`);
  if (!same(was.keys, is.keys)) say("its keys have changed");
}

function pairsOf({ parts, before, after }: Scene): Pair[] {
  return parts.map((part) => {
    const was = before.parts.get(part.name);
    const is = after.parts.get(part.name);
    if (!was || !is) throw new Error(`${part.name} was not looked at.`);
    return { part, was, is };
  });
}

function differing(one: Values, other: Values): string {
  return Object.keys(one)
    .filter((section) => !same(one[section], other[section]))
    .map((section) => `${section}: ${JSON.stringify(one[section])} to ${JSON.stringify(other[section])}`)
    .join("; ");
}

/** Values as JSON carries them, secrets without their wrapping. */
function plain(value: unknown): unknown {
  if (value === undefined) return undefined;
  const inner = typeof value === "object" && value !== null && "value" in value ? value.value : value;
  return JSON.parse(JSON.stringify(inner));
}
