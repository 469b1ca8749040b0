import { CloudianSecondaryStorage } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf, warningsOf } from "../harness/stack-run.ts";
import { writesTo } from "./cloudstack-calls.ts";
import { zoneTwo } from "./cloudstack-estate.ts";
import { liveCloud, zoneOne } from "./cloudstack-live.ts";

const sites = "secstorage.allowed.internal.sites";

describe("HyperStore as secondary storage, the whole procedure", { shuffle: false }, () => {
  let stack: TestStack;
  const byName = (address: string) => address.replace("127.0.0.1", "localhost");
  const program =
    (...zoneIds: string[]) =>
    async () => {
      const storage = new CloudianSecondaryStorage("main", {
        groupId: "cloudstack",
        userId: "secondary",
        bucketName: "cs-secondary",
        endpoint: byName(stack.addresses.cloudian.s3Endpoint),
        zones: zoneIds.map((zoneId, index) => ({ zoneId, server: "nfs.example.test", path: `/export/${index}` })),
        allowedInternalCidrs: ["10.7.0.0/16"],
        store: { useHttps: false, waitForTemplates: { set: "system", timeoutMinutes: 2 } },
      });
      const { endpoint, bucketName, accessKeyId, secretAccessKey, storeName, names } = storage;
      return { endpoint, bucketName, accessKeyId, secretAccessKey, storeName, names, group: storage.group.groupId };
    };
  /** Keys and ids that differ from run to run are left out. */
  const writes = async () =>
    (await writesTo(stack)).map((line) => line.replace(/ (id|zoneid)=\S+/g, "").replace(/(?<=main-store)\S+/, ""));

  beforeAll(async () => {
    stack = await TestStack.open("cloudstack-procedure");
    const { cloudian } = stack.addresses;
    await stack.setConfig({ cloudianEndpoint: byName(cloudian.endpoint) });
    await stack.lab.patch("cloudstack", {
      zones: { [zoneTwo]: { name: "zone-two" } },
      systemVms: { [zoneTwo.replace("7", "8")]: { name: "s-2-VM", zoneId: zoneTwo } },
      settings: { [sites]: "192.0.2.0/24" },
      options: { downloadSeconds: 0 },
    });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("a preview sends nothing", async () => {
    const run = await stack.preview(program(zoneOne));
    expect([changesOf(run), run.calls]).toEqual([{ create: 8 }, []]);
  });

  test("everything is made in the order of the procedure; a zone that was forgotten stops it before the store", async () => {
    const run = await stack.tryUp(program(zoneOne));
    expect(run.code).toBe(1);
    expect(errorsOf(run).join("\n")).toMatch(
      /S3 secondary storage main-store-\S+ is not added: zone zone-two is without a staging store\. Declare a SecondaryStagingStore for each\./,
    );
    expect(await writes()).toEqual([
      "PUT /group",
      "PUT /user",
      "PUT /cs-secondary/",
      `POST updateConfiguration name=${sites} value=192.0.2.0/24,10.7.0.0/16`,
      "POST createSecondaryStagingStore provider=NFS scope=zone url=nfs://nfs.example.test/export/0",
    ]);
    expect(warningsOf(run)).toContainEqual(
      expect.stringMatching(/takes effect after a restart of all management servers/),
    );
  });

  test("with both zones the store is added and its system template waited for; then nothing is asked any more", async () => {
    const run = await stack.up(program(zoneOne, zoneTwo));
    const { s3Endpoint } = stack.addresses.cloudian;
    expect(await writes()).toEqual([
      "POST createSecondaryStagingStore provider=NFS scope=zone url=nfs://nfs.example.test/export/1",
      `POST addImageStore name=main-store provider=S3 url=${byName(s3Endpoint)}/cs-secondary`,
    ]);
    const state = await stack.lab.state();
    const [credential] = Object.entries(state.cloudian.credentials);
    const [accessKeyId, { secretKey } = {}] = credential ?? [];
    const store = (await liveCloud(stack)).stores["main-store"];
    expect(store?.details).toMatchObject({
      ...{ endpoint: byName(s3Endpoint), bucket: "cs-secondary", usehttps: "false" },
      ...{ accesskey: accessKeyId, secretkey: secretKey },
    });
    const templates = state.cloudstack["templates"] as Record<string, { type: string; stores: object }>;
    const system = Object.values(templates).find(({ type }) => type === "SYSTEM");
    expect(system?.stores).toMatchObject({ [store?.id ?? ""]: { state: "DOWNLOADED" } });
    expect(warningsOf(run)).toEqual([]);
    const everybody = ["management servers", "system VMs", "users who download"];
    expect(await stack.outputs()).toEqual({
      endpoint: { value: byName(s3Endpoint), secret: false },
      bucketName: { value: "cs-secondary", secret: false },
      accessKeyId: { value: accessKeyId, secret: false },
      secretAccessKey: { value: secretKey, secret: true },
      storeName: { value: store?.name, secret: false },
      names: {
        value: [
          { name: "localhost", resolvedBy: everybody },
          { name: "cs-secondary.localhost", resolvedBy: everybody },
        ],
        secret: false,
      },
      group: { value: "cloudstack", secret: false },
    });
    expect(stack.storedText()).not.toContain(secretKey);
    const unchanged = await stack.up(program(zoneOne, zoneTwo));
    expect([changesOf(unchanged), unchanged.calls]).toEqual([{ same: 9 }, []]);
  });

  test("destroy goes the other way and leaves what was there before", async () => {
    await stack.destroy();
    const gone = await writes();
    expect(gone.toSpliced(1, 2)).toEqual([
      "POST deleteImageStore",
      `POST updateConfiguration name=${sites} value=192.0.2.0/24`,
      "DELETE /cs-secondary/",
      "DELETE /user?groupId=cloudstack&userId=secondary",
      "DELETE /group?groupId=cloudstack",
    ]);
    expect(gone.slice(1, 3)).toEqual(Array(2).fill("POST deleteSecondaryStagingStore"));
    const { stores, settings } = await liveCloud(stack);
    expect([stores, settings[sites]?.value]).toEqual([{}, "192.0.2.0/24"]);
    const { groups, users, credentials, s3Buckets } = (await stack.lab.state()).cloudian;
    expect([Object.keys(groups), Object.keys(users), credentials, s3Buckets]).toEqual([["0"], ["0/admin"], {}, {}]);
  });
});
