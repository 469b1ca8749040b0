import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket, plain, s3Bucket, textOf } from "./ecs-support.ts";
import { failureOf, PAIR, partialFailureOf, secret, UNKNOWN } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };
const CORS = [
  {
    allowedMethods: ["GET", "PUT"],
    allowedOrigins: ["https://cloud.example.test"],
    allowedHeaders: ["*"],
    exposeHeaders: ["ETag"],
    maxAgeSeconds: 60,
  },
];
const HAND_CORS = [{ allowedMethods: ["HEAD"], allowedOrigins: ["*"] }];
const POLICY = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::inv"] }],
};
const UNUSUAL = {
  owner: "own",
  policy: POLICY,
  versioning: "suspended",
  cors: HAND_CORS,
  tags: { by: "hand" },
  objects: { kept: "content" },
};
const ASPECTS = ["S3 GET /inv?cors", "S3 GET /inv?policy", "S3 GET /inv?tagging", "S3 GET /inv?versioning"];
/** With 500, because 503 is a word of S3: that it was too busy to do anything. */
const LOST: { kind: LabFault["kind"]; done: boolean }[] = [
  { kind: "reset-before-read", done: false },
  { kind: "reset-after-commit", done: true },
  { kind: "truncate", done: true },
  { kind: "status-after-commit", done: true },
  { kind: "status", done: false },
  { kind: "hang", done: false },
];

// The S3 side of the lab's ECS is any S3 service. One SDK's server serves; both run a whole life in ecs-lives.test.ts.
describe("S3Bucket", () => {
  let stage: EcsStage;
  let server: DynamicServer;
  let destroying: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    const hurry = { requestTimeoutSeconds: "0.5" };
    [server, destroying] = await Promise.all([stage.serve(hurry), stage.serve({ retryBudget: "0" })]);
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.patch({ users: { "ns1/own": { keys: [KEY] }, "ns1/heir": { keys: ["heir"] } } });
  });

  const seed = (bucket: object = {}, name = "inv") =>
    stage.patch({ buckets: { [`ns1/${name}`]: { owner: "own", created: "2026-02-03T04:05:06Z", ...bucket } } });
  const bucket = (more: Properties = {}, name = "inv") => s3Bucket(stage.s3Endpoint, name, more);
  const recorded = (more: Properties = {}, name = "inv") => bucket({ systemEndpoint: stage.s3Endpoint, ...more }, name);
  const wrapped = (more: Properties = {}, name = "inv") => recorded({ secretAccessKey: secret(SECRET), ...more }, name);
  const host = () => stage.s3Endpoint.replace("http://", "");
  const idOf = (name = "inv") => `${name}@${host()}`;

  test("create of what is declared alone: a look, then one request", async () => {
    const { result, sent } = await stage.resultOf(() => server.create(bucket({}, "plain")));
    expect(sent).toEqual(["S3 HEAD /plain", "S3 PUT /plain"]);
    expect(result).toEqual({ id: idOf("plain"), properties: wrapped({}, "plain") });
    expect(await stage.bucketNamed("plain")).toMatchObject({
      owner: "own",
      versioning: "never",
      policy: null,
      cors: null,
    });
  });

  test("create with everything: one request more for each aspect, the policy last, because it may lock its owner out", async () => {
    const declared = { versioning: true, cors: CORS, tags: { team: "blue" }, policy: "public" };
    const { result, sent } = await stage.resultOf(() => server.create(bucket(declared, "full")));
    expect(sent).toEqual([
      "S3 HEAD /full",
      "S3 PUT /full",
      "S3 PUT /full?versioning",
      "S3 PUT /full?cors",
      "S3 PUT /full?tagging",
      "S3 PUT /full?policy",
    ]);
    expect(await stage.bucketNamed("full")).toMatchObject({
      versioning: "enabled",
      cors: CORS,
      tags: { team: "blue" },
      policy: {
        Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::full/*"] }],
      },
    });
    expect(result.properties).toEqual(wrapped(declared, "full"));
    const off = { versioning: false, cors: [], tags: {}, policy: "private" };
    expect(await stage.callsOf(() => server.create(bucket(off, "off")))).toEqual(["S3 HEAD /off", "S3 PUT /off"]);
  });

  test("read: a look, and one request for each managed aspect", async () => {
    await seed(UNUSUAL);
    const plain = await stage.resultOf(() => server.read(idOf(), recorded()));
    expect(plain.sent).toEqual(["S3 HEAD /inv"]);
    expect(plain.result).toEqual({
      id: idOf(),
      properties: wrapped(),
      inputs: bucket({ secretAccessKey: secret(SECRET) }),
    });
    const declared = { versioning: true, cors: [], tags: {}, policy: "private" };
    const more = await stage.resultOf(() => server.read(idOf(), recorded(declared)));
    expect(more.sent[0]).toBe("S3 HEAD /inv");
    expect(more.sent.slice(1).sort()).toEqual(ASPECTS);
    expect(more.result.inputs).toMatchObject({
      versioning: false,
      cors: HAND_CORS,
      tags: { by: "hand" },
      policy: POLICY,
    });
  });

  test("a bucket that is not there is gone: HEAD says nothing that is certain, so a GET asks why", async () => {
    const { result, sent } = await stage.resultOf(() => server.read(idOf(), recorded()));
    expect(sent).toEqual(["S3 HEAD /inv", "S3 GET /inv?location"]);
    expect(result).toMatchObject({ id: "", inputs: undefined });
  });

  test.each([
    { what: "403", fault: { kind: "status", status: 403 } },
    { what: "400", fault: { kind: "status", status: 400 } },
    { what: "an HTML page with 404", fault: { kind: "html", status: 404 } },
    { what: "an HTML page with 200", fault: { kind: "html" } },
    { what: "503", fault: { kind: "status", status: 503 } },
    { what: "an empty 200", fault: { kind: "status", status: 200 } },
    { what: "a reset", fault: { kind: "reset-before-read" } },
  ] as const)("$what is an error on each request of a read, never an absence", async ({ fault }) => {
    await seed(UNUSUAL);
    const olds = recorded({ versioning: true, cors: [], tags: {}, policy: "private" });
    for (const which of [{}, { method: "GET" }]) {
      await stage.fault({ system: "ecs-s3", ...fault, ...which, path: "/inv*", times: 1000 });
      await failureOf(destroying.read(idOf(), olds));
      await stage.control.clearFaults();
    }
    // The first failure ends a read while its other requests are under way; none of them may reach into the next test.
    await destroying.read(idOf(), olds);
  });

  test.each([
    {
      what: "versioning",
      from: { versioning: false },
      to: { versioning: true },
      sent: ["S3 PUT /inv?versioning"],
      live: { versioning: "enabled" },
    },
    { what: "cors", from: { cors: HAND_CORS }, to: { cors: CORS }, sent: ["S3 PUT /inv?cors"], live: { cors: CORS } },
    {
      what: "no cors",
      from: { cors: HAND_CORS },
      to: { cors: [] },
      sent: ["S3 GET /inv?cors", "S3 DELETE /inv?cors"],
      live: { cors: null },
    },
    {
      what: "tags",
      from: { tags: { by: "hand" } },
      to: { tags: { a: "1" } },
      sent: ["S3 PUT /inv?tagging"],
      live: { tags: { a: "1" } },
    },
    {
      what: "no tags",
      from: { tags: { by: "hand" } },
      to: { tags: {} },
      sent: ["S3 GET /inv?tagging", "S3 DELETE /inv?tagging"],
      live: { tags: {} },
    },
    {
      what: "no policy",
      from: { policy: POLICY },
      to: { policy: "private" },
      sent: ["S3 GET /inv?policy", "S3 DELETE /inv?policy"],
      live: { policy: null },
    },
    {
      what: "new keys",
      from: {},
      to: { accessKeyId: "own", secretAccessKey: "young000000000000000000000000000000young" },
      sent: [],
      live: {},
    },
    {
      what: "our own switches",
      from: {},
      to: { forceDestroy: true, adopt: true, region: "eu-west-1", pathStyle: false },
      sent: [],
      live: {},
    },
    {
      what: "what becomes unmanaged",
      from: { policy: POLICY, cors: HAND_CORS, tags: { by: "hand" }, versioning: false },
      to: {},
      sent: [],
      live: {},
    },
  ])("update of $what alone leaves its neighbors alone", async ({ from, to, sent, live }) => {
    await seed(UNUSUAL);
    const before = await stage.bucketNamed("inv");
    const { result, sent: calls } = await stage.resultOf(() => server.update(idOf(), recorded(from), bucket(to)));
    expect(calls).toEqual(sent);
    expect(await stage.bucketNamed("inv")).toEqual({ ...before, ...live });
    expect(result).toEqual(
      wrapped({ ...to, secretAccessKey: secret("secretAccessKey" in to ? to.secretAccessKey : SECRET) }),
    );
  });

  test("an aspect that somebody has removed already is not deleted: some services would delete the bucket", async () => {
    await seed();
    const olds = recorded({ cors: HAND_CORS, tags: { by: "hand" }, policy: POLICY });
    const news = bucket({ cors: [], tags: {}, policy: "private" });
    expect(await stage.callsOf(() => server.update(idOf(), olds, news))).toEqual([
      "S3 GET /inv?policy",
      "S3 GET /inv?cors",
      "S3 GET /inv?tagging",
    ]);
  });

  test("versioning off is suspended, with a warning at preview; one that never was is left at that", async () => {
    await seed({ versioning: "enabled" });
    const before = server.warnings.length;
    await server.check(recorded({ versioning: true }), bucket({ versioning: false }));
    expect(server.warnings.slice(before)).toEqual([
      "Versioning of S3 bucket inv is suspended, not removed: versions that exist stay and take space, new ones are not kept.",
    ]);
    const off = () => server.update(idOf(), recorded({ versioning: true }), bucket({ versioning: false }));
    expect(await stage.callsOf(off)).toEqual(["S3 PUT /inv?versioning"]);
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "suspended" });
    await stage.patch({ buckets: { "ns1/inv": null } });
    await seed();
    await server.update(idOf(), recorded(), bucket({ versioning: false }));
    expect(await stage.bucketNamed("inv")).toMatchObject({ versioning: "never" });
  });

  test("a policy is compared by meaning: another spelling is no drift, another meaning is", async () => {
    await seed({
      policy: {
        Version: "2012-10-17",
        Id: "by-hand",
        Statement: [
          {
            Sid: "x",
            Effect: "Allow",
            Principal: { AWS: ["*"] },
            Action: "s3:ListBucket",
            Resource: "arn:aws:s3:::inv",
          },
        ],
      },
    });
    expect((await server.read(idOf(), recorded({ policy: POLICY }))).inputs).toMatchObject({ policy: POLICY });
    const spelled = {
      Statement: { Effect: "Allow", Principal: { AWS: "*" }, Action: ["s3:ListBucket"], Resource: "inv" },
    };
    const { inputs, failures } = await server.check({}, bucket({ policy: { Statement: [spelled.Statement] } }));
    expect(failures).toEqual([]);
    expect(inputs["policy"]).toEqual(POLICY);
    expect(
      await server.diff(idOf(), recorded({ policy: POLICY }), bucket({ policy: { Statement: [spelled.Statement] } })),
    ).toMatchObject({
      changes: "NONE",
    });
    await stage.patch({
      buckets: { "ns1/inv": { policy: { ...POLICY, Statement: [{ ...POLICY.Statement[0], Effect: "Deny" }] } } },
    });
    expect((await server.read(idOf(), recorded({ policy: POLICY }))).inputs).toMatchObject({
      policy: { Statement: [{ Effect: "Deny" }] },
    });
  });

  test.each(["S3Bucket", "EcsBucket"])(
    "the policy public of an %s lets anybody read objects, and nobody list",
    async (kind) => {
      await seed({ objects: { "a b": "content" } });
      const anonymous = async (path: string) =>
        (await fetch(`${stage.s3Endpoint}${path}`, { headers: { "x-emc-namespace": "ns1" } })).status;
      expect([await anonymous("/inv/a%20b"), await anonymous("/inv")]).toEqual([403, 403]);
      const [id, olds, news] =
        kind === "S3Bucket"
          ? [idOf(), recorded(), bucket({ policy: "public" })]
          : ["ns1/inv", ecsBucket("inv", "own"), ecsBucket("inv", "own", { policy: "public" })];
      const outs = await server.update(id, olds, news);
      expect([await anonymous("/inv/a%20b"), await anonymous("/inv")]).toEqual([200, 403]);
      expect((await server.read(id, plain(outs))).inputs).toMatchObject({
        policy: "public",
      });
    },
  );

  test("another spelling of the endpoint is the same one; another port, or another name, replaces", async () => {
    const olds = recorded();
    for (const endpoint of [`${stage.s3Endpoint}/`, stage.s3Endpoint.replace("http", "HTTP")]) {
      const { inputs } = await server.check(olds, { ...bucket(), endpoint });
      expect(inputs).toEqual(bucket({ secretAccessKey: secret(SECRET) }));
      expect(await server.diff(idOf(), olds, { ...bucket(), endpoint })).toMatchObject({ changes: "NONE" });
    }
    for (const [endpoint, spelled] of [
      ["https://s3.example.test", "https://s3.example.test:443"],
      ["HTTPS://S3.Example.test:443/", "https://s3.example.test:443"],
    ])
      expect((await server.check({}, bucket({ endpoint }))).inputs).toMatchObject({ endpoint: spelled });
    expect(await server.diff(idOf(), olds, bucket({ endpoint: "https://s3.example.test:443" }))).toMatchObject({
      replaces: ["endpoint"],
    });
    expect(await server.diff(idOf(), olds, bucket({}, "next"))).toMatchObject({ replaces: ["bucketName"] });
  });

  test("another path of the same host and port is refused: the new bucket would have the id of the old one", async () => {
    const { result, sent } = await stage.resultOf(() =>
      destroying.check(recorded({ forceDestroy: true }), bucket({ endpoint: `${stage.s3Endpoint}/s3`, adopt: true })),
    );
    expect(sent).toEqual([]);
    expect(result.failures).toEqual([
      {
        property: "",
        reason: expect.stringMatching(
          /^endpoint: cannot be changed from \S+ to \S+\/s3 under the same bucketName: both have one host and port, /,
        ),
      },
    ]);
  });

  test("another address of the same service takes the bucket over, and the deletion of the old one deletes nothing", async () => {
    await seed({}, "moved");
    const address = stage.s3Endpoint.replace("127.0.0.1", "localhost");
    const news = bucket({ endpoint: address, adopt: true }, "moved");
    // As the engine does it: the successor first, and what it replaces at the end.
    expect((await destroying.check(recorded({}, "moved"), news)).failures).toEqual([]);
    await destroying.diff(idOf("moved"), recorded({}, "moved"), news);
    expect((await destroying.create(news)).id).toBe(`moved@${address.replace("http://", "")}`);
    await destroying.delete(idOf("moved"), recorded({}, "moved"));
    expect(await stage.bucketNamed("moved")).toBeDefined();
    expect(destroying.warnings.at(-1)).toBe(
      `S3 bucket ${idOf("moved")} is not deleted: S3 bucket moved at ${address}, which this program declares, has the same name and date, so that it is taken to be the same one.`,
    );
  });

  test("delete: one request; gone is a success", async () => {
    await seed();
    expect(await stage.callsOf(() => destroying.delete(idOf(), recorded()))).toEqual(["S3 DELETE /inv"]);
    expect((await stage.ecs()).buckets).toEqual({});
    expect(await stage.callsOf(() => destroying.delete(idOf(), recorded()))).toEqual(["S3 DELETE /inv"]);
  });

  test.each([true, false])(
    "what is in it refuses the deletion with counts, or with forceDestroy goes; multi-delete: %s",
    async (multiDelete) => {
      await stage.patch({ options: { multiDelete } });
      await seed({ versioning: "enabled", objects: { a: "1", b: "1" }, uploads: { "upload-1": "big" } });
      await stage.patch({ buckets: { "ns1/inv": { objects: { a: "2", b: { deleted: true } } } } });
      expect((await failureOf(destroying.delete(idOf(), recorded()))).message).toBe(
        `S3 bucket ${idOf()} is not deleted, because it is not empty: ${stage.s3Endpoint} answered 409 BucketNotEmpty, "The bucket you tried to delete is not empty.". It holds 1 object, 2 old versions, 1 delete marker and 1 unfinished upload. forceDestroy: true would delete all of it; switch it on with a pulumi up first (destroy reads the state, not the program).`,
      );
      const sent = await stage.callsOf(() => destroying.delete(idOf(), recorded({ forceDestroy: true })));
      expect((await stage.ecs()).buckets).toEqual({});
      const single = sent.filter((line) => /^S3 DELETE \/inv\/[ab]\?versionId=/.test(line));
      expect(single).toHaveLength(multiDelete ? 0 : 4);
      expect(sent.filter((line) => line === "S3 POST /inv?delete")).toHaveLength(1);
      expect(sent.at(-1)).toBe("S3 DELETE /inv");
    },
  );

  test("a bucket with object lock is neither taken over nor emptied", async () => {
    await seed({ objectLock: true, versioning: "enabled", objects: { a: "1" } });
    expect((await failureOf(server.create(bucket({ adopt: true })))).message).toBe(
      `S3 bucket ${idOf()} exists already and has object lock, which this provider does not manage; it is not taken over. Choose another bucketName.`,
    );
    expect((await failureOf(destroying.delete(idOf(), recorded({ forceDestroy: true })))).message).toContain(
      `S3 bucket ${idOf()} is not emptied: it has object lock, which this provider does not manage. Nothing was deleted.`,
    );
    expect(await stage.bucketNamed("inv")).toMatchObject({ counts: { objects: 1 } });
  });

  test("a bucket of somebody else is a refusal, also with adopt: true", async () => {
    await seed({ owner: "heir" }, "theirs");
    for (const adopt of [false, true]) {
      let message = "";
      const sent = await stage.callsOf(async () => {
        message = (await failureOf(server.create(bucket({ adopt }, "theirs")))).message;
      });
      expect(sent).toEqual(["S3 HEAD /theirs", "S3 GET /theirs?location"]);
      expect(message).toBe(
        `Could not create S3 bucket ${idOf("theirs")}: the service has a bucket of that name, and access key id own has no access to it; it is probably somebody else's. Choose another bucketName, or give the keys of its owner.`,
      );
    }
    expect((await failureOf(server.read(idOf("theirs"), recorded({}, "theirs")))).message).toContain(
      `Could not read S3 bucket ${idOf("theirs")}: `,
    );
  });

  test.each([409, 200])(
    "a bucket of ours is taken over in all outcomes, where the service answers %s to its creation",
    async (status) => {
      await stage.patch({ options: { existingOwnBucketStatus: status } });
      const name = (what: string) => `${what}-${status}`;
      for (const what of ["same", "other", "lost"]) await seed({ tags: { by: "hand" } }, name(what));
      const same = await stage.resultOf(() =>
        server.create(bucket({ tags: { by: "hand" }, __derived: true }, name("same"))),
      );
      expect(same.sent.filter((line) => !/^S3 (HEAD|GET) /.test(line))).toEqual([]);
      expect(same.result.properties).toMatchObject({ tags: { by: "hand" } });
      const declared = bucket({ tags: { team: "blue" }, versioning: true }, name("other"));
      expect((await failureOf(server.create(declared))).message).toBe(
        `S3 bucket ${idOf(name("other"))} exists already.
  endpoint: live "${stage.s3Endpoint}", declared "${stage.s3Endpoint}" (equal)
  bucketName: live "${name("other")}", declared "${name("other")}" (equal)
  versioning: live false, declared true (differs)
  tags: live {"by":"hand"}, declared {"team":"blue"} (differs)
Ways on: set adopt: true to take it over and change what differs; choose another bucketName; or delete the existing one.`,
      );
      await server.create({ ...declared, adopt: true });
      expect(await stage.bucketNamed(name("other"))).toMatchObject({ tags: { team: "blue" }, versioning: "enabled" });
      expect(server.warnings.slice(-2)).toEqual([
        `S3 bucket ${idOf(name("same"))} exists and is taken over.`,
        `S3 bucket ${idOf(name("other"))} exists and is taken over. It will be changed: versioning from false to true; tags from {"by":"hand"} to {"team":"blue"}.`,
      ]);
      // An earlier bucket is not ours only because a reply was lost.
      await stage.fault({ system: "ecs-s3", kind: "reset-before-read", method: "PUT", path: `/${name("lost")}*` });
      expect((await failureOf(server.create(bucket({}, name("lost"))))).message).toContain("exists already.");
    },
  );

  test("a bucket of ours is not taken over without a word where the look for it is refused", async () => {
    await stage.patch({ options: { existingOwnBucketStatus: 200 } });
    await seed({ tags: { by: "hand" } }, "unclear");
    // As right after a rotation, from a node that does not know the key yet.
    await stage.fault({ system: "ecs-s3", kind: "status", status: 403, method: "HEAD", path: "/unclear*" });
    let message = "";
    const sent = await stage.callsOf(async () => {
      message = (await failureOf(server.create(bucket({ tags: { team: "blue" } }, "unclear")))).message;
    });
    expect(sent.filter((line) => !/^S3 (HEAD|GET) /.test(line))).toEqual([]);
    expect(message).toContain(`S3 bucket ${idOf("unclear")} exists already.`);
    expect(await stage.bucketNamed("unclear")).toMatchObject({ tags: { by: "hand" } });
  });

  test.each(LOST)("a creation whose reply is lost ($kind) makes one bucket, and it is ours", async ({ kind, done }) => {
    const name = `lost-${kind}`;
    const before = server.warnings.length;
    const status = kind.startsWith("status") ? { status: 500 } : {};
    await stage.fault({ system: "ecs-s3", kind, ...status, method: "PUT", path: `/${name}*` });
    const sent = await stage.callsOf(() => server.create(bucket({ versioning: true, tags: { a: "1" } }, name)));
    expect(sent.filter((line) => line === `S3 PUT /${name}`)).toHaveLength(done ? 1 : 2);
    expect(await stage.bucketNamed(name)).toMatchObject({ versioning: "enabled", tags: { a: "1" } });
    expect(server.warnings.slice(before)).toEqual([]);
  });

  test("an interrupted creation is kept in the state, and taken up again", async () => {
    await stage.fault({
      system: "ecs-s3",
      kind: "status",
      status: 400,
      method: "PUT",
      path: "/half*",
      after: 1,
      times: 20,
    });
    const declared = bucket({ versioning: true, policy: "public" }, "half");
    const { id, properties, reasons } = await partialFailureOf(server.create(declared));
    expect(id).toBe(idOf("half"));
    expect(properties).toMatchObject({ __provider: textOf("S3Bucket"), secretAccessKey: secret(SECRET) });
    expect(reasons[0]).toMatch(/^S3 bucket half@.* exists, but is not finished: .* The next pulumi up goes on\.$/s);
    await stage.control.clearFaults();
    await server.update(id, plain(properties), declared);
    expect(await stage.bucketNamed("half")).toMatchObject({ versioning: "enabled", policy: { Statement: [{}] } });
  });

  test("wrong keys are an error that names the key, and not the secret", async () => {
    await seed();
    const { message } = await failureOf(server.read(idOf(), recorded({ secretAccessKey: "Canary-Wrong-Secret" })));
    expect(message).toContain("The secret access key is not that of access key id own");
    expect(message).not.toContain("Canary-Wrong-Secret");
    expect((await failureOf(server.read(idOf(), recorded({ accessKeyId: "nobody" })))).message).toContain(
      "It does not know access key id nobody; a new key may take a while until every node knows it.",
    );
  });

  test("storagePolicy goes with the creation only, and a change is refused", async () => {
    const { s3Endpoint } = stage.addresses.cloudian;
    await stage.control.patch("cloudian", {
      groups: { blue: {} },
      users: { "blue/ada": {} },
      credentials: { [PAIR.accessKeyId]: { groupId: "blue", userId: "ada", secretKey: PAIR.secretAccessKey } },
      storagePolicies: { "sp-1": "erasure-4-2" },
    });
    const dedicated = (more: Properties = {}) => s3Bucket(s3Endpoint, "dedicated", { ...PAIR, ...more });
    const { properties } = await server.create(dedicated({ storagePolicy: "sp-1", versioning: true }));
    expect(properties).toMatchObject({ storagePolicy: "sp-1" });
    const { cloudian } = await stage.control.state();
    expect(cloudian.s3Buckets["dedicated"]).toMatchObject({ versioning: "enabled" });
    expect(Object.values(cloudian.buckets)).toMatchObject([[{ bucketName: "dedicated", policyName: "erasure-4-2" }]]);
    const { failures } = await server.check(
      dedicated({ storagePolicy: "sp-1" }),
      dedicated({ storagePolicy: "sp-2", tags: UNKNOWN }),
    );
    expect(failures).toEqual([
      {
        property: "",
        reason:
          'storagePolicy: cannot be changed from "sp-1" to "sp-2": HyperStore takes it when a bucket is made, and no S3 call tells or changes it. Declare what it was made with, or give the new bucket another bucketName',
      },
    ]);
    const id = `dedicated@${s3Endpoint.replace("http://", "")}`;
    expect((await failureOf(server.update(id, dedicated(), dedicated({ storagePolicy: "sp-1" })))).message).toContain(
      "changes it. Leave it out, also where the bucket was made with it: it keeps what it has.",
    );
    const { id: read, inputs } = await server.read(id, dedicated({ storagePolicy: "sp-1" }));
    expect({ read, storagePolicy: inputs?.["storagePolicy"] }).toEqual({ read: id, storagePolicy: "sp-1" });
  });

  test("keys that are unknown at preview are no problem there, and a look-up by id alone is refused in words", async () => {
    const open = bucket({ accessKeyId: UNKNOWN, secretAccessKey: UNKNOWN, endpoint: UNKNOWN }, "new");
    expect(await stage.callsOf(async () => expect((await server.check({}, open)).failures).toEqual([]))).toEqual([]);
    expect((await failureOf(server.read(idOf(), undefined, { __provider: textOf("S3Bucket") }))).message).toBe(
      "An S3 bucket is reached through the endpoint, accessKeyId and secretAccessKey of its resource, and they are not known here. An id holds no keys, so that S3Bucket has no get and cannot be imported; declare the bucket with adopt: true instead.",
    );
  });
});
