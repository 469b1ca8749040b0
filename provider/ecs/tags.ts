import { same } from "../core/values.ts";
import type { EcsAnswer } from "./answers.ts";

type Tags = Record<string, string>;

/** The three calls with which ECS changes tags; those that change or remove want every tag that they name to exist. */
export interface TagCalls {
  write(method: "POST" | "PUT" | "DELETE", tags: Tags): Promise<EcsAnswer>;
  read(): Promise<Tags>;
  refusal(answer: EcsAnswer): Error;
}

/**
 * Brings tags from what is recorded to what is wanted; where the record proves old, from what is there. It takes up to
 * three calls, so that what is true after each is reported: a change that breaks off must not be taken for none.
 */
export async function bringTags(
  calls: TagCalls,
  recorded: Tags | undefined,
  wanted: Tags,
  done: (tags: Tags) => void,
): Promise<void> {
  let known = recorded;
  const note = (tags: Tags) => {
    known = tags;
    done(tags);
    return tags;
  };
  const refused = await write(calls, recorded ?? note(await calls.read()), wanted, note);
  if (refused === undefined) return;
  const live = await calls.read();
  if (recorded !== undefined && same(live, known)) throw calls.refusal(refused);
  const again = await write(calls, note(live), wanted, note);
  if (again !== undefined) throw calls.refusal(again);
}

/** Answers what the array has refused, if it did. Removing comes first, because a bucket holds ten tags only. */
async function write(
  calls: TagCalls,
  from: Tags,
  to: Tags,
  note: (tags: Tags) => void,
): Promise<EcsAnswer | undefined> {
  const gone = Object.entries(from).filter(([key]) => !Object.hasOwn(to, key));
  const left = Object.entries(from).filter(([key]) => Object.hasOwn(to, key));
  const changed = Object.entries(to).filter(([key, value]) => Object.hasOwn(from, key) && from[key] !== value);
  const added = Object.entries(to).filter(([key]) => !Object.hasOwn(from, key));
  for (const [method, entries, after] of [
    ["DELETE", gone, left],
    ["PUT", changed, [...left, ...changed]],
    ["POST", added, Object.entries(to)],
  ] as const) {
    if (entries.length === 0) continue;
    const answer = await calls.write(method, Object.fromEntries(entries));
    if (answer.error) return answer;
    note(Object.fromEntries(after));
  }
  return undefined;
}
