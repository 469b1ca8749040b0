import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificates } from "../../../lab/certificates.ts";
import { run } from "../engine/run.ts";
import { freePorts, ServerProcess, waitForPort } from "./server-process.ts";
import type { S3Keys, S3Server, Started } from "./surroundings.ts";

interface Ports {
  readonly monitor: number;
  readonly http: number;
  readonly https: number;
}

const START_LIMIT_MS = 60_000;

/** Ceph's S3 gateway on loopback: one monitor, one storage daemon that keeps everything in memory, one gateway. */
export async function startRgw(folder: string, version: string): Promise<Started> {
  const [monitor = 0, http = 0, https = 0] = await freePorts(3);
  const cluster = new Cluster(folder, { monitor, http, https });
  try {
    const { owner, other, caPem } = await cluster.start();
    const server: S3Server = {
      id: "rgw",
      name: "Ceph RGW",
      version,
      endpoint: `http://127.0.0.1:${http}`,
      tls: { endpoint: `https://127.0.0.1:${https}`, caPem },
      region: "us-east-1",
      owner,
      other,
      principalOfOther: "arn:aws:iam:::user/other",
    };
    return { servers: [server], stop: () => cluster.stop() };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class Cluster {
  readonly #folder: string;
  readonly #ports: Ports;
  readonly #conf: string;
  readonly #fsid = randomUUID();
  readonly #daemons: ServerProcess[] = [];

  constructor(folder: string, ports: Ports) {
    this.#folder = folder;
    this.#ports = ports;
    this.#conf = join(folder, "ceph.conf");
  }

  async start(): Promise<{ owner: S3Keys; other: S3Keys; caPem: string }> {
    for (const part of ["mon", "osd", "rgw", "run", "crash"]) mkdirSync(join(this.#folder, part), { recursive: true });
    const { caPem, byName } = await makeCertificates();
    writeFileSync(join(this.#folder, "cert.pem"), byName.ca.cert);
    writeFileSync(join(this.#folder, "key.pem"), byName.ca.key, { mode: 0o600 });
    writeFileSync(this.#conf, this.#configuration());
    await this.#startMonitor();
    await this.#startStorage();
    // Before the gateway, so that only one process makes the zone and its pools.
    const owner = await this.#addUser("owner");
    const gateway = this.#daemon("radosgw", "-n", "client.rgw");
    const [other] = await Promise.all([
      this.#addUser("other"),
      waitForPort(this.#ports.http, gateway, START_LIMIT_MS),
      waitForPort(this.#ports.https, gateway, START_LIMIT_MS),
    ]);
    return { owner, other, caPem };
  }

  async stop(): Promise<void> {
    // The gateway first: it waits for storage that has gone.
    for (const daemon of this.#daemons.toReversed()) await daemon.stop();
  }

  async #startMonitor(): Promise<void> {
    const map = join(this.#folder, "monmap");
    const address = `[v2:127.0.0.1:${this.#ports.monitor}/0]`;
    await this.#tool("monmaptool", ["--create", "--fsid", this.#fsid, "--addv", "a", address, map]);
    await this.#tool("ceph-mon", ["-c", this.#conf, "-i", "a", "--mkfs", "--monmap", map]);
    this.#daemon("ceph-mon", "-i", "a");
  }

  async #startStorage(): Promise<void> {
    const id = randomUUID();
    await this.#tool("ceph", ["-c", this.#conf, "osd", "new", id]);
    await this.#tool("ceph-osd", ["-c", this.#conf, "-i", "0", "--mkfs", "--osd-uuid", id]);
    this.#daemon("ceph-osd", "-i", "0");
  }

  /** The keys are made by Ceph, so that none is ever an argument. */
  async #addUser(name: string): Promise<S3Keys> {
    const args = ["-c", this.#conf, "user", "create", `--uid=${name}`, `--display-name=${name}`];
    const user = JSON.parse(await this.#tool("radosgw-admin", args)) as {
      keys: { access_key: string; secret_key: string }[];
    };
    const { access_key: accessKeyId = "", secret_key: secretAccessKey = "" } = user.keys[0] ?? {};
    return { accessKeyId, secretAccessKey };
  }

  #daemon(program: string, ...args: readonly string[]): ServerProcess {
    const daemon = ServerProcess.start(this.#folder, program, [program, ...args, "-c", this.#conf, "-f"]);
    this.#daemons.push(daemon);
    return daemon;
  }

  async #tool(program: string, args: readonly string[]): Promise<string> {
    const result = await run(program, args, { cwd: this.#folder, timeoutMs: START_LIMIT_MS });
    if (result.code === 0) return result.stdout;
    throw new Error(`${program} failed: ${result.problem ?? result.stderr.split("\n").slice(-5).join("\n")}`);
  }

  #configuration(): string {
    const { monitor, http, https } = this.#ports;
    const frontend = [
      `beast endpoint=127.0.0.1:${http}`,
      `ssl_endpoint=127.0.0.1:${https}`,
      `ssl_certificate=${this.#folder}/cert.pem`,
      `ssl_private_key=${this.#folder}/key.pem`,
    ].join(" ");
    return `[global]
fsid = ${this.#fsid}
mon_host = [v2:127.0.0.1:${monitor}/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
run_dir = ${this.#folder}/run
crash_dir = ${this.#folder}/crash
log_file = ${this.#folder}/$name.log
mon_cluster_log_file = ${this.#folder}/cluster.log
log_to_stderr = false
# No path of a socket fits into 107 characters everywhere.
admin_socket =
# No keyrings. The gateway insists on an encrypted connection to the monitor, which needs one, unless told otherwise.
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_mon_client_mode = crc
# One daemon is the whole cluster.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 2000
mon_data_avail_crit = 1
[mon]
mon_data = ${this.#folder}/mon
paxos_propose_interval = 0.05
[osd]
osd_data = ${this.#folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 4294967296
[client]
rgw_data = ${this.#folder}/rgw
rgw_frontends = ${frontend}
rgw_enable_apis = s3, admin
rgw_thread_pool_size = 16
rgw_rados_pool_pg_num_min = 1
rgw_override_bucket_index_max_shards = 1
rgw_dynamic_resharding = false
# Encrypted objects over plain HTTP, too.
rgw_crypt_require_ssl = false
`;
  }
}
