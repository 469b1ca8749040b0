import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { findEngine } from "../harness/engine/find.ts";
import type { RunResult } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { runWatched } from "../harness/watched-run.ts";

const checkout = resolve(import.meta.dirname, "../..");
let folder: string;
let lab: Lab;
let control: LabControl;
let pulumi: (...args: readonly string[]) => Promise<RunResult>;

/** The example as a user has it, so that state and stack file do not land in the checkout. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-ecs-tenant-"));
  cpSync(join(checkout, "examples/ecs-tenant"), folder, {
    recursive: true,
    filter: (source) => !/(?:node_modules|\.pulumi|Pulumi\..+\.yaml)$/.test(source),
  });
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  const engine = await findEngine({ log: console.error });
  const foreign = /^(PULUMI|CLOUDIAN|ECS|S3|CLOUDSTACK_STORAGE)_/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const { endpoint, username, password, namespace, caPem, s3Endpoint } = lab.addresses.ecs;
  const env = {
    ...Object.fromEntries(own),
    ...engine.env(),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_CONFIG_PASSPHRASE: "only for tests",
    ECS_ENDPOINT: endpoint,
    ECS_USERNAME: username,
    ECS_PASSWORD: password,
    ECS_NAMESPACE: namespace,
    ECS_CA_PEM: caPem,
    ECS_S3_ENDPOINT: s3Endpoint,
  };
  const options = { cwd: folder, env, lab: control };
  pulumi = (...args) => runWatched(engine.pulumi, [...args, "--non-interactive", "--color", "never"], options);
  expect(await pulumi("stack", "init", "dev")).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await lab?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the example's life", { shuffle: false }, () => {
  test("`pulumi up` makes the tenant as the program declares it", async () => {
    const up = await pulumi("up", "--yes", "--skip-preview");
    expect(up.stdout).toContain("+ 4 created");
    expect(up.code).toBe(0);
    const { users, buckets, sessions } = (await control.state()).ecs;
    const [[userId, user] = []] = Object.entries(users);
    expect(userId).toMatch(/^ns1\/blue-[0-9a-f]{8}$/);
    expect(user).toMatchObject({ locked: false, tags: { tenant: "blue" }, keys: [{ expires: null }, null] });
    const [backups, website] = Object.entries(buckets)
      .toSorted()
      .map(([, bucket]) => bucket);
    expect(backups).toMatchObject({
      encrypted: true,
      versioning: "enabled",
      blockSize: 500,
      notificationSize: 400,
      policy: null,
      tags: { tenant: "blue", content: "backups" },
    });
    expect(website).toMatchObject({
      encrypted: false,
      versioning: "never",
      blockSize: 10,
      policy: { Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:GetObject"] }] },
      cors: [{ allowedOrigins: ["https://cloud.example.com"], exposeHeaders: ["ETag"] }],
    });
    expect(sessions).toMatchObject({ logins: 1, live: 0 });
  });

  test("the outputs are what the tenant needs, with the secret hidden", async () => {
    const outputs = async (...flags: string[]) =>
      JSON.parse((await pulumi("stack", "output", "--json", ...flags)).stdout) as Record<string, string>;
    const { users, buckets } = (await control.state()).ecs;
    const [[id = "", user] = []] = Object.entries(users);
    const [, website = ""] = Object.keys(buckets).toSorted();
    const { s3Endpoint } = lab.addresses.ecs;
    const shown = {
      accessKeyId: id.replace("ns1/", ""),
      s3Endpoint,
      publicUrl: `${s3Endpoint}/${website.replace("ns1/", "")}`,
    };
    expect(await outputs()).toEqual({ ...shown, secretAccessKey: "[secret]" });
    expect(await outputs("--show-secrets")).toEqual({ ...shown, secretAccessKey: user?.keys[0]?.secret });
  });

  test("without a change nobody asks the array", async () => {
    await control.clearRequests();
    expect(await pulumi("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await control.requests()).toEqual([]);
  });

  test("`pulumi destroy` leaves neither user nor bucket nor token", async () => {
    expect(await pulumi("destroy", "--yes", "--skip-preview")).toMatchObject({ code: 0 });
    const { users, buckets, sessions } = (await control.state()).ecs;
    expect([users, buckets, sessions.live]).toEqual([{}, {}, 0]);
  });
});
