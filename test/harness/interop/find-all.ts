import { interopCache } from "./cache.ts";
import { installMissing } from "./debian.ts";
import {
  debianPackages,
  findAwsCli,
  findCeph,
  findCs,
  findEcsClient,
  findMinio,
  findRclone,
  findS3cmd,
  findVersitygw,
} from "./programs.ts";
import type { Client, Surroundings } from "./surroundings.ts";

type Log = (line: string) => void;
type ClientName = Exclude<keyof Surroundings, "servers">;

/** What did not run, and why. */
export interface Missing {
  readonly name: string;
  readonly reason: string;
}

export interface Found {
  readonly ceph: Client | undefined;
  readonly versitygw: Client | undefined;
  readonly clients: Readonly<Partial<Record<ClientName, Client>>>;
  readonly missing: readonly Missing[];
}

const PROGRESS_MS = 15_000;

/** Finds or installs everything, side by side: one part waits for the network, another for the processor. */
export async function findAll(log: Log): Promise<Found> {
  const cache = interopCache(process.env);
  const missing: Missing[] = [];
  const pending = new Set<string>();
  const timer = setInterval(() => log(`interop: still busy with ${[...pending].join(", ")}`), PROGRESS_MS);
  const look = async (name: string, find: () => Promise<Client>): Promise<Client | undefined> => {
    pending.add(name);
    try {
      const client = await find();
      log(`interop: ${name} ${client.version}`);
      return client;
    } catch (error) {
      missing.push({ name, reason: error instanceof Error ? error.message : String(error) });
      return undefined;
    } finally {
      pending.delete(name);
    }
  };
  const debian = installMissing(Object.values(debianPackages), log);
  const afterDebian = (find: () => Promise<Client>) => () => debian.then(find);
  const [ceph, versitygw, awsCli, rclone, minio, ecsClient, cs, s3cmd] = await Promise.all([
    look("Ceph RGW", afterDebian(findCeph)),
    look("versitygw", () => findVersitygw(cache)),
    look("AWS CLI", afterDebian(findAwsCli)),
    look("rclone", afterDebian(findRclone)),
    look("MinIO JavaScript client", () => findMinio(cache)),
    look("python-ecsclient", () => findEcsClient(cache)),
    look("cs", () => findCs(cache)),
    look("s3cmd", () => findS3cmd(cache)),
  ]).finally(() => clearInterval(timer));
  const clients = {
    ...(awsCli && { awsCli }),
    ...(rclone && { rclone }),
    ...(minio && { minio }),
    ...(ecsClient && { ecsClient }),
    ...(cs && { cs }),
    ...(s3cmd && { s3cmd }),
  };
  return { ceph, versitygw, clients, missing };
}
