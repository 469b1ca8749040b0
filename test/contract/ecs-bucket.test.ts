import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket, plain, RG1, RG2, textOf } from "./ecs-support.ts";
import { failureOf, partialFailureOf } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };
const INFO = "GET /object/bucket/inv/info?namespace=ns1";
const QUOTA = "PUT /object/bucket/inv/quota";
const GET_POLICY = "GET /object/bucket/inv/policy?namespace=ns1";
const TAGS = "/object/bucket/inv/tags";
const CREATED = "2026-02-03T04:05:06Z";

const CORS = [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://cloud.example.test"], maxAgeSeconds: 60 }];
const HAND_CORS = [{ allowedMethods: ["HEAD"], allowedOrigins: ["*"] }];
/** In canonical form. */
const POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::inv"] }],
};

/** Values that nobody would choose, in everything that a bucket has. */
const UNUSUAL = {
  owner: "own",
  created: CREATED,
  blockSize: 7,
  notificationSize: 3,
  retention: 77,
  staleAllowed: true,
  tsoReadOnly: true,
  locked: false,
  tags: { by: "hand" },
  policy: POLICY,
  versioning: "suspended",
  cors: HAND_CORS,
  objects: { kept: "content" },
};

describe("EcsBucket", () => {
  let stage: EcsStage;
  let server: DynamicServer;

  const seed = (bucket: object = {}) =>
    stage.patch({
      users: { "ns1/own": { keys: [KEY] }, "ns1/heir": { keys: [KEY] } },
      buckets: { "ns1/inv": { owner: "own", created: CREATED, ...bucket } },
    });

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    server = await stage.serve();
    // What a process asks once: the log-in, the owner's key, whether the array has a call for versioning.
    await seed();
    await server.read("ns1/inv", ecsBucket("inv", "own", { versioning: false, cors: [] }));
    await stage.patch({ namespaces: { ns1: { encryption: false } } });
    await server.create(ecsBucket("warm", "own", { replicationGroup: "rg1" }));
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.clean());

  const computed = (name = "inv", more: Properties = {}) => ({
    publicUrl: `${stage.s3Endpoint}/${name}`,
    s3Endpoint: stage.s3Endpoint,
    created: CREATED,
    encrypted: false,
    objectLock: false,
    systemEndpoint: stage.endpoint,
    ...more,
  });
  const recorded = (more: Properties = {}) => ecsBucket("inv", "own", { ...computed(), ...more });
  const owners = () => stage.patch({ users: { "ns1/own": { keys: [KEY] } } });

  test("create of what is declared alone: one request, and the outputs that tell where it is", async () => {
    await owners();
    const { result, sent } = await stage.resultOf(() => server.create(ecsBucket("plain", "own")));
    expect(sent).toEqual(["POST /object/bucket"]);
    expect(await stage.bodies()).toEqual([{ name: "plain", namespace: "ns1", owner: "own", head_type: "s3" }]);
    const { created } = (await stage.bucketNamed("plain")) ?? { created: "" };
    expect(result).toMatchObject({ id: "ns1/plain" });
    const shown = (result.properties as { created: string }).created;
    expect(Math.abs(Date.parse(shown) - Date.parse(created))).toBeLessThan(2000);
    expect(shown).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(result.properties).toEqual(ecsBucket("plain", "own", { ...computed("plain"), created: shown }));
  });

  test("create with everything that the creation carries is one request, and one more for each aspect that it cannot", async () => {
    await owners();
    const declared = {
      replicationGroup: "rg2",
      encryption: true,
      quotaGiB: 50,
      notifyAtGiB: 40,
      tags: { team: "blue", "cost center": "" },
      retentionSeconds: 3600,
      accessDuringOutage: true,
      policy: "public",
      versioning: true,
      cors: CORS,
    };
    const { result, sent } = await stage.resultOf(() => server.create(ecsBucket("full", "own", declared)));
    expect(sent).toEqual([
      "POST /object/bucket",
      "PUT /object/bucket/full/policy?namespace=ns1",
      "S3 PUT /full?versioning",
      "S3 PUT /full?cors",
    ]);
    expect((await stage.bodies())[0]).toEqual({
      name: "full",
      namespace: "ns1",
      owner: "own",
      head_type: "s3",
      vpool: RG2,
      is_encryption_enabled: true,
      blockSize: 50,
      notificationSize: 40,
      retention: 3600,
      is_stale_allowed: true,
      TagSet: [
        { Key: "cost center", Value: "" },
        { Key: "team", Value: "blue" },
      ],
    });
    expect(await stage.bucketNamed("full")).toMatchObject({
      owner: "own",
      vpool: RG2,
      encrypted: true,
      blockSize: 50,
      notificationSize: 40,
      retention: 3600,
      staleAllowed: true,
      tags: { team: "blue", "cost center": "" },
      versioning: "enabled",
      cors: [{ allowedOrigins: ["https://cloud.example.test"], allowedMethods: ["GET", "PUT"], maxAgeSeconds: 60 }],
    });
    expect(result.properties).toMatchObject({ ...declared, encrypted: true, objectLock: false });
  });

  test("the values that a new bucket has anyway take no request", async () => {
    await owners();
    const off = { policy: "private", versioning: false, cors: [], tags: {} };
    expect(await stage.callsOf(() => server.create(ecsBucket("off", "own", off)))).toEqual(["POST /object/bucket"]);
  });

  test.each([
    { what: "absent takes the namespace's default", declared: {}, live: 5 },
    { what: '"none" overrules it', declared: { quotaGiB: "none" }, live: -1 },
    { what: "a number overrules it", declared: { quotaGiB: 9 }, live: 9 },
  ])("quota at creation, in a namespace with a default: $what", async ({ declared, live }) => {
    await owners();
    await stage.patch({ namespaces: { ns1: { bucketBlockSize: 5 } } });
    const name = `quota-${live + 1}`;
    await server.create(ecsBucket(name, "own", declared));
    expect(await stage.bucketNamed(name)).toMatchObject({ blockSize: live, notificationSize: -1 });
  });

  test.each([
    { namespace: "enc1", declared: {}, byDefault: true, encrypted: true },
    { namespace: "enc2", declared: {}, byDefault: false, encrypted: false },
    { namespace: "enc3", declared: { encryption: false }, byDefault: true, encrypted: false },
    { namespace: "enc4", declared: { encryption: true }, byDefault: false, encrypted: true },
  ])(
    "encrypted shows what the bucket is: declared $declared, default $byDefault",
    async ({ namespace, declared, byDefault, encrypted }) => {
      await stage.patch({
        namespaces: { [namespace]: { encryption: byDefault } },
        users: { [`${namespace}/${namespace}-own`]: { keys: [KEY] } },
      });
      const create = (name: string) =>
        stage.resultOf(() => server.create(ecsBucket(name, `${namespace}-own`, { namespace, ...declared })));
      const { result, sent } = await create("enc");
      // The namespace's default is asked for once a process, where a declaration leaves it open.
      const asked = "encryption" in declared ? [] : [`GET /object/namespaces/namespace/${namespace}`];
      expect(sent).toEqual([...asked, "POST /object/bucket"]);
      expect((await create("enc-2")).sent).toEqual(["POST /object/bucket"]);
      expect(result.properties).toMatchObject({ encrypted, ...declared });
      expect(Object.hasOwn(result.properties, "encryption")).toBe("encryption" in declared);
      expect(await stage.bucketNamed("enc", namespace)).toMatchObject({ encrypted });
    },
  );

  test("an owner who does not exist: an error with what to do, and no bucket", async () => {
    const { message, initFailure } = await failureOf(server.create(ecsBucket("orphan", "nobody")));
    expect(message).toBe(
      `Could not create ECS bucket ns1/orphan: ${stage.endpoint} answered 400, code 40010, "The bucket owner is not valid: Unable to find user nobody in namespace ns1". Check that owner nobody is an object user of namespace ns1 (declare it as an EcsObjectUser and use its userName).`,
    );
    expect(initFailure).toBeUndefined();
    expect((await stage.ecs()).buckets).toEqual({});
  });

  test("an unknown replication group: an error that names those of the array, and no bucket", async () => {
    await owners();
    const { message } = await failureOf(server.create(ecsBucket("lost", "own", { replicationGroup: "rg9" })));
    expect(message).toBe(
      `There is no ECS replication group rg9; the array at ${stage.endpoint} has rg1 (${RG1}), rg2 (${RG2}).`,
    );
    expect((await stage.ecs()).buckets).toEqual({});
  });

  test("read of what is declared alone: the info, and nothing that is unmanaged", async () => {
    await seed(UNUSUAL);
    const { result, sent } = await stage.resultOf(() => server.read("ns1/inv", recorded()));
    expect(sent).toEqual([INFO]);
    expect(result).toEqual({ id: "ns1/inv", properties: recorded(), inputs: ecsBucket("inv", "own") });
  });

  test("read of everything: one request for each managed aspect that the info does not carry", async () => {
    await seed({ ...UNUSUAL, owner: "heir", vpool: RG2, encrypted: true });
    const declared = {
      replicationGroup: RG1,
      encryption: false,
      quotaGiB: "none",
      notifyAtGiB: 1,
      tags: {},
      retentionSeconds: 0,
      accessDuringOutage: false,
      policy: "private",
      versioning: true,
      cors: [],
    };
    const { result, sent } = await stage.resultOf(() => server.read("ns1/inv", recorded(declared)));
    expect(sent.filter((line) => !line.startsWith("GET /object/user-secret-keys/heir/"))).toEqual([
      INFO,
      GET_POLICY,
      "S3 GET /inv?versioning",
      "S3 GET /inv?cors",
    ]);
    const found = {
      replicationGroup: RG2,
      encryption: true,
      quotaGiB: 7,
      notifyAtGiB: 3,
      tags: { by: "hand" },
      retentionSeconds: 77,
      accessDuringOutage: true,
      policy: POLICY,
      versioning: false,
      cors: HAND_CORS,
    };
    expect(result.inputs).toEqual(ecsBucket("inv", "heir", found));
    expect(result.properties).toMatchObject({ ...found, owner: "heir", encrypted: true });
  });

  test.each([true, false])("drift of encryption shows in the input where it is managed: %s", async (encryption) => {
    await seed({ encrypted: !encryption });
    const { inputs, properties } = await server.read("ns1/inv", recorded({ encryption, encrypted: encryption }));
    expect(inputs).toMatchObject({ encryption: !encryption });
    expect(properties).toMatchObject({ encrypted: !encryption });
    const unmanaged = await server.read("ns1/inv", recorded({ encrypted: encryption }));
    expect(unmanaged.inputs).toEqual(ecsBucket("inv", "own"));
    expect(unmanaged.properties).toMatchObject({ encrypted: !encryption });
  });

  test(".get, with the text alone in hand, returns everything that can be read", async () => {
    await seed(UNUSUAL);
    const { result, sent } = await stage.resultOf(() =>
      server.read("ns1/inv", undefined, { __provider: textOf("EcsBucket") }),
    );
    expect(sent).toEqual([INFO, GET_POLICY, "S3 GET /inv?versioning", "S3 GET /inv?cors"]);
    const inputs = {
      __provider: textOf("EcsBucket"),
      bucketName: "inv",
      namespace: "ns1",
      owner: "own",
      replicationGroup: RG1,
      encryption: false,
      versioning: false,
      quotaGiB: 7,
      notifyAtGiB: 3,
      policy: POLICY,
      tags: { by: "hand" },
      retentionSeconds: 77,
      accessDuringOutage: true,
      cors: HAND_CORS,
    };
    expect(result).toEqual({ id: "ns1/inv", properties: { ...inputs, ...computed() }, inputs });
  });

  test("objectLock shows what is found", async () => {
    await seed({ objectLock: true });
    expect((await server.read("ns1/inv", recorded())).properties).toMatchObject({ objectLock: true });
  });

  test.each([
    {
      what: "owner",
      from: {},
      to: { owner: "heir" },
      sent: ["POST /object/bucket/inv/owner"],
      bodies: [{ namespace: "ns1", new_owner: "heir", reset_previous_owners: true }],
      live: { owner: "heir" },
    },
    {
      what: "a raised quota, beside an unmanaged notification",
      from: { quotaGiB: 7 },
      to: { quotaGiB: 9 },
      sent: [INFO, QUOTA],
      bodies: [{ blockSize: 9, notificationSize: 3, namespace: "ns1" }],
      live: { blockSize: 9 },
    },
    {
      what: "a lowered quota",
      from: { quotaGiB: 7 },
      to: { quotaGiB: 1 },
      sent: [INFO, QUOTA],
      bodies: [{ blockSize: 1, notificationSize: 3, namespace: "ns1" }],
      live: { blockSize: 1 },
    },
    {
      what: "a removed quota, beside an unmanaged notification",
      from: { quotaGiB: 7 },
      to: { quotaGiB: "none" },
      sent: [INFO, QUOTA],
      bodies: [{ blockSize: -1, notificationSize: 3, namespace: "ns1" }],
      live: { blockSize: -1 },
    },
    {
      what: "both limits",
      from: { quotaGiB: 7, notifyAtGiB: 3 },
      to: { quotaGiB: 20, notifyAtGiB: 10 },
      sent: [QUOTA],
      bodies: [{ blockSize: 20, notificationSize: 10, namespace: "ns1" }],
      live: { blockSize: 20, notificationSize: 10 },
    },
    {
      what: "one of two managed limits",
      from: { quotaGiB: 7, notifyAtGiB: 3 },
      to: { quotaGiB: 7, notifyAtGiB: "none" },
      sent: [QUOTA],
      bodies: [{ blockSize: 7, notificationSize: -1, namespace: "ns1" }],
      live: { notificationSize: -1 },
    },
    {
      what: "no limits at all",
      from: { quotaGiB: 7, notifyAtGiB: 3 },
      to: { quotaGiB: "none", notifyAtGiB: "none" },
      sent: ["DELETE /object/bucket/inv/quota?namespace=ns1"],
      bodies: [],
      live: { blockSize: -1, notificationSize: -1 },
    },
    {
      what: "a notification, beside an unmanaged quota",
      from: { notifyAtGiB: 3 },
      to: { notifyAtGiB: 5 },
      sent: [INFO, QUOTA],
      bodies: [{ blockSize: 7, notificationSize: 5, namespace: "ns1" }],
      live: { notificationSize: 5 },
    },
    {
      what: "retention",
      from: { retentionSeconds: 77 },
      to: { retentionSeconds: 0 },
      sent: ["PUT /object/bucket/inv/retention"],
      bodies: [{ period: 0, namespace: "ns1" }],
      live: { retention: 0 },
    },
    {
      what: "access during outage",
      from: { accessDuringOutage: true },
      to: { accessDuringOutage: false },
      sent: ["POST /object/bucket/inv/isstaleallowed"],
      bodies: [{ is_stale_allowed: false, namespace: "ns1" }],
      live: { staleAllowed: false },
    },
    {
      what: "tags: removed, then changed, then added",
      from: { tags: { by: "hand" } },
      to: { tags: { team: "blue" } },
      sent: [`DELETE ${TAGS}`, `POST ${TAGS}`],
      bodies: [
        { TagSet: [{ Key: "by", Value: "hand" }], namespace: "ns1" },
        { TagSet: [{ Key: "team", Value: "blue" }], namespace: "ns1" },
      ],
      live: { tags: { team: "blue" } },
    },
    {
      what: "a changed tag",
      from: { tags: { by: "hand" } },
      to: { tags: { by: "program" } },
      sent: [`PUT ${TAGS}`],
      bodies: [{ TagSet: [{ Key: "by", Value: "program" }], namespace: "ns1" }],
      live: { tags: { by: "program" } },
    },
    {
      what: "policy to private",
      from: { policy: POLICY },
      to: { policy: "private" },
      sent: ["DELETE /object/bucket/inv/policy?namespace=ns1"],
      bodies: [],
      live: { policy: null },
    },
    {
      what: "versioning",
      from: { versioning: false },
      to: { versioning: true },
      sent: ["S3 PUT /inv?versioning"],
      bodies: [],
      live: { versioning: "enabled" },
    },
    {
      what: "cors",
      from: { cors: HAND_CORS },
      to: { cors: CORS },
      sent: ["S3 PUT /inv?cors"],
      bodies: [],
      live: {
        cors: [
          {
            allowedOrigins: ["https://cloud.example.test"],
            allowedMethods: ["GET", "PUT"],
            allowedHeaders: [],
            exposeHeaders: [],
            maxAgeSeconds: 60,
          },
        ],
      },
    },
    {
      what: "cors to none: only after a look that shows some",
      from: { cors: HAND_CORS },
      to: { cors: [] },
      sent: ["S3 GET /inv?cors", "S3 DELETE /inv?cors"],
      bodies: [],
      live: { cors: null },
    },
  ])("update of $what leaves every neighbor alone", async ({ from, to, sent, bodies, live }) => {
    await seed(UNUSUAL);
    const before = await stage.bucketNamed("inv");
    const after = ecsBucket("inv", "own", to);
    const { result, sent: calls } = await stage.resultOf(() => server.update("ns1/inv", recorded(from), after));
    expect(calls).toEqual(sent);
    expect(await stage.bodies()).toEqual(bodies);
    const { acl: _before, ...rest } = { acl: undefined, ...before };
    const { acl: _after, ...now } = { acl: undefined, ...(await stage.bucketNamed("inv")) };
    expect(now).toEqual({ ...rest, ...live });
    expect(result).toEqual({ ...after, ...computed() });
  });

  test("every aspect at once: one request for each, in one order", async () => {
    await seed(UNUSUAL);
    const to = {
      owner: "heir",
      quotaGiB: 9,
      notifyAtGiB: 8,
      retentionSeconds: 1,
      accessDuringOutage: false,
      tags: { by: "program" },
      policy: "public",
    };
    const from = recorded({
      quotaGiB: 7,
      notifyAtGiB: 3,
      retentionSeconds: 77,
      accessDuringOutage: true,
      tags: { by: "hand" },
      policy: POLICY,
    });
    expect(await stage.callsOf(() => server.update("ns1/inv", from, ecsBucket("inv", "own", to)))).toEqual([
      "POST /object/bucket/inv/owner",
      QUOTA,
      "PUT /object/bucket/inv/retention",
      "POST /object/bucket/inv/isstaleallowed",
      `PUT ${TAGS}`,
      "PUT /object/bucket/inv/policy?namespace=ns1",
    ]);
  });

  test("what becomes unmanaged, and our own switches, are updates without a request", async () => {
    await seed(UNUSUAL);
    const from = recorded({ quotaGiB: 7, policy: POLICY, tags: { by: "hand" }, versioning: true, cors: HAND_CORS });
    const to = ecsBucket("inv", "own", { forceDestroy: true, adopt: true, allowNonDnsName: true });
    expect(await stage.callsOf(() => server.update("ns1/inv", from, to))).toEqual([]);
  });

  test("a policy document is compared by meaning, whatever the array makes of its spelling", async () => {
    await stage.patch({ users: { "ns1/own": { keys: [KEY] }, "ns1/heir": {} } });
    const statement = (Effect: string, user: unknown) => ({
      Effect,
      Principal: { AWS: user },
      Action: "s3:GetObject",
      Resource: "shared/*",
    });
    const written = { Statement: [statement("Deny", ["heir", "own"]), statement("Allow", "own")] };
    const { inputs } = await server.check({}, ecsBucket("shared", "own", { encryption: false, policy: written }));
    const { id, properties } = await server.create(inputs);
    expect((await server.read(id, properties)).inputs).toEqual(inputs);
    const swapped = { Id: "", Statement: [statement("Allow", ["own"]), statement("Deny", ["own", "heir"])] };
    const again = await server.check(properties, ecsBucket("shared", "own", { encryption: false, policy: swapped }));
    expect(await server.diff(id, properties, again.inputs)).toMatchObject({ changes: "NONE" });
    await stage.patch({ buckets: { "ns1/shared": { policy: null } } });
    expect((await server.read(id, properties)).inputs).toMatchObject({ policy: "private" });
  });

  test("a change of tags that breaks off after the removal is on record as that, so that the way back is a change", async () => {
    await seed({ tags: { by: "hand" } });
    await stage.fault({ kind: "status", status: 400, method: "POST", path: TAGS });
    const before = ecsBucket("inv", "own", { tags: { by: "hand" } });
    const half = await partialFailureOf(
      server.update("ns1/inv", recorded({ tags: { by: "hand" } }), ecsBucket("inv", "own", { tags: { to: "b" } })),
    );
    expect(half.properties).toMatchObject({ tags: {} });
    const olds = plain(half.properties);
    expect(await server.diff("ns1/inv", olds, before)).toMatchObject({ changes: "UNKNOWN" });
    await server.update("ns1/inv", olds, before);
    expect(await stage.bucketNamed("inv")).toMatchObject({ tags: { by: "hand" } });
  });

  test("ten tags are taken, and all ten can be replaced by others", async () => {
    await seed();
    const ten = (value: string) => Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`${value}${n}`, value]));
    await server.update("ns1/inv", recorded({ tags: {} }), ecsBucket("inv", "own", { tags: ten("a") }));
    expect(
      await stage.callsOf(() =>
        server.update("ns1/inv", recorded({ tags: ten("a") }), ecsBucket("inv", "own", { tags: ten("b") })),
      ),
    ).toEqual([`DELETE ${TAGS}`, `POST ${TAGS}`]);
    expect(await stage.bucketNamed("inv")).toMatchObject({ tags: ten("b") });
  });

  test("a bucket without search_metadata, and with its other names, reads as any other", async () => {
    await seed();
    for (const searchMetadataForm of ["absent", "search_enabled", "isEnabled"]) {
      await stage.patch({ options: { searchMetadataForm } });
      expect((await server.read("ns1/inv", recorded())).inputs).toEqual(ecsBucket("inv", "own"));
    }
  });

  test("a new owner who is none of the namespace: an error that says so, and the bucket keeps its owner", async () => {
    await seed();
    const { message } = await failureOf(server.update("ns1/inv", recorded(), ecsBucket("inv", "stranger")));
    expect(message).toContain("Could not give ECS bucket ns1/inv to stranger: ");
    expect(message).toContain("The new owner must be an object user of namespace ns1.");
    expect(await stage.bucketNamed("inv")).toMatchObject({ owner: "own" });
  });
});
