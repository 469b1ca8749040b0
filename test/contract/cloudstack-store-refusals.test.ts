import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, KEY, staging, store } from "./cloudstack-support.ts";
import { failureOf, secret, startStub, UNKNOWN } from "./support.ts";

const ALL_NAMES =
  "storeName, endpoint, bucket, accessKeyId, secretAccessKey, useHttps, s3Signer, connectionTimeoutMs, socketTimeoutMs, maxErrorRetry, " +
  "connectionTtlMs, useTcpKeepAlive, readOnly, verifyBucket, requireStagingStores, waitForTemplates, onDestroy, adopt";

// `check` sees plain values in both SDKs' servers, as the tests of the Cloudian kinds show: one serves here.
describe("what S3SecondaryStorage refuses at preview", () => {
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
  const recorded = (more: Properties = {}) =>
    store("main", {
      protocol: "https",
      url: "https://s3.example.test/secondary",
      systemEndpoint: stage.endpoint,
      ...more,
    });

  test("a scheme and a useHttps that do not agree, also while the rest is unknown", async () => {
    const rest = { bucket: UNKNOWN, accessKeyId: UNKNOWN, secretAccessKey: UNKNOWN };
    const http = { endpoint: "http://s3.example.test" };
    const plain =
      "|endpoint: is plain HTTP, but useHttps is true (its default). Give an https:// endpoint, or declare useHttps: false; templates and snapshots then travel in the clear";
    const { useHttps: _default, ...written } = store("main", http);
    expect(await reasons({}, written)).toEqual([plain]);
    expect(await reasons({}, store("main", { ...http, ...rest }))).toEqual([plain]);
    expect(await reasons({}, store("main", { ...http, useHttps: false }))).toEqual([]);
    expect(await reasons({}, store("main", { useHttps: false, ...rest }))).toEqual([
      "|endpoint: is https://, but useHttps is false. CloudStack lets the scheme of the endpoint win, so that the two must agree",
    ]);
    expect(await reasons({}, store("main", { ...http, useHttps: UNKNOWN }))).toEqual([]);
    expect(await reasons({}, store("main", { endpoint: UNKNOWN, useHttps: false }))).toEqual([]);
  });

  test.each([
    "s3.example.test",
    "s3.example.test:443",
    "ftp://s3.example.test",
    "https://s3.example.test/base",
    "https://s3.example.test/?x=1",
    "https://ada@s3.example.test",
    "https://s3.example.test#x",
    "https://",
    "",
  ])("the endpoint %j", async (endpoint) => {
    expect(await reasons({}, store("main", { endpoint }))).toEqual([
      "|endpoint: must be an http or https URL without path, user, query or fragment",
    ]);
  });

  const whole = "must be a whole number";
  test.each<[string, unknown, string]>([
    ["storeName", "", "must not be empty"],
    ["storeName", "s".repeat(256), "must not be longer than 255 characters"],
    ["storeName", "a\tb", "must not hold control characters"],
    ["bucket", "", "must not be empty"],
    ["bucket", "a/b", "must not contain /, ? or #"],
    ["bucket", "a?b", "must not contain /, ? or #"],
    ["bucket", "a\nb", "must not hold control characters"],
    ["accessKeyId", "", "must not be empty"],
    ["accessKeyId", "a\u0007b", "must not hold control characters"],
    ["secretAccessKey", "", "must not be empty"],
    ["secretAccessKey", "Canary\u007f", "must not hold control characters"],
    ...["connectionTimeoutMs", "socketTimeoutMs", "maxErrorRetry", "connectionTtlMs"].flatMap(
      (key): [string, unknown, string][] => [
        [key, -1, "must not be below 0"],
        [key, 1.5, whole],
        [key, "1000", whole],
      ],
    ),
    ["s3Signer", "AWSS3V4SignerType", 'Invalid option: expected one of "v4"|"v2"'],
    ["onDestroy", "reset", 'Invalid option: expected one of "delete"|"readOnly"'],
    ["waitForTemplates.set", { set: "user" }, 'Invalid option: expected one of "system"|"all"'],
    ["waitForTemplates.set", {}, 'Invalid option: expected one of "system"|"all"'],
    ["waitForTemplates.timeoutMinutes", { set: "all", timeoutMinutes: 0 }, "must be above 0"],
    ["waitForTemplates.timeoutMinutes", { set: "all", timeoutMinutes: 1441 }, "must not be above a day (1440)"],
    ["waitForTemplates.minutes", { set: "all", minutes: 1 }, "there is no such property"],
  ])("%s: %j", async (path, value, reason) => {
    const [key = ""] = path.split(".");
    const [said, ...others] = await reasons({}, store("main", { [key]: value }));
    expect(others).toEqual([]);
    expect(said).toContain(`|${path}: ${reason}`);
  });

  test.each(["useHttps", "useTcpKeepAlive", "readOnly", "verifyBucket", "requireStagingStores", "adopt"])(
    "%s that is no boolean",
    async (key) => {
      const [said, ...others] = await reasons({}, store("main", { [key]: "true" }));
      expect(others).toEqual([]);
      expect(said).toBe(`|${key}: Invalid input: expected boolean, received string`);
    },
  );

  test.each(["endpoint", "bucket", "accessKeyId", "secretAccessKey"])("%s that is missing", async (key) => {
    const { [key]: _missing, ...rest } = store("main");
    expect(await reasons({}, rest)).toEqual([`|${key}: is required`]);
    expect(await reasons(recorded(), rest)).toEqual([`|${key}: is required`]);
  });

  test.each([
    ["storename", "; did you mean storeName?"],
    ["readonly", "; did you mean readOnly?"],
    ["accessKey", "; did you mean accessKeyId?"],
    ["zoneId", `; there are ${ALL_NAMES}`],
    ["url", `; there are ${ALL_NAMES}`],
  ])("the unknown property %s", async (key, suggestion) => {
    for (const value of ["x", UNKNOWN])
      expect(await reasons({}, store("main", { [key]: value }))).toEqual([
        `|${key}: there is no such property${suggestion}`,
      ]);
  });

  const unchanged = (properties: string) =>
    `|${properties}: cannot be changed under the same storeName: CloudStack edits no S3 details, so a new store has to be added beside main before that one goes. Give another storeName, or declare what the live store has`;

  test.each<[string, unknown]>([
    ["endpoint", "https://other.example.test"],
    ["bucket", "other"],
    ["accessKeyId", "AKIA2"],
    ["s3Signer", "v2"],
    ["connectionTimeoutMs", 5],
    ["socketTimeoutMs", 5],
    ["maxErrorRetry", 5],
    ["connectionTtlMs", 5],
    ["useTcpKeepAlive", true],
  ])("a new %s under an explicit name that stays", async (key, value) => {
    expect(await reasons(recorded(), store("main", { [key]: value }))).toEqual([unchanged(key)]);
    expect(await reasons(recorded(), store("next", { [key]: value }))).toEqual([]);
    expect(await reasons(recorded(), store(UNKNOWN, { [key]: value }))).toEqual([]);
    const { storeName: _explicit, ...unnamed } = store("", { [key]: value });
    // A name that was once given stays, so that there is no room for the successor.
    expect(await reasons(recorded(), { ...unnamed, __defaultName: "x-01234567" })).toEqual([unchanged(key)]);
  });

  test("several of them in one sentence, and what becomes unmanaged not at all", async () => {
    const news = { endpoint: "http://s3.example.test", useHttps: false, bucket: "other" };
    expect(await reasons(recorded(), store("main", news))).toEqual([unchanged("endpoint, bucket, useHttps")]);
    expect(await reasons(recorded({ maxErrorRetry: 3 }), store("main"))).toEqual([]);
    expect(await reasons(recorded(), store("main", { endpoint: "https://S3.EXAMPLE.test/" }))).toEqual([]);
  });

  test("a new secret under the same access key, whatever the name does", async () => {
    const text =
      "|secretAccessKey: cannot be changed under the same accessKeyId: system VMs and management servers that run keep one S3 client an access key and would go on " +
      'with the old secret. Make a new key pair (keyGeneration of a CloudianUser, previousKeys: "keep"), and give both';
    const news = { secretAccessKey: "Canary-new-secret" };
    expect(await reasons(recorded(), store("main", news))).toEqual([text]);
    expect(await reasons(recorded(), store("next", news))).toEqual([text]);
    expect(await reasons(recorded(), store("next", { ...news, bucket: "other" }))).toEqual([text]);
    expect(await reasons(recorded(), store("next", { ...news, accessKeyId: "AKIA2" }))).toEqual([]);
    expect(await reasons(recorded(), store("next", { ...news, accessKeyId: UNKNOWN }))).toEqual([]);
    expect(await reasons(recorded(), store("main", { secretAccessKey: UNKNOWN, accessKeyId: UNKNOWN }))).toEqual([]);
  });

  test("a detail that the program has made secret, and its change, find another name", async () => {
    const hidden = { __secrets: ["accessKeyId"], __defaultName: "main-01234567" };
    const { storeName: _derived, ...unnamed } = store("", hidden);
    const name = String((await server.check({}, unnamed)).inputs["storeName"]);
    const olds = { ...store(name), __derived: true, systemEndpoint: stage.endpoint };
    const news = { ...unnamed, accessKeyId: "AKIA2", secretAccessKey: "Canary-second-secret" };
    const { inputs, failures } = await server.check(olds, news);
    expect(failures).toEqual([]);
    expect(inputs["storeName"]).toMatch(/^main-01234567-[0-9a-f]{8}$/);
    expect(inputs["storeName"]).not.toBe(name);
  });

  describe("is warned of", () => {
    const moved =
      "S3 secondary storage next gets another endpoint under the same access key id: system VMs and management servers that run keep one S3 client an access key and go on with the " +
      "old endpoint until they restart. Give the new store a new access key, or restart the secondary storage VMs and the management servers afterwards.";
    const early =
      "S3 secondary storage next is replaced, and the old store is deleted as soon as the new one is added, before any template is on it. Declare waitForTemplates to keep the old one until then.";
    const key = { accessKeyId: "AKIA2", secretAccessKey: "Canary-second" };
    const wait = { waitForTemplates: { set: "system" } };
    const other = { endpoint: "https://other.example.test" };

    test.each<[string, Properties, Properties, string[]]>([
      ["a new endpoint under the old access key", {}, { ...other, ...wait }, [moved]],
      ["an old store that goes before templates are on the new one", {}, { ...other, ...key }, [early]],
      ["both", {}, other, [moved, early]],
      ["neither where the key is new and templates are waited for", {}, { ...other, ...key, ...wait }, []],
      ["neither where the old store is kept", { onDestroy: "readOnly" }, { ...other, ...key }, []],
      ["neither where nothing but the name changes", {}, {}, []],
    ])("%s", async (_what, olds, news, warnings) => {
      const previewing = await stage.serve();
      for (const _again of [1, 2])
        expect((await previewing.check(recorded(olds), store("next", news))).failures).toEqual([]);
      expect(previewing.warnings).toEqual(warnings);
    });
  });
});

describe("what S3SecondaryStorage refuses before anything is added", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  let count = 0;
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    // Too short to wait for a key that may be new.
    server = await stage.warm({ operationTimeoutSeconds: "8" });
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    count += 1;
    name = `store-${count}`;
  });

  /** What a creation says that must not have added anything. */
  const refused = async (inputs: Properties, by: DynamicServer = server) => {
    const { message, sent } = await stage.refusalOf(() => by.create(inputs));
    expect(sent.filter((line) => line.startsWith("POST "))).toEqual([]);
    expect(message).not.toContain("Canary");
    return { message, sent };
  };

  test("secondary storage of another provider anywhere, each named with its zone and the ways out", async () => {
    await stage.patch({
      zones: { far: { name: "far-zone" } },
      imageStores: {
        "nfs-1": { name: "nfs://h/one", zoneId: "far" },
        "nfs-2": { name: "second" },
        swift: { name: "old-swift", provider: "Swift", scope: "REGION", zoneId: null },
        s3: { name: "an-s3", provider: "S3" },
        cache: { name: "nfs://h/cache", role: "ImageCache" },
      },
    });
    const { message, sent } = await refused(store(name, { verifyBucket: true }));
    expect(sent).toEqual(["GET listImageStores"]);
    expect(message).toBe(
      `S3 secondary storage is not added: all secondary storage of a cloud has to be of one provider, and ${stage.endpoint} has nfs://h/one (NFS, zone far-zone, nfs-1); ` +
        "second (NFS, zone lab-zone, nfs-2); old-swift (Swift, zone all, swift). Ways out: delete these stores, where nothing is on them; or turn all " +
        "NFS secondary storage into staging stores with CloudStack's updateCloudToUseObjectStore, which cannot be undone and is therefore no resource: " +
        "the command cloudstack-storage convert-nfs looks first, and then does it.",
    );
  });

  test("not staging stores, nor S3 stores whatever their letters", async () => {
    await stage.patch({
      imageStores: {
        s3: { name: "an-s3", provider: "s3", scope: "REGION", zoneId: null },
        cache: { name: "nfs://h/cache", role: "ImageCache" },
      },
    });
    expect((await server.create(store(name))).id).not.toBe("");
  });

  test("a name that a store of another provider or a staging store has", async () => {
    await stage.patch({ imageStores: { nfs: { name }, s3: { name: "an-s3", provider: "S3" } } });
    expect((await refused(store(name, { adopt: true }))).message).toBe(
      `Store ${name} exists, but with the provider NFS; nothing was added. Give another storeName.`,
    );
    await stage.patch({ imageStores: { nfs: { role: "ImageCache" } } });
    const { message, sent } = await stage.refusalOf(() => server.create(store(name, { adopt: true })));
    expect(message).toBe(`A staging store has the name ${name}; nothing was added. Give another storeName.`);
    expect(sent.filter((line) => line.startsWith("POST ")).length).toBeLessThanOrEqual(1);
    expect(await stage.storesNamed(name)).toMatchObject([{ role: "ImageCache" }]);
  });

  test("a cloud without the S3 provider, which would make an NFS store of it", async () => {
    const say = (content: object) => ({ status: 200, body: JSON.stringify({ response: content }) });
    const stub = await startStub(({ url, body }) => {
      const command = new URLSearchParams(body === "" ? url.split("?")[1] : body).get("command");
      if (command === "listCapabilities") return say({ capability: { cloudstackversion: "4.22.0.0" } });
      if (command === "listStorageProviders")
        return say({ count: 2, dataStoreProvider: [{ name: "NFS" }, { name: "Swift" }] });
      return say({});
    });
    try {
      const there = await stage.serve({ cloudstackEndpoint: `${stub.endpoint}/client/api` });
      expect((await failureOf(there.create(store(name)))).message).toBe(
        "S3 secondary storage is not added: this CloudStack has no image provider called S3 (it has NFS, Swift), and would take the store for NFS. Install the S3 plugin, which is part of CloudStack.",
      );
      expect(stub.seen.filter((request) => request.startsWith("POST"))).toEqual([]);
    } finally {
      await stub.close();
    }
  });

  describe("after a look at the bucket", () => {
    beforeEach(() => stage.seedBucket());
    const local = (more: Properties = {}) =>
      store(name, { endpoint: stage.s3Endpoint, useHttps: false, verifyBucket: true, ...more });
    const intro = (bucket: string) => `S3 secondary storage is not added: bucket ${bucket} at ${stage.s3Endpoint}`;

    test("that does not exist", async () => {
      const { message, sent } = await refused(local({ bucket: "secundary" }));
      expect(message).toBe(
        `${intro("secundary")} does not exist, and CloudStack never makes it. Make it first (an S3Bucket of this user), or correct endpoint and bucket. (verifyBucket: false leaves this check out.)`,
      );
      expect(sent).toEqual(["GET listImageStores", "S3 HEAD /secundary", "S3 GET /secundary"]);
    });

    test("that is somebody else's", async () => {
      const keys = { accessKeyId: "AKIAOTHER00000000001", secretAccessKey: "Canary-Key-of-Other" };
      expect((await refused(local(keys))).message).toBe(
        `${intro("secondary")} exists, but access key id AKIAOTHER00000000001 has no access to it. Give the keys of its owner, or correct the bucket. (verifyBucket: false leaves this check out.)`,
      );
    });

    test("with a secret key that is not the right one", async () => {
      const { message } = await refused(local({ secretAccessKey: "Canary-Typing-Mistake" }));
      expect(message).toMatch(/answered 403 SignatureDoesNotMatch/);
      expect(message).toContain(`The secret access key is not that of access key id ${KEY.accessKeyId}`);
    });

    test("with an access key that the service does not know", async () => {
      const { message } = await refused(local({ accessKeyId: "AKIAUNKNOWN" }));
      expect(message).toMatch(/answered 403 InvalidAccessKeyId/);
      expect(message).toContain("It does not know access key id AKIAUNKNOWN");
    });

    test("that cannot be reached", async () => {
      const { message } = await refused(local({ endpoint: "http://127.0.0.1:1" }));
      expect(message).toContain("http://127.0.0.1:1 cannot be reached");
    });

    test("behind something that is no S3 service", async () => {
      const stub = await startStub(() => ({
        status: 200,
        body: "<html>hi</html>",
        headers: { "content-type": "text/html" },
      }));
      try {
        expect((await refused(local({ endpoint: stub.endpoint }))).message).not.toBe("no error");
      } finally {
        await stub.close();
      }
    });

    test("unless verifyBucket is off: then CloudStack takes what it is told", async () => {
      const { result, sent } = await stage.resultOf(() =>
        server.create(local({ verifyBucket: false, bucket: "secundary", secretAccessKey: "Canary-Typing-Mistake" })),
      );
      expect(result.properties).toMatchObject({
        bucket: "secundary",
        secretAccessKey: secret("Canary-Typing-Mistake"),
      });
      expect(sent.filter((line) => line.startsWith("S3 "))).toEqual([]);
    });
  });

  describe("after a look at the zones", () => {
    const noStaging = (zones: string) =>
      `S3 secondary storage ${name}: ${zones} without a staging store. CloudStack adds the store all the same, but system VMs and instances ` +
      `there cannot start ("Can't find staging storage in zone"). Declare a SecondaryStagingStore for each.`;
    const noVm = (zones: string) =>
      `S3 secondary storage ${name}: ${zones} without a running secondary storage VM. Nothing is downloaded to the store before one runs, and in a ` +
      "zone that never had one none can start, because its template is not on the store. What helps there: put the template into the bucket by hand; or delete the store, bring the zone up on NFS and move to S3 with cloudstack-storage convert-nfs.";

    test("one without staging store and one without system VM are warned of; disabled zones are not", async () => {
      await stage.patch({
        zones: { b: { name: "b-zone" }, c: { name: "c-zone", allocationState: "Disabled" } },
        imageStores: { cache: { name: "nfs://h/b", role: "ImageCache", zoneId: "b" } },
      });
      const fresh = await stage.serve();
      await fresh.create(store(name));
      expect(fresh.warnings).toEqual([noStaging("zone lab-zone is"), noVm("zone b-zone is")]);
      expect(await stage.storesNamed(name)).toHaveLength(1);
    });

    test("several zones stand in one warning", async () => {
      await stage.patch({ options: { systemVmMissing: true }, zones: { b: { name: "b-zone" } } });
      const fresh = await stage.serve();
      await fresh.create(store(name));
      expect(fresh.warnings).toEqual([noStaging("zones lab-zone, b-zone are"), noVm("zones lab-zone, b-zone are")]);
    });

    test.each([
      { state: "Stopped" },
      { state: "Starting" },
      { agentState: "Down" },
      { agentState: "Connecting" },
      { type: "consoleproxy" },
    ])("a system VM that does not serve is none: %j", async (change) => {
      await stage.patch({
        imageStores: { cache: { name: "nfs://h/a", role: "ImageCache" } },
        systemVms: { "5b7e2d94-c1f0-48a3-8d6e-93f4a0b1c728": change },
      });
      const fresh = await stage.serve();
      await fresh.create(store(name));
      expect(fresh.warnings).toEqual([noVm("zone lab-zone is")]);
    });

    test("a cloud in which all is ready is warned of nothing", async () => {
      await stage.patch({ imageStores: { cache: { name: "nfs://h/a", role: "ImageCache" } } });
      const fresh = await stage.serve();
      await fresh.create(store(name));
      expect(fresh.warnings).toEqual([]);
    });

    test("requireStagingStores makes a refusal of it, before anything is added", async () => {
      const fresh = await stage.serve();
      const { message } = await refused(store(name, { requireStagingStores: true }), fresh);
      expect(message).toBe(
        `S3 secondary storage ${name} is not added: zone lab-zone is without a staging store. Declare a SecondaryStagingStore for each.`,
      );
      expect(await stage.storesNamed(name)).toEqual([]);
    });

    test("a staging store that this run makes first counts", async () => {
      const fresh = await stage.serve();
      await refused(store(name, { requireStagingStores: true }), fresh);
      await fresh.create(staging("/export/a"));
      expect((await fresh.create(store(name, { requireStagingStores: true }))).id).not.toBe("");
    });
  });
});
