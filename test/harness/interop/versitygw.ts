import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificates } from "../../../lab/certificates.ts";
import { freePorts, ServerProcess, waitForPort } from "./server-process.ts";
import type { S3Keys, S3Server, Started } from "./surroundings.ts";

const START_LIMIT_MS = 20_000;

/** versitygw over a folder of files, on loopback. A process of it speaks HTTP or HTTPS, so there are two over one folder. */
export async function startVersitygw(folder: string, program: string, version: string): Promise<Started> {
  const [http = 0, https = 0] = await freePorts(2);
  // The root account: a bucket policy shuts out every other owner whom it does not name.
  const [owner, other] = [newKeys(), newKeys()];
  for (const part of ["data", "versions", "iam"]) mkdirSync(join(folder, part), { recursive: true });
  writeAccounts(join(folder, "iam", "users.json"), other);
  const { caPem, byName } = await makeCertificates();
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(cert, byName.ca.cert);
  writeFileSync(key, byName.ca.key, { mode: 0o600 });
  const env = { ...process.env, ROOT_ACCESS_KEY: owner.accessKeyId, ROOT_SECRET_KEY: owner.secretAccessKey };
  const start = (name: string, ...more: readonly string[]) => {
    const options = ["--quiet", "--iam-dir", join(folder, "iam"), "--iam-cache-disable"];
    const backend = ["posix", "--versioning-dir", join(folder, "versions"), join(folder, "data")];
    return ServerProcess.start(folder, name, [program, ...more, ...options, ...backend], env);
  };
  const plain = start("http", "--port", `127.0.0.1:${http}`);
  const secure = start("https", "--port", `127.0.0.1:${https}`, "--cert", cert, "--key", key);
  const stop = async () => {
    await Promise.all([plain.stop(), secure.stop()]);
  };
  try {
    await Promise.all([waitForPort(http, plain, START_LIMIT_MS), waitForPort(https, secure, START_LIMIT_MS)]);
  } catch (error) {
    await stop();
    throw error;
  }
  const server: S3Server = {
    id: "versitygw",
    name: "versitygw",
    version,
    endpoint: `http://127.0.0.1:${http}`,
    tls: { endpoint: `https://127.0.0.1:${https}`, caPem },
    region: "us-east-1",
    owner,
    other,
    principalOfOther: other.accessKeyId,
  };
  return { servers: [server], stop };
}

function newKeys(): S3Keys {
  return {
    accessKeyId: `AK${randomBytes(9).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString("hex"),
  };
}

/** Its own account file, written beforehand: its command for new accounts takes the secret as an argument. */
function writeAccounts(file: string, { accessKeyId: access, secretAccessKey: secret }: S3Keys): void {
  // `user` may not make buckets, `userplus` may.
  const account = { access, secret, role: "userplus", userID: 0, groupID: 0, projectID: 0 };
  writeFileSync(file, JSON.stringify({ accessAccounts: { [access]: account } }), { mode: 0o600 });
}
