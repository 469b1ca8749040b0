import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, KEY, NOWHERE, START, store } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret } from "./support.ts";

describe("drift of secondary storage", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  let reading: DynamicServer;
  let impatient: DynamicServer;
  let count = 0;
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, reading, impatient] = await Promise.all([
      stage.warm(),
      stage.serve(),
      stage.serve({ retryBudget: "0", requestTimeoutSeconds: "0.5" }),
    ]);
    await Promise.all([reading, impatient].map((each) => each.read(NOWHERE, store("none"))));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.seedStaging();
    count += 1;
    name = `drift-${count}`;
  });

  const made = async (more: Properties = {}) => {
    const { id, properties } = await server.create(store(name, more));
    return { id, olds: plain(properties) };
  };
  const byHand = (id: string, change: object) => stage.patch({ imageStores: { [id]: change } });
  /** A process remembers the list of its run until it changes something itself. */
  const forgetful = async (process: DynamicServer) => {
    await process.delete(NOWHERE, store("none"));
    return process;
  };
  const readAnew = async (id: string, olds: Properties) => (await forgetful(reading)).read(id, olds);
  const wrapped = (more: Properties = {}) => store(name, { secretAccessKey: secret(KEY.secretAccessKey), ...more });

  test("a store that was deleted is gone: the list lacks it, and CloudStack says so of its id", async () => {
    const { id, olds } = await made();
    await byHand(id, { removed: true });
    const fresh = await stage.serve();
    const { result, sent } = await stage.resultOf(() => fresh.read(id, olds));
    expect(result).toMatchObject({ id: "", inputs: undefined });
    expect(sent).toEqual([...START, "GET listImageStores", `GET listImageStores id=${id}`]);
  });

  test("a store of the same name and another id is another store", async () => {
    const { id, olds } = await made();
    await stage.patch({ imageStores: { [id]: { removed: true }, other: { name, provider: "S3" } } });
    expect((await readAnew(id, olds)).id).toBe("");
  });

  test.each<Partial<LabFault> & Pick<LabFault, "kind">>([
    { kind: "status", status: 401 },
    { kind: "status", status: 500 },
    { kind: "status", status: 530 },
    { kind: "status", status: 404 },
    { kind: "html" },
    { kind: "truncate" },
    { kind: "hang" },
  ])("nothing else makes a store gone: %j", async (fault) => {
    const { id, olds } = await made();
    await byHand(id, { removed: true });
    await forgetful(impatient);
    await stage.fault({ ...fault, command: "listImageStores", times: 9 });
    expect((await failureOf(impatient.read(id, olds))).message).not.toBe("");
    await stage.control.clearFaults();
    // The list as such is there, but not the answer to the question for the id.
    await impatient.read(NOWHERE, store("none"));
    await stage.fault({ ...fault, command: "listImageStores", times: 9 });
    expect((await failureOf(impatient.read(id, olds))).message).not.toBe("");
    await stage.control.clearFaults();
    expect((await impatient.read(id, olds)).id).toBe("");
  });

  test("an empty answer does not make it gone either", async () => {
    const { id, olds } = await made();
    await forgetful(reading);
    await stage.options({ emptyAnswers: true });
    await byHand(id, { removed: true });
    expect((await failureOf(reading.read(id, olds))).message).toContain("answered 200");
  });

  test("a store that lists do not show, but the question for its id does, is there", async () => {
    const { id, olds } = await made();
    await forgetful(reading);
    await reading.read(NOWHERE, store("none"));
    const late = "33333333-3333-4333-8333-333333333333";
    await stage.patch({ imageStores: { [late]: { name: "late", provider: "S3" } } });
    const { result, sent } = await stage.resultOf(() => reading.read(late, store("late")));
    expect(result.id).toBe(late);
    expect(sent).toEqual([`GET listImageStores id=${late}`]);
    await stage.options({ defaultPageSize: 1 });
    expect((await readAnew(id, olds)).id).toBe(id);
  });

  test.each<{ what: string; change: object; drifted: Properties }>([
    { what: "name", change: { name: "by-hand" }, drifted: { storeName: "by-hand" } },
    { what: "read-only mark", change: { readOnly: true }, drifted: { readOnly: true } },
    { what: "protocol", change: { protocol: "http" }, drifted: { useHttps: false } },
    {
      what: "bucket in the URL",
      change: { url: "https://s3.example.test/other" },
      drifted: { bucket: "other" },
    },
    {
      what: "endpoint in the URL",
      change: { url: "https://s3.example.test:8443/secondary" },
      drifted: { endpoint: "https://s3.example.test:8443" },
    },
  ])("the $what", async ({ change, drifted }) => {
    const { id, olds } = await made({ readOnly: false });
    await byHand(id, change);
    const { inputs, properties } = await readAnew(id, olds);
    expect(inputs).toEqual(wrapped({ readOnly: false, ...drifted }));
    expect(await server.diff(id, plain(properties), store(name, { readOnly: false }))).toMatchObject({
      changes: "UNKNOWN",
    });
  });

  test.each([{ url: null }, { url: "by hand" }])("the URL that was of our form and is none: %j", async (change) => {
    const { id, olds } = await made();
    await byHand(id, change);
    const { inputs, properties } = await readAnew(id, olds);
    expect(inputs).not.toEqual(wrapped());
    expect(inputs).toMatchObject({ storeName: name, ...KEY, secretAccessKey: secret(KEY.secretAccessKey) });
    expect(await server.diff(id, plain(properties), store(name))).toMatchObject({ changes: "UNKNOWN" });
  });

  test("a read-only mark that nobody manages is no drift", async () => {
    const { id, olds } = await made();
    await byHand(id, { readOnly: true });
    expect((await readAnew(id, olds)).inputs).toEqual(wrapped());
  });

  test("sizes that a system VM reports are no drift", async () => {
    const { id, olds } = await made();
    await stage.control.advance(3600);
    expect((await readAnew(id, olds)).properties).toEqual(olds && { ...wrapped(), ...outputs() });
  });
  const outputs = () => ({
    protocol: "https",
    url: "https://s3.example.test/secondary",
    systemEndpoint: stage.endpoint,
  });

  test("of a name and a mark is repaired by one request", async () => {
    const { id, olds } = await made({ readOnly: false });
    await byHand(id, { name: "by-hand", readOnly: true });
    const { properties } = await readAnew(id, olds);
    const sent = await stage.callsOf(() => reading.update(id, plain(properties), store(name, { readOnly: false })));
    expect(sent).toEqual([
      `GET listImageStores name=${name}`,
      `GET listSecondaryStagingStores name=${name}`,
      `POST updateImageStore id=${id} name=${name} readonly=false`,
    ]);
    expect((await readAnew(id, olds)).inputs).toEqual(wrapped({ readOnly: false }));
  });

  test("of a detail under an explicit name is a refusal at preview", async () => {
    const { id, olds } = await made();
    await byHand(id, { url: "https://s3.example.test/other" });
    const { properties } = await readAnew(id, olds);
    const { failures } = await reading.check(plain(properties), store(name));
    expect(failures).toEqual([
      {
        property: "",
        reason: `bucket: cannot be changed under the same storeName: CloudStack edits no S3 details, so a new store has to be added beside ${name} before that one goes. Give another storeName, or declare what the live store has`,
      },
    ]);
  });

  test.each<{ change: object; drifted: Properties }>([
    { change: { bucket: "other" }, drifted: { bucket: "other" } },
    { change: { endpoint: "https://other.example.test" }, drifted: { endpoint: "https://other.example.test:443" } },
    { change: { endpoint: "other.example.test:8443" }, drifted: { endpoint: "https://other.example.test:8443" } },
    { change: { endpoint: "s3.example.test" }, drifted: {} },
    { change: { endpoint: "https://s3.example.test" }, drifted: {} },
  ])("of the next release's endpoint and bucket, whatever the URL says: $change", async ({ change, drifted }) => {
    const { id, olds } = await made();
    await stage.options({ release: "next" });
    await byHand(id, { details: change, url: "https://elsewhere.example.test/elsewhere" });
    expect((await readAnew(id, olds)).inputs).toEqual(wrapped(drifted));
  });

  test.each(["4.9.3.0", "4.14.0.0", "4.15.0.0", "4.19.0.0", "4.20.0.0", "4.22.0.0", "next"])(
    "is none on %s where nobody has changed anything",
    async (release) => {
      await stage.options({ release });
      const old = await stage.serve();
      const { id, properties } = await old.create(store(name));
      const read = await readAnew(id, plain(properties));
      expect(read.inputs).toEqual(wrapped());
      expect(read.properties).toEqual(properties);
      expect(await old.diff(id, plain(read.properties), store(name))).toMatchObject({ changes: "NONE" });
    },
  );

  test("is not looked for in another cloud, unless it is the same one under another address", async () => {
    const { id, olds } = await made();
    const recorded = { ...olds, systemEndpoint: "https://old.example.test:443/client/api" };
    const text = `S3 secondary storage ${id} is recorded at https://old.example.test:443/client/api, but the settings now name ${stage.endpoint}. Nothing was read or changed, because an object of the same name there may be somebody else's.`;
    const sent = await stage.callsOf(async () => {
      expect((await failureOf(reading.read(id, recorded))).message).toContain(text);
      expect((await failureOf(reading.update(id, recorded, store(name, { readOnly: true })))).message).toContain(text);
      expect((await failureOf(reading.delete(id, recorded))).message).toContain(text);
    });
    expect(sent).toEqual([]);
    const moved = await stage.serve({ cloudstackEndpointAliases: "https://old.example.test/client/api" });
    expect((await moved.read(id, recorded)).properties).toMatchObject({ systemEndpoint: stage.endpoint });
  });
});
