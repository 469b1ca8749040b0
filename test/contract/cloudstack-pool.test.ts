import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, NOWHERE, POOL_KEY, pool, textOf } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret, UNKNOWN } from "./support.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CHANGED = { changes: "UNKNOWN", replaces: [], deleteBeforeReplace: false };
const NONE = { ...CHANGED, changes: "NONE" };

const ECS = { managementUrl: "https://ecs.example.test:4443", username: "pulumi", password: "Canary-ecs-password" };
const ECS_ALL = { ...ECS, namespace: "ns1", s3Host: "s3.example.test", userPrefix: "acs-", insecure: true };
/** The lab's HyperStore takes no other log-in. */
const HYPERSTORE = {
  username: "sysadmin",
  password: "public",
  s3Url: "https://s3.example.test",
  iamUrl: "https://iam.example.test:16443",
  validateSsl: false,
};

test("a whole life of a pool in the lowest SDK's server", async () => {
  const stage = await CloudStackStage.open("lowest");
  try {
    const [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    const { poolName: _derived, adopt: _default, ...unnamed } = pool("life");
    const canonical = pool("x-01234567", {
      url: "https://life.example.test:9000",
      s3: secret(POOL_KEY),
      __derived: true,
    });
    expect(await server.check({}, { ...unnamed, __defaultName: "x-01234567" })).toEqual({
      inputs: canonical,
      failures: [],
    });
    const { id, properties } = await server.create(plain(canonical));
    expect(properties).toEqual({ ...canonical, systemEndpoint: stage.endpoint });
    const olds = plain(properties);
    expect((await server.read(id, olds)).inputs).toEqual(canonical);
    const news = plain({ ...canonical, poolName: "renamed" });
    expect(await server.diff(id, olds, news)).toEqual(CHANGED);
    expect(await server.update(id, olds, news)).toMatchObject({ poolName: "renamed", s3: secret(POOL_KEY) });
    await destroying.delete(id, olds);
    expect((await destroying.read(id, olds)).id).toBe("");
  } finally {
    await stage.close();
  }
});

describe("ObjectStoragePool", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  /** What a run has made or changed it does not delete, so that deletions have a process of their own. */
  let destroying: DynamicServer;
  /** Against the release that has every provider. */
  let newest: DynamicServer;
  let impatient: DynamicServer;
  let first: string[] = [];
  let count = 0;
  /** A process takes a name for one resource only: every test has its own. */
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, destroying, newest, impatient] = await Promise.all([
      stage.serve(),
      stage.serve(),
      stage.serve(),
      stage.serve({ retryBudget: "0" }),
    ]);
    for (const each of [destroying, impatient]) await each.read(NOWHERE, pool("none"));
    await stage.options({ release: "next" });
    await newest.read(NOWHERE, pool("none"));
    await stage.options({ release: null });
    first = await stage.callsOf(() => server.create(pool("first")));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    count += 1;
    name = `pool-${count}`;
  });

  const urlOf = (poolName = name) => `https://${poolName}.example.test:9000`;
  const wrapped = (more: Properties = {}) => pool(name, { s3: secret(POOL_KEY), ...more });
  const recorded = (more: Properties = {}) => pool(name, { systemEndpoint: stage.endpoint, ...more });
  const add = (url = urlOf(), provider = "MinIO") =>
    `POST addObjectStoragePool name=${name} provider=${provider} url=${url}`;
  const made = async (more: Properties = {}, by: DynamicServer = server) => {
    const { id, properties } = await by.create(pool(name, more));
    return { id, olds: plain(properties) };
  };
  /** What a process has listed for its reads it forgets when it changes something. */
  const readAnew = async (id: string, olds: Properties | undefined, inputs?: Properties) => {
    await destroying.delete(NOWHERE, pool("none"));
    return await stage.resultOf(() => destroying.read(id, olds, inputs));
  };
  const hyperStore = (more: Properties = {}) => {
    const { s3: _s3, ...rest } = pool(name, { providerName: "Cloudian HyperStore", cloudian: HYPERSTORE, ...more });
    return rest;
  };
  const ecs = (details: Properties, more: Properties = {}) => {
    const { s3: _s3, ...rest } = pool(name, { providerName: "ECS", ecs: details, ...more });
    return rest;
  };

  describe("create", () => {
    test("looks, then adds; what is asked once comes before the first pool only", async () => {
      expect(first).toEqual([
        "GET listCapabilities",
        "GET listConfigurations name=encode.api.response",
        "GET listObjectStoragePools",
        "POST addObjectStoragePool name=first provider=MinIO url=https://first.example.test:9000",
      ]);
      expect(await stage.callsOf(() => server.create(pool(name)))).toEqual(["GET listObjectStoragePools", add()]);
    });

    test("returns what is declared, the details secret, under the id that CloudStack has given", async () => {
      const { id, properties } = await server.create(pool(name));
      expect(id).toMatch(UUID);
      expect(properties).toEqual(wrapped({ systemEndpoint: stage.endpoint }));
      expect(await stage.poolsNamed(name)).toMatchObject([{ id, url: urlOf(), provider: "MinIO" }]);
    });

    test.each<{ provider: string; inputs: () => Properties; details: Record<string, string> }>([
      {
        provider: "MinIO",
        inputs: () => pool(name),
        details: { accesskey: "pool-key", secretkey: "Canary-secret-of-pool" },
      },
      {
        provider: "Ceph",
        inputs: () => pool(name, { providerName: "Ceph" }),
        details: { accesskey: "pool-key", secretkey: "Canary-secret-of-pool" },
      },
      {
        provider: "Cloudian HyperStore",
        inputs: () => hyperStore(),
        details: {
          accesskey: "sysadmin",
          secretkey: "public",
          s3Url: "https://s3.example.test",
          iamUrl: "https://iam.example.test:16443",
          validateSSL: "false",
        },
      },
      {
        provider: "ECS",
        inputs: () => ecs(ECS),
        details: {
          mgmt_url: "https://ecs.example.test:4443",
          sa_user: "pulumi",
          sa_password: "Canary-ecs-password",
        },
      },
      {
        provider: "ECS",
        inputs: () => ecs(ECS_ALL),
        details: {
          mgmt_url: "https://ecs.example.test:4443",
          sa_user: "pulumi",
          sa_password: "Canary-ecs-password",
          namespace: "ns1",
          s3_host: "s3.example.test",
          user_prefix: "acs-",
          insecure: "true",
        },
      },
    ])("sends the details of $provider by their own names, as text, and nothing else", async (row) => {
      await stage.options({ release: "next" });
      await newest.create(row.inputs());
      expect((await stage.poolsNamed(name)).map(({ provider, details }) => ({ provider, details }))).toEqual([
        { provider: row.provider, details: row.details },
      ]);
      const sent = (await stage.control.requests()).filter(({ method }) => method === "POST");
      expect(sent.map(({ query }) => query)).toEqual([{}]);
      const named = Object.entries(sent[0]?.body ?? {}).filter(([key]) => /^details\[\d+\]\.key$/.test(key));
      expect(named.map(([, value]) => value).sort()).toEqual(Object.keys(row.details).sort());
    });

    test("leaves other pools alone", async () => {
      const { id } = await made();
      name = `${name}-b`;
      expect((await made()).id).not.toBe(id);
      expect(Object.keys((await stage.cloud())["objectPools"] ?? {})).toHaveLength(2);
    });
  });

  describe("of a HyperStore", () => {
    const question = "GET cloudianIsEnabled";

    test("is not added beside an enabled connector, and nobody is asked for more", async () => {
      await stage.patch({ settings: { "cloudian.connector.enabled": "true" } });
      const { message, sent } = await stage.refusalOf(() => server.create(hyperStore()));
      expect(message).toBe(
        `Object storage pool ${name} is not added: the Cloudian connector of ${stage.endpoint} is on, and the two must not share a HyperStore: both keep groups and users under the UUIDs of domains and accounts, and the connector deletes them with their data. Use one of the two.`,
      );
      expect(sent).toEqual([question]);
      expect(await stage.poolsNamed(name)).toEqual([]);
    });

    test("is added beside a connector that is off; other providers do not ask", async () => {
      expect(await stage.callsOf(() => server.create(hyperStore()))).toEqual([
        question,
        "GET listObjectStoragePools",
        add(urlOf(), "Cloudian HyperStore"),
      ]);
      await stage.patch({ settings: { "cloudian.connector.enabled": "true" } });
      name = `${name}-b`;
      expect(await stage.callsOf(() => server.create(pool(name)))).toEqual(["GET listObjectStoragePools", add()]);
    });

    test("is not added where nobody can tell whether the connector is on", async () => {
      await stage.fault({ kind: "status", status: 530, command: "cloudianIsEnabled", times: 9 });
      const { message, sent } = await stage.refusalOf(() => impatient.create(hyperStore()));
      expect(message).toMatch(/^Could not ask for the Cloudian connector: .* answered 530/);
      expect(sent).toEqual([question]);
    });

    test.each([
      {
        written: "https://admin.example.test",
        same: ["https://admin.example.test:19443", "https://ADMIN.example.test/"],
      },
      { written: "https://admin.example.test:443", same: ["https://admin.example.test:443/"] },
      { written: "https://admin.example.test:19443", same: ["https://admin.example.test"] },
    ])("sends the port of $written as it is written, and takes 19443 where none is", async ({ written, same }) => {
      const { inputs } = await server.check({}, hyperStore({ url: written }));
      expect(inputs["url"]).toBe(written);
      const { id, properties } = await server.create(hyperStore({ url: written }));
      expect(await stage.poolsNamed(name)).toMatchObject([{ url: written }]);
      const olds = plain(properties);
      expect((await server.read(id, olds)).inputs).toMatchObject({ url: written });
      for (const url of same) {
        const news = plain((await server.check(olds, hyperStore({ url }))).inputs);
        expect(await server.diff(id, olds, news)).toEqual(NONE);
      }
      const other = written.endsWith(":443") ? "https://admin.example.test" : "https://admin.example.test:443";
      expect(await server.diff(id, olds, hyperStore({ url: other }))).toEqual(CHANGED);
      expect(await stage.callsOf(() => server.update(id, olds, hyperStore({ url: other })))).toEqual([
        "GET listObjectStoragePools",
        `POST updateObjectStoragePool id=${id} url=${other}`,
      ]);
    });

    test("on another port has no default but that of its scheme, as every other provider has", async () => {
      const olds = recorded({ url: "https://minio.example.test" });
      expect(await server.diff("id", olds, pool(name, { url: "https://minio.example.test:443" }))).toEqual(NONE);
      expect(await server.diff("id", olds, pool(name, { url: "https://minio.example.test:19443" }))).toEqual(CHANGED);
    });
  });

  describe("check", () => {
    test("brings what a program writes to the canonical form, which stays as it is", async () => {
      const { adopt: _default, ...short } = pool(name, { url: ` ${urlOf()}// `, ecs: null, cloudian: null });
      expect(await server.check({}, short)).toEqual({ inputs: wrapped(), failures: [] });
      expect(await server.check({}, pool(name))).toEqual({ inputs: wrapped(), failures: [] });
      expect(await server.check(recorded(), pool(name))).toEqual({ inputs: wrapped(), failures: [] });
    });

    test.each(["poolName", "url", "providerName", "s3", "adopt"])("lets %s be unknown", async (property) => {
      const inputs = wrapped({ [property]: UNKNOWN });
      const news = pool(name, { [property]: UNKNOWN });
      expect(await server.check({}, news)).toEqual({ inputs, failures: [] });
      expect(await server.check(recorded(), news)).toEqual({ inputs, failures: [] });
    });

    test.each([
      { inputs: () => pool(name, { s3: { ...POOL_KEY, secretAccessKey: UNKNOWN } }), key: "s3" },
      { inputs: () => hyperStore({ cloudian: { ...HYPERSTORE, password: UNKNOWN } }), key: "cloudian" },
      { inputs: () => ecs({ ...ECS_ALL, namespace: UNKNOWN }), key: "ecs" },
    ])("lets a member of $key be unknown, and the rest stays secret", async ({ inputs, key }) => {
      const news = inputs();
      const checked = await server.check({}, news);
      expect(checked.failures).toEqual([]);
      expect(checked.inputs[key]).toEqual(secret(news[key]));
    });

    test("sends nothing, and neither does diff", async () => {
      const sent = await stage.callsOf(async () => {
        await server.check(recorded(), pool(name, { url: "https://other.example.test" }));
        await server.diff("id", recorded(), pool("other", { s3: { ...POOL_KEY, accessKeyId: "other" } }));
      });
      expect(sent).toEqual([]);
    });
  });

  describe("diff", () => {
    test("of what is recorded is none, whatever the spelling", async () => {
      expect(await server.diff("id", recorded(), pool(name))).toEqual(NONE);
      expect(await server.diff("id", recorded(), pool(name, { url: `${urlOf().toUpperCase()}/` }))).toEqual(NONE);
      const { adopt: _default, ...imported } = recorded();
      expect(await server.diff("id", imported, pool(name))).toEqual(NONE);
    });

    test.each([
      ["poolName", "other"],
      ["url", "https://other.example.test"],
      ["adopt", true],
      // What is refused at check: it is no replacement, which would delete the pool.
      ["providerName", "Ceph"],
      ["s3", { ...POOL_KEY, accessKeyId: "other" }],
    ])("of %s alone replaces nothing", async (key, value) => {
      for (const other of [value, UNKNOWN])
        expect(await server.diff("id", recorded(), pool(name, { [key]: other }))).toEqual(CHANGED);
    });
  });

  describe("read", () => {
    test("costs one list for all pools of a run", async () => {
      const pools = [await made()];
      for (const suffix of ["b", "c"]) {
        name = `${name}${suffix}`;
        pools.push(await made());
      }
      await destroying.delete(NOWHERE, pool("none"));
      const { result, sent } = await stage.resultOf(() =>
        Promise.all(pools.map(({ id, olds }) => destroying.read(id, olds))),
      );
      expect(sent).toEqual(["GET listObjectStoragePools"]);
      expect(result.map(({ id }) => id)).toEqual(pools.map(({ id }) => id));
    });

    test("carries the details over, which CloudStack returns to nobody", async () => {
      const { id, olds } = await made();
      await stage.patch({
        objectPools: { [id]: { details: { accesskey: "changed-by-hand", secretkey: "Canary-3" } } },
      });
      const { inputs, properties } = (await readAnew(id, olds)).result;
      expect(inputs).toEqual(wrapped());
      expect(properties).toEqual(wrapped({ systemEndpoint: stage.endpoint }));
    });

    test("of nothing but an id shows what CloudStack shows", async () => {
      const { id } = await made();
      const { result } = await readAnew(id, undefined, { __provider: textOf("ObjectStoragePool") });
      const { adopt: _switch, s3: _details, ...shown } = pool(name);
      expect(result.inputs).toEqual(shown);
    });

    test("of a pool that was deleted by hand says that it is gone", async () => {
      const { id, olds } = await made();
      await stage.patch({ objectPools: { [id]: null } });
      const { result, sent } = await readAnew(id, olds);
      expect(result).toMatchObject({ id: "", inputs: undefined });
      expect(sent).toEqual(["GET listObjectStoragePools", `GET listObjectStoragePools id=${id}`]);
    });

    test.each<Partial<LabFault> & Pick<LabFault, "kind">>([
      { kind: "status", status: 401 },
      { kind: "status", status: 530 },
      { kind: "html" },
      { kind: "truncate" },
    ])("says gone for no other reason: %j", async (fault) => {
      const { id, olds } = await made();
      await stage.patch({ objectPools: { [id]: null } });
      await impatient.delete(NOWHERE, pool("none"));
      await stage.fault({ ...fault, command: "listObjectStoragePools", times: 9 });
      expect((await failureOf(impatient.read(id, olds))).message).toMatch(/^Could not list object storage pools: /);
    });

    test.each([
      { what: "name", change: { name: "by-hand" }, drifted: { poolName: "by-hand" } },
      {
        what: "url",
        change: { url: "https://by-hand.example.test" },
        drifted: { url: "https://by-hand.example.test" },
      },
    ])("sees a $what that was changed by hand, and one update repairs it", async ({ change, drifted }) => {
      const { id, olds } = await made();
      await stage.patch({ objectPools: { [id]: change } });
      const { inputs, properties } = (await readAnew(id, olds)).result;
      expect(inputs).toEqual(wrapped(drifted));
      expect(await server.diff(id, plain(properties), pool(name))).toEqual(CHANGED);
      await server.update(id, plain(properties), pool(name));
      expect(await stage.poolsNamed(name)).toMatchObject([{ id, url: urlOf() }]);
    });

    test("keeps the program's spelling of an address that means the same", async () => {
      const { id, olds } = await made();
      await stage.patch({ objectPools: { [id]: { url: `https://${name.toUpperCase()}.example.test:9000/` } } });
      expect((await readAnew(id, olds)).result.inputs).toEqual(wrapped());
    });
  });

  describe("update", () => {
    const look = "GET listObjectStoragePools";

    test.each<{ what: string; news: () => Properties; sent: () => string }>([
      { what: "a name", news: () => ({ poolName: `${name}-new` }), sent: () => `name=${name}-new` },
      {
        what: "an address",
        news: () => ({ url: urlOf(`${name}-moved`) }),
        sent: () => `url=${urlOf(`${name}-moved`)}`,
      },
      {
        what: "both",
        news: () => ({ poolName: `${name}-new`, url: urlOf(`${name}-moved`) }),
        sent: () => `name=${name}-new url=${urlOf(`${name}-moved`)}`,
      },
    ])("of $what costs a look whether it is free, and one request", async ({ news, sent }) => {
      const { id, olds } = await made();
      const { result, sent: lines } = await stage.resultOf(() => server.update(id, olds, pool(name, news())));
      expect(lines).toEqual([look, `POST updateObjectStoragePool id=${id} ${sent()}`]);
      expect(result).toEqual(wrapped({ ...news(), systemEndpoint: stage.endpoint }));
      const [live] = await stage.poolsNamed(String(result["poolName"]));
      expect(live).toMatchObject({ id, url: result["url"], details: { accesskey: "pool-key" } });
    });

    test("of adopt, or of another spelling of the address, sends nothing", async () => {
      const { id, olds } = await made();
      const news = pool(name, { adopt: true, url: urlOf().toUpperCase().replace("HTTPS", "https") });
      const { result, sent } = await stage.resultOf(() => server.update(id, olds, news));
      expect(sent).toEqual([]);
      expect(result).toMatchObject({ adopt: true, s3: secret(POOL_KEY) });
    });

    test("to a name or an address that another pool has is refused before any write", async () => {
      const { id, olds } = await made();
      await stage.patch({ objectPools: { other: { name: "taken", url: "https://taken.example.test" } } });
      const byName = await stage.refusalOf(() => server.update(id, olds, pool("taken", { url: urlOf() })));
      expect(byName.message).toBe(
        "Object storage pool taken is not changed: pool taken has the name, and CloudStack tells pools apart by both. Declare that pool, or give another poolName.",
      );
      const byUrl = await stage.refusalOf(() =>
        server.update(id, olds, pool(name, { url: "https://TAKEN.example.test:443" })),
      );
      expect(byUrl.message).toBe(
        `Object storage pool ${name} is not changed: pool taken has the url https://taken.example.test, and CloudStack tells pools apart by both. Declare that pool, or give another url.`,
      );
      expect([byName.sent, byUrl.sent]).toEqual([[look], [look]]);
      expect(await stage.poolsNamed(name)).toMatchObject([{ id, url: urlOf() }]);
    });

    test("to an address that does not answer fails in CloudStack's words and leaves the pool as it was", async () => {
      const { id, olds } = await made();
      await stage.options({ objectPoolProbeFails: true });
      const { message } = await stage.refusalOf(() =>
        server.update(id, olds, pool(name, { url: urlOf(`${name}-moved`) })),
      );
      expect(message).toBe(
        `Could not change object storage pool ${id}: ${stage.endpoint} answered 431, "Unable to access Object Storage with URL: ${urlOf(`${name}-moved`)}".`,
      );
      expect(await stage.poolsNamed(name)).toMatchObject([{ url: urlOf() }]);
    });

    test.each<LabFault["kind"]>(["reset-before-read", "reset-after-commit", "status-after-commit", "truncate"])(
      "whose reply is lost (%s) is done all the same",
      async (kind) => {
        const { id, olds } = await made();
        await stage.fault({ kind, command: "updateObjectStoragePool" });
        await server.update(id, olds, pool(`${name}-new`, { url: urlOf() }));
        expect(await stage.poolsNamed(`${name}-new`)).toMatchObject([{ id }]);
      },
    );
  });

  describe("delete", () => {
    const ADVICE =
      "Move what is in them, or delete the buckets that nobody needs any more, in CloudStack, and run the same command again.";

    test("costs one request, and what is gone already is deleted", async () => {
      const { id, olds } = await made();
      for (const _time of ["first", "second"])
        expect(await stage.callsOf(() => destroying.delete(id, olds))).toEqual([
          `POST deleteObjectStoragePool id=${id}`,
        ]);
      expect(await stage.poolsNamed(name)).toEqual([]);
    });

    test.each([
      { buckets: ["invoices"], said: "It has the bucket invoices (admin). " },
      { buckets: ["invoices", "logs"], said: "It has 2 buckets: invoices (admin), logs (admin). " },
    ])(
      "of a pool with buckets is refused; they are named, their owners' keys are not: $buckets",
      async ({ buckets, said }) => {
        const { id, olds } = await made();
        await stage.patch({ objectPools: { elsewhere: { name: "elsewhere" } } });
        const all = [...buckets.map((bucket) => [bucket, id]), ["not-here", "elsewhere"]];
        await stage.patch({
          buckets: Object.fromEntries(
            all.map(([bucket = "", poolId]) => [
              `id-of-${bucket}`,
              { name: bucket, poolId, accessKey: "Canary-key-of-user", secretKey: "Canary-secret-of-user" },
            ]),
          ),
        });
        const { message, sent } = await stage.refusalOf(() => destroying.delete(id, olds));
        expect(message).toBe(
          `Object storage pool ${name} is not deleted: Could not delete object storage pool ${id}: ${stage.endpoint} answered 431, "Cannot delete object store with buckets". ${said}${ADVICE}`,
        );
        expect(sent).toEqual([
          `POST deleteObjectStoragePool id=${id}`,
          `GET listBuckets listall=true objectstorageid=${id}`,
        ]);
        expect(await stage.poolsNamed(name)).toHaveLength(1);
        await stage.patch({ buckets: Object.fromEntries(buckets.map((bucket) => [`id-of-${bucket}`, null])) });
        await destroying.delete(id, olds);
        expect(await stage.poolsNamed(name)).toEqual([]);
      },
    );

    test("of a pool whose buckets cannot be listed is refused in CloudStack's words alone", async () => {
      const { id, olds } = await made();
      await stage.patch({ buckets: { b: { name: "invoices", poolId: id, secretKey: "Canary-secret-of-user" } } });
      await stage.fault({ kind: "truncate", command: "listBuckets", times: 9 });
      const { message } = await stage.refusalOf(() => impatient.delete(id, olds));
      expect(message).toContain(`"Cannot delete object store with buckets". ${ADVICE}`);
      expect(message).not.toContain("Canary");
    });

    test.each<LabFault["kind"]>([
      "reset-before-read",
      "reset-after-commit",
      "status",
      "status-after-commit",
      "truncate",
    ])("whose reply is lost (%s) is a deletion", async (kind) => {
      const { id, olds } = await made();
      await stage.fault({ kind, command: "deleteObjectStoragePool" });
      await destroying.delete(id, olds);
      expect(await stage.poolsNamed(name)).toEqual([]);
    });
  });
});
