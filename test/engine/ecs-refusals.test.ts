import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { EcsBucket, type EcsBucketArgs, EcsObjectUser } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf, stepsOf } from "../harness/stack-run.ts";
import { runWatched } from "../harness/watched-run.ts";
import { groupUrn } from "./ecs-bucket-estate.ts";

const otherGroupUrn = "urn:storageos:ReplicationGroupInfo:b81d5e07-26fa-4c93-8e1b-0a9f47d2c615:global";
const waysOut =
  "and a bucket that replaced it under the same name would delete the live one with its objects. Declare a new bucket " +
  "beside it and move the objects, or change bucketName in the same update: then the bucket is replaced, the new one first";
const encryptionRule = `ECS fixes the encryption of a bucket when it is made, ${waysOut}`;
const groupRule = `ECS fixes the replication group of a bucket when it is made, ${waysOut}`;
const lockRule =
  "object lock is not managed by this provider. On ECS it takes an IAM user (not an object user) as the owner, a mode " +
  "(GOVERNANCE or COMPLIANCE), a retention period, and access during outage off, and it can never be removed from a bucket. " +
  "Remove the property; a bucket that needs object lock is made with the vendor's own tools";
/** How programs of other tools and APIs spell it. */
const lockSpellings = {
  objectLock: true,
  objectLocking: "Enabled",
  objectLockEnabled: "true",
  objectLockConfiguration: { objectLockEnabled: "Enabled" },
  objectLockEnabledForBucket: 1,
  isObjectLockEnabled: true,
  object_lock: {},
  object_lock_enabled: true,
};

const first: Record<string, Partial<EcsBucketArgs>> = {
  encrypted: { encryption: true, replicationGroup: "rg1" },
  clear: { encryption: false },
  plain: { quotaGiB: 1 },
};

describe("what ECS cannot change of a bucket", { shuffle: false }, () => {
  let stack: TestStack;
  /** The buckets of `first`, some of them changed; `unknown` gives one a property that is not known before the update. */
  const program =
    (changed: Record<string, object> = {}, unknown?: string) =>
    async () => {
      const owner = new EcsObjectUser("owner", { userName: "owner" });
      const late =
        unknown && new EcsObjectUser("late", { userName: "late" }).secretAccessKey.apply((key) => key.length);
      for (const name of new Set([...Object.keys(first), ...Object.keys(changed)])) {
        const args = { ...first[name], ...changed[name], ...(name === unknown ? { quotaGiB: late } : {}) };
        new EcsBucket(name, { bucketName: name, owner: owner.userName, ...args } as EcsBucketArgs);
      }
    };
  const live = async () => (await stack.lab.state()).ecs;
  /** The error of a preview that is refused before anything is asked or touched. */
  const refused = async (...args: Parameters<typeof program>): Promise<string> => {
    const before = await live();
    const run = await stack.tryPreview(program(...args));
    expect([run.code, run.calls]).toEqual([1, []]);
    expect(await live()).toEqual(before);
    return errorsOf(run).join("\n");
  };

  beforeAll(async () => {
    stack = await TestStack.open("ecs-refusals");
    await stack.up(program());
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("encryption and replication group are refused at preview, also while other properties are unknown", async () => {
    const changed = { encryption: false, replicationGroup: "rg2", objectLock: true };
    const both = await refused({ encrypted: changed }, "encrypted");
    expect(both).toContain("EcsBucket resource 'encrypted' has a problem: ");
    expect(both).toContain(`encryption: cannot be changed from true to false: ${encryptionRule}`);
    expect(both).toContain(`replicationGroup: cannot be changed from "rg1" to "rg2": ${groupRule}`);
    expect(both).toContain(`objectLock: ${lockRule}`);
    const on = await refused({ clear: { encryption: true } });
    expect(on).toContain(
      `EcsBucket resource 'clear' has a problem: encryption: cannot be changed from false to true: ${encryptionRule}`,
    );
  });

  test("object lock is refused in every spelling and with any value but false, other unknown properties by the nearest name", async () => {
    const error = await refused({ new: { ...lockSpellings, quotaGib: 3 } });
    for (const spelling of Object.keys(lockSpellings)) expect(error).toContain(`${spelling}: ${lockRule}`);
    expect(error).toContain("quotaGib: there is no such property; did you mean quotaGiB?");
    const off = Object.fromEntries(Object.keys(lockSpellings).map((spelling) => [spelling, false]));
    const preview = await stack.preview(program({ plain: off }));
    expect([changesOf(preview), preview.calls]).toEqual([{ same: 5 }, []]);
  });

  test("what only the array can tell is looked up first, and refused before any write", async () => {
    const before = await live();
    const info = "GET /object/bucket/plain/info?namespace=ns1";
    const session = ["GET /login", "GET /logout"];
    const encryption = await stack.tryUp(program({ plain: { quotaGiB: 2, encryption: true } }));
    expect(encryption.code).toBe(1);
    expect(encryption.calls.toSorted()).toEqual([...session, info]);
    expect(errorsOf(encryption).join()).toContain(
      `ECS bucket ns1/plain: encryption is false and cannot become true: ${encryptionRule}. Nothing was changed.`,
    );
    const group = await stack.tryUp(program({ plain: { quotaGiB: 2, replicationGroup: "rg2" } }));
    expect(group.code).toBe(1);
    expect(group.calls.toSorted()).toEqual([...session, info, "GET /vdc/data-service/vpools"]);
    expect(errorsOf(group).join()).toContain(
      `ECS bucket ns1/plain: replicationGroup is "${groupUrn}" and cannot become "rg2": ${groupRule}. Nothing was changed.`,
    );
    expect((await live()).buckets).toEqual(before.buckets);

    // Declared as it is, it is no change for the array, and neither is the group in its other form.
    const same = {
      plain: { encryption: false, replicationGroup: groupUrn },
      encrypted: { replicationGroup: groupUrn },
    };
    const declared = await stack.up(program(same));
    expect(changesOf(declared)).toEqual({ same: 4, update: 1 });
    expect(declared.calls.toSorted()).toEqual([...session, info, "GET /vdc/data-service/vpools"]);
    const unchanged = await stack.up(program(same));
    expect(unchanged.calls).toEqual([]);
  });

  test("with another bucketName in the same update the bucket is replaced, the new one first", async () => {
    const changed = {
      plain: { encryption: false, replicationGroup: groupUrn },
      encrypted: { bucketName: "other", encryption: false, replicationGroup: "rg2" },
    };
    const run = await stack.up(program(changed));
    expect(stepsOf(run).filter(({ name }) => name === "encrypted")).toMatchObject([
      { op: "create-replacement", paths: ["bucketName", "encryption", "replicationGroup"] },
      { op: "replace" },
      { op: "delete-replaced" },
    ]);
    const posts = run.calls.filter((call) => call.startsWith("POST "));
    expect(posts).toEqual(["POST /object/bucket", "POST /object/bucket/encrypted/deactivate?namespace=ns1"]);
    const { buckets } = await live();
    expect(Object.keys(buckets).toSorted()).toEqual(["ns1/clear", "ns1/other", "ns1/plain"]);
    expect(buckets["ns1/other"]).toMatchObject({ encrypted: false, vpool: otherGroupUrn });
  });

  test("a live encryption that is not the declared one is drift, which nobody can repair", async () => {
    const declared = program({
      plain: { encryption: false, replicationGroup: groupUrn },
      encrypted: { bucketName: "other", encryption: false, replicationGroup: "rg2" },
    });
    await stack.lab.patch("ecs", { buckets: { "ns1/plain": { encrypted: true } } });
    const refresh = await stack.cli(["refresh", "--preview-only", "--expect-no-changes", "--diff"]);
    expect(refresh, refresh.stdout + refresh.stderr).toMatchObject({ code: 7 });
    expect(refresh.stdout).toMatch(/~ encryption *: false => true/);
    const text = `encryption: cannot be changed from true to false: ${encryptionRule}`;
    for (const run of [await stack.strictGate(declared), await stack.tryUp(declared, { refresh: true })]) {
      expect(run.code).toBe(1);
      expect(errorsOf(run).join("\n")).toContain(text);
      expect(run.calls.filter((call) => !call.startsWith("GET "))).toEqual([]);
    }
  });
});

test("the types refuse object lock before any program runs", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-types-"));
  try {
    symlinkSync(resolve(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"), "junction");
    const bucket = (more: string) => `new EcsBucket("b", { owner: "o", ${more} });`;
    const program = ["", "objectLock: true", "versioning: true", "object_lock_enabled: true"].map(bucket).join("\n");
    writeFileSync(join(folder, "program.mts"), `import { EcsBucket } from "pulumi-cloudstack-storage";\n${program}\n`);
    const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext"];
    const { code, stdout } = await runWatched(process.execPath, [compiler, ...options, "program.mts"], { cwd: folder });
    expect(code).not.toBe(0);
    const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
    expect(errors).toEqual([
      expect.stringMatching(/^program\.mts\(3,.*'objectLock' does not exist in type 'EcsBucketArgs'/),
      expect.stringMatching(/^program\.mts\(5,.*'object_lock_enabled' does not exist in type 'EcsBucketArgs'/),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
