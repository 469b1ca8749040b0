import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf } from "../harness/command.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { many, soak } from "../harness/soak.ts";
import { runWatched } from "../harness/watched-run.ts";

const root = resolve(import.meta.dirname, "../..");
const live = "CLOUDSTACK_STORAGE_LIVE";
const setting = "secstorage.session.max";
const objects = { "invoices/2026.pdf": "what must not be lost" };
const owner = { groupId: "pulumi-live-0000", userId: "neighbor" };

/** The runner of `npm run test:live`, with nothing of the tester's own settings. */
function runLive(env: Readonly<Record<string, string>>, lab?: LabControl): Promise<RunResult> {
  const foreign = /^(PULUMI|CLOUDIAN|CLOUDSTACK|ECS|S3|AWS)_/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name) || name === "PULUMI_CLI");
  const script = join(root, "test", "live", "run.ts");
  const timeoutMs = many(220_000, 1_800_000);
  const environment = { ...Object.fromEntries(kept), ...env };
  return runWatched(process.execPath, [script], { cwd: root, env: environment, timeoutMs, lab });
}

/** What a lab stands in for, and what a cloud of its own would have to be asked for. */
function environmentOfLab({ addresses }: Lab): Record<string, string> {
  return {
    ...environmentOf(addresses),
    [`${live}_STORE_ENDPOINT`]: "https://store.invalid",
    [`${live}_STAGING_ZONE_ID`]: addresses.cloudstack.zoneId,
    [`${live}_POOL_URL`]: "https://minio.example.test:9000",
    [`${live}_POOL_ACCESS_KEY_ID`]: "pool-key",
    [`${live}_POOL_SECRET_ACCESS_KEY`]: "secret-of-pool",
    [`${live}_SETTING`]: setting,
    [`${live}_SETTING_VALUES`]: "41,42,43",
  };
}

/** Neighbors of every kind, also such as carry the name that runs have without the number of this one. */
async function plantNeighbors(control: LabControl): Promise<void> {
  await control.patch("cloudian", {
    groups: { [owner.groupId]: { groupName: "theirs" } },
    users: { [`${owner.groupId}/${owner.userId}`]: {} },
    buckets: { [`${owner.groupId}/${owner.userId}`]: [{ bucketName: "pulumi-live-bucket" }] },
  });
  await control.patch("cloudian", { s3Buckets: { "pulumi-live-bucket": { objects } } });
  await control.patch("ecs", {
    users: { "ns1/pulumi-live-user": { keys: ["secret-of-neighbor"] } },
    buckets: { "ns1/pulumi-live-bucket": { owner: "pulumi-live-user", objects } },
  });
  await control.patch("cloudstack", {
    imageStores: { "99999999-aaaa-4aaa-8aaa-999999999999": { name: "pulumi-live-store", provider: "S3" } },
    settings: { [setting]: "17" },
    options: { statisticsSeconds: 0 },
  });
}

async function held(control: LabControl): Promise<object> {
  const { cloudian, ecs, cloudstack } = await control.state();
  const { groups, users, credentials, limits, buckets, s3Buckets } = cloudian;
  const stores = Object.values(cloudstack.imageStores).filter(({ removed }) => !removed);
  const { objectPools, settings } = cloudstack;
  const ofEcs = { users: ecs.users, buckets: ecs.buckets };
  return { groups, users, credentials, limits, buckets, s3Buckets, ofEcs, stores, objectPools, settings };
}

/** What the runner says of each system; the engine alone takes half a minute for one of them. */
const systems = {
  cloudian: "created 3 (CloudianGroup, CloudianUser, S3Bucket)",
  ...(soak && {
    ecs: "created 2 (EcsObjectUser, EcsBucket)",
    cloudstack: "created 4 (S3SecondaryStorage, SecondaryStagingStore, ObjectStoragePool, GlobalSetting)",
  }),
};

test("test:live takes every kind of every system through its life and leaves nothing, nor touches a neighbor", async () => {
  const lab = await startLab({ portBase: 0 });
  try {
    const control = new LabControl(lab.addresses.control);
    await plantNeighbors(control);
    const before = await held(control);
    const names = Object.keys(systems);
    const environment = { ...environmentOfLab(lab), [`${live}_SYSTEMS`]: names.join(",") };
    const { code, stdout, stderr, problem } = await runLive(environment, control);
    expect(code, `${problem ?? ""}\n${stdout}${stderr}`).toBe(0);
    expect(stdout).toContain(`${names.length} of ${names.length} systems passed`);
    for (const said of Object.values(systems)) expect(stdout).toContain(said);
    expect(stdout.match(/drift of \d found and repaired/g)).toHaveLength(names.length);
    expect(stdout.match(/destroyed; nothing is left/g)).toHaveLength(names.length);
    // The neighbor's group looks like one of a run that was killed.
    expect(stdout).toContain(`LEFT OVER from other runs on Cloudian HyperStore, not touched: ${owner.groupId}`);
    expect(await held(control)).toEqual(before);
  } finally {
    await lab.close();
  }
});

test("test:live says which systems and kinds are left out, and is an error where none is named", async () => {
  const none = await runLive({});
  expect(none.code).toBe(2);
  expect(none.stderr).toContain("No system is named, so nothing would be tested. Set");
  expect(none.stderr).toContain("cloudian: CLOUDIAN_ENDPOINT, CLOUDIAN_USERNAME, CLOUDIAN_PASSWORD");
  const half = await runLive({ CLOUDSTACK_STORAGE_LIVE_SYSTEMS: "ecs", ECS_ENDPOINT: "https://127.0.0.1:1" });
  expect([half.code, half.stderr.trim()]).toEqual([
    2,
    "These settings are missing: ECS_USERNAME, ECS_PASSWORD, ECS_NAMESPACE.",
  ]);
});
