import { describe, expect, test } from "vitest";
import type { Command } from "../../provider/cloudstack/api.ts";
import { everyPage, provenComplete } from "../../provider/cloudstack/paging.ts";
import { cloudStackServer, errorOf, says } from "./cloudstack-server.ts";

const LIST: Command = { what: "list things", command: "listThings", parameters: { zoneid: "z" } };

const things = (...ids: (string | number)[]) => ids.map((id) => ({ id: `${id}`, name: `thing ${id}` }));
const upTo = (last: number, first = 1) => things(...Array.from({ length: last - first + 1 }, (_, n) => n + first));

/** Serves these answers in turn, the last one for ever, and tells which pages were asked for. */
async function collected(pagesOf: typeof everyPage, ...answers: object[]) {
  const pages: string[] = [];
  const rest = [...answers];
  const work = pagesOf("list things", "thing", async ({ page = "-", pagesize = "-" }) => {
    pages.push(`${page}/${pagesize}`);
    if (pages.length === 30) throw new Error("asked without end");
    return ((rest.length > 1 ? rest.shift() : rest[0]) ?? {}) as Record<string, unknown>;
  });
  const items = await work.then(
    (found) => found.map(({ id }) => id),
    (error: Error) => `${error.name}: ${error.message}`,
  );
  return { items, pages };
}

const neverAgrees = (count: number | string, held: number) =>
  `UnexpectedAnswer: Could not list things: the list says that it has ${count} items, its pages hold ${held}, and 4 readings did not agree. Run the same command again.`;

describe.each([
  { what: "a list", pagesOf: everyPage },
  { what: "a list of which an absence has consequences", pagesOf: provenComplete },
])("$what in its pages", ({ pagesOf }) => {
  const collect = (...answers: object[]) => collected(pagesOf, ...answers);

  test.each([
    ["nothing", {}],
    ["a count of nothing", { count: 0 }],
    ["an empty array", { count: 0, thing: [] }],
    ["the items of another kind", { count: 0, other: things(1) }],
  ])("that holds %s is empty after one request", async (_what, answer) => {
    expect(await collect(answer)).toEqual({ items: [], pages: ["-/-"] });
  });

  test("that is whole costs one request, which names no page", async () => {
    expect(await collect({ count: 2, thing: things("a", "b") })).toEqual({ items: ["a", "b"], pages: ["-/-"] });
  });

  test("that tells no count, or one that is no number, is taken for whole", async () => {
    expect(await collect({ thing: things("a", "b") })).toEqual({ items: ["a", "b"], pages: ["-/-"] });
    expect(await collect({ count: "many", thing: things("a") })).toEqual({ items: ["a"], pages: ["-/-"] });
  });

  test("that was cut silently is read to its end, in pages as long as it was cut", async () => {
    const answers = [
      { count: 5, thing: upTo(2) },
      { count: "5", thing: upTo(4, 3) },
      { count: 5, thing: upTo(5, 5) },
    ];
    const { items, pages } = await collect(...answers, ...answers);
    expect(items).toEqual(["1", "2", "3", "4", "5"]);
    expect(pages.slice(0, 3)).toEqual(["-/-", "2/2", "3/2"]);
  });

  test("whose last page is full ends there", async () => {
    const answers = [
      { count: 4, thing: upTo(2) },
      { count: 4, thing: upTo(4, 3) },
    ];
    const { items, pages } = await collect(...answers, ...answers);
    expect(items).toEqual(["1", "2", "3", "4"]);
    expect(pages.slice(0, 2)).toEqual(["-/-", "2/2"]);
  });

  test("whose order shifted, so that one item came twice and one not at all, is read anew", async () => {
    const shifted = [{ count: 4, thing: things("a", "b") }, { count: 4, thing: things("b", "c") }, { count: 4 }];
    const whole = [
      { count: 4, thing: things("a", "b") },
      { count: 4, thing: things("c", "d") },
    ];
    const { items, pages } = await collect(...shifted, ...whole, ...whole);
    expect(items).toEqual(["a", "b", "c", "d"]);
    expect(pages.slice(0, 5)).toEqual(["-/-", "2/2", "3/2", "-/-", "2/2"]);
  });

  test.each([
    ["shrank", 3],
    ["grew", 5],
  ])("that %s while it was read is read anew", async (_what, count) => {
    const changed = [
      { count: 4, thing: upTo(2) },
      { count, thing: upTo(4, 3) },
    ];
    const settled = [
      { count: 3, thing: upTo(2) },
      { count: 3, thing: upTo(3, 3) },
    ];
    const { items } = await collect(...changed, ...settled, ...settled);
    expect(items).toEqual(["1", "2", "3"]);
  });

  test("that never adds up is an error after four readings, and never a short list", async () => {
    const { items, pages } = await collect({ count: 3, thing: things("a", "b") });
    expect(items).toBe(neverAgrees(3, 2));
    expect(pages).toEqual(["-/-", "2/2", "-/-", "2/2", "-/-", "2/2", "-/-", "2/2"]);
  });

  test("whose count never holds still is an error", async () => {
    const answers = Array.from({ length: 8 }, (_, n) => ({ count: 4 + (n % 2), thing: n % 2 ? upTo(4, 3) : upTo(2) }));
    expect((await collect(...answers)).items).toBe(neverAgrees("changing numbers of", 4));
  });

  test.each([
    [{ count: 3 }, neverAgrees(3, 0)],
    [{ count: 1, thing: things("a", "b") }, neverAgrees(1, 2)],
    [{ count: 2, thing: things("a", "a") }, neverAgrees(2, 1)],
  ])("that contradicts itself is an error: %j", async (answer, text) => {
    expect((await collect(answer)).items).toBe(text);
  });

  test("of templates has one item for each zone, of settings one for each name", async () => {
    const template = { id: "t", name: "t" };
    const zoned = {
      count: 2,
      thing: [
        { ...template, zoneid: "z1" },
        { ...template, zoneid: "z2" },
      ],
    };
    expect((await collect(zoned)).items).toEqual(["t", "t"]);
    expect((await collect({ count: 2, thing: [{ name: "a" }, { name: "b" }] })).items).toEqual([undefined, undefined]);
  });
});

describe("a list of which an absence has consequences", () => {
  const collect = (...answers: object[]) => collected(provenComplete, ...answers);
  const first = { count: 4, thing: things("a", "b") };

  // While "a" goes, "c" moves up to a page that was read already; one that comes keeps even the count as it was.
  test.each([3, 4])("is believed only where two readings agree, whatever the count says (%i)", async (count) => {
    const behind = count === 4 ? [] : [{ count }];
    const moved = [first, { count, thing: things("d", ...(count === 4 ? ["e"] : [])) }, ...behind];
    const whole = [
      { count: 3, thing: things("b", "c") },
      { count: 3, thing: things("d") },
    ];
    const { items, pages } = await collect(...moved, ...whole, ...whole);
    expect(items).toEqual(["b", "c", "d"]);
    expect(pages.slice(moved.length)).toEqual(["-/-", "2/2", "-/-", "2/2"]);
  });

  test("is an error where four readings are of the same length, but not the same", async () => {
    const answers = ["c", "d", "e", "f"].flatMap((id) => [
      { count: 3, thing: things("a", "b") },
      { count: 3, thing: things(id) },
    ]);
    expect((await collect(...answers)).items).toBe(neverAgrees(3, 3));
  });
});

describe("a list on the wire", () => {
  const cloud = cloudStackServer();
  const pagesAsked = () =>
    cloud.asked
      .filter(({ params }) => params["command"] === "listThings")
      .map(({ method, params: { page, pagesize, zoneid } }) => [method, page, pagesize, zoneid]);

  test("is asked for by GET with its filters on every page", async () => {
    cloud.answers["listThings"] = [
      says("listthingsresponse", { count: 3, thing: upTo(2) }),
      says("listthingsresponse", { count: 3, thing: upTo(3, 3) }),
    ];
    expect(await cloud.api().list(LIST, "thing")).toEqual(upTo(3));
    expect(pagesAsked()).toEqual([
      ["GET", undefined, undefined, "z"],
      ["GET", "2", "2", "z"],
    ]);
  });

  test("whose page size is refused is an error, and not the part that was read", async () => {
    const refusal = { errorcode: 431, errortext: "Page size can not exceed max allowed page size: 1" };
    cloud.answers["listThings"] = [
      says("listthingsresponse", { count: 3, thing: upTo(2) }),
      says("listthingsresponse", refusal, 431),
    ];
    expect((await errorOf(cloud.api().list(LIST, "thing"))).message).toBe(
      `Could not list things: ${cloud.endpoint} answered 431, "Page size can not exceed max allowed page size: 1".`,
    );
  });

  test("one of whose pages fails is an error, and not the part that was read", async () => {
    cloud.answers["listThings"] = [says("listthingsresponse", { count: 3, thing: upTo(2) }), { status: 200, body: "" }];
    expect((await errorOf(cloud.api().list(LIST, "thing"))).name).toBe("UnexpectedAnswer");
  });
});
