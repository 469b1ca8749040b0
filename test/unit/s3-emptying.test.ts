import { beforeEach, describe, expect, test } from "vitest";
import { contentsOf, describeContents } from "../../provider/s3/contents.ts";
import { emptyBucket } from "../../provider/s3/emptying.ts";
import { type Reply, refusal, s3Service } from "./s3-service.ts";

const service = s3Service();

/** A bucket as a service may treat it; the tests say in which way. */
interface Model {
  versions: string[];
  uploads: string[];
  pageSize: number;
  locked: (key: string) => boolean;
  multiDelete: "understood" | "501" | "MalformedXML";
  /** A page is followed by itself, as versitygw 1.8 does. */
  repeatsPages: boolean;
  stale: boolean;
}
let model: Model;

beforeEach(() => {
  model = {
    versions: [],
    uploads: [],
    pageSize: 1000,
    locked: () => false,
    multiDelete: "understood",
    repeatsPages: false,
    stale: false,
  };
  service.always = answer;
});

function answer(line: string, body: string): Reply {
  const [method = "", target = ""] = line.split(" ");
  const url = new URL(target, "http://s3");
  const { searchParams: query } = url;
  if (query.has("object-lock")) return refusal(404, "ObjectLockConfigurationNotFoundError");
  if (query.has("versions")) return page(query.get("key-marker"));
  if (query.has("uploads")) return uploads();
  if (query.has("delete")) return multiDelete(body);
  const key = decodeURIComponent(url.pathname.slice("/box/".length));
  if (method === "DELETE" && query.has("uploadId")) model.uploads = model.uploads.filter((each) => each !== key);
  else if (method === "DELETE" && model.locked(key)) return refusal(403, "AccessDenied", "Under retention");
  else if (method === "DELETE") remove(key);
  return { status: 204 };
}

function page(marker: string | null): Reply {
  const start = marker === null ? 0 : model.versions.findIndex((key) => key > marker);
  const from = model.repeatsPages ? 0 : start < 0 ? model.versions.length : start;
  const keys = model.versions.slice(from, from + model.pageSize);
  const more = from + model.pageSize < model.versions.length;
  const next = more ? `<IsTruncated>true</IsTruncated><NextKeyMarker>${keys.at(-1)}</NextKeyMarker>` : "";
  const entries = keys.map(
    (key) => `<Version><Key>${key}</Key><VersionId>v</VersionId><IsLatest>true</IsLatest></Version>`,
  );
  return { status: 200, body: `<ListVersionsResult>${next}${entries.join("")}</ListVersionsResult>` };
}

function uploads(): Reply {
  const entries = model.uploads.map((key) => `<Upload><Key>${key}</Key><UploadId>u</UploadId></Upload>`);
  return { status: 200, body: `<ListMultipartUploadsResult>${entries.join("")}</ListMultipartUploadsResult>` };
}

function multiDelete(body: string): Reply {
  if (model.multiDelete === "501") return refusal(501, "NotImplemented");
  if (model.multiDelete === "MalformedXML") return refusal(400, "MalformedXML");
  const keys = [...body.matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key = ""]) => key);
  for (const key of keys.filter((each) => !model.locked(each))) remove(key);
  const errors = keys
    .filter(model.locked)
    .map((key) => `<Error><Key>${key}</Key><Code>AccessDenied</Code><Message>Under retention</Message></Error>`);
  return { status: 200, body: `<DeleteResult>${errors.join("")}</DeleteResult>` };
}

function remove(key: string): void {
  if (!model.stale) model.versions = model.versions.filter((each) => each !== key);
}

const named = (count: number) => Array.from({ length: count }, (_, index) => `k${String(index).padStart(4, "0")}`);
const empty = () => emptyBucket(service.client(), "box", "S3 bucket box");
const count = (method: string) => service.lines().filter((line) => line.startsWith(method)).length;

describe("a bucket is emptied", () => {
  test("by pages, each deleted with one request, its unfinished uploads one by one", async () => {
    Object.assign(model, { versions: named(2500), uploads: ["half", "other half"] });
    await empty();
    expect([model.versions, model.uploads]).toEqual([[], []]);
    expect([count("POST"), count("DELETE")]).toEqual([3, 2]);
  });

  test.each(["501", "MalformedXML"] as const)("version by version where a list is answered with %s", async (multi) => {
    Object.assign(model, { versions: named(20), multiDelete: multi });
    await empty();
    expect(model.versions).toEqual([]);
    expect([count("POST"), count("DELETE")]).toEqual([1, 20]);
  });

  test("where pages repeat themselves", async () => {
    Object.assign(model, { versions: named(10), pageSize: 3, repeatsPages: true });
    await empty();
    expect(model.versions).toEqual([]);
  });

  test("up to what cannot be deleted, also behind it, and then says what and why", async () => {
    const locked = (key: string) => key < "k0012";
    Object.assign(model, { versions: named(30), pageSize: 5, locked });
    await expect(empty()).rejects.toThrow(
      [
        "S3 bucket box cannot be emptied: 18 versions and uploads were deleted, these were not, in 3 passes:",
        ...named(10).map((key) => `  "${key}": AccessDenied: Under retention`),
        "  and 2 more",
        "See to what keeps them (a retention, a policy, rights of the key), then run the same command again.",
      ].join("\n"),
    );
    expect(model.versions).toEqual(named(12));
  });

  test("or not, where the service only says so", async () => {
    Object.assign(model, { versions: named(2), stale: true });
    await expect(empty()).rejects.toThrow('"k0001": the service says that it is deleted, but still lists it');
    expect(count("POST")).toBe(3);
  });

  test("not at all where nobody can tell whether it has object lock", async () => {
    model.versions = named(2);
    service.always = (line, body) => (line.includes("object-lock") ? { status: 200 } : answer(line, body));
    await expect(empty()).rejects.toThrow("Could not read the object lock of bucket box");
    expect(model.versions).toHaveLength(2);
  });
});

describe("contents in words", () => {
  const contents = { objects: 1000, oldVersions: 3, deleteMarkers: 2, uploads: 1, complete: false };

  test("leave out what there is none of", () => {
    expect(describeContents(contents)).toBe(
      "at least 1,000 objects, 3 old versions, 2 delete markers and 1 unfinished upload",
    );
    expect(describeContents({ ...contents, objects: 1, oldVersions: 0, deleteMarkers: 0, complete: true })).toBe(
      "1 object and 1 unfinished upload",
    );
    expect(describeContents({ objects: 0, oldVersions: 0, deleteMarkers: 0, uploads: 0, complete: true })).toBe(
      "nothing that its lists show",
    );
  });

  test("are those of the first page", async () => {
    Object.assign(model, { versions: named(1500), uploads: ["half"] });
    expect(await contentsOf(service.client(), "box")).toEqual({
      objects: 1000,
      oldVersions: 0,
      deleteMarkers: 0,
      uploads: 1,
      complete: false,
    });
  });
});
