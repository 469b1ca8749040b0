import { createHash } from "node:crypto";
import { CloudianUser, EcsBucket, EcsObjectUser, S3Bucket } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LabAddresses } from "../../lab/index.ts";
import { TestStack } from "../harness/stack.ts";
import { errorsOf, type Run, shownOf, warningsOf } from "../harness/stack-run.ts";

/** The rule for names that a program does not give (design section 2), spelled out here once more. */
function derived(name: string, urn: string): string {
  return `${name}-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}

const errorAbout = (run: Run, text: string) => errorsOf(run).find((error) => error.includes(text));
const warningAbout = (run: Run, text: string) => warningsOf(run).find((warning) => warning.includes(text));
const waysOn = "Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; ";

const programOf =
  ({ ecs, cloudian }: LabAddresses) =>
  async () => {
    const user = (name: string, more = {}) => new EcsObjectUser(name, { userName: name, ...more });
    user("identical");
    user("differing", { tags: { a: "mine" } });
    user("adopted", { tags: { a: "mine" }, adopt: true });
    user("elsewhere", { adopt: true });
    const full = new EcsObjectUser("full", { userName: "full", adopt: true });

    const owner = new EcsObjectUser("owner", { userName: "owner", adopt: true }).userName;
    const bucket = (name: string, more = {}) => new EcsBucket(name, { bucketName: name, owner, ...more });
    bucket("same-bucket", { quotaGiB: 5, policy: "public" });
    bucket("other-bucket", { quotaGiB: 5, policy: "private" });
    bucket("adopted-bucket", { quotaGiB: 5, policy: "private", tags: {}, adopt: true });
    bucket("encrypted-bucket", { encryption: false, adopt: true });
    bucket("locked-bucket", { adopt: true });
    new EcsBucket("derived-bucket", { owner, quotaGiB: 5 });

    const tenant = new CloudianUser("tenant", { groupId: "home", userId: "tenant", adopt: true });
    const keys = ({ accessKeyId, secretAccessKey }: CloudianUser | EcsObjectUser) => ({ accessKeyId, secretAccessKey });
    const onCloudian = { endpoint: cloudian.s3Endpoint, ...keys(tenant) };
    new S3Bucket("c-identical", { ...onCloudian, bucketName: "c-identical", versioning: true });
    new S3Bucket("c-adopted", { ...onCloudian, bucketName: "c-adopted", tags: { a: "mine" }, adopt: true });
    new S3Bucket("c-foreign", { ...onCloudian, bucketName: "c-foreign", adopt: true });
    const onEcs = { endpoint: ecs.s3Endpoint, ...keys(full) };
    new S3Bucket("e-differing", { ...onEcs, bucketName: "e-differing", policy: "private" });
    new S3Bucket("e-locked", { ...onEcs, bucketName: "e-locked", adopt: true });
  };

describe("adoption of users and buckets that exist already", { shuffle: false }, () => {
  let stack: TestStack;
  let run: Run;
  const live = async () => (await stack.lab.state()).ecs;
  const ofDerived = () => derived("derived-bucket", stack.urn("EcsBucket", "derived-bucket"));
  const callsAbout = (name: string) => run.calls.filter((call) => call.split(/[/?=]/).includes(name));

  beforeAll(async () => {
    // The lab's own password is the word "public", which no message of this process would show.
    const cloudianPassword = "Canary-Admin-Password";
    stack = await TestStack.open("ecs-adoption", { config: { cloudianPassword } });
    const policy = {
      Statement: [{ Effect: "Deny", Principal: "*", Action: "s3:DeleteBucket", Resource: "anything" }],
    };
    await stack.lab.patch("ecs", {
      users: {
        "ns1/identical": { keys: ["secret-of-identical"] },
        "ns1/differing": { tags: { a: "live" } },
        "ns1/adopted": { tags: { a: "live", b: "live" }, keys: [null, "secret-of-adopted"] },
        "ns2/elsewhere": { tags: { whose: "not ours" } },
        "ns1/full": { keys: ["secret-of-full-1", "secret-of-full-2"] },
        "ns1/owner": { keys: ["secret-of-owner"] },
      },
      buckets: {
        "ns1/same-bucket": { owner: "owner", blockSize: 5 },
        "ns1/other-bucket": { owner: "owner", blockSize: 6, policy },
        "ns1/adopted-bucket": { owner: "adopted", blockSize: 6, notificationSize: 4, policy, tags: { b: "live" } },
        "ns1/encrypted-bucket": { owner: "owner", encrypted: true },
        "ns1/locked-bucket": { owner: "owner", objectLock: true, objects: { kept: "data" } },
        [`ns1/${ofDerived()}`]: { owner: "owner", blockSize: 5 },
        "ns1/e-differing": { owner: "full", policy },
        "ns1/e-locked": { owner: "full", objectLock: true },
      },
    });
    await stack.lab.patch("cloudian", {
      options: { password: cloudianPassword },
      groups: { home: {} },
      users: { "home/tenant": {}, "home/stranger": {} },
      credentials: { "k-tenant": { groupId: "home", userId: "tenant", secretKey: "secret-of-tenant" } },
    });
    const { users } = (await stack.lab.state()).cloudian;
    const ownedBy = (user: string) => ({ owner: users[`home/${user}`]?.["canonicalUserId"] });
    await stack.lab.patch("cloudian", {
      s3Buckets: {
        "c-identical": { ...ownedBy("tenant"), versioning: "enabled" },
        "c-adopted": { ...ownedBy("tenant"), versioning: "enabled", tags: { a: "live" } },
        "c-foreign": ownedBy("stranger"),
      },
    });
    run = await stack.tryUp(programOf(stack.addresses), { continueOnError: true });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("an object user without leave: the error compares and names the ways on", async () => {
    expect(run.code).toBe(1);
    expect(errorAbout(run, "user ns1/identical ")).toContain(
      [
        "ECS object user ns1/identical exists already.",
        '  userName: live "identical", declared "identical" (equal)',
        '  namespace: live "ns1", declared "ns1" (equal)',
        "  keyGeneration: live 1, declared 1 (equal)",
        `${waysOn}set adopt: true to take it over; choose another userName; or delete the existing one.`,
      ].join("\n"),
    );
    const differing = errorAbout(run, "user ns1/differing ");
    expect(differing).toContain('  tags: live {"a":"live"}, declared {"a":"mine"} (differs)');
    expect(differing).toContain("Ways on: set adopt: true to take it over and change what differs;");
    expect((await live()).users["ns1/differing"]).toMatchObject({ tags: { a: "live" }, keys: [null, null] });
  });

  test("adopt: true takes an object user over with its key, says what it will write, and writes only that", async () => {
    expect(warningAbout(run, "ns1/adopted ")).toBe(
      'ECS object user ns1/adopted exists and is taken over. It will be changed: tags from {"a":"live","b":"live"} to {"a":"mine"}.',
    );
    expect(callsAbout("adopted").filter((call) => !call.startsWith("GET "))).toEqual([
      "DELETE /object/users/adopted/tags?namespace=ns1",
      "PUT /object/users/adopted/tags?namespace=ns1",
    ]);
    const { users } = await live();
    expect(users["ns1/adopted"]?.keys.map((key) => key?.secret)).toEqual([undefined, "secret-of-adopted"]);
    expect(users["ns1/full"]?.keys.map((key) => key?.secret)).toEqual(["secret-of-full-1", "secret-of-full-2"]);
  });

  test("a user of the same name in another namespace is named and never taken over", async () => {
    expect(errorAbout(run, "elsewhere")).toContain(
      "Could not create ECS object user ns1/elsewhere: the namespace ns2 has an object user of this name, and on this array a " +
        "name can exist once over all namespaces (user scope GLOBAL). Choose another userName; that user is not taken over.",
    );
    expect((await live()).users["ns2/elsewhere"]).toMatchObject({ tags: { whose: "not ours" }, keys: [null, null] });
  });

  test("an ECS bucket without leave: both values, and a policy that is still none", () => {
    expect(errorAbout(run, "bucket ns1/same-bucket ")).toContain(
      [
        "ECS bucket ns1/same-bucket exists already.",
        '  bucketName: live "same-bucket", declared "same-bucket" (equal)',
        '  namespace: live "ns1", declared "ns1" (equal)',
        '  owner: live "owner", declared "owner" (equal)',
        "  quotaGiB: live 5, declared 5 (equal)",
        '  policy: live "private", declared "public" (differs)',
        `${waysOn}set adopt: true to take it over; choose another bucketName; or delete the existing one.`,
      ].join("\n"),
    );
    const other = errorAbout(run, "bucket ns1/other-bucket ");
    expect(other).toContain("  quotaGiB: live 6, declared 5 (differs)");
    expect(other).toMatch(/ {2}policy: live \{.*"Effect":"Deny".*\}, declared "private" \(differs\)/);
  });

  test("adopt: true takes an ECS bucket over and leaves what is not declared", async () => {
    expect(warningAbout(run, "ns1/adopted-bucket ")).toMatch(
      /^ECS bucket ns1\/adopted-bucket exists and is taken over\. It will be changed: owner from "adopted" to "owner"; quotaGiB from 6 to 5; policy from \{.*\} to "private"; tags from \{"b":"live"\} to \{\}\.$/,
    );
    expect((await live()).buckets["ns1/adopted-bucket"]).toMatchObject({
      ...{ owner: "owner", blockSize: 5, notificationSize: 4, policy: null, tags: {} },
    });
  });

  test("a derived bucket name adopts what is identical, without a write", async () => {
    expect(warningAbout(run, ofDerived())).toBe(`ECS bucket ns1/${ofDerived()} exists and is taken over.`);
    expect(callsAbout(ofDerived()).filter((call) => !call.startsWith("GET "))).toEqual([]);
  });

  test("another encryption and object lock are refused even with adopt: true", async () => {
    expect(errorAbout(run, "encrypted-bucket")).toContain(
      "ECS bucket ns1/encrypted-bucket exists and cannot become the declared one: encryption from true to false. " +
        "That cannot be changed under the same name; declare what exists, or choose another name.",
    );
    expect(errorAbout(run, "locked-bucket")).toContain(
      "ECS bucket ns1/locked-bucket exists and has object lock, which this provider does not manage; it is not taken over. " +
        "Choose another bucketName.",
    );
    expect(errorAbout(run, "e-locked")).toMatch(
      /S3 bucket e-locked@127\.0\.0\.1:\d+ exists already and has object lock, which this provider does not manage; it is not taken over\./,
    );
    expect((await live()).buckets["ns1/locked-bucket"]?.counts).toMatchObject({ objects: 1 });
  });

  test("S3 buckets: without leave both values, with adopt: true only what is declared, never somebody else's", async () => {
    const host = (endpoint: string) => new URL(endpoint).host;
    const { cloudian, ecs } = stack.addresses;
    expect(errorAbout(run, "bucket c-identical@")).toContain(
      [
        `S3 bucket c-identical@${host(cloudian.s3Endpoint)} exists already.`,
        `  endpoint: live "${cloudian.s3Endpoint}", declared "${cloudian.s3Endpoint}" (equal)`,
        '  bucketName: live "c-identical", declared "c-identical" (equal)',
        "  versioning: live true, declared true (equal)",
        `${waysOn}set adopt: true to take it over; choose another bucketName; or delete the existing one.`,
      ].join("\n"),
    );
    expect(errorAbout(run, "bucket e-differing@")).toMatch(/ {2}policy: live \{.*\}, declared "private" \(differs\)/);
    expect(warningAbout(run, "c-adopted")).toBe(
      `S3 bucket c-adopted@${host(cloudian.s3Endpoint)} exists and is taken over. It will be changed: ` +
        'tags from {"a":"live"} to {"a":"mine"}.',
    );
    expect(errorAbout(run, "bucket c-foreign@")).toContain(
      `S3 bucket c-foreign@${host(cloudian.s3Endpoint)}: the service has a bucket of that name, and access key id k-tenant has no ` +
        "access to it; it is probably somebody else's. Choose another bucketName, or give the keys of its owner.",
    );
    expect((await stack.lab.state()).cloudian.s3Buckets).toMatchObject({
      "c-adopted": { versioning: "enabled", tags: { a: "mine" } },
    });
    expect(host(ecs.s3Endpoint)).not.toBe(host(cloudian.s3Endpoint));
  });

  test("no message shows a key", () => {
    const users = ["identical", "adopted", "full-1", "full-2", "owner", "tenant"];
    expect(
      shownOf(
        run,
        users.map((user) => `secret-of-${user}`),
      ),
    ).toEqual([]);
  });

  test("CLOUDSTACK_STORAGE_ADOPT=identical takes over what is identical or still as it was made, for one run", async () => {
    const env = { CLOUDSTACK_STORAGE_ADOPT: "identical" };
    const second = await stack.tryUp(programOf(stack.addresses), { env, continueOnError: true });
    expect(errorAbout(second, "user ns1/identical ")).toBeUndefined();
    expect(warningAbout(second, "ns1/same-bucket ")).toBe(
      'ECS bucket ns1/same-bucket exists and is taken over. It will be changed: policy from "private" to "public".',
    );
    expect(warningAbout(second, "c-identical")).toContain(" exists and is taken over.");
    for (const name of ["ns1/differing ", "ns1/other-bucket ", "e-differing@"])
      expect(errorAbout(second, name)).toContain("(differs)");
    const { users, buckets } = await live();
    expect(users["ns1/identical"]?.keys.map((key) => key?.secret)).toEqual(["secret-of-identical", undefined]);
    expect(buckets["ns1/same-bucket"]?.policy).toMatchObject({ Statement: [{ Effect: "Allow", Principal: "*" }] });
  });
});
