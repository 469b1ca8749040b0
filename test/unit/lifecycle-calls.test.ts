import { beforeEach, describe, expect, test, vi } from "vitest";
import { NoAnswer } from "../../provider/core/errors.ts";
import type { AnyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { redact } from "../../provider/core/redact.ts";
import { jarHandler, jars } from "./jar-handler.ts";

const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

let ledger: Ledger;
let warnings: string[];

beforeEach(() => {
  ledger = new Ledger();
  warnings = [];
  vi.spyOn(console, "error").mockImplementation((text) => warnings.push(String(text)));
});

const jar = (more: Partial<AnyHandler> = {}) => new Lifecycle(jarHandler(more), ledger);

/** What the program gives, as `check` returns it. */
const declared = (more: object = {}) => ({
  name: "a",
  size: 5,
  keyGeneration: 1,
  adopt: false,
  __provider: "text",
  ...more,
});
const recorded = (more: object = {}) => ({ ...declared(), systemEndpoint: jars.endpoint, ...more });

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error) => error,
  );

describe("check", () => {
  test("fills defaults in, wraps what is secret, and keeps what was derived and what is hidden", async () => {
    const news = { __defaultName: "a-1", size: 5, token: "Canary-check-1", color: "red", __secrets: ["color"] };
    expect(await jar().check({}, { ...news, __provider: "text" })).toEqual({
      inputs: {
        name: "a-1",
        size: 5,
        keyGeneration: 1,
        adopt: false,
        token: wrapped("Canary-check-1"),
        color: wrapped("red"),
        __derived: true,
        __secrets: ["color"],
      },
      failures: [],
    });
    expect(warnings).toEqual([]);
  });

  test("tells no secret, new or old, whatever a kind's refusal quotes", async () => {
    const refuses: AnyHandler["refuses"] = (before, after) => [
      { property: "size", reason: `${before?.["token"]} and ${before?.["color"]} became ${after["token"]}` },
    ];
    const olds = recorded({ token: "Canary-check-2", color: "Canary-check-3", __secrets: ["color"] });
    const { failures } = await jar({ refuses }).check(olds, declared({ token: "Canary-check-4" }));
    expect(failures).toEqual([{ property: "", reason: "size: [secret] and [secret] became [secret]" }]);
  });

  test("hands back what it refuses with its secrets wrapped, those that the program has made so included", async () => {
    const news = { name: "", token: "Canary-check-5", color: "red", __secrets: ["color"], __provider: "text" };
    expect(await jar().check({}, news)).toEqual({
      inputs: { ...news, token: wrapped("Canary-check-5"), color: wrapped("red") },
      failures: [{ property: "", reason: "name: must not be empty" }],
    });
  });

  test("says what is wrong with the form before it asks what the kind refuses", async () => {
    const refuses = () => [{ property: "size", reason: "is too small" }];
    const { failures } = await jar({ refuses }).check({}, { name: "", size: 5 });
    expect(failures).toEqual([{ property: "", reason: "name: must not be empty" }]);
  });

  test("warns at an update of what may surprise, and not at a creation", async () => {
    const cautions = () => ["The lid gets stiff."];
    await jar({ cautions }).check({}, { name: "a" });
    expect(warnings).toEqual([]);
    await jar({ cautions }).check(recorded(), { name: "a" });
    expect(warnings).toEqual(["warning: The lid gets stiff."]);
  });
});

describe("diff", () => {
  test.each([
    ["nothing changes", {}, { changes: false }],
    ["an input changes", { size: 6 }, { replaces: [] }],
    ["an input goes", { size: undefined }, { replaces: [] }],
    ["what makes the id changes", { name: "b", size: 6 }, { replaces: ["name"] }],
  ])("says, where %s", async (_, change, expected) => {
    expect(await jar().diff("a", recorded(), declared(change))).toEqual(expected);
  });

  test("finds a change where the state is another host's, so that it is written anew", async () => {
    const { __provider: _text, ...foreign } = recorded();
    expect(await jar().diff("a", foreign, declared())).toEqual({ changes: true });
  });

  test("takes two spellings of a value for one where the kind says so", async () => {
    const sameValue: AnyHandler["sameValue"] = (property) => property === "color";
    const olds = recorded({ color: "red" });
    expect(await jar({ sameValue }).diff("a", olds, declared({ color: "RED" }))).toEqual({ changes: false });
    expect(await jar({ sameValue }).diff("a", olds, declared({ color: "RED", size: 6 }))).toEqual({ replaces: [] });
  });

  test("of an object that the program declares, without a change, says that it is kept", async () => {
    await jar().diff("a", recorded(), declared());
    expect(ledger.isKept("Jar", jars.endpoint, "a")).toBe(false);
    ledger.noteDeclared("Jar", jars.endpoint, "a");
    await jar().diff("a", recorded(), declared({ size: 6 }));
    expect(ledger.isKept("Jar", jars.endpoint, "a")).toBe(false);
    await jar().diff("a", recorded(), declared());
    expect(ledger.isKept("Jar", jars.endpoint, "a")).toBe(true);
  });
});

describe("create", () => {
  const made = { name: "a", color: "gray", weight: 7, serial: "Canary-create-1" };
  const create = () => Promise.resolve({ id: "id-1", state: made });

  test("brings what was made to what is declared, and returns what the kind returns", async () => {
    const update = vi.fn<AnyHandler["update"]>(async (_client, _id, from) => ({ ...from, size: 5, token: "t" }));
    const secrets = ["token", "serial"];
    const news = declared({ token: "Canary-create-2", __secrets: ["size"], __derived: true });
    const { id, outs } = await jar({ create, update, secrets }).create(news);
    expect(update.mock.calls[0]?.slice(1, 4)).toEqual([
      "id-1",
      made,
      { name: "a", size: 5, keyGeneration: 1, adopt: false, token: "Canary-create-2" },
    ]);
    expect(update.mock.calls[0]?.[5]).toEqual(["token", "serial", "size"]);
    expect(id).toBe("id-1");
    expect(outs).toEqual({
      name: "a",
      size: wrapped(5),
      color: "gray",
      weight: 7,
      serial: wrapped("Canary-create-1"),
      token: wrapped("Canary-create-2"),
      keyGeneration: 1,
      adopt: false,
      systemEndpoint: jars.endpoint,
      __derived: true,
      __secrets: ["size"],
    });
    expect(redact("Canary-create-1 Canary-create-2")).toBe("[secret] [secret]");
  });

  test("that fails after the object was made keeps it in the state, with what is true of it and declared", async () => {
    const update: AnyHandler["update"] = async (_client, _id, _from, _to, done) => {
      done({ size: 5, weight: 8 }, ["color"]);
      throw new NoAnswer("No answer.");
    };
    const error = await failureOf(jar({ create, update }).create(declared({ token: "Canary-create-3" })));
    expect(error).toMatchObject({
      name: "PartialFailure",
      id: "id-1",
      properties: { name: "a", size: 5, weight: 8, adopt: false, systemEndpoint: jars.endpoint, __provider: "text" },
      reasons: ["jar id-1 exists, but is not finished: No answer. The next pulumi up goes on."],
    });
    expect(error).not.toHaveProperty("properties.token");
    expect(error).not.toHaveProperty("properties.color");
  });
});

describe("read", () => {
  const live = { name: "a", size: 6, color: "red", weight: 7 };
  const read = () => Promise.resolve({ state: live });

  test("returns the inputs that the state holds, as they are now, and what the kind adds", async () => {
    const olds = recorded({ token: "Canary-read-1", adopt: true });
    const inputs = { name: "a", size: 6, adopt: true, token: wrapped("Canary-read-1") };
    expect(await jar({ read }).read("a", olds)).toEqual({
      id: "a",
      inputs,
      props: { ...inputs, weight: 7, systemEndpoint: jars.endpoint },
    });
    expect(ledger.isRecorded("Jar", jars.endpoint, "a")).toBe(true);
  });

  test("asks the kind with what is recorded, or with nothing where the id is all that is known", async () => {
    const asked = vi.fn<AnyHandler["read"]>(read);
    await jar({ read: asked }).read("a", recorded({ size: null }));
    await jar({ read: asked }).read("a", {});
    expect(asked.mock.calls.map(([, id, last]) => [id, last])).toEqual([
      ["a", { name: "a", size: null, keyGeneration: 1, adopt: false, systemEndpoint: jars.endpoint }],
      ["a", undefined],
    ]);
  });

  test("by the id alone returns every input that can be read", async () => {
    const { inputs } = await jar({ read }).read("a", {});
    expect(inputs).toEqual({ name: "a", size: 6, color: "red" });
    expect(ledger.isRecorded("Jar", jars.endpoint, "a")).toBe(false);
  });

  test("of what is gone returns nothing, and its name is free", async () => {
    ledger.noteRecorded("Jar", jars.endpoint, "a");
    expect(await jar({ read: () => Promise.resolve(undefined) }).read("a", recorded())).toEqual({});
    expect(ledger.isRecorded("Jar", jars.endpoint, "a")).toBe(false);
  });
});

describe("update", () => {
  test("returns what the kind returns, with what is declared", async () => {
    const update = vi.fn<AnyHandler["update"]>(async () => ({ size: 5, weight: 7 }));
    const { outs } = await jar({ update }).update("a", recorded({ weight: 6 }), declared({ size: 6, __derived: true }));
    expect(update.mock.calls[0]?.slice(1, 4)).toEqual([
      "a",
      { name: "a", size: 5, keyGeneration: 1, adopt: false, weight: 6, systemEndpoint: jars.endpoint },
      { name: "a", size: 6, keyGeneration: 1, adopt: false },
    ]);
    expect(outs).toEqual({
      name: "a",
      size: 6,
      keyGeneration: 1,
      adopt: false,
      weight: 7,
      systemEndpoint: jars.endpoint,
      __derived: true,
    });
    expect(ledger.isKept("Jar", jars.endpoint, "a")).toBe(true);
  });

  test("that fails before anything was done is that failure", async () => {
    const update = () => Promise.reject(new NoAnswer("No answer."));
    expect(await failureOf(jar({ update }).update("a", recorded(), declared()))).toMatchObject({ name: "NoAnswer" });
  });

  test("that fails half-way records what is true, secrets wrapped, the text that loads the provider included", async () => {
    const update: AnyHandler["update"] = async (_client, _id, _from, _to, done) => {
      done({ token: "Canary-update-1" }, ["size"]);
      throw new NoAnswer("It said Canary-update-1.");
    };
    const error = await failureOf(jar({ update }).update("a", recorded(), declared()));
    expect(error).toMatchObject({ name: "PartialFailure", id: "a", reasons: ["It said [secret]."] });
    expect(error).toHaveProperty("properties", {
      name: "a",
      keyGeneration: 1,
      adopt: false,
      token: wrapped("Canary-update-1"),
      systemEndpoint: jars.endpoint,
      __provider: "text",
    });
  });
});

describe("delete", () => {
  const deleted = vi.fn<AnyHandler["delete"]>(() => Promise.resolve());
  const remove = (id = "a", more: Partial<AnyHandler> = {}) => jar({ delete: deleted, ...more }).delete(id, recorded());

  beforeEach(() => {
    deleted.mockClear();
  });

  test("hands over what is recorded, and the name is free", async () => {
    ledger.noteRecorded("Jar", jars.endpoint, "a");
    await remove();
    expect(deleted.mock.calls.map(([, id, last]) => [id, last])).toEqual([
      ["a", { name: "a", size: 5, keyGeneration: 1, adopt: false, systemEndpoint: jars.endpoint }],
    ]);
    expect(ledger.isRecorded("Jar", jars.endpoint, "a")).toBe(false);
  });

  test.each([
    ["has taken it over", "b", () => ledger.take("Jar", jars.endpoint, "b")],
    ["holds it", "c", () => ledger.noteKept("Jar", jars.endpoint, "c")],
  ])("deletes nothing where another resource of the run %s", async (_, id, note) => {
    note();
    await remove(id);
    expect(deleted).not.toHaveBeenCalled();
    expect(warnings).toEqual([
      `warning: jar ${id} is not deleted: another resource of this run holds the object of this name.`,
    ]);
  });

  test("refuses where another resource of the run declares it and could not get hold of it", async () => {
    ledger.release("Jar", jars.endpoint, "a");
    expect(await failureOf(remove("id-1", { makesIds: true }))).toMatchObject({
      name: "Refused",
      message:
        "jar a is not deleted: another resource of this run declares it, but its creation has failed. Run pulumi up again.",
    });
    expect(deleted).not.toHaveBeenCalled();
  });
});

describe("an object that is recorded at another system", () => {
  const elsewhere = recorded({ systemEndpoint: "https://other.example" });
  const said =
    "jar a is recorded at https://other.example:443, but the settings now name https://jars.example:443. Nothing was read or changed, because an object of the same name there may be somebody else's. " +
    "If it is the same system under a new address, set jarsEndpointAliases to https://other.example:443; if it is another system, keep the old endpoint (an explicit Provider) until the object is destroyed.";

  test.each([
    ["read", (life: Lifecycle) => life.read("a", elsewhere)],
    ["changed", (life: Lifecycle) => life.update("a", elsewhere, declared())],
    ["deleted", (life: Lifecycle) => life.delete("a", elsewhere)],
  ])("is not %s", async (_, call) => {
    expect(await failureOf(call(jar()))).toMatchObject({ name: "Refused", message: said });
  });

  test("is, where the settings call that an earlier address of the same one", async () => {
    const connect = () => ({ ...jars, aliases: ["https://other.example:443"] });
    const read = () => Promise.resolve({ state: { name: "a", size: 5 } });
    expect(await jar({ connect, read }).read("a", elsewhere)).toMatchObject({
      props: { systemEndpoint: jars.endpoint },
    });
    await jar({ connect }).diff("a", elsewhere, declared());
    expect(ledger.isRecorded("Jar", jars.endpoint, "a")).toBe(true);
  });
});
