import { beforeEach, describe, expect, test } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { Settings } from "../../provider/core/settings.ts";
import { takeOver } from "../../provider/core/takeover.ts";
import { bucketHandler } from "../../provider/s3/bucket.handler.ts";
import { bucketStage, listWith, noObjectLock } from "./s3-bucket-stage.ts";
import { type Reply, refusal } from "./s3-service.ts";

const stage = bucketStage();
const { service } = stage;

/** The answers to HEAD, one after the other and the last one for good, and the one to the creation. */
let looks: Reply[];
let creation: Reply;
/** Of the look-up that follows an unclear HEAD. */
let location: Reply;
beforeEach(() => {
  looks = [{ status: 404 }];
  creation = { status: 200 };
  location = refusal(404, "NoSuchBucket");
  service.always = (line) => {
    if (line.startsWith("HEAD ")) return (looks.length > 1 ? looks.shift() : looks[0]) as Reply;
    if (line.includes("object-lock")) return noObjectLock;
    if (line.includes("location")) return location;
    return line === "PUT /box/" ? creation : listWith("box");
  };
});

const create = (more: Record<string, unknown> = {}) => stage.kind.create(stage.inputs(more));

describe("a bucket that somebody makes between the look and the creation", () => {
  beforeEach(() => {
    looks = [{ status: 404 }, { status: 200 }];
    creation = refusal(409, "BucketAlreadyOwnedByYou");
  });

  test("is one that exists already: a conflict", async () => {
    expect(await stage.messageOf(create())).toBe(
      `S3 bucket ID exists already.\n  endpoint: live "ENDPOINT", declared "ENDPOINT" (equal)\n  bucketName: live "box", declared "box" (equal)\n` +
        "Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; set adopt: true to take it " +
        "over; choose another bucketName; or delete the existing one.",
    );
  });

  test("is taken over where the program says so", async () => {
    expect((await create({ adopt: true })).id).toBe(stage.id());
    expect(stage.told).toEqual([`warning: S3 bucket ${stage.id()} exists and is taken over.`]);
  });
});

describe("a bucket that exists and that cannot be looked at now", () => {
  const unclear = refusal(400, "InvalidRequest");
  const text =
    "S3 bucket ID exists already. Looking it up failed, too: Could not look for bucket box: ENDPOINT answered 400 InvalidRequest.";

  test("is neither made nor taken over, and both are said", async () => {
    looks = [{ status: 200 }, { status: 400 }];
    location = unclear;
    expect(await stage.messageOf(create({ adopt: true }))).toBe(text);
    expect(service.lines().filter((line) => line.startsWith("PUT"))).toEqual([]);
  });

  test("is refused so, too, where only the answer to the creation has told that it exists", async () => {
    looks = [{ status: 404 }, { status: 200 }, { status: 400 }];
    creation = refusal(409, "BucketAlreadyOwnedByYou");
    location = unclear;
    expect(await stage.messageOf(create({ adopt: true }))).toBe(text);
  });
});

describe("a look that says nothing certain", () => {
  const puts = () => service.lines().filter((line) => line.startsWith("PUT"));

  test.each([301, 400, 403])("(%i) finds a bucket that is there: it is neither made nor taken over", async (status) => {
    looks = [{ status }, { status: 200 }];
    location = { status: 200, body: "<LocationConstraint/>" };
    expect(await stage.messageOf(create())).toContain("S3 bucket ID exists already.");
    expect(puts()).toEqual([]);
  });

  test("finds a bucket of somebody else", async () => {
    looks = [{ status: 403 }];
    location = refusal(403, "AccessDenied");
    expect(await stage.messageOf(create({ adopt: true }))).toBe(
      "Could not create S3 bucket ID: the service has a bucket of that name, and access key id AKLITERAL has no access to it; it is " +
        "probably somebody else's. Choose another bucketName, or give the keys of its owner.",
    );
    expect(puts()).toEqual([]);
  });

  test.each([
    { what: "a refusal", look: { status: 403 } },
    { what: "a page", look: { status: 200, headers: { "content-type": "text/html" } } },
    { what: "a page with 404", look: { status: 404, headers: { "content-type": "text/html" } } },
  ])("($what) finds none, and one is made", async ({ look }) => {
    looks = [look];
    expect((await create()).id).toBe(stage.id());
    expect(service.lines()).toEqual(["HEAD /box/", "GET /box/?location=", "PUT /box/"]);
  });
});

test("a creation that was cut off before it was made is made again", async () => {
  const answer = service.always;
  let cuts = 1;
  service.always = (line, body) => {
    if (line !== "PUT /box/" || cuts === 0) return answer?.(line, body) ?? { status: 500 };
    cuts -= 1;
    return { status: 0, cut: true };
  };
  expect((await create()).id).toBe(stage.id());
  expect(service.lines()).toEqual([
    "HEAD /box/",
    "PUT /box/",
    "HEAD /box/",
    "GET /box/?location=",
    "HEAD /box/",
    "PUT /box/",
  ]);
});

describe("a key that may not list the buckets", () => {
  beforeEach(() => {
    const answer = service.always;
    service.always = (line, body) =>
      line.startsWith("GET /?") || line === "GET /"
        ? refusal(403, "AccessDenied")
        : (answer?.(line, body) ?? { status: 500 });
  });

  test("takes a bucket over where the program says so", async () => {
    looks = [{ status: 200 }];
    expect((await create({ adopt: true })).id).toBe(stage.id());
    expect(service.lines().filter((line) => !/^(HEAD|GET) /.test(line))).toEqual([]);
  });

  test("proves of no bucket that it is the one whose reply was lost", async () => {
    looks = [{ status: 404 }, { status: 200 }];
    creation = { status: 0, cut: true };
    expect(await stage.messageOf(create())).toContain("S3 bucket ID exists already.");
    expect(stage.told).toEqual([]);
  });
});

describe("a storage policy", () => {
  const sent = () => service.seen.find(({ line }) => line === "PUT /box/")?.headers ?? {};

  test("goes with the creation in a header of Cloudian's, which is signed", async () => {
    const { outs } = await create({ storagePolicy: "p-1" });
    expect(sent()).toMatchObject({ "x-gmt-policyid": "p-1" });
    expect(sent().authorization).toContain("x-gmt-policyid");
    expect(outs).toMatchObject({ storagePolicy: "p-1" });
  });

  test("that is not declared is not sent", async () => {
    const { outs } = await create();
    expect(Object.keys(sent())).not.toContain("x-gmt-policyid");
    expect(outs).not.toHaveProperty("storagePolicy");
  });

  test("of a bucket that is taken over is believed, and a warning says so", async () => {
    looks = [{ status: 200 }];
    const { outs } = await create({ storagePolicy: "p-1", adopt: true });
    expect(outs).toMatchObject({ storagePolicy: "p-1" });
    expect(stage.told).toEqual([
      `warning: S3 bucket ${stage.id()} exists and is taken over. Nobody can compare or change storagePolicy; it is taken to be as declared.`,
    ]);
    expect(service.lines().filter((line) => line.startsWith("PUT"))).toEqual([]);
  });
});

describe("somebody else's bucket names the key that has no access", () => {
  const text =
    "Could not read S3 bucket ID: the service has a bucket of that name, and access key id AKLITERAL has no access to it; it is " +
    "probably somebody else's. Choose another bucketName, or give the keys of its owner.";
  beforeEach(() => {
    looks = [{ status: 403 }];
    location = refusal(403, "AccessDenied");
  });

  test("where a recorded one is read", async () => {
    expect(await stage.messageOf(stage.kind.read(stage.id(), stage.recorded()))).toBe(text);
  });

  test("where one is looked at to be imported", async () => {
    const { endpoint, accessKeyId, secretAccessKey, bucketName } = stage.inputs();
    const known = { endpoint, accessKeyId, secretAccessKey, bucketName };
    const settings = new Settings({ get: () => undefined }, {});
    expect(await stage.messageOf(takeOver(anyHandler(bucketHandler), settings, stage.id(), { known }))).toBe(text);
  });
});
