import { beforeEach, expect, test, vi } from "vitest";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import { ada, ecsArray, GET, KEYS, messageOf, PAIR, refusal, SECRET, type UserArgs, userInfo } from "./ecs-array.ts";

type State = Parameters<typeof objectUserHandler.update>[2];

const array = ecsArray();
const { client } = array;

/** What an update has reported, and what the process has printed. */
let steps: unknown[][];
let printed: string[];

beforeEach(() => {
  steps = [];
  printed = [];
  vi.spyOn(console, "error").mockImplementation((text) => void printed.push(String(text)));
});

const update = (from: State, to: Partial<UserArgs>, id = "ns1/ada") =>
  objectUserHandler.update(client, id, { ...ada(), ...PAIR, ...from }, ada(to), (...step) => steps.push(step), []);

test("an update that changes nothing asks nothing, and keeps the pair", async () => {
  array.shown = "https://objects.example.test:443";
  const same = { tags: { team: "a" }, locked: false };
  expect(await update(same, { ...same, onDestroy: "lock" })).toStrictEqual({
    ...ada({ ...same, onDestroy: "lock" }),
    ...PAIR,
    s3Endpoint: "https://objects.example.test:443",
  });
  await update({ tags: { team: "a" }, locked: false }, {});
  expect([array.sent, steps, printed]).toEqual([[], [], []]);
});

test("an update brings tags and the lock, and reports each before the next", async () => {
  await update({ tags: { team: "a", gone: "x" }, locked: false }, { tags: { team: "b" }, locked: true });
  expect(array.sent).toEqual([
    ["DELETE tags", "ns1/ada", { gone: "x" }],
    ["PUT tags", "ns1/ada", { team: "b" }],
    ["PUT lock", "ns1/ada", true],
  ]);
  expect(steps).toEqual([[{ tags: { team: "a" } }], [{ tags: { team: "b" } }], [{ locked: true }]]);
});

test("an update of tags that nobody has recorded reads them first", async () => {
  array.users = { "ns1/ada": userInfo({ tags: { by: "hand" } }) };
  await update({}, { tags: { team: "a" } });
  expect(array.sent).toEqual([
    GET,
    ["DELETE tags", "ns1/ada", { by: "hand" }],
    ["POST tags", "ns1/ada", { team: "a" }],
  ]);
});

test("an update of tags says where the user is gone, and what the array refuses", async () => {
  expect(await messageOf(update({}, { tags: {} }))).toBe("ECS object user ns1/ada is gone. Run pulumi refresh.");
  array.users = { "ns1/ada": userInfo() };
  array.next = [refusal()];
  expect(await messageOf(update({ tags: {} }, { tags: { team: "a" } }))).toBe(
    'Could not change the tags of ECS object user ns1/ada: 400, code 1008, "Not now".',
  );
  expect(steps).toEqual([]);
});

test("an update unlocks", async () => {
  await update({ locked: true }, { locked: false });
  expect(array.sent).toEqual([["PUT lock", "ns1/ada", false]]);
  expect([steps, printed]).toEqual([[[{ locked: false }]], []]);
});

test("an update leaves the lock of a user that was taken over, and warns", async () => {
  await update({ locked: true }, {}, "ns1/bob");
  expect(printed).toEqual([
    "warning: ECS object user ns1/bob is locked, so that its keys do not work; locked: false unlocks it.",
  ]);
  expect([array.sent, steps]).toEqual([[], []]);
});

test("an update says nothing of a lock that is declared", async () => {
  await update({ locked: true }, { locked: true });
  expect([array.sent, steps, printed]).toEqual([[], [], []]);
});

test("an update makes the next pair where the number is raised, and refuses a lower one before anything is sent", async () => {
  array.keys = KEYS;
  const state = await update({}, { keyGeneration: 2, previousKeyExpiryMinutes: 5 });
  expect(state).toMatchObject({ keyGeneration: 2, __keyGeneration: 2, accessKeyId: "ada" });
  expect(state.secretAccessKey).not.toBe(SECRET);
  expect(array.sent).toEqual([
    ["GET keys", "ns1/ada"],
    ["POST key", "ns1/ada", 5],
  ]);
  array.sent = [];
  const lowered = update({ keyGeneration: 0, __keyGeneration: 3 }, { keyGeneration: 2, tags: { team: "a" } });
  expect(await messageOf(lowered)).toBe(
    "keyGeneration of ECS object user ns1/ada can only be raised; the pair in hand is number 3, and 2 is declared.",
  );
  expect(array.sent).toEqual([]);
});
