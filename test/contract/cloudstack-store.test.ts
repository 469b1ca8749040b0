import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, KEY, NOWHERE, START, store, textOf } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { secret, UNKNOWN } from "./support.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CHANGED = { changes: "UNKNOWN", replaces: [], deleteBeforeReplace: false };
const NONE = { ...CHANGED, changes: "NONE" };

/** Every detail, as a program gives it and as CloudStack has to get it. */
const ALL = {
  s3Signer: "v4",
  connectionTimeoutMs: 1000,
  socketTimeoutMs: 2000,
  maxErrorRetry: 0,
  connectionTtlMs: 4000,
  useTcpKeepAlive: false,
};
const SENT = {
  endpoint: "https://s3.example.test:443",
  bucket: "secondary",
  accesskey: KEY.accessKeyId,
  secretkey: KEY.secretAccessKey,
  usehttps: "true",
};
const SENT_ALL = {
  ...SENT,
  s3signer: "AWSS3V4SignerType",
  connectiontimeout: "1000",
  sockettimeout: "2000",
  maxerrorretry: "0",
  connectionttl: "4000",
  usetcpkeepalive: "false",
};

// Both SDKs' servers run a whole life in cloudstack-lives.test.ts; one serves here.
describe("S3SecondaryStorage", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  let destroying: DynamicServer;
  let count = 0;
  /** A process takes a name for one resource only: every test has its own. */
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, destroying] = await Promise.all([stage.warm(), stage.serve()]);
    await destroying.read(NOWHERE, store("none"));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    count += 1;
    name = `store-${count}`;
  });

  const wrapped = (more: Properties = {}) => store(name, { secretAccessKey: secret(KEY.secretAccessKey), ...more });
  const outputs = (more: Properties = {}) => ({
    protocol: "https",
    url: "https://s3.example.test/secondary",
    systemEndpoint: stage.endpoint,
    ...more,
  });
  const recorded = (more: Properties = {}) => store(name, outputs(more));
  const add = () => `POST addImageStore name=${name} provider=S3 url=https://s3.example.test/secondary`;
  const made = async (more: Properties = {}) => {
    const { id, properties } = await server.create(store(name, more));
    return { id, olds: plain(properties) };
  };

  describe("create", () => {
    test("asks what is asked once a process before the first store only", async () => {
      await stage.seedBucket();
      const fresh = await stage.serve();
      const place = { endpoint: stage.s3Endpoint, useHttps: false, verifyBucket: true };
      const url = `${stage.s3Endpoint}/secondary`;
      const first = await stage.callsOf(() => fresh.create(store("first", place)));
      expect(first.slice(0, 2)).toEqual(START);
      expect(first.slice(2).sort()).toEqual([
        "GET listImageStores",
        "GET listSecondaryStagingStores",
        "GET listStorageProviders type=image",
        "GET listSystemVms systemvmtype=secondarystoragevm",
        "GET listZones",
        `POST addImageStore name=first provider=S3 url=${url}`,
        "S3 HEAD /secondary",
      ]);
      expect(await stage.callsOf(() => fresh.create(store("second", place)))).toEqual([
        "GET listImageStores",
        "S3 HEAD /secondary",
        `POST addImageStore name=second provider=S3 url=${url}`,
      ]);
    });

    test("sends what is declared, and returns it with what CloudStack says", async () => {
      const { result, sent } = await stage.resultOf(() => server.create(store(name)));
      expect(sent).toEqual(["GET listImageStores", add()]);
      expect(result).toEqual({ id: expect.stringMatching(UUID), properties: wrapped(outputs()) });
      expect(await stage.storesNamed(name)).toMatchObject([
        {
          id: result.id,
          provider: "S3",
          scope: "REGION",
          zoneId: null,
          readOnly: false,
          protocol: "https",
          details: SENT,
        },
      ]);
      expect((await stage.storesNamed(name))[0]?.details).toEqual(SENT);
    });

    test("sends every detail by CloudStack's own name, as text", async () => {
      const { properties } = await server.create(store(name, ALL));
      expect((await stage.storesNamed(name))[0]?.details).toEqual(SENT_ALL);
      expect(properties).toEqual(wrapped({ ...ALL, ...outputs() }));
    });

    test.each([
      ["v2", "S3SignerType"],
      ["v4", "AWSS3V4SignerType"],
    ])("sends the signer %s as %s, which no release drops", async (s3Signer, sent) => {
      await server.create(store(name, { s3Signer }));
      expect((await stage.storesNamed(name))[0]?.details["s3signer"]).toBe(sent);
    });

    test("over plain HTTP says so in the details and in the URL", async () => {
      const { properties } = await server.create(
        store(name, { endpoint: "http://s3.example.test:80", useHttps: false }),
      );
      expect(properties).toMatchObject({ protocol: "http", url: "http://s3.example.test/secondary" });
      expect((await stage.storesNamed(name))[0]).toMatchObject({
        protocol: "http",
        url: "http://s3.example.test/secondary",
        details: { usehttps: "false", endpoint: "http://s3.example.test:80" },
      });
    });

    test("read-only takes one more request; not read-only none", async () => {
      const { result, sent } = await stage.resultOf(() => server.create(store(name, { readOnly: true })));
      expect(sent).toEqual(["GET listImageStores", add(), `POST updateImageStore id=${result.id} readonly=true`]);
      expect(await stage.storesNamed(name)).toMatchObject([{ readOnly: true }]);
      name = `${name}-b`;
      expect(await stage.callsOf(() => server.create(store(name, { readOnly: false })))).toEqual([
        "GET listImageStores",
        add(),
      ]);
    });

    test("leaves other S3 stores alone, also one of the same bucket", async () => {
      const first = await made();
      name = `${name}-b`;
      const second = await made();
      expect(second.id).not.toBe(first.id);
      const { imageStores } = await stage.cloud();
      expect(Object.values(imageStores).filter(({ removed }) => !removed)).toHaveLength(2);
    });
  });

  describe("check", () => {
    test("brings what a program writes to the canonical form, which stays as it is", async () => {
      const { secretAccessKey, ...rest } = store(name);
      const written = { ...rest, secretAccessKey, endpoint: "HTTPS://S3.example.test/", s3Signer: null };
      const { useHttps, requireStagingStores, onDestroy, adopt, ...short } = written as Properties;
      expect(await server.check({}, short)).toEqual({ inputs: wrapped(), failures: [] });
      expect(await server.check({}, store(name))).toEqual({ inputs: wrapped(), failures: [] });
      expect(await server.check(recorded(), store(name))).toEqual({ inputs: wrapped(), failures: [] });
    });

    test("keeps details that are no longer declared, because the store keeps them", async () => {
      const { inputs, failures } = await server.check(recorded({ ...ALL, readOnly: true }), store(name));
      expect(failures).toEqual([]);
      expect(inputs).toEqual(wrapped(ALL));
      expect(await server.diff("id", recorded(ALL), plain(inputs))).toEqual(NONE);
      const other = await server.check(recorded(ALL), store("next", { bucket: "other", maxErrorRetry: 9 }));
      expect(other.inputs).toMatchObject({ ...ALL, maxErrorRetry: 9, bucket: "other" });
    });

    test("fills in how long to wait for templates", async () => {
      const { inputs } = await server.check({}, store(name, { waitForTemplates: { set: "system" } }));
      expect(inputs["waitForTemplates"]).toEqual({ set: "system", timeoutMinutes: 60 });
    });

    test.each([
      ...["storeName", "endpoint", "bucket", "accessKeyId", "secretAccessKey", "useHttps", "s3Signer"],
      ...["connectionTimeoutMs", "socketTimeoutMs", "maxErrorRetry", "connectionTtlMs", "useTcpKeepAlive"],
      ...["readOnly", "verifyBucket", "requireStagingStores", "waitForTemplates", "onDestroy", "adopt"],
    ])("lets %s be unknown, and the others keep their form", async (property) => {
      const inputs = wrapped({ ...ALL, readOnly: false, [property]: UNKNOWN });
      expect(await server.check({}, { ...store(name, { ...ALL, readOnly: false }), [property]: UNKNOWN })).toEqual({
        inputs,
        failures: [],
      });
    });

    test("sends nothing, and neither does diff", async () => {
      const sent = await stage.callsOf(async () => {
        await server.check({}, store(name));
        await server.check(recorded(), store(name, { readOnly: true }));
        await server.diff("id", recorded(), store(name, { bucket: "other" }));
      });
      expect(sent).toEqual([]);
    });
  });

  describe("a derived name", () => {
    const bare = (more: Properties = {}) => {
      const { storeName, ...rest } = store("", more);
      return { ...rest, __defaultName: "main-01234567" };
    };
    const nameFor = async (olds: Properties, news: Properties) => {
      const { inputs, failures } = await server.check(olds, news);
      expect(failures).toEqual([]);
      return String(inputs["storeName"]);
    };

    test("ends in eight digits of the details, of which the secret key is none", async () => {
      const first = await nameFor({}, bare());
      expect(first).toMatch(/^main-01234567-[0-9a-f]{8}$/);
      expect(await nameFor({}, bare({ secretAccessKey: "another-secret" }))).toBe(first);
      expect(await nameFor({}, bare({ readOnly: true, adopt: true, onDestroy: "readOnly" }))).toBe(first);
      const { inputs } = await server.check({}, bare());
      expect(inputs).toMatchObject({ __derived: true });
      expect(JSON.stringify(inputs["storeName"])).not.toContain(KEY.secretAccessKey);
    });

    test("differs with every other detail", async () => {
      const changes: Properties[] = [
        {},
        { bucket: "other" },
        { endpoint: "https://other.example.test" },
        { accessKeyId: "AKIA2" },
        { endpoint: "http://s3.example.test", useHttps: false },
        ...Object.entries(ALL).map(([key, value]) => ({ [key]: value })),
      ];
      const names = await Promise.all(changes.map((more) => nameFor({}, bare(more))));
      expect(new Set(names).size).toBe(changes.length);
    });

    test("stays with the store whatever its stack is called, and changes with its details alone", async () => {
      const first = await nameFor({}, bare());
      const olds = { ...store(first, outputs()), __derived: true };
      expect(await nameFor(olds, { ...bare(), __defaultName: "other-89abcdef" })).toBe(first);
      expect(await nameFor(olds, bare({ readOnly: true }))).toBe(first);
      const next = await nameFor(olds, { ...bare({ bucket: "next" }), __defaultName: "other-89abcdef" });
      expect(next).toMatch(/^main-01234567-[0-9a-f]{8}$/);
      expect(next).not.toBe(first);
      // What is no longer declared is only unmanaged.
      const detailed = { ...olds, maxErrorRetry: 5 };
      expect(await nameFor(detailed, bare())).toBe(first);
    });

    test("is unknown while a detail is", async () => {
      for (const key of ["endpoint", "bucket", "accessKeyId", "secretAccessKey", "maxErrorRetry"]) {
        expect((await server.check({}, bare({ [key]: UNKNOWN }))).inputs["storeName"]).toBe(UNKNOWN);
      }
    });

    test("hashes no detail that the program has made secret", async () => {
      const hidden = { __secrets: ["bucket"] };
      expect(await nameFor({}, bare({ bucket: "one", ...hidden }))).toBe(
        await nameFor({}, bare({ bucket: "two", ...hidden })),
      );
    });

    test("makes a successor beside the old store, which goes after it", async () => {
      const own = (more: Properties = {}) => ({ ...bare(more), __defaultName: "old-01234567" });
      const first = await nameFor({}, own());
      const old = await server.create(plain((await server.check({}, own())).inputs));
      const news = own({ accessKeyId: "AKIA2", secretAccessKey: "Canary-second-secret" });
      const replacing = await stage.serve();
      const { inputs } = await replacing.check(plain(old.properties), news);
      expect(await replacing.diff(old.id, plain(old.properties), plain(inputs))).toMatchObject({
        changes: "UNKNOWN",
        replaces: expect.arrayContaining(["accessKeyId", "secretAccessKey"]),
        deleteBeforeReplace: false,
      });
      const next = await replacing.create(plain(inputs));
      expect(next.id).not.toBe(old.id);
      expect(await stage.storesNamed(first)).toHaveLength(1);
      expect(await stage.storesNamed(String(inputs["storeName"]))).toHaveLength(1);
      await replacing.delete(old.id, plain(old.properties));
      expect(await stage.storesNamed(first)).toEqual([]);
      expect(await stage.storesNamed(String(inputs["storeName"]))).toHaveLength(1);
    });
  });

  describe("diff", () => {
    const OTHER: Properties = {
      endpoint: "https://other.example.test:443",
      bucket: "other",
      accessKeyId: "AKIA2",
      secretAccessKey: "other",
      useHttps: false,
      s3Signer: "v2",
      connectionTimeoutMs: 1,
      socketTimeoutMs: 1,
      maxErrorRetry: 1,
      connectionTtlMs: 1,
      useTcpKeepAlive: true,
    };
    const UPDATES: Properties = {
      storeName: "renamed",
      readOnly: true,
      verifyBucket: true,
      requireStagingStores: true,
      waitForTemplates: { set: "system", timeoutMinutes: 60 },
      onDestroy: "readOnly",
      adopt: true,
    };

    test("of what is recorded is none, whatever the spelling", async () => {
      expect(await server.diff("id", recorded(ALL), store(name, ALL))).toEqual(NONE);
      const spelled = { endpoint: "https://S3.example.test", s3Signer: null };
      expect(await server.diff("id", recorded(), store(name, spelled))).toEqual(NONE);
      const imported = { ...recorded() };
      for (const key of ["verifyBucket", "requireStagingStores", "onDestroy", "adopt"]) delete imported[key];
      expect(await server.diff("id", imported, store(name, { verifyBucket: true }))).toEqual(NONE);
    });

    test.each(Object.keys(OTHER))("of %s alone replaces, the new store first", async (key) => {
      const olds = recorded(ALL);
      expect(await server.diff("id", olds, store(name, { ...ALL, [key]: OTHER[key] }))).toEqual({
        ...CHANGED,
        replaces: [key],
      });
      expect(await server.diff("id", olds, store(name, { ...ALL, [key]: UNKNOWN }))).toMatchObject({ replaces: [key] });
    });

    test.each(Object.keys(ALL))("of %s that is newly declared replaces", async (key) => {
      const { [key]: _new, ...rest } = ALL as Properties;
      expect(await server.diff("id", recorded(rest), store(name, ALL))).toEqual({ ...CHANGED, replaces: [key] });
    });

    test.each(Object.keys(UPDATES))("of %s alone is an update", async (key) => {
      expect(await server.diff("id", recorded(), store(name, { [key]: UPDATES[key] }))).toEqual(CHANGED);
    });
  });

  describe("read", () => {
    test("costs one list for all stores of a run, and none for what is asked by id in vain", async () => {
      const stores = [await made()];
      for (const suffix of ["b", "c"]) {
        name = `${name}${suffix}`;
        stores.push(await made());
      }
      const reading = await stage.serve();
      const { result, sent } = await stage.resultOf(() =>
        Promise.all(stores.map(({ id, olds }) => reading.read(id, olds))),
      );
      expect(sent).toEqual([...START, "GET listImageStores"]);
      expect(result.map(({ id }) => id)).toEqual(stores.map(({ id }) => id));
    });

    test("returns the inputs as check does, and the outputs with them", async () => {
      const { id, olds } = await made({ ...ALL, readOnly: false });
      const { inputs, properties } = await (await stage.serve()).read(id, olds);
      expect(inputs).toEqual(wrapped({ ...ALL, readOnly: false }));
      expect(properties).toEqual(wrapped({ ...ALL, readOnly: false, ...outputs() }));
    });

    test("of nothing but an id shows what CloudStack shows", async () => {
      const { id } = await made({ readOnly: true });
      const { inputs } = await (await stage.serve()).read(id, undefined, { __provider: textOf("S3SecondaryStorage") });
      expect(inputs).toEqual({
        storeName: name,
        endpoint: "https://s3.example.test:443",
        bucket: "secondary",
        useHttps: true,
        readOnly: true,
        __provider: textOf("S3SecondaryStorage"),
      });
    });
  });

  describe("update", () => {
    test.each([
      { what: "readOnly on", before: { readOnly: false }, after: { readOnly: true }, sent: ["readonly=true"] },
      { what: "readOnly off", before: { readOnly: true }, after: { readOnly: false }, sent: ["readonly=false"] },
      { what: "readOnly newly managed", before: {}, after: { readOnly: true }, sent: ["readonly=true"] },
    ])("$what costs one request", async ({ before, after, sent }) => {
      const { id, olds } = await made(before);
      const { result, sent: lines } = await stage.resultOf(() => server.update(id, olds, store(name, after)));
      expect(lines).toEqual([`POST updateImageStore id=${id} ${sent.join(" ")}`]);
      expect(result).toEqual(wrapped({ ...after, ...outputs() }));
    });

    test("a new name costs a look whether it is free, and both go in one request", async () => {
      const { id, olds } = await made({ readOnly: false });
      const news = store(`${name}-renamed`, { readOnly: true });
      const { result, sent } = await stage.resultOf(() => server.update(id, olds, news));
      expect(sent).toEqual([
        `GET listImageStores name=${name}-renamed`,
        `GET listSecondaryStagingStores name=${name}-renamed`,
        `POST updateImageStore id=${id} name=${name}-renamed readonly=true`,
      ]);
      expect(result).toMatchObject({ storeName: `${name}-renamed`, readOnly: true, protocol: "https" });
      expect(await stage.storesNamed(`${name}-renamed`)).toMatchObject([{ id, readOnly: true, details: SENT }]);
    });

    test.each([
      { what: "readOnly that is no longer managed", after: {} },
      { what: "verifyBucket", after: { readOnly: true, verifyBucket: true } },
      { what: "requireStagingStores", after: { readOnly: true, requireStagingStores: true } },
      { what: "onDestroy", after: { readOnly: true, onDestroy: "readOnly" } },
      { what: "adopt", after: { readOnly: true, adopt: true } },
    ])("of $what sends nothing", async ({ after }) => {
      const { id, olds } = await made({ readOnly: true });
      const { result, sent } = await stage.resultOf(() => server.update(id, olds, store(name, after)));
      expect(sent).toEqual([]);
      expect(result).toEqual(wrapped({ ...after, ...outputs() }));
      expect(await stage.storesNamed(name)).toMatchObject([{ readOnly: true }]);
    });

    test("to a name that another store has is refused before any write", async () => {
      const { id, olds } = await made();
      const other = "5e0c7b1a-2f4d-4a6b-8c9e-0d1f2a3b4c5d";
      await stage.patch({
        imageStores: { [other]: { name: "taken", provider: "S3" } },
      });
      const { message, sent } = await stage.refusalOf(() => server.update(id, olds, store("taken")));
      expect(message).toBe(`S3 secondary storage ${id} is not renamed: store ${other} has the name taken.`);
      expect(sent).toEqual(["GET listImageStores name=taken"]);
    });

    test("to a name that a staging store has is refused before any write", async () => {
      const { id, olds } = await made();
      await stage.patch({ imageStores: { cache: { name: "nfs://h/taken", role: "ImageCache" } } });
      const { message, sent } = await stage.refusalOf(() => server.update(id, olds, store("nfs://h/taken")));
      expect(message).toBe(`S3 secondary storage ${id} is not renamed: store cache has the name nfs://h/taken.`);
      expect(sent.filter((line) => line.startsWith("POST "))).toEqual([]);
    });
  });

  describe("delete", () => {
    test("costs one request, and what is gone already is deleted", async () => {
      const { id, olds } = await made();
      expect(await stage.callsOf(() => destroying.delete(id, olds))).toEqual([`POST deleteImageStore id=${id}`]);
      expect(await stage.storesNamed(name)).toEqual([]);
      expect(await stage.callsOf(() => destroying.delete(id, olds))).toEqual([`POST deleteImageStore id=${id}`]);
    });

    test("leaves the bucket and what is in it alone", async () => {
      await stage.seedBucket();
      const { id, olds } = await made({ endpoint: stage.s3Endpoint, useHttps: false });
      await destroying.delete(id, olds);
      expect((await stage.control.state()).cloudian.buckets["cloudstack/secondary"]).toHaveLength(1);
    });
  });
});
