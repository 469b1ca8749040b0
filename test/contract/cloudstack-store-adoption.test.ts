import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, KEY, store } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret } from "./support.ts";

const BELIEVED = " Nobody can compare or change accessKeyId, secretAccessKey; it is taken to be as declared.";
const LOST: { kind: LabFault["kind"]; done: boolean }[] = [
  { kind: "reset-before-read", done: false },
  { kind: "reset-after-commit", done: true },
  { kind: "truncate", done: true },
  { kind: "html", done: false },
  { kind: "status", done: false },
  { kind: "status-after-commit", done: true },
];

// Adoption is decided above the kinds, and both SDKs' servers do it with the Cloudian kinds; one serves here.
describe("adoption of secondary storage", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  let identical: DynamicServer;
  let count = 0;
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, identical] = await Promise.all([stage.warm(), stage.serve({}, { CLOUDSTACK_STORAGE_ADOPT: "identical" })]);
    await identical.read("none", store("none"));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.seedStaging();
    count += 1;
    name = `taken-${count}`;
  });

  const idOf = () => `id-of-${name}`;
  const seed = (more: object = {}) =>
    stage.patch({
      imageStores: {
        [idOf()]: { name, provider: "S3", url: "https://s3.example.test/secondary", protocol: "https", ...more },
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
    return message;
  };
  const LOOKS = () => ["GET listImageStores", `GET listImageStores name=${name}`];

  test.each(["adopt", "derived", "run-wide"])(
    "of a store that is as declared takes it over without a write (%s)",
    async (how) => {
      await seed();
      const more = how === "adopt" ? { adopt: true } : how === "derived" ? { __derived: true } : {};
      const { id, properties, sent, warnings } = await create(
        store(name, more),
        how === "run-wide" ? identical : server,
      );
      expect(id).toBe(idOf());
      expect(sent).toEqual(LOOKS());
      expect(warnings).toEqual([`S3 secondary storage ${name} exists and is taken over.${BELIEVED}`]);
      expect(properties).toMatchObject({
        storeName: name,
        protocol: "https",
        url: "https://s3.example.test/secondary",
        secretAccessKey: secret(KEY.secretAccessKey),
      });
    },
  );

  test("names every detail that nobody can compare, and no other", async () => {
    await seed();
    const details = {
      s3Signer: "v4",
      connectionTimeoutMs: 1,
      socketTimeoutMs: 1,
      maxErrorRetry: 1,
      connectionTtlMs: 1,
      useTcpKeepAlive: true,
    };
    const { warnings } = await create(store(name, { ...details, adopt: true }));
    expect(warnings).toEqual([
      `S3 secondary storage ${name} exists and is taken over. Nobody can compare or change accessKeyId, secretAccessKey, s3Signer, connectionTimeoutMs, socketTimeoutMs, maxErrorRetry, connectionTtlMs, useTcpKeepAlive; it is taken to be as declared.`,
    ]);
  });

  test.each([{ url: null }, { url: "https://s3.example.test/base/secondary" }, { url: "S3 of the data center" }])(
    "of a store whose URL does not tell where its bucket is names endpoint and bucket as well: %j",
    async ({ url }) => {
      await seed({ url });
      const { id, properties, warnings, sent } = await create(store(name, { adopt: true }));
      expect(id).toBe(idOf());
      expect(sent).toEqual(LOOKS());
      expect(warnings).toEqual([
        `S3 secondary storage ${name} exists and is taken over. Nobody can compare or change accessKeyId, secretAccessKey, endpoint, bucket; it is taken to be as declared.`,
      ]);
      expect(properties["url"]).toBe(url ?? "");
      const later = await stage.serve();
      const seen = await later.read(id, properties, store(name, { adopt: true }));
      expect(seen.inputs).toMatchObject({ endpoint: "https://s3.example.test:443", bucket: "secondary" });
      expect(await later.diff(id, plain(seen.properties), store(name, { adopt: true }))).toMatchObject({
        changes: "NONE",
      });
    },
  );

  test("without leave is a conflict that shows live beside declared, and no secret", async () => {
    await seed({ readOnly: true });
    const message = await refused(store(name, { readOnly: false }));
    expect(message).toBe(
      `S3 secondary storage ${name} exists already.
  storeName: live "${name}", declared "${name}" (equal)
  endpoint: live "https://s3.example.test:443", declared "https://s3.example.test:443" (equal)
  bucket: live "secondary", declared "secondary" (equal)
  useHttps: live true, declared true (equal)
  readOnly: live true, declared false (differs)
Ways on: set adopt: true to take it over and change what differs; choose another storeName; or delete the existing one.`,
    );
    expect(await refused(store(name, { readOnly: false }), identical)).toContain("(differs)");
    await seed({ readOnly: false });
    expect(await refused(store(name))).toContain(
      "Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; set adopt: true to take it over;",
    );
  });

  test("with adopt: true changes what can be changed, and says so before", async () => {
    await seed({ readOnly: true });
    const { id, sent, warnings } = await create(store(name, { readOnly: false, adopt: true }));
    expect(sent).toEqual([...LOOKS(), `POST updateImageStore id=${id} readonly=false`]);
    expect(warnings).toEqual([
      `S3 secondary storage ${name} exists and is taken over. It will be changed: readOnly from true to false.${BELIEVED}`,
    ]);
  });

  test("leaves what is unmanaged as it is", async () => {
    await seed({ readOnly: true });
    const { properties } = await create(store(name, { adopt: true }));
    expect(properties).not.toHaveProperty("readOnly");
    expect(await stage.storesNamed(name)).toMatchObject([{ readOnly: true }]);
  });

  test.each([
    { what: "bucket", url: "https://s3.example.test/other", text: 'bucket from "other" to "secondary"' },
    {
      what: "endpoint",
      url: "https://other.example.test/secondary",
      text: 'endpoint from "https://other.example.test:443" to "https://s3.example.test:443"',
    },
    { what: "protocol", protocol: "http", text: "useHttps from false to true" },
  ])("of a store with another $what is refused, whatever is allowed", async ({ what: _what, text, ...live }) => {
    await seed(live);
    for (const more of [{ adopt: true }, { __derived: true }])
      expect(await refused(store(name, more))).toBe(
        `S3 secondary storage ${name} exists and cannot become the declared one: ${text}. That cannot be changed under the same name; declare what exists, or choose another name.`,
      );
  });

  test("on a release that tells endpoint and bucket goes by these, not by the URL", async () => {
    await seed({ url: "https://old.example.test/old", details: { endpoint: "s3.example.test", bucket: "secondary" } });
    await stage.options({ release: "next" });
    const next = await stage.serve();
    const { id, warnings } = await create(store(name, { adopt: true }), next);
    expect(id).toBe(idOf());
    expect(warnings).toEqual([`S3 secondary storage ${name} exists and is taken over.${BELIEVED}`]);
    const again = await stage.serve();
    expect(await refused(store(name, { adopt: true, bucket: "tertiary" }), again)).toContain(
      'bucket from "secondary" to "tertiary"',
    );
  });

  test("of a store that another resource of the run has is refused", async () => {
    await seed();
    await server.create(store(name, { adopt: true }));
    expect((await failureOf(server.create(store(name, { adopt: true })))).message).toBe(
      `S3 secondary storage ${name} is declared by another resource of this run as well; give one of them another storeName.`,
    );
  });

  test("of the store that it would replace is refused: it would replace itself", async () => {
    await seed();
    const fresh = await stage.serve();
    const recorded = store(name, { systemEndpoint: stage.endpoint });
    await fresh.diff(idOf(), recorded, store(name, { bucket: "other" }));
    expect(await refused(store(name, { adopt: true }), fresh)).toContain(
      "If this is its replacement, it would replace itself",
    );
    expect(await stage.storesNamed(name)).toHaveLength(1);
  });

  describe("after a creation", () => {
    const added = (sent: string[]) => sent.filter((line) => line.startsWith("POST addImageStore "));

    test.each(LOST)("whose reply is lost ($kind) there is one store, and it is ours", async ({ kind, done }) => {
      await stage.fault({ kind, command: "addImageStore" });
      const { id, sent, warnings } = await create(store(name));
      expect(await stage.storesNamed(name)).toMatchObject([{ id }]);
      expect(added(sent)).toHaveLength(done ? 1 : 2);
      expect(warnings).toEqual(
        done
          ? [
              `The reply to the creation of S3 secondary storage ${name} was lost. It exists as declared and is taken to be ours; nothing in this system proves who made it.`,
            ]
          : [],
      );
    });

    test("that fails with 530 though it has inserted the store, the store is ours", async () => {
      await stage.options({ failAfterInsert: 1 });
      const { id, sent, warnings } = await create(store(name));
      expect(sent).toEqual(["GET listImageStores", added(sent)[0], `GET listImageStores name=${name}`]);
      expect(await stage.storesNamed(name)).toMatchObject([{ id, details: { bucket: "secondary" } }]);
      expect(warnings).toEqual([
        `Could not add secondary storage ${name}: ${stage.endpoint} answered 530, "Failed to add data store: null". It exists as declared and is taken to be ours; nothing in this system proves who made it.`,
      ]);
    });

    test("that fails with 530 for want of a system VM on 4.18.1 to 4.19.0, the store is ours", async () => {
      await stage.options({ release: "4.19.0.0", systemVmMissing: true });
      const old = await stage.serve();
      const { id } = await create(store(name), old);
      expect(await stage.storesNamed(name)).toMatchObject([{ id }]);
    });

    test("that fails with 530 and has inserted nothing the error stands, and nothing is sent again", async () => {
      await stage.fault({ kind: "status", status: 530, command: "addImageStore", times: 5 });
      const { message, sent } = await stage.refusalOf(() => server.create(store(name)));
      expect(message).toContain(`Could not add secondary storage ${name}: ${stage.endpoint} answered 530`);
      expect(sent.slice(2)).toEqual([
        `GET listImageStores name=${name}`,
        `GET listSecondaryStagingStores name=${name}`,
      ]);
      expect(await stage.storesNamed(name)).toEqual([]);
    });

    test("that lost a race for the name the winner's store is a conflict", async () => {
      // The store comes into being between the list and the addition, while the zones are looked at.
      const racing = await stage.serve();
      await stage.fault({ kind: "delay", delayMs: 700, command: "listSystemVms" });
      const { message } = await stage.refusalOf(async () => {
        const creation = racing.create(store(name));
        await expect.poll(async () => (await stage.control.faults())[0]?.fired, { timeout: 10_000 }).toBe(1);
        await seed({ url: "https://s3.example.test/other" });
        return await creation;
      });
      expect(message).toContain(`S3 secondary storage ${name} exists`);
      expect(await stage.storesNamed(name)).toMatchObject([{ id: idOf() }]);
    });

    test("that lost a race against another provider nothing is there, and the error says why", async () => {
      const racing = await stage.serve();
      await stage.fault({ kind: "delay", delayMs: 700, command: "listSystemVms" });
      const { message } = await stage.refusalOf(async () => {
        const creation = racing.create(store(name));
        await expect.poll(async () => (await stage.control.faults())[0]?.fired, { timeout: 10_000 }).toBe(1);
        await stage.patch({ imageStores: { nfs: { name: "nfs://h/late" } } });
        return await creation;
      });
      expect(message).toContain("answered 431");
      expect(message).toContain("same provider");
      expect(await stage.storesNamed(name)).toEqual([]);
    });

    test("whose reply is lost beside a store of somebody else's bucket, that store is not ours", async () => {
      await stage.fault({ kind: "reset-before-read", command: "addImageStore" });
      const racing = await stage.serve();
      await stage.fault({ kind: "delay", delayMs: 700, command: "listImageStores", after: 1 });
      const { message } = await stage.refusalOf(async () => {
        const creation = racing.create(store(name));
        await expect.poll(async () => (await stage.control.faults())[0]?.fired, { timeout: 10_000 }).toBe(1);
        await seed({ url: "https://s3.example.test/other" });
        return await creation;
      });
      expect(message).toContain("cannot become the declared one");
      expect(await stage.storesNamed(name)).toMatchObject([{ id: idOf() }]);
    });

    test("of unknown outcome whose look fails as well, nothing is claimed and nothing repeated", async () => {
      const impatient = await stage.serve({ retryBudget: "0" });
      await stage.fault({ kind: "reset-after-commit", command: "addImageStore" });
      await stage.fault({ kind: "status", status: 503, command: "listImageStores", after: 1, times: 9 });
      const { message, sent } = await stage.refusalOf(() => impatient.create(store(name)));
      expect(message).toContain("may have been carried out");
      expect(message).toContain("Looking it up failed, too");
      expect(added(sent)).toHaveLength(1);
      // The next run finds it, and takes it because it is as declared.
      await stage.control.clearFaults();
      const { id, warnings } = await create(store(name, { __derived: true }), await stage.serve());
      expect(await stage.storesNamed(name)).toMatchObject([{ id }]);
      expect(warnings).toContain(`S3 secondary storage ${name} exists and is taken over.${BELIEVED}`);
    });
  });
});
