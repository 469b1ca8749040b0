import { describe, expect, test } from "vitest";
import { takeOver } from "../../provider/core/takeover.ts";
import { CLOUDIAN, ECS, poolStage, S3, URL } from "./cloudstack-pool-stage.ts";
import { says } from "./cloudstack-server.ts";

const stage = poolStage();
const { cloud, inputs, lists, live } = stage;

const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

const withDetails = (providerName: string, details: object, more: object = {}) => {
  const { s3: _s3, ...rest } = inputs();
  return { ...rest, providerName, ...details, ...more };
};

describe("a new pool", () => {
  const place = { command: "addObjectStoragePool", name: "main", url: URL };
  const details = (pairs: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(pairs).flatMap(([key, value], index) => [
        [`details[${index}].key`, key],
        [`details[${index}].value`, value],
      ]),
    );
  const keyPair = { accesskey: "AK", secretkey: "Canary-pool-s3" };
  const login = {
    mgmt_url: "https://ecs.example.test:4443",
    sa_user: "pulumi",
    sa_password: "Canary-pool-ecs",
  };

  test.each([
    ["MinIO", { s3: S3 }, keyPair],
    ["Ceph", { s3: S3 }, keyPair],
    ["ECS", { ecs: ECS }, login],
    [
      "ECS",
      { ecs: { ...ECS, namespace: "ns", s3Host: "s3.example.test", userPrefix: "p-", insecure: false } },
      { ...login, namespace: "ns", s3_host: "s3.example.test", user_prefix: "p-", insecure: "false" },
    ],
    [
      "Cloudian HyperStore",
      { cloudian: CLOUDIAN },
      {
        accesskey: "sysadmin",
        secretkey: "Canary-pool-cloudian",
        s3Url: "https://s3.example.test",
        iamUrl: "https://iam.example.test:16443",
        validateSSL: "false",
      },
    ],
  ])("of %s gets its details by the plugin's names", async (provider, own, pairs) => {
    const { id, outs } = await stage.kind.create(withDetails(provider, own));
    expect(stage.changes()).toEqual([{ ...place, provider, ...details(pairs) }]);
    expect(id).toBe("id-1");
    const secret = Object.fromEntries(Object.entries(own).map(([key, value]) => [key, wrapped(value)]));
    const { __provider, ...shown } = withDetails(provider, secret);
    expect(outs).toEqual({ ...shown, systemEndpoint: cloud.endpoint });
  });

  test.each(["Cloudian HyperStore", "ECS"])("of %s without its details is not asked for", async (providerName) => {
    const own = providerName === "ECS" ? "ecs" : "cloudian";
    expect(await stage.messageOf(stage.kind.create(inputs({ providerName })))).toBe(
      `Object storage pool main needs ${own} with providerName "${providerName}".`,
    );
    const { s3: _s3, ...bare } = inputs();
    expect(await stage.messageOf(stage.kind.create(bare))).toBe(
      'Object storage pool main needs s3 with providerName "MinIO".',
    );
    expect(cloud.commands()).toEqual([]);
  });

  test("of a HyperStore is not added beside an enabled connector; other providers do not ask", async () => {
    cloud.answers["cloudianIsEnabled"] = [says("r", { cloudianisenabled: { enabled: true } })];
    const cloudian = withDetails("Cloudian HyperStore", { cloudian: CLOUDIAN });
    expect(await stage.messageOf(stage.kind.create(cloudian))).toContain("the Cloudian connector of CLOUD is on");
    expect(cloud.commands()).toEqual(["listCapabilities", "cloudianIsEnabled"]);
    await stage.kind.create(inputs());
    expect(cloud.commands().slice(2)).toEqual(["listObjectStoragePools", "addObjectStoragePool"]);
  });

  test.each([`${URL}/`, "HTTPS://POOL.example.test:9000"])("is not added beside another one at %s", async (url) => {
    lists(live({ id: "id-9", name: "other", url }));
    expect(await stage.messageOf(stage.kind.create(inputs()))).toBe(
      `Object storage pool main is not added: pool other has the url ${url}, and CloudStack tells pools apart by both. ` +
        "Declare that pool, or give another url.",
    );
    expect(stage.changes()).toEqual([]);
  });

  test("is never sent the details of another provider", async () => {
    await stage.kind.create(inputs({ ecs: ECS, cloudian: CLOUDIAN }));
    expect(stage.changes()).toEqual([{ ...place, provider: "MinIO", ...details(keyPair) }]);
  });

  test("is added beside pools of other names and addresses", async () => {
    lists(live({ id: "id-9", name: "other", url: "https://other.example.test" }));
    expect((await stage.kind.create(inputs())).id).toBe("id-1");
  });

  test("is not added where somebody else's of this name comes and goes at that moment", async () => {
    cloud.answers["listObjectStoragePools"] = [says("r", { count: 1, objectstore: [live()] }), says("r", {})];
    expect(await stage.messageOf(stage.kind.create(inputs()))).toBe("Object storage pool main exists already.");
    expect(stage.changes()).toEqual([]);
  });

  test("whose reply was lost is found again, and is ours", async () => {
    const empty = says("r", {});
    cloud.answers["listObjectStoragePools"] = [empty, says("r", { count: 1, objectstore: [live()] })];
    cloud.answers["addObjectStoragePool"] = [{ cut: true }];
    expect((await stage.kind.create(inputs())).id).toBe("id-1");
    expect(stage.told).toEqual([
      "warning: The reply to the creation of CloudStack object storage pool main was lost. It exists as declared and is taken to be ours; nothing in this system proves who made it.",
    ]);
  });
});

describe("a pool of this name that exists", () => {
  test("is a conflict that shows what can be compared", async () => {
    lists(live({ id: "id-9", name: "x", url: "https://x.example.test" }), live({ url: "https://live.example.test" }));
    expect(await stage.messageOf(stage.kind.create(inputs()))).toBe(
      `CloudStack object storage pool main exists already.
  poolName: live "main", declared "main" (equal)
  url: live "https://live.example.test", declared "https://pool.example.test:9000" (differs)
  providerName: live "MinIO", declared "MinIO" (equal)
Ways on: set adopt: true to take it over and change what differs; choose another poolName; or delete the existing one.`,
    );
    expect(stage.changes()).toEqual([]);
  });

  test("is taken over where the program says so, under the id that it has, its url brought to the declared one", async () => {
    lists(live({ url: "https://live.example.test" }));
    const { id, outs } = await stage.kind.create(inputs({ adopt: true }));
    expect(id).toBe("id-1");
    expect(stage.changes()).toEqual([{ command: "updateObjectStoragePool", id: "id-1", url: URL }]);
    expect(outs).toMatchObject({ url: URL, s3: wrapped(S3), adopt: true });
    expect(stage.told).toEqual([
      'warning: CloudStack object storage pool main exists and is taken over. It will be changed: url from "https://live.example.test" to ' +
        '"https://pool.example.test:9000". Nobody can compare or change s3; it is taken to be as declared.',
    ]);
  });

  test.each([
    ["ecs", "ECS", ECS],
    ["cloudian", "Cloudian HyperStore", CLOUDIAN],
  ])("with %s, which nobody can compare, is taken over as well", async (key, providerName, details) => {
    lists(live({ providername: providerName, name: `with-${key}` }));
    const { id } = await stage.kind.create(
      withDetails(providerName, { [key]: details }, { poolName: `with-${key}`, adopt: true }),
    );
    expect(id).toBe("id-1");
    expect(stage.told).toEqual([
      `warning: CloudStack object storage pool with-${key} exists and is taken over. Nobody can compare or change ${key}; it is taken to be as declared.`,
    ]);
    expect(stage.changes()).toEqual([]);
  });

  test("of another provider is not", async () => {
    lists(live({ providername: "Ceph" }));
    expect(await stage.messageOf(stage.kind.create(inputs({ adopt: true })))).toBe(
      'CloudStack object storage pool main exists and cannot become the declared one: providerName from "Ceph" to "MinIO". ' +
        "That cannot be changed under the same name; declare what exists, or choose another name.",
    );
  });

  test("is no longer free for the next resource of the run", async () => {
    await stage.kind.create(inputs());
    expect(await stage.messageOf(stage.kind.create(inputs({ adopt: true })))).toBe(
      "CloudStack object storage pool main is declared by another resource of this run as well; give one of them another poolName.",
    );
  });

  test("is imported with the details that somebody knows", async () => {
    lists(live());
    const found = await takeOver(stage.handler, stage.settings(), "id-1", { known: { s3: S3 } });
    expect(found).toMatchObject({ id: "id-1", secrets: ["ecs", "cloudian", "s3"] });
    expect(found.declared).toEqual({ poolName: "main", url: URL, providerName: "MinIO", s3: S3 });
  });
});
