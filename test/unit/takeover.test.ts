import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import type { AnyHandler, Live, Refusal } from "../../provider/core/handler.ts";
import { redact } from "../../provider/core/redact.ts";
import { Settings } from "../../provider/core/settings.ts";
import { type TakeoverOptions, takeOver } from "../../provider/core/takeover.ts";
import type { Values } from "../../provider/core/values.ts";
import { jarHandler, jars, sizeRule } from "./jar-handler.ts";

const settings = new Settings({ get: () => undefined }, {});

/** What the system shows by id, and by name; and what it was asked. */
let shown: Live<Values> | undefined;
let found: (() => Live<Values> | undefined) | undefined;
let refused: Refusal[] | undefined;
let asked: unknown[];

beforeEach(() => {
  shown = { state: { name: "a", size: 5, color: "gray", keyGeneration: 1, madeAt: "2026-01-31" } };
  found = () => shown;
  refused = undefined;
  asked = [];
});

/** Says what it was asked for. */
function askedHandler(more: Partial<AnyHandler> = {}): AnyHandler {
  return jarHandler({
    refuses: (before, after, unknown) => {
      asked.push({ refuses: { before, after, unknown } });
      return refused ?? [];
    },
    connect: (given, values) => {
      asked.push({ connect: values, given: given === settings });
      return jars;
    },
    find: (_client, args) => {
      asked.push({ find: args });
      return Promise.resolve(found?.());
    },
    read: (_client, id, last) => {
      asked.push({ read: id, last });
      return Promise.resolve(shown);
    },
    ...more,
  });
}

const taken = (options?: TakeoverOptions, handler = askedHandler()) => takeOver(handler, settings, "a", options);

const holds = (state: Values) => {
  shown = { state: { name: "a", ...state } };
};

/** What a search by name shows, where that is something else: of a group of settings only the members asked for. */
const isFoundAs = (state: Values) => {
  found = () => ({ state: { name: "a", ...state } });
};

test("an object is declared as it is, without what a new object has anyway", async () => {
  expect(await taken()).toEqual({
    id: "a",
    declared: { name: "a", size: 5 },
    inputs: { name: "a", size: 5, keyGeneration: 1, adopt: false },
    outputs: {
      name: "a",
      size: 5,
      keyGeneration: 1,
      madeAt: "2026-01-31",
      adopt: false,
      systemEndpoint: "https://jars.example:443",
    },
    secrets: ["token"],
    atDefault: ["color", "keyGeneration"],
    unread: ["limits", "owner", "token"],
    ignored: [],
  });
});

test("it is read by its id, as an object that nobody has recorded, and found by what it is declared as", async () => {
  await taken({ known: { color: "red" } });
  const args = { name: "a", size: 5, color: "red", keyGeneration: 1, adopt: false };
  expect(asked).toEqual([
    { connect: { color: "red" }, given: true },
    { read: "a", last: undefined },
    { refuses: { before: undefined, after: args, unknown: [] } },
    { find: args },
  ]);
});

describe("what is declared", () => {
  test("the arguments that a program must give are declared whatever they are", async () => {
    const { declared } = await taken({}, askedHandler({ creationDefaults: () => ({ name: "a", size: 5 }) }));
    expect(declared).toEqual({ name: "a", color: "gray" });
  });

  test("an argument with a value of ours for silence is declared where the object has another", async () => {
    holds({ keyGeneration: 3 });
    expect((await taken()).declared).toEqual({ name: "a", keyGeneration: 3 });
    holds({});
    expect(await taken()).toMatchObject({ declared: { name: "a" }, inputs: { name: "a", keyGeneration: 1 } });
  });

  test("what new objects have may depend on what the object is", async () => {
    const creationDefaults = ({ size }: Values) => ({ color: size === 5 ? "gray" : "red" });
    holds({ size: 6, color: "gray" });
    expect((await taken({}, askedHandler({ creationDefaults }))).declared).toEqual({
      name: "a",
      size: 6,
      color: "gray",
    });
  });

  test("of a group of settings only the members are declared that a new object does not have so", async () => {
    holds({ limits: { hard: 9, soft: 2 } });
    isFoundAs({ limits: { hard: 9 } });
    expect(await taken()).toMatchObject({ declared: { limits: { hard: 9 } }, inputs: { limits: { hard: 9 } } });
    holds({ limits: { hard: 1, soft: 2 } });
    expect(await taken()).toMatchObject({ declared: { name: "a" }, atDefault: ["limits"] });
  });

  test("a member that new objects do not have is declared, whatever it is", async () => {
    holds({ limits: { hard: 9, soft: 2 } });
    const withDefault = (limits: unknown) => taken({}, askedHandler({ creationDefaults: () => ({ limits }) }));
    isFoundAs({ limits: { soft: 2 } });
    expect((await withDefault({ hard: 9 })).declared).toEqual({ name: "a", limits: { soft: 2 } });
    isFoundAs({ limits: { hard: 9, soft: 2 } });
    for (const other of [undefined, null, "none", ["hard"]])
      expect((await withDefault(other)).declared).toEqual({ name: "a", limits: { hard: 9, soft: 2 } });
  });

  test("a group whose members belong together is declared as a whole", async () => {
    holds({ owner: { first: "Ada", last: "body" } });
    expect((await taken()).declared).toEqual({ name: "a", owner: { first: "Ada", last: "body" } });
  });

  test("a list is one value, even where it begins as that of a new object", async () => {
    const args = z.strictObject({ name: z.string(), tags: z.array(z.string()).exactOptional() });
    holds({ tags: ["x", "y"] });
    const handler = askedHandler({ args, creationDefaults: () => ({ tags: ["x"] }) });
    expect((await taken({}, handler)).declared).toEqual({ name: "a", tags: ["x", "y"] });
  });

  test("switches of our own say nothing of the object, even if it shows something of that name", async () => {
    holds({ adopt: true });
    expect(await taken()).toMatchObject({ declared: { name: "a" }, inputs: { name: "a", adopt: false } });
  });

  test("what is to stay unmanaged is neither declared nor recorded", async () => {
    const { declared, inputs, outputs, atDefault, unread } = await taken({ unmanaged: ["size", "color"] });
    expect(declared).toEqual({ name: "a" });
    expect(inputs).toEqual({ name: "a", keyGeneration: 1, adopt: false });
    expect(outputs).not.toHaveProperty("size");
    expect(atDefault).toEqual(["keyGeneration"]);
    expect(unread).toEqual(["limits", "owner", "token"]);
  });
});

describe("what is known beside what can be read", () => {
  test("an argument that no call returns is declared, recorded and secret, and not among the unread", async () => {
    const { declared, outputs, secrets, unread } = await taken({ known: { token: "Canary-Takeover-1" } });
    expect(declared).toEqual({ name: "a", size: 5, token: "Canary-Takeover-1" });
    expect(outputs).toMatchObject({ token: "Canary-Takeover-1" });
    expect(secrets).toEqual(["token"]);
    expect(unread).toEqual(["limits", "owner"]);
    expect(redact("Canary-Takeover-1 was refused")).toBe("[secret] was refused");
  });

  test("it is declared even where it is what a new object has", async () => {
    expect(await taken({ known: { color: "gray", keyGeneration: 1 } })).toMatchObject({
      declared: { name: "a", size: 5, color: "gray", keyGeneration: 1 },
      atDefault: [],
    });
  });

  test("it goes before what is read", async () => {
    isFoundAs({ size: 7 });
    expect((await taken({ known: { size: 7 } })).inputs).toMatchObject({ size: 7 });
  });

  test("outputs that only a creation would have told are recorded, but never against an argument", async () => {
    const { outputs } = await taken({ recorded: { madeBy: "us", madeAt: "now", size: 99 } });
    expect(outputs).toMatchObject({ madeBy: "us", madeAt: "now", size: 5 });
  });
});

describe("what cannot be taken over", () => {
  test("an object that is gone", async () => {
    shown = undefined;
    await expect(taken()).rejects.toMatchObject({ name: "Refused", message: "it is gone." });
    expect(asked).toHaveLength(2);
  });

  test("an object that cannot be declared, every reason told", async () => {
    holds({ name: "", size: 0 });
    await expect(taken()).rejects.toMatchObject({
      name: "Refused",
      message: `name: must not be empty; size: ${sizeRule}.`,
    });
  });

  test("an object that a check would refuse, every reason told", async () => {
    refused = [
      { property: "size", reason: "is odd" },
      { property: "", reason: "there are too many jars" },
    ];
    await expect(taken()).rejects.toMatchObject({
      name: "Refused",
      message: "size: is odd; there are too many jars.",
    });
  });

  test("an object that its name does not lead to", async () => {
    found = undefined;
    await expect(taken()).rejects.toMatchObject({ name: "Refused", message: "it cannot be found by its name." });
  });

  test("an object that changes while it is looked at", async () => {
    holds({ size: 5, color: "red", keyGeneration: 2 });
    isFoundAs({ size: 6, color: "blue", keyGeneration: 2 });
    await expect(taken()).rejects.toMatchObject({
      name: "Refused",
      message: "it does not read twice as the same (size, color); is somebody changing it?",
    });
  });
});

test("a kind that refuses nothing is taken over as well", async () => {
  const { refuses: _refuses, ...handler } = askedHandler();
  expect((await taken({}, handler)).declared).toEqual({ name: "a", size: 5 });
});

test("what is always there has no name that it could be found by", async () => {
  found = undefined;
  expect((await taken({}, askedHandler({ alwaysThere: true }))).declared).toEqual({ name: "a", size: 5 });
});

describe("what is shown, but set by nobody", () => {
  test("stays unmanaged, beside what was to stay so anyway", async () => {
    holds({ size: 5, color: "red", limits: { hard: 9, soft: 9 }, keyGeneration: 1 });
    isFoundAs({ size: 5, color: "red", keyGeneration: 1 });
    expect(
      await taken({ unmanaged: ["color"], known: { token: "Canary-Takeover-2" }, recorded: { madeBy: "us" } }),
    ).toEqual({
      id: "a",
      declared: { name: "a", size: 5, token: "Canary-Takeover-2" },
      inputs: { name: "a", size: 5, token: "Canary-Takeover-2", keyGeneration: 1, adopt: false },
      outputs: {
        name: "a",
        size: 5,
        token: "Canary-Takeover-2",
        keyGeneration: 1,
        adopt: false,
        madeBy: "us",
        systemEndpoint: "https://jars.example:443",
      },
      secrets: ["token"],
      atDefault: ["keyGeneration"],
      unread: ["owner"],
      ignored: [],
    });
    expect(asked.filter((each) => Object.hasOwn(each as object, "read"))).toHaveLength(2);
  });

  test("is declared all the same where the caller knows better", async () => {
    holds({ limits: { hard: 9 } });
    isFoundAs({});
    expect((await taken({ known: { limits: { hard: 9 } } })).declared).toEqual({ name: "a", limits: { hard: 9 } });
    expect(asked.filter((each) => Object.hasOwn(each as object, "read"))).toHaveLength(1);
  });
});

describe("a key generation that reads 0, because its key is lost", () => {
  beforeEach(() => holds({ size: 5, keyGeneration: 0 }));

  test("is recorded, not declared, and its changes are to be ignored", async () => {
    const { declared, inputs, outputs, ignored } = await taken();
    expect(declared).toEqual({ name: "a", size: 5 });
    expect(inputs).toEqual({ name: "a", size: 5, keyGeneration: 0, adopt: false });
    expect(outputs).toMatchObject({ keyGeneration: 0 });
    expect(ignored).toEqual(["keyGeneration"]);
  });

  test("may be refused to programs, and may have changed since", async () => {
    refused = [{ property: "keyGeneration", reason: "must be a whole number from 1" }];
    isFoundAs({ size: 5, keyGeneration: 2 });
    expect((await taken()).ignored).toEqual(["keyGeneration"]);
  });

  test("hides nothing else that is refused or changed", async () => {
    refused = [
      { property: "keyGeneration", reason: "must be a whole number from 1" },
      { property: "size", reason: "is odd" },
    ];
    await expect(taken()).rejects.toThrow(/^size: is odd\.$/);
    refused = [];
    isFoundAs({ size: 6, keyGeneration: 2 });
    await expect(taken()).rejects.toThrow(/^it does not read twice as the same \(size\);/);
  });
});
