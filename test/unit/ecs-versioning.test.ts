import { beforeEach, describe, expect, test } from "vitest";
import type { BucketCalls } from "../../provider/ecs/buckets.ts";
import type { OwnerAccess } from "../../provider/ecs/owner-access.ts";
import { Versioning } from "../../provider/ecs/versioning.ts";

const BUCKET = { namespace: "ns1", bucketName: "box" };
const OWNER = { namespace: "ns1", userName: "ada" };

let sent: string[];
/** Whether the release has the call. */
let offers: () => boolean;
let on: { array: boolean; s3: boolean };
let versioning: Versioning;

beforeEach(() => {
  sent = [];
  offers = () => true;
  on = { array: true, s3: false };
  const buckets = {
    offersVersioning: async () => {
      sent.push("asked");
      return offers();
    },
    versioning: async () => {
      sent.push("GET");
      return on.array;
    },
    setVersioning: async (_bucket: unknown, wanted: boolean) => {
      sent.push(`PUT ${wanted}`);
      on.array = wanted;
    },
  };
  const client = {
    getVersioning: async () => {
      sent.push("S3 GET");
      return on.s3;
    },
    putVersioning: async (_bucket: string, wanted: boolean) => {
      sent.push(`S3 PUT ${wanted}`);
      on.s3 = wanted;
    },
  };
  const owners = { as: (_owner: unknown, _what: string, work: (s3: typeof client) => unknown) => work(client) };
  versioning = new Versioning(buckets as unknown as BucketCalls, owners as unknown as OwnerAccess);
});

const read = () => versioning.read(BUCKET, OWNER, "none");
const write = (wanted: boolean) => versioning.write(BUCKET, OWNER, wanted);

describe("versioning", () => {
  test("goes through the management API where the release has the call", async () => {
    expect(await read()).toBe(true);
    await write(false);
    expect(await read()).toBe(false);
    expect(sent).toEqual(["asked", "GET", "PUT false", "GET"]);
  });

  test("goes through S3 where it has not, and that is asked once in a process", async () => {
    offers = () => false;
    expect(await read()).toBe(false);
    await write(true);
    expect(await read()).toBe(true);
    expect(sent).toEqual(["asked", "S3 GET", "S3 PUT true", "S3 GET"]);
  });

  test("is asked for before a write as well", async () => {
    offers = () => false;
    await write(true);
    await write(false);
    expect(sent).toEqual(["asked", "S3 PUT true", "S3 PUT false"]);
  });

  test("many who start together share the one question", async () => {
    offers = () => false;
    expect(await Promise.all([read(), read(), write(true), read()])).toHaveLength(4);
    expect(sent.filter((line) => line === "asked")).toHaveLength(1);
  });

  test("an error is no sign of a release: who waited has it, and the next asks again", async () => {
    offers = () => {
      throw new Error("503");
    };
    const results = await Promise.allSettled([read(), write(true)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    offers = () => true;
    expect(await read()).toBe(true);
    expect(sent).toEqual(["asked", "asked", "GET"]);
  });
});
