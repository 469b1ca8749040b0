import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Permission } from "../../provider/core/adoption.ts";
import { Creation } from "../../provider/core/creation.ts";
import { Conflict, FailedHalfway, NoAnswer, OutcomeUnknown, Refused } from "../../provider/core/errors.ts";
import type { AnyHandler, Live } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import type { Values } from "../../provider/core/values.ts";
import { jarHandler, jars } from "./jar-handler.ts";

const args = { name: "a", size: 5, adopt: false };
const lost = new OutcomeUnknown("The reply was lost.");
const halfway = new FailedHalfway("It failed halfway.");
const taken = new Conflict("The name is taken.");
const nobody: Permission = { differing: false, identical: false, hide: [] };
const everybody: Permission = { differing: true, identical: true, hide: [] };

let ledger: Ledger;
let warnings: string[];
/** What each attempt comes to; the last one for all that follow. */
let attempts: (Error | string)[];
let created: number;
let found: Live<Values> | Error | undefined;

beforeEach(() => {
  ledger = new Ledger();
  warnings = [];
  attempts = ["a"];
  created = 0;
  found = undefined;
  vi.spyOn(console, "error").mockImplementation((text) => warnings.push(String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const creation = (more: Partial<AnyHandler> = {}, may = nobody) =>
  new Creation(
    jarHandler({
      create: async () => {
        const outcome = attempts[Math.min(created, attempts.length - 1)];
        created += 1;
        if (typeof outcome === "string") return { id: outcome, state: { made: created } };
        throw outcome;
      },
      find: async () => {
        if (found instanceof Error) throw found;
        return found;
      },
      ...more,
    }),
    ledger,
    jars,
    args,
    may,
  ).run();

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    ({ name, message }: Error) => ({ name, message }),
  );
const held = expect.stringMatching(
  /^jar a is held by a resource of this stack already\. If this is its replacement, it would replace itself, and deleting the old object would delete it: give the new one another name \(or, if its data may go, delete first with the resource option deleteBeforeReplace\)\. If the resource was only renamed, give it the old name in the resource option aliases\. If another resource declares the same object, remove one of them\. If an earlier run has deleted the old object already \(pulumi stack export shows pendingReplacement\), run pulumi state delete with the resource's URN, then pulumi up with CLOUDSTACK_STORAGE_ADOPT=identical\.$/,
);

describe("a claim", () => {
  test("is one resource's, for the run", async () => {
    expect(await creation()).toEqual({ id: "a", state: { made: 1 } });
    expect(await failureOf(creation())).toEqual({
      name: "Conflict",
      message: "jar a is declared by another resource of this run as well; give one of them another name.",
    });
    expect(created).toBe(1);
  });

  test("is given back by a creation that came to nothing, and the object is still wanted", async () => {
    attempts = [taken];
    expect(await failureOf(creation())).toMatchObject({ name: "Conflict" });
    expect(ledger.isTaken("Jar", jars.endpoint, "a")).toBe(false);
    expect(ledger.isWanted("Jar", jars.endpoint, "a")).toBe(true);
  });

  test("is on the id as well, where the system makes it", async () => {
    attempts = ["id-7"];
    expect(await creation()).toMatchObject({ id: "id-7" });
    expect(ledger.isTaken("Jar", jars.endpoint, "id-7")).toBe(true);
    ledger.release("Jar", jars.endpoint, "a");
    expect(await failureOf(creation())).toEqual({
      name: "Conflict",
      message: "jar id-7 is held by another resource of this run as well; remove one of them.",
    });
  });
});

describe("what is always there", () => {
  test("is not claimed by a second resource of the stack, and nothing is asked", async () => {
    ledger.noteRecorded("Jar", jars.endpoint, "a");
    expect(await failureOf(creation({ alwaysThere: true }))).toEqual({ name: "Refused", message: held });
    expect(created).toBe(0);
  });

  test("is made ours where nobody holds it", async () => {
    expect(await creation({ alwaysThere: true })).toMatchObject({ id: "a" });
  });

  test("says nothing about other kinds: there, the system is asked", async () => {
    ledger.noteRecorded("Jar", jars.endpoint, "a");
    expect(await creation()).toMatchObject({ id: "a" });
  });
});

describe("a lost reply, and nothing is there", () => {
  test("is tried again, three times at most", async () => {
    attempts = [lost];
    expect(await failureOf(creation())).toMatchObject({ name: "OutcomeUnknown", message: lost.message });
    expect(created).toBe(3);
    created = 0;
    attempts = [lost, lost, "a"];
    expect(await creation()).toMatchObject({ state: { made: 3 } });
  });

  test.each([taken, halfway, new NoAnswer("none")])("but $name is an error at once", async (error) => {
    attempts = [error];
    expect(await failureOf(creation())).toEqual({ name: error.name, message: error.message });
    expect(created).toBe(1);
  });

  test("is an error of the system that made nothing, after a lost one, too", async () => {
    attempts = [lost, halfway];
    expect(await failureOf(creation())).toMatchObject({ name: "FailedHalfway" });
    expect(created).toBe(2);
  });
});

describe("a lost reply, and something is there", () => {
  const equal = { name: "a", size: 5 };

  test.each([
    { ageMs: 6999, isOurs: true },
    { ageMs: 7000, isOurs: true },
    { ageMs: 7001, isOurs: false },
  ])("of an age of $ageMs ms after five seconds: ours $isOurs", async ({ ageMs, isOurs }) => {
    vi.spyOn(performance, "now").mockReturnValueOnce(1000).mockReturnValueOnce(6000);
    attempts = [lost];
    found = { state: equal, ageMs };
    const work = creation();
    if (isOurs) expect(await work).toEqual({ id: "a", state: equal });
    else
      expect(await failureOf(work)).toMatchObject({
        name: "Conflict",
        message: expect.stringContaining("jar a exists already."),
      });
    expect(warnings).toEqual([]);
  });

  test.each([
    [lost, "The reply to the creation of jar a was lost."],
    [halfway, "It failed halfway."],
  ])("and nothing tells its age: believed to be ours, and said ($name)", async (error, said) => {
    attempts = [error];
    found = { state: equal, id: "id-7" };
    expect(await creation()).toEqual({ id: "id-7", state: equal });
    expect(warnings).toEqual([
      `warning: ${said} It exists as declared and is taken to be ours; nothing in this system proves who made it.`,
    ]);
  });

  test("what the request that was lost has made is found by the next, which the system refuses", async () => {
    attempts = [lost, taken];
    let looks = 0;
    const find = async () => (++looks === 1 ? undefined : { state: equal, ageMs: 0 });
    expect(await creation({ find })).toEqual({ id: "a", state: equal });
    expect({ created, looks }).toEqual({ created: 2, looks: 2 });
  });

  test("is not ours where somebody has set what we have not", async () => {
    attempts = [lost];
    found = { state: { ...equal, size: 6 }, ageMs: 0 };
    expect(await failureOf(creation())).toMatchObject({ name: "Conflict" });
  });

  test("is ours with what the creation leaves at its default", async () => {
    attempts = [lost];
    found = { state: { name: "a" }, ageMs: 0 };
    expect(await creation()).toEqual({ id: "a", state: { name: "a" } });
  });

  test.each([
    ["by its name", "a"],
    ["by its id", "id-7"],
  ])("and a resource of the stack holds it %s: neither ours nor taken over", async (_, id) => {
    ledger.noteRecorded("Jar", jars.endpoint, id);
    attempts = [lost];
    found = { state: equal, id: "id-7" };
    expect(await failureOf(creation({}, everybody))).toEqual({ name: "Refused", message: held });
  });
});

describe("a name that is taken", () => {
  test("is taken over where that is permitted, with a warning", async () => {
    attempts = [taken];
    found = { state: { name: "a", size: 6 }, id: "id-7" };
    expect(await creation({}, everybody)).toEqual({ id: "id-7", state: { name: "a", size: 6 } });
    expect(warnings).toEqual(["warning: jar a exists and is taken over. It will be changed: size from 6 to 5."]);
  });

  test("is never believed to be ours", async () => {
    attempts = [taken];
    found = { state: { name: "a", size: 5 }, ageMs: 0 };
    expect(await failureOf(creation())).toMatchObject({
      name: "Conflict",
      message: expect.stringContaining("exists already"),
    });
  });
});

test("an error that leaves no doubt is told at once, and nothing is taken over, whatever exists", async () => {
  attempts = [new NoAnswer("none")];
  found = { state: args };
  expect(await failureOf(creation({}, everybody))).toEqual({ name: "NoAnswer", message: "none" });
  expect(warnings).toEqual([]);
});

describe("a look that fails", () => {
  test("says both what was lost and why nobody knows", async () => {
    attempts = [lost];
    found = new NoAnswer("Could not read jar a.");
    expect(await failureOf(creation())).toEqual({
      name: "OutcomeUnknown",
      message: "The reply was lost. Looking it up failed, too: Could not read jar a.",
    });
  });

  test("by a refusal is that refusal", async () => {
    attempts = [lost];
    found = new Refused("There are two jars of this name.");
    expect(await failureOf(creation())).toEqual({ name: "Refused", message: "There are two jars of this name." });
  });
});
