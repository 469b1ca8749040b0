import { beforeEach, describe, expect, test } from "vitest";
import { bucketStage, noObjectLock } from "./s3-bucket-stage.ts";
import { type Reply, refusal } from "./s3-service.ts";

const stage = bucketStage();
const { service } = stage;

/** Keys in the bucket, and those that come in while it is emptied. */
let keys: string[];
let late: string[];
/** What the lists answer where they do not list. */
let list: Reply | undefined;
beforeEach(() => {
  keys = ["a", "b"];
  late = [];
  list = undefined;
  service.always = (line) => {
    if (line === "DELETE /box/") return deletion();
    if (line.includes("object-lock")) return noObjectLock;
    if (line.includes("uploads")) return { status: 200, body: "<ListMultipartUploadsResult/>" };
    if (line.includes("versions")) return list ?? versions();
    keys = [];
    return { status: 200, body: "<DeleteResult/>" };
  };
});

function deletion(): Reply {
  if (keys.length === 0) keys = late;
  return keys.length === 0 ? { status: 204 } : refusal(409, "BucketNotEmpty", "There is something.");
}

function versions(): Reply {
  const entries = keys.map((key) => `<Version><Key>${key}</Key><VersionId>v</VersionId></Version>`);
  return { status: 200, body: `<ListVersionsResult>${entries.join("")}</ListVersionsResult>` };
}

const remove = (forceDestroy: boolean) => stage.kind.delete(stage.id(), stage.recorded({ forceDestroy }));
const deletions = () => service.lines().filter((line) => line === "DELETE /box/");

describe("a bucket that is not empty", () => {
  const answer = 'ENDPOINT answered 409 BucketNotEmpty, "There is something.".';
  const refused = `S3 bucket ID is not deleted, because it is not empty: ${answer}`;
  const advice =
    "forceDestroy: true would delete all of it; switch it on with a pulumi up first (destroy reads the state, not the program).";

  test("stays, and it is said what is in it", async () => {
    expect(await stage.messageOf(remove(false))).toBe(`${refused} It holds 2 objects. ${advice}`);
    expect([keys, deletions()]).toEqual([["a", "b"], ["DELETE /box/"]]);
  });

  test("stays, and nothing is said of what is in it where the key may not list that", async () => {
    list = refusal(403, "AccessDenied");
    expect(await stage.messageOf(remove(false))).toBe(`${refused} ${advice}`);
  });

  test("is emptied and deleted where the program asks for that", async () => {
    await remove(true);
    expect([keys, deletions()]).toEqual([[], ["DELETE /box/", "DELETE /box/"]]);
  });

  test("into which somebody writes while it is emptied is kept with what is new", async () => {
    late = ["c"];
    expect(await stage.messageOf(remove(true))).toBe(
      `S3 bucket ID is not deleted: it was emptied, but ${answer} It holds 1 object. Stop what writes to it, then run the same command again.`,
    );
    expect([keys, deletions()]).toEqual([["c"], ["DELETE /box/", "DELETE /box/"]]);
  });
});
