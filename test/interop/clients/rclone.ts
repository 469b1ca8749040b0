import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../../harness/engine/run.ts";
import type { Client } from "../../harness/interop/surroundings.ts";
import { type Tenant, visit } from "./tenant.ts";

/** What copies whole trees at night. */
export function rcloneSuite(client: Client, tenant: () => Tenant): void {
  describe("rclone", { shuffle: false }, () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-rclone-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const rclone = (...args: readonly string[]) => call(client.path, folder, tenant(), args);
    const at = (path: string) => `lab:${tenant().bucket}/rclone/${path}`;

    test("copies a tree there, compares it, and copies it back", async () => {
      mkdirSync(join(folder, "up", "deep"), { recursive: true });
      writeFileSync(join(folder, "up", "a.txt"), "text of a");
      writeFileSync(join(folder, "up", "deep", "with space + ü.txt"), "text of the other");
      await rclone("copy", "up", at("tree"));
      expect((await rclone("lsf", "--recursive", at("tree"))).trim().split("\n").sort()).toEqual([
        "a.txt",
        "deep/",
        "deep/with space + ü.txt",
      ]);
      await rclone("check", "up", at("tree"));
      await rclone("copy", at("tree"), "down");
      expect(readFileSync(join(folder, "down", "a.txt"), "utf8")).toBe("text of a");
    });

    test("uploads in parts what is large", async () => {
      const large = Buffer.alloc(11 * 1024 * 1024, "0123456789");
      writeFileSync(join(folder, "large.bin"), large);
      await rclone("copyto", "--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M", "large.bin", at("large.bin"));
      expect(JSON.parse(await rclone("lsjson", at("large.bin")))).toMatchObject([{ Size: 11_534_336 }]);
      await rclone("copyto", at("large.bin"), "large.copy");
      expect(readFileSync(join(folder, "large.copy")).equals(large)).toBe(true);
    });

    test("sends only what has changed", async () => {
      writeFileSync(join(folder, "up", "a.txt"), "another text of a");
      const report = await rclone("sync", "--stats-one-line", "--stats", "0", "-v", "up", at("tree"));
      expect(report).toContain("a.txt: Copied (replaced existing)");
      expect(report).not.toContain("with space");
      expect(await rclone("cat", at("tree/a.txt"))).toBe("another text of a");
    });

    test("lists the older versions", async () => {
      const names = await rclone("lsf", "--s3-versions", at("tree"));
      expect(names.split("\n").filter((name) => /^a(-v[\d-]+)?\.txt$/.test(name))).toHaveLength(2);
    });

    test("makes a link that others can follow", async () => {
      expect(await visit((await rclone("link", at("tree/a.txt"))).trim())).toBe("200 another text of a");
    });

    test("deletes a file, then the tree", async () => {
      await rclone("deletefile", at("large.bin"));
      await rclone("purge", at("tree"));
      expect(await rclone("lsf", "--recursive", at(""))).toBe("");
    });
  });
}

/** Both outputs: what it reports goes to standard error. */
async function call(program: string, folder: string, tenant: Tenant, args: readonly string[]): Promise<string> {
  const env = {
    PATH: process.env["PATH"],
    HOME: folder,
    RCLONE_CONFIG: join(folder, "rclone.conf"),
    RCLONE_CONFIG_LAB_TYPE: "s3",
    RCLONE_CONFIG_LAB_PROVIDER: "Other",
    RCLONE_CONFIG_LAB_ENDPOINT: tenant.endpoint,
    RCLONE_CONFIG_LAB_ACCESS_KEY_ID: tenant.accessKeyId,
    RCLONE_CONFIG_LAB_SECRET_ACCESS_KEY: tenant.secretAccessKey,
    RCLONE_RETRIES: "1",
  };
  writeFileSync(env.RCLONE_CONFIG, "");
  const result = await run(program, args, { cwd: folder, env, timeoutMs: 60_000 });
  if (result.code === 0) return args.includes("-v") ? result.stderr : result.stdout;
  throw new Error(`rclone ${args.join(" ")}: ${result.problem ?? result.stderr}`);
}
