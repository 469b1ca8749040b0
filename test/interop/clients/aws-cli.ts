import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../../harness/engine/run.ts";
import type { Client } from "../../harness/interop/surroundings.ts";
import { type Tenant, visit } from "./tenant.ts";

/** What people type at a shell. */
export function awsCliSuite(client: Client, tenant: () => Tenant): void {
  describe("AWS CLI", { shuffle: false }, () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-aws-"));
    writeFileSync(join(folder, "v4"), "[default]\ns3 =\n  signature_version = s3v4\n");
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const aws = (...args: readonly string[]) => call(client.path, folder, tenant(), args);
    const json = async (...args: readonly string[]) =>
      JSON.parse(await aws("s3api", ...args)) as Record<string, unknown>;
    const url = (key: string) => `s3://${tenant().bucket}/aws/${key}`;
    const bucket = () => ["--bucket", tenant().bucket] as const;

    test("finds the bucket", async () => {
      expect(await aws("s3", "ls")).toContain(tenant().bucket);
    });

    test("uploads a folder, lists it by prefix and downloads it", async () => {
      mkdirSync(join(folder, "up", "deep"), { recursive: true });
      writeFileSync(join(folder, "up", "a.txt"), "text of a");
      writeFileSync(join(folder, "up", "deep", "with space + ü.txt"), "text of the other");
      await aws("s3", "sync", "up", url("tree"));
      const listed = await json("list-objects-v2", ...bucket(), "--prefix", "aws/tree/", "--query", "Contents[].Key");
      expect(listed).toEqual(["aws/tree/a.txt", "aws/tree/deep/with space + ü.txt"]);
      expect(await aws("s3", "ls", `${url("tree")}/`)).toMatch(/^ +PRE deep\/\n.+ 9 a\.txt\n$/);
      await aws("s3", "sync", url("tree"), "down");
      expect(readFileSync(join(folder, "down", "deep", "with space + ü.txt"), "utf8")).toBe("text of the other");
    });

    test("uploads in parts what is large", async () => {
      const large = Buffer.alloc(9 * 1024 * 1024, "0123456789");
      writeFileSync(join(folder, "large.bin"), large);
      await aws("s3", "cp", "--only-show-errors", "large.bin", url("large.bin"));
      const { ETag, ContentLength } = await json("head-object", ...bucket(), "--key", "aws/large.bin");
      expect(ETag).toMatch(/-2"$/);
      expect(ContentLength).toBe(9_437_184);
      await aws("s3", "cp", "--only-show-errors", url("large.bin"), "large.copy");
      expect(readFileSync(join(folder, "large.copy")).equals(large)).toBe(true);
    });

    test("reads an older version", async () => {
      for (const text of ["first", "second"]) {
        writeFileSync(join(folder, "v.txt"), text);
        await aws("s3", "cp", "--only-show-errors", "v.txt", url("v.txt"));
      }
      const query = ["--prefix", "aws/v.txt", "--query", "Versions[?IsLatest==`false`].VersionId"];
      const [older] = (await json("list-object-versions", ...bucket(), ...query)) as unknown as string[];
      const which = ["--key", "aws/v.txt", "--version-id", String(older)];
      await aws("s3api", "get-object", ...bucket(), ...which, "old.txt");
      expect(readFileSync(join(folder, "old.txt"), "utf8")).toBe("first");
    });

    test("makes a link that others can follow, and that nobody can change", async () => {
      // Left to itself, version 1 of the program signs links with signature version 2.
      for (const env of [{}, { AWS_CONFIG_FILE: join(folder, "v4") }]) {
        const link = (await call(client.path, folder, tenant(), ["s3", "presign", url("v.txt")], env)).trim();
        expect(await visit(link)).toBe("200 second");
        expect(await visit(link.replace("v.txt", "large.bin"))).toBe("403");
      }
    });

    test("sees what the program has set", async () => {
      expect(await json("get-bucket-versioning", ...bucket())).toMatchObject({ Status: "Enabled" });
      const { CORSRules } = await json("get-bucket-cors", ...bucket());
      expect(CORSRules).toMatchObject([{ AllowedOrigins: [tenant().origin] }]);
    });

    test("deletes an object, then a folder", async () => {
      await aws("s3", "rm", url("v.txt"));
      await aws("s3", "rm", "--recursive", url(""));
      const query = ["--prefix", "aws/", "--query", "Contents"];
      expect(await json("list-objects-v2", ...bucket(), ...query)).toBeNull();
    });

    test("is refused with a wrong secret", async () => {
      const stranger = { ...tenant(), secretAccessKey: "wrong" };
      await expect(call(client.path, folder, stranger, ["s3", "ls"])).rejects.toThrow("SignatureDoesNotMatch");
    });
  });
}

async function call(
  program: string,
  folder: string,
  tenant: Tenant,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    HOME: folder,
    AWS_ACCESS_KEY_ID: tenant.accessKeyId,
    AWS_SECRET_ACCESS_KEY: tenant.secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_PAGER: "",
    ...more,
  };
  const all = [...args, "--endpoint-url", tenant.endpoint, "--output", args[0] === "s3api" ? "json" : "text"];
  const result = await run(program, all, { cwd: folder, env, timeoutMs: 60_000 });
  if (result.code === 0) return result.stdout;
  throw new Error(`aws ${args.join(" ")}: ${result.problem ?? result.stderr}`);
}
