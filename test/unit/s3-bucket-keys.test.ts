import { beforeEach, describe, expect, test, vi } from "vitest";
import { bucketStage } from "./s3-bucket-stage.ts";
import { refusal } from "./s3-service.ts";

/** Milliseconds of each pause; none of them takes any time. */
let paused: number[];
vi.mock("node:timers/promises", () => ({
  setTimeout: (milliseconds: number) => {
    paused.push(milliseconds);
    return Promise.resolve();
  },
}));

const stage = bucketStage();
const { service } = stage;
beforeEach(() => {
  paused = [];
});

const NEWS = "info: The service does not accept access key id AKLITERAL yet; a new key can take two minutes.";
const unseen = { status: 403 };
const absent = { status: 404 };
const done = { status: 200 };

/** From other keys, or from the same ones, to versions kept: one request. */
const update = (from: object) =>
  stage.kind.update(stage.id(), stage.recorded({ versioning: false, ...from }), stage.inputs({ versioning: true }));

describe("a key that the service does not know yet", () => {
  test("is waited for where a bucket is made, which begins with a look each time", async () => {
    const unknown = refusal(403, "InvalidAccessKeyId");
    service.replies = [unseen, unknown, unseen, unknown, absent, done];
    expect((await stage.kind.create(stage.inputs())).id).toBe(stage.id());
    const look = ["HEAD /box/", "GET /box/?location="];
    expect(service.lines()).toEqual([...look, ...look, "HEAD /box/", "PUT /box/"]);
    expect(paused).toEqual([500, 1000]);
    expect(stage.told).toEqual([NEWS, NEWS]);
  });

  test.each(["InvalidAccessKeyId", "SignatureDoesNotMatch"])(
    "is waited for by what follows the creation, %s: another node may be asked",
    async (code) => {
      service.replies = [absent, done, refusal(403, code), done];
      await stage.kind.create(stage.inputs({ versioning: true }));
      expect(service.lines()).toEqual(["HEAD /box/", "PUT /box/", "PUT /box/?versioning=", "PUT /box/?versioning="]);
      expect(paused).toEqual([500]);
    },
  );

  test.each([
    { what: "another pair", from: { accessKeyId: "AKOLD", secretAccessKey: "Canary-old" }, code: "InvalidAccessKeyId" },
    { what: "another id", from: { accessKeyId: "AKOLD" }, code: "InvalidAccessKeyId" },
    { what: "another secret of the same id", from: { secretAccessKey: "Canary-old" }, code: "SignatureDoesNotMatch" },
  ])("is waited for where an update brings $what", async ({ from, code }) => {
    service.replies = [refusal(403, code), refusal(403, code), done];
    await update(from);
    expect(service.lines()).toEqual(Array(3).fill("PUT /box/?versioning="));
    expect(paused).toEqual([500, 1000]);
    expect(stage.told).toEqual([NEWS, NEWS]);
  });
});

describe("not waited for is", () => {
  test.each([
    [
      "InvalidAccessKeyId",
      "It does not know access key id AKLITERAL; a new key may take a while until every node knows it.",
    ],
    [
      "SignatureDoesNotMatch",
      "The secret access key is not that of access key id AKLITERAL, or a proxy changes requests on their way.",
    ],
  ])("a key that the resource had before: %s is the end of it", async (code, advice) => {
    service.replies = [refusal(403, code)];
    expect(await stage.messageOf(update({}))).toBe(
      `Could not enable the versioning of bucket box: ENDPOINT answered 403 ${code}. ${advice}`,
    );
    expect(service.seen).toHaveLength(1);
    expect(stage.told).toEqual([]);
  });

  test("a wrong secret where a bucket is made: the service knows the id already", async () => {
    service.replies = [unseen, refusal(403, "SignatureDoesNotMatch")];
    expect(await stage.messageOf(stage.kind.create(stage.inputs()))).toContain(
      "Could not look for bucket box: ENDPOINT answered 403 SignatureDoesNotMatch.",
    );
    expect(service.seen).toHaveLength(2);
  });

  test("a new key that may not do it", async () => {
    service.replies = [refusal(403, "AccessDenied")];
    expect(await stage.messageOf(update({ accessKeyId: "AKOLD" }))).toContain("ENDPOINT answered 403 AccessDenied.");
    expect(service.seen).toHaveLength(1);
  });
});
