import { describe, expect, test } from "vitest";
import { PartialFailure } from "../../provider/core/errors.ts";
import { capabilities, errorOf, fails, says } from "./cloudstack-server.ts";
import { LEAST, SWITCHES, storeStage, wrapped } from "./cloudstack-store-stage.ts";
import { s3Service } from "./s3-service.ts";

const stage = storeStage();
const { cloud, inputs, lists, live } = stage;
const service = s3Service();

const create = (more: object = {}) => stage.kind.create(inputs(more));
const onRelease = (text: string) => {
  cloud.answers["listCapabilities"] = [capabilities(text)];
};
/** The numbered pairs of what the store was added with. */
const detailsSent = () => {
  const sent = stage.changes()[0] ?? {};
  const indexes = Object.keys(sent).flatMap((key) => /^details\[(\d+)\]\.key$/.exec(key)?.slice(1) ?? []);
  return Object.fromEntries(
    indexes.map((index) => [String(sent[`details[${index}].key`]), sent[`details[${index}].value`]]),
  );
};
const leastSent = {
  endpoint: "https://s3.example.test:443",
  bucket: "box",
  accesskey: "AKLITERAL",
  secretkey: "Canary-store-1",
  usehttps: "true",
};

describe("a new store", () => {
  test("is added with its name, the URL that tells its bucket, and its details", async () => {
    const { id, outs } = await create();
    expect(stage.changes()).toHaveLength(1);
    expect(stage.changes()[0]).toMatchObject({
      command: "addImageStore",
      name: "main",
      provider: "S3",
      url: "https://s3.example.test/box",
    });
    expect(detailsSent()).toEqual(leastSent);
    expect(id).toBe("id-1");
    expect(outs).toEqual({
      ...LEAST,
      ...SWITCHES,
      verifyBucket: false,
      secretAccessKey: wrapped("Canary-store-1"),
      protocol: "https",
      url: "https://s3.example.test/box",
      systemEndpoint: cloud.endpoint,
    });
    expect(stage.told).toEqual([]);
  });

  test("gets the signer and the numbers that the program gives", async () => {
    await create({ s3Signer: "v4", maxErrorRetry: 0, useTcpKeepAlive: false });
    expect(detailsSent()).toEqual({
      ...leastSent,
      s3signer: "AWSS3V4SignerType",
      maxerrorretry: "0",
      usetcpkeepalive: "false",
    });
  });

  test("is made read-only after it was added, where the program says so", async () => {
    const { outs } = await create({ readOnly: true });
    expect(stage.changes().slice(1)).toEqual([{ command: "updateImageStore", id: "id-1", readonly: "true" }]);
    expect(outs).toMatchObject({ readOnly: true });
  });

  test("that cannot be made read-only stays in the state as the writable one that it is", async () => {
    cloud.answers["updateImageStore"] = [fails(431, "No")];
    const error = await errorOf(create({ readOnly: true }));
    expect(error).toBeInstanceOf(PartialFailure);
    expect(error).toMatchObject({
      id: "id-1",
      properties: {
        readOnly: false,
        accessKeyId: "AKLITERAL",
        secretAccessKey: wrapped("Canary-store-1"),
        protocol: "https",
        url: "https://s3.example.test/box",
      },
    });
  });

  test("that CloudStack says is of another provider is told with its id", async () => {
    cloud.answers["addImageStore"] = [says("r", { imagestore: live({ providername: "NFS" }) })];
    expect(await stage.messageOf(create())).toBe(
      "CloudStack added main with the provider NFS, not S3; it is store id-1. Delete it there, then run the same command again.",
    );
  });

  test("is not added beside storage of another provider, nor where the S3 provider is missing", async () => {
    lists(live({ id: "id-9", name: "old", providername: "NFS", zonename: "one" }));
    expect(await stage.messageOf(create())).toContain("CLOUD has old (NFS, zone one, id-9).");
    lists();
    cloud.answers["listStorageProviders"] = [says("r", { count: 1, dataStoreProvider: [{ name: "NFS" }] })];
    expect(await stage.messageOf(create())).toContain("no image provider called S3 (it has NFS)");
    expect(stage.changes()).toEqual([]);
  });

  test("is not added where a zone lacks what the program requires", async () => {
    stage.stagingStores();
    expect(await stage.messageOf(create({ requireStagingStores: true }))).toBe(
      "S3 secondary storage main is not added: zone one is without a staging store. Declare a SecondaryStagingStore for each.",
    );
    expect(stage.changes()).toEqual([]);
  });
});

describe("read-only stores", () => {
  test.each([{ readOnly: true }, { onDestroy: "readOnly" }])(
    "are not promised by a release before 4.15, before anything is looked at: %j",
    async (more) => {
      onRelease("4.14.1.0");
      expect(await stage.messageOf(create(more))).toBe(
        "S3 secondary storage main is not added: stores can be read-only from CloudStack 4.15 on, and this is 4.14.1.0. " +
          'Remove readOnly and onDestroy: "readOnly".',
      );
      expect(cloud.commands()).toEqual(["listCapabilities"]);
    },
  );

  test("do not concern a release that has none while nobody declares them", async () => {
    onRelease("4.14.1.0");
    expect((await create({ readOnly: false })).id).toBe("id-1");
  });

  test("are there from 4.15 on", async () => {
    onRelease("4.15.0.0");
    expect((await create({ readOnly: true, onDestroy: "readOnly" })).id).toBe("id-1");
  });
});

describe("the bucket", () => {
  const own = (more: object = {}) =>
    create({ endpoint: service.endpoint, useHttps: false, verifyBucket: true, ...more });

  test.each([{}, { s3Signer: "v4" }])(
    "is looked up with the keys of the store before it is added: %j",
    async (more) => {
      expect((await own(more)).id).toBe("id-1");
      expect(service.lines()).toEqual(["HEAD /box/"]);
      expect(service.first().headers.authorization).toContain("Credential=AKLITERAL/");
    },
  );

  test("has to exist", async () => {
    service.always = () => ({ status: 404, body: "<Error><Code>NoSuchBucket</Code></Error>" });
    expect(await stage.messageOf(own())).toContain(`bucket box at ${service.endpoint} does not exist`);
    expect(stage.changes()).toEqual([]);
  });

  test("is left alone where the program says so", async () => {
    await own({ verifyBucket: false });
    expect(service.lines()).toEqual([]);
    expect(stage.told).toEqual([]);
  });

  test("is left alone, with a warning, where signature version 2 is asked for", async () => {
    await own({ s3Signer: "v2" });
    expect(service.lines()).toEqual([]);
    expect(stage.told).toEqual([
      "warning: S3 secondary storage main: the bucket is not looked up, because the system VMs will sign with version 2 (s3Signer) and this provider signs with version 4 only.",
    ]);
  });
});
