import { beforeEach, describe, expect, test } from "vitest";
import type { BucketCalls } from "../../provider/ecs/buckets.ts";
import type { OwnerAccess } from "../../provider/ecs/owner-access.ts";
import { Versioning } from "../../provider/ecs/versioning.ts";

const BUCKET = { namespace: "ns1", bucketName: "box" };
const OWNER = { namespace: "ns1", userName: "ada" };

let sent: string[];
/** What the management API answers: undefined and false say that the release has no such call. */
let managed: { read: () => boolean | undefined; write: () => boolean };
let s3: { on: boolean };
let versioning: Versioning;

beforeEach(() => {
  sent = [];
  managed = { read: () => true, write: () => true };
  s3 = { on: false };
  const buckets = {
    versioning: async () => {
      sent.push("GET");
      return managed.read();
    },
    setVersioning: async (_bucket: unknown, on: boolean) => {
      sent.push(`PUT ${on}`);
      return managed.write();
    },
  };
  const client = {
    getVersioning: async () => {
      sent.push("S3 GET");
      return s3.on;
    },
    putVersioning: async (_bucket: string, on: boolean) => {
      sent.push(`S3 PUT ${on}`);
      s3.on = on;
    },
  };
  const owners = { as: (_owner: unknown, _what: string, work: (s3: typeof client) => unknown) => work(client) };
  versioning = new Versioning(buckets as unknown as BucketCalls, owners as unknown as OwnerAccess);
});

const read = () => versioning.read(BUCKET, OWNER, "none");
const write = (on: boolean) => versioning.write(BUCKET, OWNER, on);

describe("versioning", () => {
  test("goes through the management API as long as the release has the call", async () => {
    expect(await read()).toBe(true);
    await write(false);
    managed.read = () => false;
    expect(await read()).toBe(false);
    expect(sent).toEqual(["GET", "PUT false", "GET"]);
  });

  test("goes through S3 where a read shows that it has not, and the call is tried once in a process", async () => {
    managed.read = () => undefined;
    expect(await read()).toBe(false);
    await write(true);
    expect(await read()).toBe(true);
    expect(sent).toEqual(["GET", "S3 GET", "S3 PUT true", "S3 GET"]);
  });

  test("goes through S3 where a write shows that it has not", async () => {
    managed.write = () => false;
    await write(true);
    await write(false);
    expect(await read()).toBe(false);
    expect(sent).toEqual(["PUT true", "S3 PUT true", "S3 PUT false", "S3 GET"]);
  });

  test("many who start together may each try once, and all get their answer", async () => {
    managed.read = () => undefined;
    expect(await Promise.all([read(), read(), read()])).toEqual([false, false, false]);
    await read();
    expect(sent.filter((line) => line === "GET").length).toBeLessThanOrEqual(3);
    expect(sent.at(-1)).toBe("S3 GET");
  });

  test("an error is no sign of a release", async () => {
    managed.read = () => {
      throw new Error("503");
    };
    await expect(read()).rejects.toThrow("503");
    managed.read = () => true;
    expect(await read()).toBe(true);
    expect(sent).toEqual(["GET", "GET"]);
  });
});
