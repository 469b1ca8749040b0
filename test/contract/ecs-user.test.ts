import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket, objectUser, textOf } from "./ecs-support.ts";
import { failureOf, secret } from "./support.ts";

const SECRET = "kept0000000000000000000000000000000kept1";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };
const INFO = "GET /object/users/ada/info?namespace=ns1";
const KEYS = "GET /object/user-secret-keys/ada/ns1";
const TAGS = "/object/users/ada/tags?namespace=ns1";
/** As the API writes it in the key list. */
const MADE = "2026-02-03 04:05:06.000";

// What an SDK's server adds is the same for every kind: one serves here, and both run a whole life in ecs-lives.test.ts.
describe("EcsObjectUser", () => {
  let stage: EcsStage;
  let server: DynamicServer;
  /** A process does not delete what it has changed; the engine, too, uses another one for a destroy. */
  let destroying: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    await Promise.all([server, destroying].map((each) => each.read("ns1/nobody", objectUser("nobody"))));
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.clean());

  const seed = (more: object = {}, keys: unknown[] = [{ secret: SECRET, created: "2026-02-03T04:05:06Z" }]) =>
    stage.patch({ users: { "ns1/ada": { created: "2026-02-03T04:05:00Z", keys, ...more } } });
  const computed = () => ({
    accessKeyId: "ada",
    __keyGeneration: 1,
    s3Endpoint: stage.s3Endpoint,
    systemEndpoint: stage.endpoint,
  });
  /** The state of ns1/ada with the pair in hand, as the engine sends it. */
  const recorded = (more: Properties = {}) => objectUser("ada", { secretAccessKey: SECRET, ...computed(), ...more });
  const wrapped = (more: Properties = {}) => recorded({ secretAccessKey: secret(SECRET), ...more });

  test("create of what is declared alone: the user, and a key of our own making", async () => {
    const { result, sent } = await stage.resultOf(() => server.create(objectUser("plain")));
    expect(sent).toEqual(["POST /object/users", "POST /object/user-secret-keys/plain"]);
    expect(await stage.bodies()).toEqual([
      { user: "plain", namespace: "ns1" },
      { namespace: "ns1", secretkey: "[secret]" },
    ]);
    const live = await stage.userNamed("plain");
    const pushed = live?.keys[0]?.secret ?? "";
    expect(pushed).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(live).toMatchObject({ locked: false, tags: {}, keys: [{ expires: null }, null] });
    expect(result).toEqual({
      id: "ns1/plain",
      properties: objectUser("plain", { ...computed(), accessKeyId: "plain", secretAccessKey: secret(pushed) }),
    });
  });

  test("create with everything: tags go with the user, the lock comes last", async () => {
    const declared = { locked: true, tags: { team: "blue", "cost center": "" }, previousKeyExpiryMinutes: 5 };
    const { result, sent } = await stage.resultOf(() => server.create(objectUser("full", declared)));
    expect(sent).toEqual(["POST /object/users", "POST /object/user-secret-keys/full", "PUT /object/users/lock"]);
    expect(await stage.bodies()).toEqual([
      {
        user: "full",
        namespace: "ns1",
        tags: [
          { name: "cost center", value: "" },
          { name: "team", value: "blue" },
        ],
      },
      { namespace: "ns1", secretkey: "[secret]" },
      { user: "full", namespace: "ns1", isLocked: true },
    ]);
    expect(await stage.userNamed("full")).toMatchObject({ locked: true, tags: { team: "blue", "cost center": "" } });
    expect(result).toMatchObject({ id: "ns1/full", properties: declared });
  });

  test("locked: false at creation is what a new user is, and takes no request", async () => {
    expect(await stage.callsOf(() => server.create(objectUser("open", { locked: false, tags: {} })))).toEqual([
      "POST /object/users",
      "POST /object/user-secret-keys/open",
    ]);
  });

  test("in a namespace that does not exist: an error in the array's words, and no user", async () => {
    const { message, initFailure } = await failureOf(server.create(objectUser("lost", { namespace: "nowhere" })));
    expect(message).toContain("nowhere");
    expect(message).toContain("answered 400");
    expect(initFailure).toBeUndefined();
    expect((await stage.ecs()).users).toEqual({});
  });

  test("read: the user and its keys, and what others set stays unmanaged", async () => {
    await seed({ locked: true, tags: { by: "hand" } });
    const plain = await stage.resultOf(() => server.read("ns1/ada", recorded()));
    expect(plain.sent).toEqual([INFO, KEYS]);
    expect(plain.result).toEqual({
      id: "ns1/ada",
      properties: wrapped({ __keyCreated: MADE }),
      inputs: objectUser("ada"),
    });
    const declared = { locked: false, tags: { team: "blue" }, previousKeyExpiryMinutes: 7, onDestroy: "lock" };
    const found = { ...declared, locked: true, tags: { by: "hand" } };
    const more = await stage.resultOf(() => server.read("ns1/ada", recorded(declared)));
    expect(more.sent).toEqual([INFO, KEYS]);
    expect(more.result).toEqual({
      id: "ns1/ada",
      properties: wrapped({ ...found, __keyCreated: MADE }),
      inputs: objectUser("ada", found),
    });
  });

  test(".get, with the text alone in hand, returns everything that can be read, the secret key wrapped", async () => {
    await seed({ tags: { team: "blue" } });
    const { result, sent } = await stage.resultOf(() =>
      server.read("ns1/ada", undefined, { __provider: textOf("EcsObjectUser") }),
    );
    expect(sent).toEqual([INFO, KEYS]);
    const inputs = {
      __provider: textOf("EcsObjectUser"),
      userName: "ada",
      namespace: "ns1",
      locked: false,
      tags: { team: "blue" },
      keyGeneration: 1,
    };
    expect(result).toEqual({
      id: "ns1/ada",
      properties: { ...inputs, ...computed(), secretAccessKey: secret(SECRET), __keyCreated: MADE },
      inputs,
    });
  });

  test("a user that the array does not know is gone, and one of another namespace is not this one", async () => {
    expect(await server.read("ns1/ada", recorded())).toMatchObject({ id: "" });
    await stage.patch({ users: { "ns2/ada": { keys: [KEY] } } });
    expect(await server.read("ns1/ada", recorded())).toMatchObject({ id: "" });
    expect(await stage.callsOf(() => server.read("ns2/ada", recorded({ namespace: "ns2" })))).toEqual([
      "GET /object/users/ada/info?namespace=ns2",
      "GET /object/user-secret-keys/ada/ns2",
    ]);
  });

  test.each([
    {
      what: "locked",
      from: { locked: false },
      to: { locked: true },
      sent: ["PUT /object/users/lock"],
      live: { locked: true },
    },
    {
      what: "unlocked",
      from: { locked: true },
      to: { locked: false },
      sent: ["PUT /object/users/lock"],
      live: { locked: false },
    },
    {
      what: "added tags",
      from: { tags: { a: "1" } },
      to: { tags: { a: "1", b: "2", c: "" } },
      sent: [`POST ${TAGS}`],
      live: { tags: { a: "1", b: "2", c: "" } },
    },
    {
      what: "a changed tag",
      from: { tags: { a: "1", b: "2" } },
      to: { tags: { a: "1", b: "3" } },
      sent: [`PUT ${TAGS}`],
      live: { tags: { a: "1", b: "3" } },
    },
    {
      what: "no more tags",
      from: { tags: { a: "1", b: "2" } },
      to: { tags: {} },
      sent: [`DELETE ${TAGS}`],
      live: { tags: {} },
    },
    {
      what: "removed, changed and added tags",
      from: { tags: { a: "1", b: "2" } },
      to: { tags: { b: "3", c: "4" } },
      sent: [`DELETE ${TAGS}`, `PUT ${TAGS}`, `POST ${TAGS}`],
      live: { tags: { b: "3", c: "4" } },
    },
  ])("update to $what alone leaves its neighbors alone", async ({ from, to, sent, live }) => {
    const unusual = "tags" in from ? { locked: true, tags: from.tags } : { ...from, tags: { by: "hand" } };
    await seed(unusual, [{ secret: "hand", created: "2026-01-01T00:00:00Z" }, SECRET]);
    const before = await stage.userNamed("ada");
    const { result, sent: calls } = await stage.resultOf(() =>
      server.update("ns1/ada", recorded(from), objectUser("ada", to)),
    );
    expect(calls).toEqual(sent);
    expect(await stage.userNamed("ada")).toEqual({ ...before, ...live });
    expect(result).toEqual(wrapped(to));
  });

  test("what becomes unmanaged, and our own switches, are updates without a request", async () => {
    await seed({ locked: true, tags: { a: "1" } });
    const switches = { onDestroy: "lock", adopt: true, previousKeyExpiryMinutes: 9 };
    const { result, sent } = await stage.resultOf(() =>
      server.update("ns1/ada", recorded({ locked: true, tags: { a: "1" } }), objectUser("ada", switches)),
    );
    expect(sent).toEqual([]);
    expect(result).toEqual(wrapped(switches));
  });

  test("tags that somebody has changed since are brought to what is declared, from what is there", async () => {
    await seed({ tags: { b: "2", foreign: "x" } });
    const sent = await stage.callsOf(() =>
      server.update("ns1/ada", recorded({ tags: { a: "1" } }), objectUser("ada", { tags: { b: "3" } })),
    );
    expect(sent).toEqual([`DELETE ${TAGS}`, INFO, `DELETE ${TAGS}`, `PUT ${TAGS}`]);
    expect(await stage.userNamed("ada")).toMatchObject({ tags: { b: "3" } });
  });

  test("tags that were unmanaged are read before they are written", async () => {
    await seed({ tags: { foreign: "x", team: "red" } });
    const sent = await stage.callsOf(() =>
      server.update("ns1/ada", recorded(), objectUser("ada", { tags: { team: "blue" } })),
    );
    expect(sent).toEqual([INFO, `DELETE ${TAGS}`, `PUT ${TAGS}`]);
    expect(await stage.userNamed("ada")).toMatchObject({ tags: { team: "blue" } });
  });

  test.each(["a/b", "a@b.c", "a+b=c?d", "a&b;c", "#'(*)~!", "a..b:c,d"])(
    "the name %j is one segment of every path",
    async (name) => {
      const segment = encodeURIComponent(name);
      const { result, sent } = await stage.resultOf(() => server.create(objectUser(name, { tags: { a: "1" } })));
      expect(result.id).toBe(`ns1/${name}`);
      expect(sent).toEqual(["POST /object/users", `POST /object/user-secret-keys/${segment}`]);
      const outs = { ...result.properties, secretAccessKey: (await stage.userNamed(name))?.keys[0]?.secret };
      expect(await stage.callsOf(() => server.read(`ns1/${name}`, outs))).toEqual([
        `GET /object/users/${segment}/info?namespace=ns1`,
        `GET /object/user-secret-keys/${segment}/ns1`,
      ]);
      expect(
        await stage.callsOf(() => server.update(`ns1/${name}`, outs, objectUser(name, { tags: { a: "2" } }))),
      ).toEqual([`PUT /object/users/${segment}/tags?namespace=ns1`]);
      expect(await stage.userNamed(name)).toMatchObject({ tags: { a: "2" } });
    },
  );

  test("a name with a domain, which ECS stores in lower case, is declared so", async () => {
    const { failures } = await server.check({}, objectUser("Ada@Corp.test"));
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toMatch(/^userName: .*lower case/);
    expect((await server.check({}, objectUser("ada@corp.test"))).failures).toEqual([]);
    expect((await server.check({}, objectUser("Ada"))).failures).toEqual([]);
    const { failures: owner } = await server.check({}, ecsBucket("inv", "Ada@Corp.test"));
    expect(owner.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^owner: .*lower case/)]);
  });

  test("delete: a look at the namespace's buckets, then the user with its keys; a user that is gone is a success", async () => {
    await seed();
    expect(await stage.callsOf(() => destroying.delete("ns1/ada", recorded()))).toEqual([
      "GET /object/bucket?limit=1000&namespace=ns1",
      "POST /object/users/deactivate",
    ]);
    expect(await stage.bodies()).toEqual([{ user: "ada", namespace: "ns1" }]);
    expect((await stage.ecs()).users).toEqual({});
    await destroying.delete("ns1/ada", recorded());
  });

  test('onDestroy: "lock" keeps the user, locked, with its keys, and looks at no buckets', async () => {
    await seed();
    expect(await stage.callsOf(() => destroying.delete("ns1/ada", recorded({ onDestroy: "lock" })))).toEqual([
      INFO,
      "PUT /object/users/lock",
    ]);
    expect(await stage.userNamed("ada")).toMatchObject({ locked: true, keys: [{ secret: SECRET }, null] });
    await stage.patch({ users: { "ns1/ada": null } });
    expect(await stage.callsOf(() => destroying.delete("ns1/ada", recorded({ onDestroy: "lock" })))).toEqual([INFO]);
  });
});
