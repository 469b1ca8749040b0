import type { S3Client } from "./client.ts";

/** What is in a bucket, counted on the first page of each list. */
export interface Contents {
  readonly objects: number;
  readonly oldVersions: number;
  readonly deleteMarkers: number;
  readonly uploads: number;
  /** Whether there was no further page. */
  readonly complete: boolean;
}

export async function contentsOf(client: S3Client, bucket: string): Promise<Contents> {
  const [versions, uploads] = await Promise.all([client.listVersions(bucket), client.listUploads(bucket)]);
  const markers = versions.entries.filter((entry) => entry.isMarker).length;
  const objects = versions.entries.filter((entry) => entry.isLatest && !entry.isMarker).length;
  return {
    objects,
    oldVersions: versions.entries.length - markers - objects,
    deleteMarkers: markers,
    uploads: uploads.entries.length,
    complete: versions.next === undefined && uploads.next === undefined,
  };
}

/** `at least 1,000 objects, 3 old versions, 2 delete markers and 1 unfinished upload`. */
export function describeContents(contents: Contents): string {
  const parts = [
    counted(contents.objects, "object", "objects"),
    counted(contents.oldVersions, "old version", "old versions"),
    counted(contents.deleteMarkers, "delete marker", "delete markers"),
    counted(contents.uploads, "unfinished upload", "unfinished uploads"),
  ].flat();
  const last = parts.pop();
  if (last === undefined) return "nothing that its lists show";
  const all = parts.length === 0 ? last : `${parts.join(", ")} and ${last}`;
  return `${contents.complete ? "" : "at least "}${all}`;
}

function counted(count: number, one: string, several: string): string[] {
  return count === 0 ? [] : [`${count.toLocaleString("en-US")} ${count === 1 ? one : several}`];
}
