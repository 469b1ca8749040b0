import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudianUser, type PolicyDocument, S3Bucket, type S3BucketArgs } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../harness/engine/run.ts";
import { type Client, surroundings } from "../harness/interop/surroundings.ts";
import { TestStack } from "../harness/stack.ts";
import { changesOf, warningsOf } from "../harness/stack-run.ts";

/** What docs/from-scripts.md says of s3cmd: its commands, and the properties that take over what they have made. */

const document: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::archive/*" }],
};
const rule =
  "<CORSConfiguration><CORSRule><AllowedOrigin>https://cloud.example.com</AllowedOrigin>" +
  "<AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader></CORSRule></CORSConfiguration>";

const properties: Partial<S3BucketArgs> = {
  bucketName: "archive",
  versioning: true,
  policy: document,
  cors: [{ allowedOrigins: ["https://cloud.example.com"], allowedMethods: ["GET"], allowedHeaders: ["*"] }],
  tags: { team: "blue" },
  adopt: true,
};

function s3cmdSuite(client: Client): void {
  describe("s3cmd", { shuffle: false }, () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-s3cmd-"));
    let stack: TestStack;
    const program = (bucket?: Partial<S3BucketArgs>) => async () => {
      const { accessKeyId, secretAccessKey } = new CloudianUser("archive", { groupId: "reports", userId: "archive" });
      const endpoint = stack.addresses.cloudian.s3Endpoint;
      if (bucket) new S3Bucket("archive", { endpoint, accessKeyId, secretAccessKey, ...bucket });
      return { accessKeyId, secretAccessKey };
    };
    const s3cmd = async (...args: readonly string[]): Promise<string> => {
      const script = join(client.path, "bin", "s3cmd");
      const env = { ...process.env, PYTHONPATH: client.path, PYTHONDONTWRITEBYTECODE: "1" };
      const result = await run("python3", [script, "-c", "s3cfg", ...args], { cwd: folder, env, timeoutMs: 60_000 });
      if (result.code === 0) return result.stdout;
      throw new Error(`s3cmd ${args.join(" ")}: ${result.problem ?? result.stderr}`);
    };

    beforeAll(async () => {
      stack = await TestStack.open("s3cmd");
      await stack.lab.patch("cloudian", { groups: { reports: {} } });
      await stack.up(program());
      const { accessKeyId, secretAccessKey } = await stack.outputs();
      const { host } = new URL(stack.addresses.cloudian.s3Endpoint);
      const lines = [
        "[default]",
        `access_key = ${accessKeyId?.value}`,
        `secret_key = ${secretAccessKey?.value}`,
        `host_base = ${host}`,
        `host_bucket = ${host}`,
        "use_https = False",
        "",
      ];
      writeFileSync(join(folder, "s3cfg"), lines.join("\n"));
      writeFileSync(join(folder, "policy.json"), JSON.stringify(document));
      writeFileSync(join(folder, "cors.xml"), rule);
    });
    afterAll(async () => {
      await stack?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    test("makes a bucket and sets what it can; the program takes it over without a change", async () => {
      await s3cmd("mb", "s3://archive");
      await s3cmd("setversioning", "s3://archive", "enable");
      await s3cmd("setpolicy", "policy.json", "s3://archive");
      await s3cmd("setcors", "cors.xml", "s3://archive");
      await s3cmd("settagging", "s3://archive", "team=blue");
      await s3cmd("put", "cors.xml", "s3://archive/a.xml");
      const adopted = await stack.up(program(properties));
      expect(warningsOf(adopted)).toEqual([
        expect.stringMatching(/^S3 bucket archive@\S+ exists and is taken over\.$/),
      ]);
      expect(adopted.calls.filter((call) => !/^(GET|HEAD) /.test(call))).toEqual([]);
      expect(changesOf(await stack.gate(program(properties)))).not.toHaveProperty("update");
    });

    test("what it undoes is drift, by the properties of the page", async () => {
      await s3cmd("setversioning", "s3://archive", "disable");
      await s3cmd("delpolicy", "s3://archive");
      await s3cmd("delcors", "s3://archive");
      await s3cmd("settagging", "s3://archive", "team=red&year=2026");
      const undone = { versioning: false, policy: "private" as const, cors: [], tags: { team: "red", year: "2026" } };
      expect(changesOf(await stack.gate(program(properties)))).toMatchObject({ update: 1 });
      expect(changesOf(await stack.gate(program({ ...properties, ...undone })))).not.toHaveProperty("update");
    });

    test("a bucket that is not empty goes neither with rb nor with destroy", async () => {
      await expect(s3cmd("rb", "s3://archive")).rejects.toThrow("BucketNotEmpty");
      expect((await stack.tryDestroy()).code).not.toBe(0);
      expect(await s3cmd("ls", "s3://archive")).toContain("s3://archive/a.xml");
    });
  });
}

const { s3cmd } = surroundings();
if (s3cmd) s3cmdSuite(s3cmd);
