import { ObjectStoragePool, S3SecondaryStorage, SecondaryStagingStore } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf, type Run, shownOf, warningsOf } from "../harness/stack-run.ts";
import { changesTo } from "./cloudstack-calls.ts";
import { liveCloud, zoneOne } from "./cloudstack-live.ts";

const ids = {
  store: "11111111-1111-4111-8111-111111111111",
  staging: "22222222-2222-4222-8222-222222222222",
  pool: "33333333-3333-4333-8333-333333333333",
};
const secrets = ["Canary-Store-Secret", "Canary-Pool-Secret"];

interface Wish {
  readonly adopt: boolean;
  /** What the resources are called in the program. */
  readonly prefix?: string;
}

const programOf =
  ({ adopt, prefix = "by-hand" }: Wish) =>
  async () => {
    new S3SecondaryStorage(`${prefix}-store`, {
      storeName: "main",
      endpoint: "https://s3.example.test",
      bucket: "secondary",
      accessKeyId: "access-1",
      secretAccessKey: secrets[0] ?? "",
      verifyBucket: false,
      readOnly: false,
      adopt,
    });
    const share = { zoneId: zoneOne, server: "nfs.example.test", path: "/export/staging" };
    new SecondaryStagingStore(`${prefix}-staging`, { ...share, adopt });
    new ObjectStoragePool(`${prefix}-pool`, {
      poolName: "tenants",
      url: "https://minio.example.test",
      providerName: "MinIO",
      s3: { accessKeyId: "pool-key", secretAccessKey: secrets[1] ?? "" },
      adopt,
    });
  };

describe("stores and pools that somebody has made by hand", { shuffle: false }, () => {
  let stack: TestStack;
  const runs: Run[] = [];
  const noted = (run: Run): Run => {
    runs.push(run);
    return run;
  };
  const liveIds = async () => {
    const { stores, pools } = await liveCloud(stack);
    return Object.fromEntries(Object.entries({ ...stores, ...pools }).map(([name, { id }]) => [name, id]));
  };
  const byHand = { main: ids.store, "nfs://nfs.example.test/export/staging": ids.staging, tenants: ids.pool };

  beforeAll(async () => {
    stack = await TestStack.open("cloudstack-adoption");
    const share = "nfs://nfs.example.test/export/staging";
    const staging = { role: "ImageCache", provider: "NFS", scope: "ZONE", zoneId: zoneOne, url: share } as const;
    const onS3 = { role: "Image", provider: "S3", scope: "REGION", protocol: "https", readOnly: true } as const;
    await stack.lab.patch("cloudstack", {
      imageStores: {
        [ids.store]: { ...onS3, name: "main", url: "https://s3.example.test/secondary" },
        [ids.staging]: { ...staging, name: share },
      },
      objectPools: { [ids.pool]: { name: "tenants", url: "https://minio.example.test:443", provider: "MinIO" } },
    });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("are not touched without leave: the error compares and names the ways on", async () => {
    const run = noted(await stack.tryUp(programOf({ adopt: false }), { continueOnError: true }));
    expect(run.code).toBe(1);
    const errors = errorsOf(run).join("\n");
    expect(errors).toContain("S3 secondary storage main exists already.");
    expect(errors).toContain("  readOnly: live true, declared false (differs)");
    expect(errors).toContain("CloudStack staging store nfs://nfs.example.test/export/staging exists already.");
    expect(errors).toContain("CloudStack object storage pool tenants exists already.");
    expect(errors).toContain("Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run");
    expect(await changesTo(stack)).toEqual([]);
    expect(await liveIds()).toEqual(byHand);
  });

  test("CLOUDSTACK_STORAGE_ADOPT=identical takes over what is identical, and not what differs", async () => {
    const env = { CLOUDSTACK_STORAGE_ADOPT: "identical" };
    const run = noted(await stack.tryUp(programOf({ adopt: false }), { continueOnError: true, env }));
    expect(run.code).toBe(1);
    expect(errorsOf(run).join("\n")).toContain("S3 secondary storage main exists already.");
    expect(changesOf(run)).toEqual({ same: 1, create: 2 });
    expect(await changesTo(stack)).toEqual([]);
  });

  test("adopt: true takes over what differs, says what it writes and what nobody can compare, and writes only that", async () => {
    const run = noted(await stack.up(programOf({ adopt: true })));
    expect(warningsOf(run).join("\n")).toContain(
      "S3 secondary storage main exists and is taken over. It will be changed: readOnly from true to false. " +
        "Nobody can compare or change accessKeyId, secretAccessKey; it is taken to be as declared.",
    );
    expect(await changesTo(stack)).toEqual(["POST updateImageStore id=<main> readonly=false"]);
    expect(await liveIds()).toEqual(byHand);
    const unchanged = noted(await stack.up(programOf({ adopt: true })));
    expect([changesOf(unchanged), unchanged.calls]).toEqual([{ same: 4 }, []]);
  });

  test("are not deleted where a resource is only renamed without an alias: the new one takes them over", async () => {
    const run = noted(await stack.up(programOf({ adopt: true, prefix: "renamed" })));
    expect(changesOf(run)).toMatchObject({ create: 3, delete: 3 });
    expect(await changesTo(stack)).toEqual([]);
    expect(await liveIds()).toEqual(byHand);
  });

  test("show their secrets nowhere, and go with the stack", async () => {
    const stored = stack.storedText();
    noted(await stack.destroy());
    expect(await liveIds()).toEqual({});
    expect(runs.flatMap((run) => shownOf(run, secrets))).toEqual([]);
    expect(secrets.filter((secret) => stored.includes(secret))).toEqual([]);
  });
});
