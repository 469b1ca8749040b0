import { join } from "node:path";
import { run } from "../engine/run.ts";
import { cached } from "./cache.ts";
import { onPath } from "./debian.ts";
import type { Client } from "./surroundings.ts";

/** What is installed from a registry is of one version each, so that the answers are the same tomorrow. */
const versions = { versitygw: "1.8.0", minio: "8.0.7", ecsClient: "1.1.12", cs: "5.2.0", s3cmd: "2.4.0" } as const;

export const debianPackages = {
  ceph: {
    programs: ["ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"],
    packages: ["ceph-mon", "ceph-osd", "radosgw", "ceph-common"],
  },
  awsCli: { programs: ["aws"], packages: ["awscli"] },
  rclone: { programs: ["rclone"], packages: ["rclone"] },
} as const;

/** Found on PATH, where `installMissing` has put it if it could. Throws when it is not there. */
export async function findCeph(): Promise<Client> {
  for (const program of debianPackages.ceph.programs) found(program);
  return { name: "Ceph RGW", version: await versionOf("radosgw", ["--version"]), path: found("radosgw") };
}

export async function findAwsCli(): Promise<Client> {
  return { name: "AWS CLI", version: await versionOf("aws", ["--version"]), path: found("aws") };
}

export async function findRclone(): Promise<Client> {
  return { name: "rclone", version: await versionOf("rclone", ["version"]), path: found("rclone") };
}

/** Built with Go: minutes once, then cached. */
export async function findVersitygw(cache: string): Promise<Client> {
  const version = versions.versitygw;
  const folder = await cached(cache, `versitygw-${version}-${process.platform}-${process.arch}`, async (bin) => {
    const env = { ...process.env, GOBIN: bin, GOWORK: "off" };
    await must("go", ["install", `github.com/versity/versitygw/cmd/versitygw@v${version}`], { env });
  });
  return { name: "versitygw", version, path: join(folder, "versitygw") };
}

/** The client that CloudStack's bucket browser runs. */
export async function findMinio(cache: string): Promise<Client> {
  const version = versions.minio;
  const folder = await cached(cache, `minio-${version}`, async (prefix) => {
    const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix", prefix];
    await must("npm", [...args, `minio@${version}`], { cwd: prefix });
  });
  return { name: "MinIO JavaScript client", version, path: join(folder, "node_modules", "minio") };
}

/** With the tests that its authors ran against arrays: the package brings them along. */
export async function findEcsClient(cache: string): Promise<Client> {
  return await pythonPackage(cache, "python-ecsclient", versions.ecsClient);
}

/** A client of CloudStack's API; Ansible's collection for CloudStack uses it. */
export async function findCs(cache: string): Promise<Client> {
  return await pythonPackage(cache, "cs", versions.cs);
}

/** What many a script makes buckets with. */
export async function findS3cmd(cache: string): Promise<Client> {
  return await pythonPackage(cache, "s3cmd", versions.s3cmd);
}

/** In a folder of its own, together with what it needs: PYTHONPATH is all that it takes. */
async function pythonPackage(cache: string, name: string, version: string): Promise<Client> {
  const folder = await cached(cache, `${name}-${version}`, async (target) => {
    const pip = ["-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"];
    await must("python3", [...pip, "--target", target, `${name}==${version}`], { cwd: target });
  });
  return { name, version, path: folder };
}

function found(program: string): string {
  const path = onPath(program);
  if (path === undefined) throw new Error(`no ${program} on PATH`);
  return path;
}

async function versionOf(program: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await must(program, args, {});
  return /\d+\.\d+[\w.]*/.exec(stdout + stderr)?.[0] ?? "?";
}

async function must(program: string, args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }) {
  const result = await run(program, args, options);
  if (result.code === 0) return result;
  const reason = result.problem ?? (result.stderr || result.stdout).trim().split("\n").slice(-3).join(" ");
  throw new Error(`${program} ${args.slice(0, 3).join(" ")}: ${reason}`);
}
