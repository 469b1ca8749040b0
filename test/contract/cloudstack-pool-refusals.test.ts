import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, NOWHERE, POOL_KEY, pool } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret, UNKNOWN } from "./support.ts";

const ECS = { managementUrl: "https://ecs.example.test:4443", username: "pulumi", password: "Canary-ecs-password" };
const HYPERSTORE = {
  username: "sysadmin",
  password: "Canary-hyperstore-password",
  s3Url: "https://s3.example.test",
  iamUrl: "https://iam.example.test:16443",
  validateSsl: false,
};

/** Inputs of a pool with these details alone. */
function poolWith(providerName: string, details: Properties): Properties {
  const { s3: _s3, ...rest } = pool("main", { providerName });
  return { ...rest, ...details };
}

// `check` sees plain values in both SDKs' servers, as the tests of the Cloudian kinds show: one serves here.
describe("what ObjectStoragePool refuses at preview", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    server = await stage.serve();
  });
  afterAll(() => stage.close());

  /** What the engine shows at preview; nothing may have been sent for it. */
  const reasons = async (olds: Properties, news: Properties) => {
    const { result, sent } = await stage.resultOf(() => server.check(olds, news));
    expect(sent).toEqual([]);
    expect(JSON.stringify(result.failures)).not.toContain("Canary");
    return result.failures.map(({ property, reason }) => `${property}|${reason}`);
  };
  const recorded = (more: Properties = {}) => pool("main", { systemEndpoint: stage.endpoint, ...more });

  const address = "must be an http or https URL without user, query or fragment";
  const text = "Invalid input: expected string, received number";
  test.each<[string, unknown, string]>([
    ["poolName", "", "must not be empty"],
    ["poolName", "p".repeat(256), "must not be longer than 255 characters"],
    ["poolName", "a\tb", "must not hold control characters"],
    ["poolName", 5, text],
    ["url", "", address],
    ["url", "minio.example.test", address],
    ["url", "ftp://minio.example.test", address],
    ["url", "https://ada@minio.example.test", address],
    ["url", "https://minio.example.test?x=1", address],
    ["url", "https://minio.example.test#x", address],
    ["providerName", "minio", 'Invalid option: expected one of "ECS"|"Cloudian HyperStore"|"MinIO"|"Ceph"'],
    ["providerName", "S3", 'Invalid option: expected one of "ECS"|"Cloudian HyperStore"|"MinIO"|"Ceph"'],
    ["s3.accessKeyId", { ...POOL_KEY, accessKeyId: "" }, "must not be empty"],
    ["s3.secretAccessKey", { ...POOL_KEY, secretAccessKey: "Canary\n" }, "must not hold control characters"],
    ["s3.accessKey", { ...POOL_KEY, accessKey: "x" }, "there is no such property; did you mean accessKeyId?"],
    ["adopt", "yes", "Invalid input: expected boolean, received string"],
  ])("%s: %j", async (path, value, reason) => {
    const [key = ""] = path.split(".");
    expect(await reasons({}, pool("main", { [key]: value }))).toEqual([`|${path}: ${reason}`]);
  });

  test.each<[string, Properties, string]>([
    ["ecs.managementUrl", { managementUrl: "" }, "must not be empty"],
    ["ecs.namespace", { namespace: "" }, "must not be empty"],
    ["ecs.insecure", { insecure: "true" }, "Invalid input: expected boolean, received string"],
    ["ecs.userprefix", { userprefix: "x" }, "there is no such property; did you mean userPrefix?"],
  ])("%s: %j", async (path, more, reason) => {
    expect(await reasons({}, poolWith("ECS", { ecs: { ...ECS, ...more } }))).toEqual([`|${path}: ${reason}`]);
  });

  test.each<{ key: string; providerName: string; details: Properties }>([
    { key: "ecs", providerName: "ECS", details: ECS },
    { key: "cloudian", providerName: "Cloudian HyperStore", details: HYPERSTORE },
    { key: "s3", providerName: "Ceph", details: POOL_KEY },
  ])("each detail of $key that is missing", async ({ key, providerName, details }) => {
    for (const member of Object.keys(details)) {
      const { [member]: _missing, ...rest } = details;
      expect(await reasons({}, poolWith(providerName, { [key]: rest }))).toEqual([`|${key}.${member}: is required`]);
    }
  });

  test.each([
    ["url", "is required"],
    ["providerName", 'Invalid option: expected one of "ECS"|"Cloudian HyperStore"|"MinIO"|"Ceph"'],
  ])("%s that is missing, or dropped", async (key, reason) => {
    const { [key]: _missing, ...rest } = pool("main");
    expect(await reasons({}, rest)).toEqual([`|${key}: ${reason}`]);
    expect(await reasons(recorded(), { ...rest, [key]: null })).toEqual([`|${key}: ${reason}`]);
  });

  test.each([
    { key: "ecs", providerName: "ECS" },
    { key: "cloudian", providerName: "Cloudian HyperStore" },
    { key: "s3", providerName: "MinIO" },
    { key: "s3", providerName: "Ceph" },
  ])("no details at all for $providerName, which takes $key", async ({ key, providerName }) => {
    const [said = "", ...others] = await reasons({}, poolWith(providerName, {}));
    expect(others).toEqual([]);
    expect(said).toMatch(new RegExp(`^\\|${key}: `));
    expect(await reasons({}, poolWith(providerName, { [key]: UNKNOWN }))).toEqual([]);
  });

  test("details that are dropped", async () => {
    const { s3: _dropped, ...rest } = pool("main");
    expect(await reasons(recorded(), rest)).toHaveLength(1);
  });

  test("details of another provider, also beside the right ones and while they are unknown", async () => {
    expect(await reasons({}, pool("main", { ecs: ECS }))).toEqual([
      '|ecs: is not for providerName "MinIO", which takes s3',
    ]);
    expect(await reasons({}, poolWith("ECS", { ecs: ECS, cloudian: HYPERSTORE, s3: POOL_KEY }))).toEqual([
      '|cloudian: is not for providerName "ECS", which takes ecs',
      '|s3: is not for providerName "ECS", which takes ecs',
    ]);
    expect(await reasons({}, pool("main", { providerName: UNKNOWN, ecs: ECS }))).toEqual([]);
  });

  test.each([
    ["poolname", "; did you mean poolName?"],
    ["provider", "; did you mean providerName?"],
    ["details", "; there are poolName, url, providerName, ecs, cloudian, s3, adopt"],
  ])("the unknown property %s", async (key, suggestion) => {
    for (const value of ["x", UNKNOWN])
      expect(await reasons({}, pool("main", { [key]: value }))).toEqual([
        `|${key}: there is no such property${suggestion}`,
      ]);
  });

  const inTwoSteps =
    "of a pool. In two steps: declare a second pool with another poolName and url (another host name or port of the same service), move its buckets, then remove this one";
  const fixed = (key: string) =>
    `|${key}: cannot be changed from [secret] to [secret]: CloudStack edits no details ${inTwoSteps}`;

  test("another provider", async () => {
    expect(await reasons(recorded(), pool("main", { providerName: "Ceph" }))).toEqual([
      `|providerName: cannot be changed from "MinIO" to "Ceph": CloudStack edits no provider ${inTwoSteps}`,
    ]);
    expect(await reasons(recorded(), pool("main", { providerName: UNKNOWN }))).toEqual([]);
  });

  test.each<{ key: string; providerName: string; before: Properties; after: Properties }>([
    ...Object.keys(POOL_KEY).map((member) => ({
      key: "s3",
      providerName: "MinIO",
      before: POOL_KEY,
      after: { ...POOL_KEY, [member]: "Canary-other" },
    })),
    ...["managementUrl", "username", "password"].map((member) => ({
      key: "ecs",
      providerName: "ECS",
      before: ECS,
      after: { ...ECS, [member]: "Canary-other" },
    })),
    { key: "ecs", providerName: "ECS", before: ECS, after: { ...ECS, namespace: "ns1" } },
    { key: "ecs", providerName: "ECS", before: { ...ECS, insecure: true }, after: ECS },
    {
      key: "cloudian",
      providerName: "Cloudian HyperStore",
      before: HYPERSTORE,
      after: { ...HYPERSTORE, validateSsl: true },
    },
  ])("a change in $key of $providerName, which shows no value of it", async ({ key, providerName, before, after }) => {
    const olds = { ...poolWith(providerName, { [key]: before }), systemEndpoint: stage.endpoint };
    const news = { ...poolWith(providerName, { [key]: after }) };
    expect(await reasons(olds, news)).toEqual([fixed(key)]);
    // Whatever becomes of the name: the pool is not replaced.
    expect(await reasons(olds, { ...news, poolName: "other", url: "https://other.example.test" })).toEqual([
      fixed(key),
    ]);
    expect(await reasons(olds, { ...news, [key]: UNKNOWN })).toEqual([]);
  });

  test("of an imported pool the details may be given, because nobody knows them", async () => {
    const { s3: _unread, ...imported } = recorded();
    expect(await reasons(imported, pool("main"))).toEqual([]);
  });
});

describe("ObjectStoragePool and what is there already", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  let impatient: DynamicServer;
  /** A run that goes on after the one that made what it meets. */
  let later: DynamicServer;
  let count = 0;
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, impatient, later] = await Promise.all([stage.serve(), stage.serve({ retryBudget: "0" }), stage.serve()]);
    for (const each of [server, impatient, later]) await each.read(NOWHERE, pool("none"));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    count += 1;
    name = `taken-${count}`;
  });

  const BELIEVED = " Nobody can compare or change s3; it is taken to be as declared.";
  const LOOK = "GET listObjectStoragePools";
  const urlOf = () => `https://${name}.example.test:9000`;
  const add = () => `POST addObjectStoragePool name=${name} provider=MinIO url=${urlOf()}`;
  const idOf = () => `id-of-${name}`;
  const seed = (more: object = {}) =>
    stage.patch({
      objectPools: {
        [idOf()]: {
          name,
          url: urlOf(),
          provider: "MinIO",
          details: { accesskey: "theirs", secretkey: "Canary-of-somebody" },
          ...more,
        },
      },
    });
  const create = async (inputs: Properties, from: DynamicServer = server) => {
    const before = from.warnings.length;
    const { result, sent } = await stage.resultOf(() => from.create(inputs));
    return { ...result, sent, warnings: from.warnings.slice(before) };
  };
  const refused = async (inputs: Properties, from: DynamicServer = server) => {
    const { message, sent } = await stage.refusalOf(() => from.create(inputs));
    expect(sent.filter((line) => line.startsWith("POST "))).toEqual([]);
    expect(message).not.toContain("Canary");
    return message;
  };

  test.each(["adopt", "derived", "run-wide"])(
    "a pool that is as declared is taken over without a write (%s)",
    async (how) => {
      const from = how === "run-wide" ? await stage.serve({}, { CLOUDSTACK_STORAGE_ADOPT: "identical" }) : server;
      if (how === "run-wide") await from.read(NOWHERE, pool("none"));
      await seed();
      const more = how === "adopt" ? { adopt: true } : how === "derived" ? { __derived: true } : {};
      const { id, properties, sent, warnings } = await create(pool(name, more), from);
      expect(id).toBe(idOf());
      expect(sent).toEqual([LOOK, LOOK]);
      expect(warnings).toEqual([`CloudStack object storage pool ${name} exists and is taken over.${BELIEVED}`]);
      expect(properties).toEqual(pool(name, { ...more, s3: secret(POOL_KEY), systemEndpoint: stage.endpoint }));
    },
  );

  test("without leave it is a conflict that shows live beside declared, and no details", async () => {
    await seed({ url: "https://live.example.test" });
    expect(await refused(pool(name))).toBe(
      `CloudStack object storage pool ${name} exists already.
  poolName: live "${name}", declared "${name}" (equal)
  url: live "https://live.example.test", declared "${urlOf()}" (differs)
  providerName: live "MinIO", declared "MinIO" (equal)
Ways on: set adopt: true to take it over and change what differs; choose another poolName; or delete the existing one.`,
    );
    await seed({ url: urlOf() });
    expect(await refused(pool(name))).toContain(
      "Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; set adopt: true to take it over;",
    );
  });

  test("with adopt: true it gets the declared address", async () => {
    await seed({ url: "https://live.example.test" });
    const { id, sent, warnings } = await create(pool(name, { adopt: true }));
    expect(sent).toEqual([LOOK, LOOK, LOOK, `POST updateObjectStoragePool id=${id} url=${urlOf()}`]);
    expect(warnings).toEqual([
      `CloudStack object storage pool ${name} exists and is taken over. It will be changed: url from "https://live.example.test" to "${urlOf()}".${BELIEVED}`,
    ]);
    expect(await stage.poolsNamed(name)).toMatchObject([{ url: urlOf() }]);
  });

  test("of another provider it is refused, whatever is allowed", async () => {
    await seed({ provider: "Ceph" });
    for (const more of [{ adopt: true }, { __derived: true }])
      expect(await refused(pool(name, more))).toBe(
        `CloudStack object storage pool ${name} exists and cannot become the declared one: providerName from "Ceph" to "MinIO". That cannot be changed under the same name; declare what exists, or choose another name.`,
      );
  });

  test.each([":9000", ":9000/"])(
    "another pool of this address (%s) is in the way, whatever is allowed",
    async (end) => {
      await stage.patch({
        objectPools: { other: { name: "other", url: `https://${name.toUpperCase()}.example.test${end}` } },
      });
      for (const more of [{}, { adopt: true }])
        expect(await refused(pool(name, more))).toBe(
          `Object storage pool ${name} is not added: pool other has the url https://${name.toUpperCase()}.example.test${end}, and CloudStack tells pools apart by both. Declare that pool, or give another url.`,
        );
    },
  );

  test("a pool that another resource of the run has, or that is recorded, is refused", async () => {
    await server.create(pool(name));
    expect((await failureOf(server.create(pool(name, { adopt: true })))).message).toBe(
      `CloudStack object storage pool ${name} is declared by another resource of this run as well; give one of them another poolName.`,
    );
    const [live] = await stage.poolsNamed(name);
    await later.read(live?.id ?? "", pool(name, { systemEndpoint: stage.endpoint }));
    expect(await refused(pool(name, { adopt: true }), later)).toContain("is held by a resource of this stack already");
    // Under another name, which somebody has given it by hand, it is the same pool.
    await stage.patch({ objectPools: { [live?.id ?? ""]: { name: `${name}-by-hand` } } });
    expect(await refused(pool(`${name}-by-hand`, { url: urlOf(), adopt: true }), later)).toContain(
      "is held by a resource of this stack already",
    );
    expect(Object.keys((await stage.cloud())["objectPools"] ?? {})).toHaveLength(1);
  });

  test("a pool that another resource has taken over under its new name is not deleted as the old one", async () => {
    const { id, properties } = await server.create(pool(name));
    await stage.patch({ objectPools: { [id]: { name: `${name}-by-hand` } } });
    expect((await later.create(pool(`${name}-by-hand`, { url: urlOf(), adopt: true }))).id).toBe(id);
    await later.delete(id, plain(properties));
    expect(await stage.poolsNamed(`${name}-by-hand`)).toMatchObject([{ id }]);
    expect(later.warnings.at(-1)).toContain("is not deleted: another resource of this run holds");
  });

  describe("after an addition", () => {
    const posts = (sent: string[]) => sent.filter((line) => line.startsWith("POST "));
    const LOST = () =>
      `The reply to the creation of CloudStack object storage pool ${name} was lost. It exists as declared and is taken to be ours; nothing in this system proves who made it.`;

    test.each<{ kind: LabFault["kind"]; done: boolean }>([
      { kind: "reset-before-read", done: false },
      { kind: "reset-after-commit", done: true },
      { kind: "truncate", done: true },
      { kind: "html", done: false },
      { kind: "status", done: false },
      { kind: "status-after-commit", done: true },
    ])("whose reply is lost ($kind) there is one pool, and it is ours", async ({ kind, done }) => {
      await stage.fault({ kind, command: "addObjectStoragePool" });
      const { id, sent, warnings } = await create(pool(name));
      expect(await stage.poolsNamed(name)).toMatchObject([{ id, details: { secretkey: "Canary-secret-of-pool" } }]);
      expect(posts(sent)).toEqual(done ? [add()] : [add(), add()]);
      expect(warnings).toEqual(done ? [LOST()] : []);
    });

    test.each<LabFault["kind"]>(["reset-after-commit", "status-after-commit", "truncate"])(
      "whose reply would be lost (%s) somebody else's pool is not taken for ours",
      async (kind) => {
        await seed();
        await stage.fault({ kind, command: "addObjectStoragePool", times: 9 });
        expect(await refused(pool(name))).toContain("exists already.");
        expect(await stage.poolsNamed(name)).toMatchObject([
          { id: idOf(), details: { secretkey: "Canary-of-somebody" } },
        ]);
      },
    );

    test("whose answer lacks the pool it is looked for, and is ours", async () => {
      await stage.fault({ kind: "status-after-commit", status: 200, command: "addObjectStoragePool" });
      const { id, warnings } = await create(pool(name));
      expect(await stage.poolsNamed(name)).toMatchObject([{ id }]);
      expect(warnings).toEqual([LOST()]);
    });

    test("that fails with 530 though it has inserted the pool, the pool is ours", async () => {
      await stage.options({ failAfterInsert: 1 });
      const { id, sent, warnings } = await create(pool(name));
      expect(sent).toEqual([LOOK, add(), LOOK]);
      expect(await stage.poolsNamed(name)).toMatchObject([{ id }]);
      expect(warnings).toEqual([
        `Could not add object storage pool ${name}: ${stage.endpoint} answered 530, "Failed to add data store: null". It exists as declared and is taken to be ours; nothing in this system proves who made it.`,
      ]);
    });

    test("that fails because the storage does not answer the error stands, and nothing is sent again", async () => {
      await stage.options({ objectPoolProbeFails: true });
      const { message, sent } = await stage.refusalOf(() => server.create(pool(name)));
      expect(message).toBe(
        `Could not add object storage pool ${name}: ${stage.endpoint} answered 530, "Failed to add object store: ${name}".`,
      );
      expect(sent).toEqual([LOOK, add(), LOOK]);
      expect(await stage.poolsNamed(name)).toEqual([]);
    });

    test("of unknown outcome whose look fails as well, nothing is claimed, and the next run finds the pool", async () => {
      await stage.fault({ kind: "reset-after-commit", command: "addObjectStoragePool" });
      await stage.fault({ kind: "status", status: 503, command: "listObjectStoragePools", after: 1, times: 9 });
      const { message, sent } = await stage.refusalOf(() => impatient.create(pool(name)));
      expect(message).toContain("may have been carried out");
      expect(message).toContain("Looking it up failed, too");
      expect(posts(sent)).toEqual([add()]);
      await stage.control.clearFaults();
      const { id } = await create(pool(name, { __derived: true }));
      expect(await stage.poolsNamed(name)).toMatchObject([{ id }]);
    });
  });

  describe("on a release", () => {
    test.each([
      { release: "4.19.0.0", providerName: "Ceph" },
      { release: "4.20.0.0", providerName: "Cloudian HyperStore" },
      { release: "4.22.0.0", providerName: "ECS" },
    ])(
      "$release that lacks $providerName the refusal says so, and nothing is added",
      async ({ release, providerName }) => {
        await stage.options({ release });
        const old = release === "4.22.0.0" ? server : await stage.serve();
        const details =
          providerName === "ECS" ? { ecs: ECS } : providerName === "Ceph" ? { s3: POOL_KEY } : { cloudian: HYPERSTORE };
        const { s3: _s3, ...rest } = pool(name, { providerName });
        const { message } = await stage.refusalOf(() => old.create({ ...rest, ...details }));
        expect(message).toBe(
          `Could not add object storage pool ${name}: ${stage.endpoint} answered 431, "can't find object store provider: ${providerName}". CloudStack ${release} has no object storage provider "${providerName}": MinIO came with 4.19, Ceph with 4.20, Cloudian HyperStore with 4.21, ECS later. Choose another provider, or upgrade CloudStack.`,
        );
        expect(await stage.poolsNamed(name)).toEqual([]);
      },
    );

    test("that knows no pools at all the refusal names the release that does", async () => {
      await stage.options({ release: "4.18.2.0" });
      const old = await stage.serve();
      const message = await refused(pool(name), old);
      expect(message).toBe(
        `Could not list object storage pools: ${stage.endpoint} (CloudStack 4.18.2.0) answered 401 to listObjectStoragePools, which came with CloudStack 4.19. Remove what needs it from the program, or upgrade CloudStack.`,
      );
    });
  });
});
