import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Conflict, NoAnswer } from "../../provider/core/errors.ts";
import type { AnyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import type { Values } from "../../provider/core/values.ts";
import { jarHandler, jars } from "./jar-handler.ts";

let warnings: string[];

beforeEach(() => {
  warnings = [];
  vi.spyOn(console, "error").mockImplementation((text) => warnings.push(String(text)));
  vi.stubEnv("CLOUDSTACK_STORAGE_ADOPT", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Creates a jar of size 5 under a name that a live one has. */
function creationBeside(live: object, declared: Values & { name: string }, more: Partial<AnyHandler> = {}) {
  const handler = jarHandler({
    create: () => Promise.reject(new Conflict("The name is taken.")),
    find: () => Promise.resolve({ state: { name: declared.name, ...live } }),
    update: (_client, _id, from) => Promise.resolve({ ...from, size: 5 }),
    ...more,
  });
  return new Lifecycle(handler, new Ledger()).create({ size: 5, __provider: "text", ...declared });
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    ({ name, message }: Error) => ({ name, message }),
  );

const outputs = { size: 5, keyGeneration: 1, systemEndpoint: jars.endpoint };
const identical = { size: 5, keyGeneration: 1 };
const differing = { size: 6, keyGeneration: 1 };
const rows = (size: string) => `  name: live "a", declared "a" (equal)\n  ${size}\n`;
const generation = "  keyGeneration: live 1, declared 1 (equal)\n";

describe("a live object of the declared name", () => {
  test("is not taken over without leave, and is told with every way on", async () => {
    expect(await failureOf(creationBeside(identical, { name: "a" }))).toEqual({
      name: "Conflict",
      message:
        `jar a exists already.\n${rows("size: live 5, declared 5 (equal)")}${generation}` +
        "Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; " +
        "set adopt: true to take it over; choose another name; or delete the existing one.",
    });
    expect(warnings).toEqual([]);
  });

  test("is taken over with adopt, and changed to what is declared", async () => {
    const declared = { name: "b", adopt: true };
    expect(await creationBeside(differing, declared)).toEqual({ id: "b", outs: { ...outputs, ...declared } });
    expect(warnings).toEqual(["warning: jar b exists and is taken over. It will be changed: size from 6 to 5."]);
  });

  test("is not taken over where adopt is declared to be off", async () => {
    for (const live of [identical, differing])
      expect(await failureOf(creationBeside(live, { name: "a", adopt: false }))).toMatchObject({
        name: "Conflict",
      });
  });
});

describe.each([
  ["the name is derived", "c", undefined, { __derived: true }],
  ["the run may adopt what is identical", "d", "identical", {}],
])("where %s", (_, name, mode, mark) => {
  beforeEach(() => {
    vi.stubEnv("CLOUDSTACK_STORAGE_ADOPT", mode);
  });

  test("what is identical is taken over", async () => {
    expect(await creationBeside(identical, { name, ...mark })).toEqual({
      id: name,
      outs: { ...outputs, name, adopt: false, ...mark },
    });
    expect(warnings).toEqual([`warning: jar ${name} exists and is taken over.`]);
  });

  test("what differs is not", async () => {
    expect(await failureOf(creationBeside(differing, { name, ...mark }))).toMatchObject({
      name: "Conflict",
      message: expect.stringContaining("set adopt: true to take it over and change what differs;"),
    });
  });
});

test("what the program has made secret is in no message about what exists", async () => {
  const declared = { name: "a", color: "red", __secrets: ["color"] };
  const { message = "" } = (await failureOf(creationBeside({ ...identical, color: "blue" }, declared))) ?? {};
  expect(message.split("\n")).toContain("  color: live [secret], declared [secret] (differs)");
});

test("what was taken over and could not be finished keeps no input that the program leaves unmanaged", async () => {
  const update: AnyHandler["update"] = async (_client, _id, _from, _to, done) => {
    done({ weight: 8 });
    throw new NoAnswer("No answer.");
  };
  const live = { ...differing, color: "blue", limits: { hard: 3 }, weight: 7 };
  const failed = creationBeside(live, { name: "e", adopt: true }, { update });
  await expect(failed).rejects.toHaveProperty("properties", {
    name: "e",
    size: 6,
    keyGeneration: 1,
    adopt: true,
    weight: 8,
    systemEndpoint: jars.endpoint,
    __provider: "text",
  });
});
