import { Refused } from "../core/errors.ts";
import type { ImageStore } from "./image-stores.ts";

/** Exactly so: CloudStack takes an unknown provider for NFS, without an error. */
const s3Provider = "S3";

export function requireS3Provider(known: readonly string[]): void {
  if (known.includes(s3Provider)) return;
  throw new Refused(
    `S3 secondary storage is not added: this CloudStack has no image provider called S3 (it has ${known.join(", ")}), and would take the store for NFS. ` +
      `Install the S3 plugin, which is part of CloudStack.`,
  );
}

/** All secondary storage of a cloud is of one provider; CloudStack would refuse, and name none of those in the way. */
export function requireRoomForS3(stores: readonly ImageStore[], endpoint: string): void {
  const others = stores.filter(({ providerName }) => providerName.toLowerCase() !== s3Provider.toLowerCase());
  if (others.length === 0) return;
  const named = others.map(
    ({ name, providerName, zoneName, id }) => `${name} (${providerName}, zone ${zoneName ?? "all"}, ${id})`,
  );
  throw new Refused(
    `S3 secondary storage is not added: all secondary storage of a cloud has to be of one provider, and ${endpoint} has ${named.join("; ")}. ` +
      `Ways out: delete these stores, where nothing is on them; or turn all NFS secondary storage into staging stores with CloudStack's ` +
      `updateCloudToUseObjectStore, which cannot be undone and is therefore no resource: the command cloudstack-storage convert-nfs looks first, and then does it.`,
  );
}
