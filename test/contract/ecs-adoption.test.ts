import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket, objectUser, RG1, RG2 } from "./ecs-support.ts";
import { failureOf, secret } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };

// Adoption is decided above the kinds, and both SDKs' servers do it with the Cloudian kinds; one serves here.
describe("adoption on an ECS", () => {
  let stage: EcsStage;
  let server: DynamicServer;
  let identical: DynamicServer;
  let count = 0;
  /** A process takes an object for one resource only: every test has its own. */
  let name = "";

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    [server, identical] = await Promise.all([
      stage.serve(),
      stage.serve({}, { CLOUDSTACK_STORAGE_ADOPT: "identical" }),
    ]);
    await Promise.all(
      [server, identical].map((each) => each.read("ns1/none", ecsBucket("none", "own", { encryption: false }))),
    );
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    count += 1;
    name = `taken-${count}`;
  });

  const bucket = (more: Properties = {}) => ecsBucket(name, "own", { encryption: false, ...more });
  const seedBucket = (more: object = {}) =>
    stage.patch({
      users: { "ns1/own": { keys: [KEY] }, "ns1/heir": { keys: [KEY] } },
      buckets: { [`ns1/${name}`]: { owner: "own", created: "2026-02-03T04:05:06Z", ...more } },
    });
  const seedUser = (more: object = {}) =>
    stage.patch({ users: { [`ns1/${name}`]: { created: "2026-02-03T04:05:06Z", keys: [KEY], ...more } } });
  const create = async (from: DynamicServer, inputs: Properties) => {
    const before = from.warnings.length;
    const { result, sent } = await stage.resultOf(() => from.create(inputs));
    return { result, sent, warnings: from.warnings.slice(before) };
  };
  const conflict = async (from: DynamicServer, inputs: Properties) => {
    let message = "";
    const sent = await stage.callsOf(async () => {
      message = (await failureOf(from.create(inputs))).message;
    });
    expect(sent.filter((line) => !line.startsWith("GET "))).toEqual([
      inputs["userName"] === undefined ? "POST /object/bucket" : "POST /object/users",
    ]);
    return message;
  };

  test.each(["adopt", "derived", "run-wide"])(
    "a bucket that is as declared is taken over without a write (%s)",
    async (how) => {
      await seedBucket({ blockSize: 7, tags: { a: "1" } });
      const declared = { quotaGiB: 7, tags: { a: "1" }, retentionSeconds: 0 };
      const more = how === "adopt" ? { adopt: true } : how === "derived" ? { __derived: true } : {};
      const { result, sent, warnings } = await create(
        how === "run-wide" ? identical : server,
        bucket({ ...declared, ...more }),
      );
      const info = `GET /object/bucket/${name}/info?namespace=ns1`;
      expect(sent).toEqual(["POST /object/bucket", info, info]);
      expect(warnings).toEqual([`ECS bucket ns1/${name} exists and is taken over.`]);
      expect(result).toMatchObject({ id: `ns1/${name}`, properties: { ...declared, created: "2026-02-03T04:05:06Z" } });
    },
  );

  test("what is still as a new bucket is counts as identical, and is brought to what is declared", async () => {
    await seedBucket();
    const { sent, warnings } = await create(identical, bucket({ quotaGiB: 9, notifyAtGiB: "none", policy: "public" }));
    expect(sent.filter((line) => !line.startsWith("GET "))).toEqual([
      "POST /object/bucket",
      `PUT /object/bucket/${name}/quota`,
      `PUT /object/bucket/${name}/policy?namespace=ns1`,
    ]);
    expect(warnings).toEqual([
      `ECS bucket ns1/${name} exists and is taken over. It will be changed: quotaGiB from "none" to 9; policy from "private" to "public".`,
    ]);
  });

  test("a bucket that is not as declared is a conflict, shown property by property", async () => {
    await seedBucket({ blockSize: 7, owner: "heir" });
    expect(await conflict(server, bucket({ quotaGiB: 9, tags: {} }))).toBe(
      `ECS bucket ns1/${name} exists already.
  bucketName: live "${name}", declared "${name}" (equal)
  namespace: live "ns1", declared "ns1" (equal)
  owner: live "heir", declared "own" (differs)
  encryption: live false, declared false (equal)
  quotaGiB: live 7, declared 9 (differs)
  tags: live {}, declared {} (equal)
Ways on: set adopt: true to take it over and change what differs; choose another bucketName; or delete the existing one.`,
    );
    expect(await conflict(identical, bucket({ quotaGiB: 9, tags: {} }))).toContain("(differs)");
    expect(await stage.bucketNamed(name)).toMatchObject({ blockSize: 7, owner: "heir" });
  });

  test("adopt: true changes what differs, and says so before; what is unmanaged stays", async () => {
    await seedBucket({ blockSize: 7, notificationSize: 3, owner: "heir", tags: { by: "hand" }, retention: 5 });
    const { result, warnings } = await create(server, bucket({ quotaGiB: 9, adopt: true }));
    expect(warnings).toEqual([
      `ECS bucket ns1/${name} exists and is taken over. It will be changed: owner from "heir" to "own"; quotaGiB from 7 to 9.`,
    ]);
    expect(await stage.bucketNamed(name)).toMatchObject({
      blockSize: 9,
      notificationSize: 3,
      owner: "own",
      tags: { by: "hand" },
      retention: 5,
    });
    expect(result.properties).toEqual(
      bucket({
        quotaGiB: 9,
        adopt: true,
        created: "2026-02-03T04:05:06Z",
        encrypted: false,
        objectLock: false,
        publicUrl: `${stage.s3Endpoint}/${name}`,
        s3Endpoint: stage.s3Endpoint,
        systemEndpoint: stage.endpoint,
      }),
    );
  });

  test.each([
    { what: "encryption", live: { encrypted: true }, declared: {}, text: "encryption from true to false" },
    { what: "no encryption", live: {}, declared: { encryption: true }, text: "encryption from false to true" },
    {
      what: "replication group",
      live: { vpool: RG2 },
      declared: { replicationGroup: RG1 },
      text: `replicationGroup from "${RG2}" to "${RG1}"`,
    },
  ])("a bucket of another $what is never taken over", async ({ live, declared, text }) => {
    await seedBucket(live);
    expect(await conflict(server, bucket({ ...declared, adopt: true, quotaGiB: 9 }))).toBe(
      `ECS bucket ns1/${name} exists and cannot become the declared one: ${text}. That cannot be changed under the same name; declare what exists, or choose another name.`,
    );
    expect(await stage.bucketNamed(name)).toMatchObject({ blockSize: -1 });
  });

  test("a bucket with object lock is never taken over", async () => {
    await seedBucket({ objectLock: true, versioning: "enabled" });
    expect(await conflict(server, bucket({ adopt: true }))).toBe(
      `ECS bucket ns1/${name} exists and has object lock, which this provider does not manage; it is not taken over. Choose another bucketName.`,
    );
  });

  test("a bucket that another resource of the run has is nobody else's", async () => {
    await seedBucket();
    await server.create(bucket({ adopt: true }));
    expect((await failureOf(server.create(bucket({ adopt: true })))).message).toBe(
      `ECS bucket ns1/${name} is declared by another resource of this run as well; give one of them another bucketName.`,
    );
    const recorded = bucket({ systemEndpoint: stage.endpoint });
    await identical.diff(`ns1/${name}`, recorded, bucket({ quotaGiB: 1 }));
    expect(await conflict(identical, bucket({ adopt: true }))).toContain(
      "If this is its replacement, it would replace itself",
    );
  });

  test.each(["adopt", "derived", "run-wide"])(
    "a user who is as declared is taken over without a write (%s)",
    async (how) => {
      await seedUser({ tags: { a: "1" } });
      const more = how === "adopt" ? { adopt: true } : how === "derived" ? { __derived: true } : {};
      const { result, sent, warnings } = await create(
        how === "run-wide" ? identical : server,
        objectUser(name, { tags: { a: "1" }, locked: false, ...more }),
      );
      expect(sent.filter((line) => !line.startsWith("GET "))).toEqual(["POST /object/users"]);
      expect(warnings).toEqual([`ECS object user ns1/${name} exists and is taken over.`]);
      expect(result.properties).toMatchObject({ accessKeyId: name, secretAccessKey: secret(SECRET), keyGeneration: 1 });
    },
  );

  test("a user who is not as declared is a conflict, or with adopt: true changed", async () => {
    await seedUser({ tags: { by: "hand" }, locked: true });
    const declared = objectUser(name, { tags: { team: "blue" }, locked: false });
    expect(await conflict(server, declared)).toBe(
      `ECS object user ns1/${name} exists already.
  userName: live "${name}", declared "${name}" (equal)
  namespace: live "ns1", declared "ns1" (equal)
  locked: live true, declared false (differs)
  tags: live {"by":"hand"}, declared {"team":"blue"} (differs)
  keyGeneration: live 1, declared 1 (equal)
Ways on: set adopt: true to take it over and change what differs; choose another userName; or delete the existing one.`,
    );
    const { warnings } = await create(server, { ...declared, adopt: true });
    expect(warnings).toEqual([
      `ECS object user ns1/${name} exists and is taken over. It will be changed: locked from true to false; tags from {"by":"hand"} to {"team":"blue"}.`,
    ]);
    expect(await stage.userNamed(name)).toMatchObject({
      tags: { team: "blue" },
      locked: false,
      keys: [{ secret: SECRET }, null],
    });
  });
});
