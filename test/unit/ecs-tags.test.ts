import { describe, expect, test } from "vitest";
import { answerOf, type EcsAnswer } from "../../provider/ecs/answers.ts";
import { bringTags, type TagCalls } from "../../provider/ecs/tags.ts";

type Tags = Record<string, string>;

const done = answerOf({ status: 200, body: "", date: undefined, headers: {} });
const refused = (details: string) =>
  answerOf({ status: 400, body: JSON.stringify({ code: 1004, details }), date: undefined, headers: {} });

/** An array that adds, changes and removes as ECS does: what is changed or removed must be there, what is added must not. */
function tagged(live: Tags) {
  const array = {
    tags: { ...live },
    sent: [] as string[],
    answer: (_line: string): EcsAnswer | undefined => undefined,
  };
  const calls: TagCalls = {
    read: async () => {
      array.sent.push("GET");
      return { ...array.tags };
    },
    write: async (method, tags) => {
      const line = `${method} ${Object.entries(tags)
        .map(([key, value]) => `${key}=${value}`)
        .join(" ")}`;
      array.sent.push(line);
      const answer = array.answer(line);
      if (answer) return answer;
      const names = Object.keys(tags);
      const odd = names.find((name) => (method === "POST") === Object.hasOwn(array.tags, name));
      if (odd !== undefined) return refused(`tag ${odd}`);
      if (method === "DELETE") for (const name of names) delete array.tags[name];
      else Object.assign(array.tags, tags);
      return done;
    },
    refusal: (answer) => new Error(`refused: ${answer.said()}`),
  };
  const noted: Tags[] = [];
  const bring = (recorded: Tags | undefined, wanted: Tags) =>
    bringTags(calls, recorded, wanted, (tags) => void noted.push(tags));
  return { array, noted, bring };
}

describe("bringTags", () => {
  test.each<{ what: string; from: Tags; to: Tags; sent: string[] }>([
    { what: "nothing", from: {}, to: {}, sent: [] },
    { what: "the same", from: { a: "1" }, to: { a: "1" }, sent: [] },
    { what: "new ones", from: {}, to: { a: "1", b: "2" }, sent: ["POST a=1 b=2"] },
    { what: "other values", from: { a: "1", b: "2" }, to: { a: "3", b: "2" }, sent: ["PUT a=3"] },
    { what: "none any more", from: { a: "1", b: "2" }, to: {}, sent: ["DELETE a=1 b=2"] },
    {
      what: "all at once, removals first",
      from: { gone: "1", changed: "2", kept: "3" },
      to: { changed: "4", kept: "3", added: "5" },
      sent: ["DELETE gone=1", "PUT changed=4", "POST added=5"],
    },
    {
      what: "names of prototypes",
      from: {},
      to: JSON.parse('{"constructor":"1","toString":""}'),
      sent: ["POST constructor=1 toString="],
    },
  ])("brings $what with one call a kind of change, and no look", async ({ from, to, sent }) => {
    const { array, bring } = tagged(from);
    await bring(from, to);
    expect(array.sent).toEqual(sent);
    expect(array.tags).toEqual(to);
  });

  test("reports what is true after each call", async () => {
    const { noted, bring } = tagged({ gone: "1", changed: "2", kept: "3" });
    await bring({ gone: "1", changed: "2", kept: "3" }, { changed: "4", kept: "3", added: "5" });
    expect(noted).toEqual([
      { changed: "2", kept: "3" },
      { changed: "4", kept: "3" },
      { changed: "4", kept: "3", added: "5" },
    ]);
  });

  test("a change that breaks off after the removal is reported as half done, and not begun anew", async () => {
    const { array, noted, bring } = tagged({ a: "1" });
    array.answer = (line) => (line.startsWith("POST") ? refused("too many") : undefined);
    await expect(bring({ a: "1" }, { b: "2" })).rejects.toThrow('refused: 400, code 1004, "too many"');
    expect(array.sent).toEqual(["DELETE a=1", "POST b=2", "GET"]);
    expect(noted.at(-1)).toEqual({});
  });

  test("reports what it sees where nothing is recorded", async () => {
    const { noted, bring } = tagged({ a: "1" });
    await bring(undefined, { a: "1" });
    expect(noted).toEqual([{ a: "1" }]);
  });

  test("without a record it looks first", async () => {
    const { array, bring } = tagged({ foreign: "1", a: "0" });
    await bring(undefined, { a: "1" });
    expect(array.sent).toEqual(["GET", "DELETE foreign=1", "PUT a=1"]);
    expect(array.tags).toEqual({ a: "1" });
  });

  test.each([
    {
      what: "a tag that was removed by hand",
      live: {},
      recorded: { a: "1" },
      wanted: { a: "2" },
      sent: ["PUT a=2", "GET", "POST a=2"],
    },
    {
      what: "a tag that was to go and is gone",
      live: { b: "1" },
      recorded: { a: "1", b: "1" },
      wanted: { b: "1" },
      sent: ["DELETE a=1", "GET"],
    },
    {
      what: "a tag that somebody else has added",
      live: { a: "theirs" },
      recorded: {},
      wanted: { a: "ours" },
      sent: ["POST a=ours", "GET", "PUT a=ours"],
    },
    {
      what: "a record that is old in every way",
      live: { x: "1", b: "9" },
      recorded: { a: "1" },
      wanted: { a: "2", b: "2" },
      sent: ["PUT a=2", "GET", "DELETE x=1", "PUT b=2", "POST a=2"],
    },
  ])("goes on from what is there, where the record proves old: $what", async ({ live, recorded, wanted, sent }) => {
    const { array, bring } = tagged(live as Tags);
    await bring(recorded as Tags, wanted as Tags);
    expect(array.sent).toEqual(sent);
    expect(array.tags).toEqual(wanted);
  });

  test("a refusal that an old record does not explain is told, after one look", async () => {
    const { array, bring } = tagged({ a: "1" });
    array.answer = (line) => (line.startsWith("POST") ? refused("too many") : undefined);
    await expect(bring({ a: "1" }, { a: "1", b: "2" })).rejects.toThrow('refused: 400, code 1004, "too many"');
    expect(array.sent).toEqual(["POST b=2", "GET"]);
    expect(array.tags).toEqual({ a: "1" });
  });

  test("a second refusal is told as well, and nothing is tried for ever", async () => {
    const { array, bring } = tagged({ b: "1" });
    array.answer = (line) => (line.startsWith("PUT") ? refused("no") : undefined);
    await expect(bring({ a: "1" }, { a: "2", b: "2" })).rejects.toThrow("refused: 400");
    expect(array.sent).toEqual(["PUT a=2", "GET", "PUT b=2"]);
  });

  test("what was read a moment ago is no old record", async () => {
    const { array, bring } = tagged({});
    array.answer = () => refused("no");
    await expect(bring(undefined, { a: "1" })).rejects.toThrow("refused: 400");
    expect(array.sent).toEqual(["GET", "POST a=1", "GET", "POST a=1"]);
  });
});
