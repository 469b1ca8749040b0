import { describe, expect, test } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import {
  ada,
  ecsArray,
  GET,
  KEYS,
  messageOf,
  ok,
  PAIR,
  processOf,
  refusal,
  SECRET,
  type UserArgs,
  userInfo,
} from "./ecs-array.ts";

const array = ecsArray();
const { client } = array;

const DELETE = ["DELETE user", "ns1/ada"];

const create = (more: Partial<UserArgs> = {}) => objectUserHandler.create(client, ada(more), []);
const remove = (last: Partial<UserArgs> = {}) => objectUserHandler.delete(client, "ns1/ada", ada(last));

test("a new user is not locked and has no tags and no key", () => {
  expect(objectUserHandler.creationDefaults(ada())).toEqual({ locked: false, tags: {}, keyGeneration: 0 });
});

describe("the creation", () => {
  const made = { userName: "ada", namespace: "ns1", locked: false, keyGeneration: 0, __keysBefore: [] };

  test("records what a user has before its key is made", async () => {
    expect(await create({ locked: true })).toStrictEqual({ id: "ns1/ada", state: made });
    array.shown = "https://objects.example.test:443";
    expect((await create({ tags: { team: "a" } })).state).toStrictEqual({
      ...made,
      tags: { team: "a" },
      s3Endpoint: "https://objects.example.test:443",
    });
    expect(array.sent).toEqual([
      ["POST user", "ns1/ada", undefined],
      ["POST user", "ns1/ada", { team: "a" }],
    ]);
  });

  test("meets a user of this name: whatever the array answers, the user itself says so", async () => {
    array.users = { "ns1/ada": userInfo() };
    array.namespaces = ["ns1", "ns2"];
    array.next = [refusal()];
    expect(await messageOf(create())).toBe("ECS object user ns1/ada exists already.");
    expect(array.sent.slice(1)).toEqual([GET]);
  });

  test("meets one in other namespaces, on an array where names are unique over all of them", async () => {
    array.namespaces = ["ns2", "ns1", "ns3"];
    array.next = [refusal()];
    expect(await messageOf(create())).toBe(
      "Could not create ECS object user ns1/ada: the namespace ns2, ns3 has an object user of this name, and on this array a " +
        "name can exist once over all namespaces (user scope GLOBAL). Choose another userName; that user is not taken over. " +
        'The array answered 400, code 1008, "Not now".',
    );
    expect(array.sent.slice(1)).toEqual([GET, ["GET namespaces of", "ada"]]);
  });

  test("is refused without any such user: the error says what the array said", async () => {
    array.namespaces = ["ns1"];
    array.next = [refusal()];
    expect(await messageOf(create())).toBe('Could not create ECS object user ns1/ada: 400, code 1008, "Not now".');
  });

  test("takes over a user that is as declared; what is only ours is not compared", async () => {
    array.users = { "ns1/ada": userInfo() };
    array.keys = KEYS;
    array.next = [refusal()];
    const { kind, printed } = processOf({ ...anyHandler(objectUserHandler), connect: () => client });
    const declared = ada({ adopt: true, previousKeyExpiryMinutes: 5, onDestroy: "lock" });
    expect((await kind.create({ ...declared })).outs).toMatchObject({ ...declared, accessKeyId: "ada" });
    expect(printed).toEqual(["warning: ECS object user ns1/ada exists and is taken over."]);
    expect(array.sent.filter(([call]) => String(call).startsWith("POST"))).toEqual([
      ["POST user", "ns1/ada", undefined],
    ]);
  });
});

describe("what is read", () => {
  test("is the user with its key, and its age by the array's clock", async () => {
    array.users = { "ns1/ada": userInfo({ locked: true, tags: { team: "a" }, ageMs: 5 }) };
    array.keys = KEYS;
    array.shown = "https://objects.example.test:443";
    const live = {
      state: {
        userName: "ada",
        namespace: "ns1",
        locked: true,
        tags: { team: "a" },
        keyGeneration: 1,
        ...PAIR,
        __keyCreated: "2026-01-01",
        s3Endpoint: "https://objects.example.test:443",
      },
      ageMs: 5,
    };
    expect(await objectUserHandler.read(client, "ns1/ada", undefined)).toStrictEqual(live);
    expect(await objectUserHandler.find(client, ada())).toStrictEqual(live);
  });

  test("has no age where the array does not tell", async () => {
    array.users = { "ns1/ada": userInfo({ ageMs: undefined }) };
    expect(await objectUserHandler.find(client, ada())).not.toHaveProperty("ageMs");
  });

  test("is nothing where the user is gone, and then nobody asks for its keys", async () => {
    expect(await objectUserHandler.read(client, "ns1/ada", ada())).toBeUndefined();
    expect(array.sent).toEqual([GET]);
  });

  test("is compared with the recorded pair: a lost one reads as generation 0", async () => {
    array.users = { "ns1/ada": userInfo() };
    array.keys = { "ns1/ada": [{ secret: "Canary-by-hand", created: "2026-02-02", expires: "" }] };
    const live = await objectUserHandler.read(client, "ns1/ada", { ...ada(), ...PAIR });
    expect(live?.state).toMatchObject({ keyGeneration: 0, secretAccessKey: SECRET });
  });
});

describe("the removal", () => {
  const kept = (owns: string, whose: string) =>
    `ECS object user ns1/ada is not deleted: it owns ${owns}, and what a deletion would do to ${whose} data is unknown. Delete the ` +
    'buckets first or give them another owner, or keep the user with onDestroy: "lock" (run pulumi up before the destroy).';

  test("deletes a user that owns no bucket", async () => {
    await remove();
    expect(array.sent).toEqual([DELETE]);
  });

  test.each([
    [["box-1"], "the bucket box-1", "its"],
    [["box-1", "box-2"], "2 buckets: box-1, box-2", "their"],
    [["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], "10 buckets: a, b, c, d, e, f, g, h, i, j", "their"],
    [
      ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"],
      "12 buckets: a, b, c, d, e, f, g, h, i, j and 2 more",
      "their",
    ],
  ])("is refused while the user owns %j", async (names, owns, whose) => {
    array.owned = { "ns1/ada": names };
    expect(await messageOf(remove())).toBe(kept(owns, whose));
    expect(array.sent).toEqual([]);
  });

  test("of a user that is gone is done: the array says so, or the user itself", async () => {
    array.next = [refusal(404, 1004)];
    await remove();
    array.next = [refusal()];
    await remove();
    array.users = { "ns1/ada": userInfo() };
    array.next = [ok()];
    await remove();
    expect(array.sent).toEqual([DELETE, DELETE, GET, DELETE]);
  });

  test("that the array refuses is an error while the user is there", async () => {
    array.users = { "ns1/ada": userInfo() };
    array.next = [refusal()];
    expect(await messageOf(remove())).toBe('Could not delete ECS object user ns1/ada: 400, code 1008, "Not now".');
  });

  test("that only locks leaves the user with its buckets, and a user that is gone alone", async () => {
    array.owned = { "ns1/ada": ["box"] };
    await remove({ onDestroy: "lock" });
    array.users = { "ns1/ada": userInfo() };
    await remove({ onDestroy: "lock" });
    expect(array.sent).toEqual([GET, GET, ["PUT lock", "ns1/ada", true]]);
  });
});
