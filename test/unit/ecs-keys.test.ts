import { beforeEach, describe, expect, test } from "vitest";
import { OutcomeUnknown } from "../../provider/core/errors.ts";
import { redact } from "../../provider/core/redact.ts";
import { answerOf } from "../../provider/ecs/answers.ts";
import type { EcsClient } from "../../provider/ecs/client.ts";
import { type KeyState, liveKey, requireRaised, updateKey } from "../../provider/ecs/keys.ts";
import type { KeySlot } from "../../provider/ecs/users.ts";

const ADA = { namespace: "ns1", userName: "ada" };
const MINE = "mine0000000000000000000000000000000mine1";
const NEXT = "next0000000000000000000000000000000next1";
const THEIRS = "hand0000000000000000000000000000000hand1";

type State = KeyState & { keyGeneration?: number };

const slotOf = (secret: string | undefined, created = "2026-01-01", expires = ""): KeySlot => ({
  secret,
  created,
  expires,
});

/** An array with two places for keys. */
let array: {
  slots: KeySlot[];
  hides: boolean;
  sent: string[];
  pushed: string[];
  /** CLOUDSTACK_STORAGE_ADOPT=identical. */
  leave: boolean;
  /** What becomes of the next pushes; "done" where nothing is said. */
  next: ("lost before" | "lost after" | "refused" | "broken")[];
};
let client: EcsClient;
let steps: { state: State; undone: readonly string[] }[];
const done = (state: State, undone: readonly (keyof KeyState)[] = []) => steps.push({ state, undone });

beforeEach(() => {
  array = { slots: [], hides: false, sent: [], pushed: [], leave: false, next: [] };
  steps = [];
  const users = {
    keys: async () => {
      array.sent.push("GET");
      return array.slots.map((slot) => (array.hides ? { ...slot, secret: undefined } : slot));
    },
    pushKey: async (_user: unknown, secret: string, expiry: number | undefined) => {
      array.sent.push(expiry === undefined ? "POST" : `POST expiry=${expiry}`);
      array.pushed.push(secret);
      const outcome = array.next.shift() ?? "done";
      if (outcome === "broken") throw new Error("broken");
      const taken = array.slots.length >= 2 || array.slots.some((slot) => slot.secret === secret);
      if (outcome !== "lost before" && outcome !== "refused" && !taken)
        array.slots.push(slotOf(secret, `pushed-${array.pushed.length}`));
      if (outcome.startsWith("lost")) throw new OutcomeUnknown("the reply was lost");
      const status = outcome === "refused" || taken ? 400 : 200;
      return answerOf({ status, body: status === 200 ? "" : '{"code":1008}', date: undefined, headers: {} });
    },
    refusal: (what: string) => new Error(`refused to ${what}`),
  };
  client = { users, takesUnfinished: () => array.leave } as unknown as EcsClient;
});

const update = (from: State, keyGeneration: number, previousKeyExpiryMinutes?: number) =>
  updateKey(
    client,
    ADA,
    from,
    { keyGeneration, ...(previousKeyExpiryMinutes === undefined ? {} : { previousKeyExpiryMinutes }) },
    done,
  );
/** What is recorded after the steps that were reported. */
const truthAfter = (from: State) => {
  const truth: Record<string, unknown> = { ...from };
  for (const { state, undone } of steps) {
    for (const key of undone) delete truth[key];
    Object.assign(truth, state);
  }
  return truth as State;
};
const secretsOf = () => array.slots.map(({ secret }) => secret);
const NEW: State = { keyGeneration: 0, __keysBefore: [] };
const RECORDED: State = { accessKeyId: "ada", secretAccessKey: MINE, keyGeneration: 1, __keyGeneration: 1 };

describe("the first pair", () => {
  test("of a new user is made here and pushed, recorded before it leaves", async () => {
    const state = await update(NEW, 1);
    expect(array.sent).toEqual(["POST"]);
    const [secret = ""] = array.pushed;
    expect(secret).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(steps[0]).toEqual({ state: { __nextSecret: secret, __keysBefore: [] }, undone: [] });
    expect(state).toEqual({ accessKeyId: "ada", secretAccessKey: secret, __keyGeneration: 1 });
    expect(truthAfter(NEW)).toEqual({ ...state, keyGeneration: 1 });
    expect(redact(`said ${secret}`)).toBe("said [secret]");
  });

  test("is another one each time, and has the generation that is declared", async () => {
    await update(NEW, 7);
    array.slots = [];
    expect(await update(NEW, 1)).toMatchObject({ __keyGeneration: 1 });
    expect(new Set(array.pushed).size).toBe(2);
    expect(steps[1]?.state).toMatchObject({ keyGeneration: 7, __keyGeneration: 7 });
  });

  test("of a user whose keys are not known is the first that can be read", async () => {
    array.slots = [slotOf(THEIRS), slotOf(NEXT)];
    expect(await update({ keyGeneration: 0 }, 3)).toEqual({
      accessKeyId: "ada",
      secretAccessKey: THEIRS,
      __keyGeneration: 3,
    });
    expect(array.sent).toEqual(["GET"]);
  });

  test("of a user whose keys are not known and hidden is a new one", async () => {
    array.slots = [slotOf(THEIRS)];
    array.hides = true;
    const { secretAccessKey } = await update({ keyGeneration: 0 }, 1);
    expect(secretsOf()).toEqual([THEIRS, secretAccessKey]);
    expect(steps[0]?.state).toMatchObject({ __keysBefore: ["2026-01-01"] });
  });

  test("needs a place: two keys that nobody can read are told", async () => {
    array.slots = [slotOf(THEIRS, "2026-01-01"), slotOf(NEXT, "2026-02-02", "2026-03-03")];
    array.hides = true;
    await expect(update({ keyGeneration: 0, __keysBefore: ["2026-01-01", "2026-02-02"] }, 1)).rejects.toThrow(
      "ECS object user ns1/ada has two keys already, and ECS allows two: one made 2026-01-01; one made 2026-02-02, which ends 2026-03-03. None is deleted here",
    );
    expect(secretsOf()).toEqual([THEIRS, NEXT]);
  });
});

describe("a reply that is lost", () => {
  test.each([false, true])("a key that has arrived is not pushed again (hidden: %s)", async (hides) => {
    array.hides = hides;
    array.next = ["lost after"];
    const { secretAccessKey } = await update(NEW, 1);
    expect(array.sent).toEqual(["POST", "GET"]);
    expect(secretsOf()).toEqual([secretAccessKey]);
  });

  test.each([false, true])("a key that has not arrived is pushed again, the same one (hidden: %s)", async (hides) => {
    array.hides = hides;
    array.slots = [slotOf(MINE)];
    array.next = ["lost before", "lost before"];
    const { secretAccessKey } = await update(RECORDED, 2, 30);
    expect(array.sent).toEqual(["GET", "POST expiry=30", "GET", "POST expiry=30", "GET", "POST expiry=30"]);
    expect(new Set(array.pushed)).toEqual(new Set([secretAccessKey]));
    expect(secretsOf()).toEqual([MINE, secretAccessKey]);
  });

  test("three lost replies are an error, and what was pushed is on record", async () => {
    array.next = ["lost before", "lost before", "lost before"];
    await expect(update(NEW, 1)).rejects.toBeInstanceOf(OutcomeUnknown);
    expect(array.sent.filter((line) => line === "POST")).toHaveLength(3);
    expect(truthAfter(NEW)).toEqual({ ...NEW, __nextSecret: array.pushed[0], __keysBefore: [] });
  });

  test("a key that arrived although it was refused counts as arrived", async () => {
    array.next = ["lost after"];
    await update(NEW, 1);
    const [secret = ""] = array.pushed;
    // The array refuses a key that the user has; somebody has asked twice.
    array.sent = [];
    const from = { ...NEW, __nextSecret: secret, __keysBefore: ["pushed-1"] };
    array.hides = true;
    array.slots = [slotOf(secret, "pushed-1")];
    await expect(update(from, 1)).rejects.toThrow("refused to set a key of ECS object user ns1/ada");
    array.hides = false;
    expect(await update(from, 1)).toMatchObject({ secretAccessKey: secret });
  });

  test("what is refused and has not arrived is an error in the array's words", async () => {
    array.next = ["refused"];
    await expect(update(NEW, 1)).rejects.toThrow("refused to set a key of ECS object user ns1/ada");
    expect(array.sent).toEqual(["POST", "GET"]);
  });
});

describe("a run that broke off", () => {
  const half: State = { keyGeneration: 0, __nextSecret: NEXT, __keysBefore: [] };

  test("goes on with the pair that has arrived, without a push", async () => {
    array.slots = [slotOf(NEXT)];
    expect(await update(half, 1)).toEqual({ accessKeyId: "ada", secretAccessKey: NEXT, __keyGeneration: 1 });
    expect(array.sent).toEqual(["GET"]);
    expect(truthAfter(half)).toEqual({
      accessKeyId: "ada",
      secretAccessKey: NEXT,
      keyGeneration: 1,
      __keyGeneration: 1,
    });
  });

  test("knows a hidden key that has arrived by its date", async () => {
    array.slots = [slotOf(THEIRS, "before"), slotOf(NEXT, "since")];
    array.hides = true;
    expect(await update({ ...half, __keysBefore: ["before"] }, 1)).toMatchObject({ secretAccessKey: NEXT });
    expect(array.sent).toEqual(["GET"]);
  });

  test.each([false, true])("pushes the same pair where it has not arrived (hidden: %s)", async (hides) => {
    array.hides = hides;
    array.slots = [slotOf(MINE, "before")];
    const from = { ...RECORDED, __nextSecret: NEXT, __keysBefore: ["before"] };
    expect(await update(from, 2, 30)).toEqual({ accessKeyId: "ada", secretAccessKey: NEXT, __keyGeneration: 2 });
    expect(array.sent).toEqual(["GET", "POST expiry=30"]);
    expect(array.pushed).toEqual([NEXT]);
  });

  test("has no earlier key to end where there is none", async () => {
    expect(await update(half, 1, 30)).toMatchObject({ secretAccessKey: NEXT });
    expect(array.sent).toEqual(["GET", "POST"]);
  });

  test("of a user who was taken over ends no key of somebody else's before its time", async () => {
    array.slots = [slotOf(THEIRS, "before")];
    array.hides = true;
    expect(await update({ ...half, __keysBefore: ["before"] }, 1, 30)).toMatchObject({ secretAccessKey: NEXT });
    expect(array.sent).toEqual(["GET", "POST"]);
    expect(secretsOf()).toEqual([THEIRS, NEXT]);
  });

  test("is forgotten where the program has taken the rotation back", async () => {
    array.slots = [slotOf(MINE, "before")];
    const from = { ...RECORDED, __nextSecret: NEXT, __keysBefore: ["before"] };
    expect(await update(from, 1)).toEqual({ accessKeyId: "ada", secretAccessKey: MINE, __keyGeneration: 1 });
    expect(array.pushed).toEqual([]);
    expect(truthAfter(from)).toEqual(RECORDED);
  });

  test("is an error where others have taken both places", async () => {
    array.slots = [slotOf(MINE), slotOf(THEIRS)];
    await expect(update(half, 1)).rejects.toThrow("has two keys already");
    expect(array.pushed).toEqual([]);
  });
});

describe("rotation", () => {
  test.each([
    { minutes: undefined, sent: ["GET", "POST"] },
    { minutes: 30, sent: ["GET", "POST expiry=30"] },
  ])("pushes a new pair beside the earlier one, which ends after $minutes minutes", async ({ minutes, sent }) => {
    array.slots = [slotOf(MINE)];
    const { secretAccessKey } = await update(RECORDED, 2, minutes);
    expect(array.sent).toEqual(sent);
    expect(secretsOf()).toEqual([MINE, secretAccessKey]);
    expect(secretAccessKey).not.toBe(MINE);
    expect(truthAfter(RECORDED)).toEqual({ accessKeyId: "ada", secretAccessKey, keyGeneration: 2, __keyGeneration: 2 });
  });

  test("drops the date by which the earlier pair was known", async () => {
    array.slots = [slotOf(MINE)];
    const from = { ...RECORDED, __keyCreated: "2026-01-01" };
    await update(from, 2);
    expect(Object.keys(truthAfter(from))).not.toContain("__keyCreated");
  });

  test("is refused before a push where both places are taken", async () => {
    array.slots = [slotOf(MINE, ""), slotOf(THEIRS)];
    await expect(update(RECORDED, 2, 30)).rejects.toThrow("one made at an unknown time; one made 2026-01-01.");
    expect(array.sent).toEqual(["GET"]);
    expect(steps).toEqual([]);
  });

  test.each([
    { what: "that a refresh has found lost", from: { ...RECORDED, keyGeneration: 0 }, hides: false },
    {
      what: "that a refresh has found lost, where keys are hidden",
      from: { ...RECORDED, keyGeneration: 0 },
      hides: true,
    },
    { what: "that nobody has missed yet", from: RECORDED, hides: false },
    { what: "known by its date", from: { ...RECORDED, __keyCreated: "2025-12-31" }, hides: true },
  ])("of a pair $what makes a new one, and ends no key of somebody else's before its time", async ({ from, hides }) => {
    array.slots = [slotOf(THEIRS)];
    array.hides = hides;
    const { secretAccessKey } = await update(from, 2, 30);
    expect(array.sent).toEqual(["GET", "POST"]);
    expect(secretsOf()).toEqual([THEIRS, secretAccessKey]);
    expect(secretAccessKey).not.toBe(MINE);
  });

  test("that breaks off keeps the earlier pair on record, beside the one that was pushed", async () => {
    array.slots = [slotOf(MINE)];
    array.next = ["broken"];
    await expect(update(RECORDED, 2)).rejects.toThrow("broken");
    expect(truthAfter(RECORDED)).toEqual({ ...RECORDED, __nextSecret: array.pushed[0], __keysBefore: ["2026-01-01"] });
  });
});

describe("with leave to adopt, a rotation that was broken off by a kill", () => {
  beforeEach(() => {
    array.leave = true;
  });

  test("takes the one key that is newer than the recorded one, and pushes none", async () => {
    array.slots = [slotOf(MINE, "2026-01-01"), slotOf(THEIRS, "2026-01-02")];
    expect(await update(RECORDED, 2)).toMatchObject({ secretAccessKey: THEIRS, __keyGeneration: 2 });
    expect(array.sent).toEqual(["GET"]);
  });

  test("takes no older one, and none of which nobody can tell the age or the secret", async () => {
    array.slots = [slotOf(MINE, "2026-01-02"), slotOf(THEIRS, "2026-01-01")];
    await expect(update(RECORDED, 2)).rejects.toThrow("has two keys already");
    array.hides = true;
    array.slots = [slotOf(MINE, "2026-01-01"), slotOf(THEIRS, "2026-01-02")];
    await expect(update({ ...RECORDED, __keyCreated: "2026-01-01" }, 2)).rejects.toThrow("has two keys already");
    array.hides = false;
    array.slots = [slotOf(THEIRS, "2026-01-02")];
    expect((await update({ ...RECORDED, keyGeneration: 0 }, 2)).secretAccessKey).toBe(array.pushed[0]);
  });

  test("pushes a new key where there is none to take", async () => {
    array.slots = [slotOf(MINE)];
    expect((await update(RECORDED, 2)).secretAccessKey).toBe(array.pushed[0]);
  });
});

describe("repair", () => {
  const LOST: State = { ...RECORDED, keyGeneration: 0 };

  test.each([
    { what: "alone", slots: [] },
    { what: "beside a foreign one", slots: [slotOf(THEIRS)] },
  ])("pushes the same pair $what, and ends none", async ({ slots }) => {
    array.slots = [...slots];
    expect(await update(LOST, 1, 30)).toEqual({ accessKeyId: "ada", secretAccessKey: MINE, __keyGeneration: 1 });
    expect(array.sent).toEqual(["GET", "POST"]);
    expect(secretsOf()).toEqual([...slots.map(({ secret }) => secret), MINE]);
  });

  test("that breaks off where keys are hidden does not push a pair that has arrived once more", async () => {
    array.slots = [slotOf(THEIRS, "before")];
    array.hides = true;
    array.next = ["broken"];
    await expect(update(LOST, 1)).rejects.toThrow("broken");
    const half = truthAfter(LOST);
    expect(half).toEqual({ ...LOST, __keysBefore: ["before"] });
    array.slots.push(slotOf(MINE, "since"));
    array.sent = [];
    expect(await update(half, 1)).toEqual({ accessKeyId: "ada", secretAccessKey: MINE, __keyGeneration: 1 });
    expect(array.sent).toEqual(["GET"]);
    expect(truthAfter(half)).toEqual(RECORDED);
  });

  test("that breaks off pushes the pair that has not arrived", async () => {
    array.slots = [slotOf(THEIRS, "before")];
    array.hides = true;
    expect(await update({ ...LOST, __keysBefore: ["before"] }, 1)).toMatchObject({ secretAccessKey: MINE });
    expect(array.sent).toEqual(["GET", "POST"]);
  });

  test("that is refused leaves nothing to go on with", async () => {
    array.next = ["refused"];
    await expect(update(LOST, 1)).rejects.toThrow("refused to set a key of ECS object user ns1/ada");
    expect(truthAfter(LOST)).toEqual(LOST);
  });

  test("is not needed where somebody has put the pair back", async () => {
    array.slots = [slotOf(THEIRS), slotOf(MINE)];
    expect(await update(LOST, 1)).toMatchObject({ secretAccessKey: MINE });
    expect(array.sent).toEqual(["GET"]);
  });

  test("is an error where others have taken both places", async () => {
    array.slots = [slotOf(THEIRS), slotOf(NEXT)];
    await expect(update(LOST, 1)).rejects.toThrow("has two keys already");
    expect(array.pushed).toEqual([]);
  });

  test("is not wanted by a program that ignores the property and so declares what a lost pair reads as", async () => {
    expect(await update(LOST, 0)).toEqual({ accessKeyId: "ada", secretAccessKey: MINE, __keyGeneration: 1 });
    expect(array.sent).toEqual([]);
  });

  test("nothing to do is nothing to send", async () => {
    const from = { ...RECORDED, __keyCreated: "2026-01-01" };
    expect(await update(from, 1, 30)).toEqual({
      accessKeyId: "ada",
      secretAccessKey: MINE,
      __keyGeneration: 1,
      __keyCreated: "2026-01-01",
    });
    expect(array.sent).toEqual([]);
  });
});

describe("the live pair", () => {
  const live = (recorded?: State) => liveKey(client, ADA, recorded);
  const found = {
    accessKeyId: "ada",
    secretAccessKey: MINE,
    keyGeneration: 1,
    __keyGeneration: 1,
    __keyCreated: "2026-01-01",
  };

  test.each([1, 2])("in place %i is no drift", async (place) => {
    array.slots = place === 1 ? [slotOf(MINE), slotOf(THEIRS)] : [slotOf(THEIRS), slotOf(MINE)];
    expect(await live(RECORDED)).toEqual(found);
  });

  test("keeps its generation", async () => {
    array.slots = [slotOf(MINE)];
    expect(await live({ ...RECORDED, keyGeneration: 5, __keyGeneration: 5 })).toMatchObject({
      keyGeneration: 5,
      __keyGeneration: 5,
    });
    expect(await live({ ...RECORDED, keyGeneration: 0, __keyGeneration: 5 })).toMatchObject({ keyGeneration: 5 });
  });

  test.each([
    { what: "no key", slots: [] },
    { what: "another key", slots: [slotOf(THEIRS)] },
  ])("reads as generation 0 where the array has $what, and stays on record", async ({ slots }) => {
    array.slots = slots;
    expect(await live({ ...RECORDED, keyGeneration: 3, __keyGeneration: 3 })).toEqual({
      accessKeyId: "ada",
      secretAccessKey: MINE,
      keyGeneration: 0,
      __keyGeneration: 3,
    });
  });

  test("that the array hides is known by its date, once that is on record", async () => {
    array.slots = [slotOf(MINE, "first"), slotOf(THEIRS, "second")];
    array.hides = true;
    expect(await live({ ...RECORDED, __keyCreated: "first" })).toMatchObject({
      keyGeneration: 1,
      __keyCreated: "first",
    });
    expect(await live({ ...RECORDED, __keyCreated: "gone" })).toMatchObject({
      keyGeneration: 0,
      secretAccessKey: MINE,
    });
    // So that it stays lost at the next look.
    expect(await live(await live({ ...RECORDED, __keyCreated: "gone" }))).toMatchObject({ keyGeneration: 0 });
    // A pair that was just made is the youngest.
    expect(await live(RECORDED)).toMatchObject({ keyGeneration: 1, secretAccessKey: MINE, __keyCreated: "second" });
  });

  test("of a user who is looked up or taken over is the first that can be read", async () => {
    array.slots = [slotOf(undefined, "hidden"), slotOf(THEIRS, "readable")];
    expect(await live(undefined)).toEqual({
      accessKeyId: "ada",
      secretAccessKey: THEIRS,
      keyGeneration: 1,
      __keyGeneration: 1,
      __keyCreated: "readable",
    });
    expect(await live({ keyGeneration: 4 })).toMatchObject({ keyGeneration: 4, secretAccessKey: THEIRS });
  });

  test("of a user without a readable key is none, and the keys that are there are noted", async () => {
    array.slots = [slotOf(THEIRS, "first"), slotOf(NEXT, "second")];
    array.hides = true;
    expect(await live(undefined)).toEqual({
      accessKeyId: "ada",
      keyGeneration: 0,
      __keyGeneration: 1,
      __keysBefore: ["first", "second"],
    });
  });

  test("that was being pushed and has arrived is pushed no more", async () => {
    array.slots = [slotOf(NEXT)];
    const read = await live({ keyGeneration: 0, __nextSecret: NEXT, __keysBefore: [] });
    expect(read).toMatchObject({ secretAccessKey: NEXT, keyGeneration: 1 });
    expect(Object.keys(read)).not.toContain("__nextSecret");
    expect(Object.keys(read)).not.toContain("__keysBefore");
  });

  test("that was being pushed again and has arrived is unfinished no more", async () => {
    array.slots = [slotOf(MINE)];
    expect(await live({ ...RECORDED, keyGeneration: 0, __keysBefore: ["before"] })).toEqual(found);
  });

  test("that was being pushed and has not arrived stays on record as that", async () => {
    array.slots = [slotOf(MINE)];
    const half = { ...RECORDED, __nextSecret: NEXT, __keysBefore: ["2026-01-01"] };
    expect(await live(half)).toEqual({ ...found, __nextSecret: NEXT, __keysBefore: ["2026-01-01"] });
    array.slots = [];
    expect(await live({ keyGeneration: 0, __nextSecret: NEXT, __keysBefore: [] })).toEqual({
      accessKeyId: "ada",
      __nextSecret: NEXT,
      __keysBefore: [],
      keyGeneration: 0,
      __keyGeneration: 1,
    });
  });

  test("a foreign key beside a pair that was being pushed for the first time is not taken for it", async () => {
    array.slots = [slotOf(THEIRS, "2026-02-02")];
    const half = { keyGeneration: 0, __nextSecret: NEXT, __keysBefore: [] };
    const read = await live(half);
    expect(read).toEqual({ accessKeyId: "ada", ...half, __keyGeneration: 1 });
    expect(await update({ ...half, ...read }, 1)).toMatchObject({ secretAccessKey: NEXT });
    expect(array.pushed).toEqual([NEXT]);
  });
});

describe("a lowered generation", () => {
  const lowered = (from: State, keyGeneration: number) => () => requireRaised(ADA, from, { keyGeneration });

  test("of a lost pair is told from the pair in hand", () => {
    expect(lowered({ ...RECORDED, keyGeneration: 0, __keyGeneration: 3 }, 2)).toThrow(
      "keyGeneration of ECS object user ns1/ada can only be raised; the pair in hand is number 3, and 2 is declared.",
    );
  });

  test.each([
    { from: { ...RECORDED, keyGeneration: 0, __keyGeneration: 3 }, to: 3 },
    { from: { ...RECORDED, keyGeneration: 0, __keyGeneration: 3 }, to: 0 },
    { from: { ...RECORDED, keyGeneration: 3, __keyGeneration: 3 }, to: 3 },
    { from: { keyGeneration: 5 }, to: 1 },
  ])("is none from $from.keyGeneration to $to", ({ from, to }) => {
    expect(lowered(from, to)).not.toThrow();
  });
});
