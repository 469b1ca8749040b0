import type {
  ListMultipartUploadsCommandOutput,
  ListObjectVersionsCommandOutput,
  _Error as SdkError,
} from "@aws-sdk/client-s3";

interface Listed {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly IsLatest?: boolean | undefined;
}

/** One version of an object, or a delete marker. */
export interface VersionEntry {
  readonly key: string;
  readonly versionId: string;
  readonly isMarker: boolean;
  readonly isLatest: boolean;
}

/** A multipart upload that nobody has finished. */
export interface UploadEntry {
  readonly key: string;
  readonly uploadId: string;
}

/** Where a list goes on: a key, and the version or upload of it. */
export interface Marker {
  readonly key: string;
  readonly id?: string;
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  readonly next?: Marker;
}

/** What the service did not delete, and why, in its own words. */
export interface Undeleted {
  readonly key: string;
  readonly reason: string;
}

export function versionsIn(output: ListObjectVersionsCommandOutput): Page<VersionEntry> {
  const text = decoderOf(output.EncodingType);
  const entry = (isMarker: boolean) => (listed: Listed) => ({
    key: text(listed.Key ?? ""),
    // Services without versions leave it out; the one version there is, is `null`.
    versionId: listed.VersionId || "null",
    isMarker,
    isLatest: listed.IsLatest !== false,
  });
  const entries = [...(output.Versions ?? []).map(entry(false)), ...(output.DeleteMarkers ?? []).map(entry(true))];
  return { entries, ...next(output.IsTruncated, output.NextKeyMarker, output.NextVersionIdMarker, text) };
}

export function uploadsIn(output: ListMultipartUploadsCommandOutput): Page<UploadEntry> {
  const text = decoderOf(output.EncodingType);
  const entries = (output.Uploads ?? []).map((upload) => ({
    key: text(upload.Key ?? ""),
    uploadId: upload.UploadId ?? "",
  }));
  return { entries, ...next(output.IsTruncated, output.NextKeyMarker, output.NextUploadIdMarker, text) };
}

/** Undefined where it is gone. */
export function undeletedOf({ Key, Code, Message }: SdkError): Undeleted | undefined {
  if (Code === "NoSuchKey" || Code === "NoSuchVersion") return undefined;
  return { key: Key ?? "", reason: [Code, Message].filter(Boolean).join(": ") };
}

function next(
  truncated: boolean | undefined,
  key: string | undefined,
  id: string | undefined,
  text: (raw: string) => string,
): { next?: Marker } {
  if (truncated !== true || key === undefined) return {};
  return { next: { key: text(key), ...(id ? { id } : {}) } };
}

/** Keys may hold characters that XML cannot; a service that encodes them says so. */
function decoderOf(encoding: string | undefined): (raw: string) => string {
  if (encoding !== "url") return (raw) => raw;
  return (raw) => {
    try {
      return decodeURIComponent(raw.replaceAll("+", " "));
    } catch {
      return raw;
    }
  };
}
