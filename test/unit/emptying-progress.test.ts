import { beforeEach, expect, test, vi } from "vitest";
import { removeBucket } from "../../provider/ecs/bucket-removal.ts";
import type { EcsClient } from "../../provider/ecs/client.ts";
import type { S3Client } from "../../provider/s3/client.ts";
import { emptyBucket } from "../../provider/s3/emptying.ts";

/** Milliseconds; only waiting moves it. */
let clock = 0;
let told: string[] = [];

vi.mock("node:timers/promises", () => ({
  setTimeout: (milliseconds: number) => {
    clock += milliseconds;
    return Promise.resolve();
  },
}));

beforeEach(() => {
  clock = 0;
  told = [];
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  vi.spyOn(console, "error").mockImplementation((text) => told.push(String(text)));
});

test("the array's emptying is waited for to its end, and told every ten seconds", async () => {
  const said = {
    status: 400,
    error: { status: 400, code: 60019, description: "", details: "" },
    body: "",
    said: () => "400",
  };
  const bucket = { namespace: "ns1", bucketName: "inv" };
  const deleted: string[] = [];
  const client = {
    endpoint: "https://array.example",
    buckets: {
      deactivate: (_bucket: object, emptyBucket: boolean) =>
        Promise.resolve(emptyBucket ? { status: 202, error: undefined, body: "", said: () => "202" } : said),
      saysAbsent: () => Promise.resolve(false),
      info: () => Promise.resolve(clock < 45_000 ? { owner: "own", objectLock: false, emptying: false } : undefined),
      emptyingStatus: () =>
        Promise.resolve(
          clock < 45_000 ? { status: "IN_PROGRESS", entries_deleted: Math.floor(clock / 10) } : undefined,
        ),
    },
    owned: { noteDeleted: (_namespace: string, name: string) => deleted.push(name) },
  };
  await removeBucket(client as unknown as EcsClient, bucket, { forceDestroy: true, owner: "own" });
  expect(deleted).toEqual(["inv"]);
  expect(clock).toBeGreaterThanOrEqual(45_000);
  expect(told.length).toBeGreaterThanOrEqual(3);
  expect(told[0]).toMatch(/^info: ECS is emptying ECS bucket ns1\/inv: IN_PROGRESS, \d+ entries deleted\.$/);
});

test("emptying over S3 is told every ten seconds", async () => {
  let left = 5;
  const client = {
    hasObjectLock: () => Promise.resolve(false),
    listVersions: () =>
      Promise.resolve({
        entries: left === 0 ? [] : [{ key: `k${left}`, versionId: "v", isMarker: false, isLatest: true }],
      }),
    listUploads: () => Promise.resolve({ entries: [] }),
    deleteObjects: () => {
      left -= 1;
      clock += 6000;
      return Promise.resolve([]);
    },
  };
  await emptyBucket(client as unknown as S3Client, "inv", "ECS bucket ns1/inv");
  expect(told).toEqual([
    "info: ECS bucket ns1/inv: 2 versions and uploads are deleted so far.",
    "info: ECS bucket ns1/inv: 4 versions and uploads are deleted so far.",
  ]);
});
