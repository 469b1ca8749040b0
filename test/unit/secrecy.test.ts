import { describe, expect, test } from "vitest";
import { userHandler } from "../../provider/cloudian/user.handler.ts";
import { settingHandler } from "../../provider/cloudstack/global-setting.handler.ts";
import { poolHandler } from "../../provider/cloudstack/object-storage-pool.handler.ts";
import type { AnyHandler } from "../../provider/core/handler.ts";
import { redact } from "../../provider/core/redact.ts";
import { Secrecy } from "../../provider/core/secrecy.ts";
import { bucketHandler as ecsBucketHandler } from "../../provider/ecs/bucket.handler.ts";
import { objectUserHandler } from "../../provider/ecs/object-user.handler.ts";
import { bucketHandler as s3BucketHandler } from "../../provider/s3/bucket.handler.ts";

const secrecyOf = (handler: unknown) => new Secrecy(handler as AnyHandler);
const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

describe("what goes to the engine", () => {
  test("has the pair in hand and the one that is being pushed wrapped, and nothing else of a user", () => {
    const outputs = {
      userName: "ada",
      accessKeyId: "ada",
      secretAccessKey: "Canary-pair-1",
      __nextSecret: "Canary-pair-2",
      __keysBefore: ["2026-01-01"],
      __keyGeneration: 1,
    };
    expect(secrecyOf(objectUserHandler).wired(outputs)).toEqual({
      ...outputs,
      secretAccessKey: wrapped("Canary-pair-1"),
      __nextSecret: wrapped("Canary-pair-2"),
    });
  });

  test("has the secret key of an S3 bucket wrapped, which is an input", () => {
    const inputs = { bucketName: "box", accessKeyId: "k", secretAccessKey: "Canary-pair-3" };
    expect(secrecyOf(s3BucketHandler).wired(inputs)).toEqual({ ...inputs, secretAccessKey: wrapped("Canary-pair-3") });
  });

  test("has what the program made secret wrapped, whole", () => {
    const inputs = { bucketName: "box", owner: "ada", tags: { tier: "Canary-tier" }, __secrets: ["tags", "owner"] };
    expect(secrecyOf(ecsBucketHandler).wired(inputs)).toEqual({
      ...inputs,
      owner: wrapped("ada"),
      tags: wrapped({ tier: "Canary-tier" }),
    });
  });

  test("has what only repeats a secret input wrapped as well: an access key id is the user's name", () => {
    const outputs = { userName: "ada", accessKeyId: "ada", namespace: "ns1", __secrets: ["userName"] };
    expect(secrecyOf(objectUserHandler).wired(outputs)).toEqual({
      ...outputs,
      userName: wrapped("ada"),
      accessKeyId: wrapped("ada"),
    });
  });

  test("has nothing wrapped of a bucket of which nothing is secret", () => {
    const inputs = { bucketName: "box", owner: "ada", forceDestroy: true };
    expect(secrecyOf(ecsBucketHandler).wired(inputs)).toEqual(inputs);
  });
});

describe("what is secret", () => {
  const names = (handler: unknown, olds: object, news: object) =>
    secrecyOf(handler).namesAfter({ ...olds }, { ...news });

  test("is what the program says now, and where the values decide, what it once said", () => {
    expect(names(ecsBucketHandler, { __secrets: ["tags"] }, { __secrets: ["owner"] })).toEqual(["owner"]);
    const before = { __secrets: ["value", "members"] };
    expect(names(settingHandler, before, { __secrets: ["value"] })).toEqual(["value", "members"]);
    expect(names(settingHandler, {}, {})).toEqual([]);
  });

  test("is, of a kind without secrets, what the program says, and nothing else", () => {
    expect(secrecyOf(ecsBucketHandler).keysOf({ bucketName: "box", __secrets: ["owner"] })).toEqual(["owner"]);
    expect(secrecyOf(ecsBucketHandler).keysOf({ bucketName: "box" })).toEqual([]);
  });
});

describe("what messages do not show", () => {
  test("a pair, whether in hand or being pushed", () => {
    secrecyOf(objectUserHandler).remember({
      secretAccessKey: "Canary-pair-4",
      __nextSecret: "Canary-pair-5",
      userName: "Canary-name",
    });
    expect(redact("Canary-pair-4 Canary-pair-5 Canary-name")).toBe("[secret] [secret] Canary-name");
  });

  test("the keys of an S3 bucket, which are a switch of ours as well", () => {
    secrecyOf(s3BucketHandler).remember({ secretAccessKey: "Canary-pair-6", accessKeyId: "Canary-key-id" });
    expect(redact("Canary-pair-6 Canary-key-id")).toBe("[secret] Canary-key-id");
  });

  test("but the words of a choice they do, because every message has them", () => {
    const user = { groupId: "g", userId: "u", userType: "GroupAdmin", __secrets: ["userType"] };
    secrecyOf(userHandler).remember(user);
    expect(redact("GroupAdmin")).toBe("GroupAdmin");
  });

  test("texts in a value that the program made secret, however deep", () => {
    const policy = { Statement: [{ Effect: "Allow", Principal: { AWS: ["Canary-principal"] } }] };
    secrecyOf(ecsBucketHandler).remember({ policy, tags: { tier: "Canary-tag" }, __secrets: ["policy"] });
    expect(redact("Canary-principal Canary-tag")).toBe("[secret] Canary-tag");
  });

  test("a value of the program's may also hold what is no text", () => {
    const policy = { Statement: [null, undefined, 7, true, { Sid: "Canary-beside-null" }] };
    secrecyOf(ecsBucketHandler).remember({ policy, __secrets: ["policy"] });
    expect(redact("Canary-beside-null")).toBe("[secret]");
  });

  test("the secrets inside what is confidential as a whole, whose other words they do show", () => {
    const s3 = { accessKeyId: "Canary-pool-id", secretAccessKey: "Canary-pool-key" };
    secrecyOf(poolHandler).remember({ ecs: { username: "root", password: "Canary-pool-password" }, s3 });
    expect(redact("Canary-pool-id Canary-pool-key Canary-pool-password root")).toBe(
      "Canary-pool-id [secret] [secret] root",
    );
  });
});
