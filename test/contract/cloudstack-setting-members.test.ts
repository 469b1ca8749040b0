import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, setting } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret } from "./support.ts";

describe("GlobalSetting with members", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  /** What a run has made or changed it does not delete, so that deletions have a process of their own. */
  let destroying: DynamicServer;
  let tests = 0;
  /** A setting belongs to one resource of a run: every test has its own list. */
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    for (const each of [server, destroying])
      await each.read("max.ssvm.count", setting("max.ssvm.count", { value: "" }));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    tests += 1;
    name = `lab.list.${tests}`;
    await holds(null);
  });

  const holds = (value: string | null) => stage.patch({ settings: { [name]: { value } } });
  const ask = () => `GET listConfigurations name=${name}`;
  const write = (value: string) => `POST updateConfiguration name=${name} value=${value}`;
  const ours = (...members: string[]) => setting(name, { members });
  const state = (members: string[], addedMembers: string[], more: Properties = {}) =>
    setting(name, {
      members,
      addedMembers,
      previousValue: "",
      restartRequired: false,
      __category: "Advanced",
      systemEndpoint: stage.endpoint,
      ...more,
    });

  test.each([
    { what: "an empty list", live: null, next: "a,b", added: ["a", "b"] },
    { what: "somebody else's list", live: "x,y", next: "x,y,a,b", added: ["a", "b"] },
    { what: "a list that has one of them", live: "b,x", next: "b,x,a", added: ["a"] },
    { what: "a list with blanks", live: " x , y ,,", next: "x,y,a,b", added: ["a", "b"] },
  ])("adds what is missing to $what, without blanks, and everybody else's stay", async ({ live, next, added }) => {
    await holds(live);
    const { result, sent } = await stage.resultOf(() => server.create(ours("a", "b")));
    // The answer to a write shows what was sent, so that it is read back.
    expect(sent).toEqual([ask(), write(next), ask()]);
    expect(await stage.liveValue(name)).toBe(next);
    expect(result).toMatchObject({
      id: name,
      properties: { members: ["a", "b"], addedMembers: added, previousValue: secret(live ?? "") },
    });
  });

  test("writes nothing where all of them are there", async () => {
    await holds("b,x,a");
    const { result, sent } = await stage.resultOf(() => server.create(ours("a", "b")));
    expect(sent).toEqual([ask()]);
    expect(result.properties).toMatchObject({ members: ["a", "b"], addedMembers: [] });
  });

  test("are a set", async () => {
    const { inputs } = await server.check({}, ours("b", "a", "b"));
    expect(inputs["members"]).toEqual(["a", "b"]);
    expect(await server.diff(name, state(["a", "b"], []), ours("b", "a"))).toMatchObject({ changes: "NONE" });
    expect(await server.diff(name, state(["a", "b"], []), ours("a"))).toMatchObject({
      changes: "UNKNOWN",
      replaces: [],
    });
  });

  test("in a list that CloudStack checks are checked, and nothing is changed by a refusal", async () => {
    const sites = "secstorage.allowed.internal.sites";
    await stage.patch({ settings: { [sites]: "10.0.0.0/8" } });
    const { message } = await stage.refusalOf(() => server.create(setting(sites, { members: ["10.1.2.3/8"] })));
    expect(message).toContain("Invalid CIDR 10.1.2.3/8");
    expect(await stage.liveValue(sites)).toBe("10.0.0.0/8");
  });

  test.each([
    { what: "one more", from: ["a"], to: ["a", "b"], added: ["a"], live: "x,a", next: "x,a,b", owned: ["a", "b"] },
    {
      what: "one less of ours",
      from: ["a", "b"],
      to: ["a"],
      added: ["a", "b"],
      live: "x,a,b",
      next: "x,a",
      owned: ["a"],
    },
    {
      what: "one less of somebody else's",
      from: ["a", "x"],
      to: ["a"],
      added: ["a"],
      live: "x,a",
      next: "",
      owned: ["a"],
    },
    { what: "another one", from: ["a"], to: ["b"], added: ["a"], live: "a,x", next: "x,b", owned: ["b"] },
  ])("$what is an update that leaves the others", async ({ from, to, added, live, next, owned }) => {
    await holds(live);
    const { result, sent } = await stage.resultOf(() => server.update(name, state(from, added), ours(...to)));
    expect(sent).toEqual(next === "" ? [ask()] : [ask(), write(next), ask()]);
    expect(await stage.liveValue(name)).toBe(next === "" ? live : next);
    expect(result).toMatchObject({ members: to, addedMembers: owned });
  });

  test("that somebody has taken out are drift, and put back", async () => {
    await holds("y,b");
    const { inputs, properties } = await (await stage.serve()).read(name, state(["a", "b"], ["a", "b"]));
    expect(inputs).toEqual(ours("b"));
    const { sent } = await stage.resultOf(() => server.update(name, plain(properties), ours("a", "b")));
    expect(sent).toEqual([ask(), write("y,b,a"), ask()]);
  });

  test("of others that come and go are no drift", async () => {
    await holds("z,a");
    expect((await (await stage.serve()).read(name, state(["a"], ["a"]))).inputs).toEqual(ours("a"));
  });

  test.each(["reset", "restore", undefined])(
    "go with the resource, and everybody else's stay (%s)",
    async (onDestroy) => {
      await holds("x,a,y,b,c");
      const olds = state(["a", "b", "x"], ["a", "b"], onDestroy === undefined ? {} : { onDestroy });
      const sent = await stage.callsOf(() => destroying.delete(name, olds));
      expect(sent).toEqual([ask(), write("x,y,c")]);
      expect(await stage.liveValue(name)).toBe("x,y,c");
    },
  );

  test("stay where they are to be kept, and cost nothing where they are gone", async () => {
    await holds("x,a");
    expect(await stage.callsOf(() => destroying.delete(name, state(["a"], ["a"], { onDestroy: "keep" })))).toEqual([]);
    await holds("x");
    expect(await stage.callsOf(() => destroying.delete(name, state(["a"], ["a"])))).toEqual([ask()]);
    expect(await stage.liveValue(name)).toBe("x");
  });

  test.each(["reset-before-read", "reset-after-commit", "status-after-commit"] as const)(
    "whose write loses its reply (%s) are there once, and ours",
    async (kind) => {
      await holds("x");
      await stage.fault({ kind, command: "updateConfiguration" });
      const { properties } = await server.create(ours("a"));
      expect(await stage.liveValue(name)).toBe("x,a");
      expect(properties).toMatchObject({ addedMembers: ["a"] });
    },
  );

  test("whose write is never answered are ours all the same, and go with the resource", async () => {
    await holds("x");
    const impatient = await stage.serve({ retryBudget: "0" });
    await stage.fault({ kind: "reset-after-commit", command: "updateConfiguration", times: 9 });
    const { initFailure } = await failureOf(impatient.create(ours("a")));
    expect(initFailure?.properties).toMatchObject({ addedMembers: ["a"], previousValue: secret("x") });
    await stage.control.clearFaults();
    const updated = await server.update(name, plain(initFailure?.properties ?? {}), ours("a"));
    expect(updated).toMatchObject({ members: ["a"], addedMembers: ["a"] });
    await destroying.delete(name, plain(updated));
    expect(await stage.liveValue(name)).toBe("x");
  });

  test("need a list that can be read, and one that is there", async () => {
    await stage.patch({ settings: { [name]: { value: "x", category: "Secure" } } });
    const unreadable = await stage.refusalOf(() => server.create(ours("a")));
    expect(unreadable.message).toContain("comes back in no readable form (category Secure)");
    expect(unreadable.sent).toEqual([ask()]);
    const unknown = await stage.refusalOf(() => server.create(setting("lab.nowhere", { members: ["a"] })));
    expect(unknown.message).toContain("CloudStack lists no setting lab.nowhere.");
  });
});
