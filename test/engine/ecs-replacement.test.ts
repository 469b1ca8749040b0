import type { CustomResourceOptions } from "@pulumi/pulumi";
import { EcsBucket, EcsObjectUser, S3Bucket } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { type TestStack, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, warningsOf } from "../harness/stack-run.ts";

/** Buckets that would lose what they hold if they were deleted, and users who would lose their keys. */
function estate(stack: TestStack, value: number, options: CustomResourceOptions = {}) {
  return async () => {
    const { userName: owner, accessKeyId, secretAccessKey } = new EcsObjectUser("owner", { userName: "owner" });
    const common = { owner, quotaGiB: value, forceDestroy: true };
    new EcsBucket("derived", common, options);
    new EcsBucket("adopting", { ...common, bucketName: "adopting", adopt: true }, options);
    new EcsBucket("plain", { ...common, bucketName: "plain" }, options);
    const tags = { value: String(value) };
    const keys = { endpoint: stack.addresses.ecs.s3Endpoint, accessKeyId, secretAccessKey };
    const more = { bucketName: "s3-bucket", tags, adopt: true, forceDestroy: true };
    new S3Bucket("s3-bucket", { ...keys, ...more }, options);
    new EcsObjectUser("user", { userName: "user", tags, adopt: true }, options);
  };
}

test("no replacement takes over and then deletes the very user or bucket that it replaces", async () => {
  await withStack("ecs-replace", async (stack) => {
    await stack.up(estate(stack, 1));
    const ids = Object.keys((await stack.lab.state()).ecs.buckets);
    expect(ids).toHaveLength(4);
    const buckets = Object.fromEntries(ids.map((id) => [id, { objects: { kept: "data" } }]));
    await stack.lab.patch("ecs", { buckets });
    const live = async () => {
      const { users, buckets } = (await stack.lab.state()).ecs;
      return { users, buckets };
    };
    const before = await live();

    const replace = [
      ...["derived", "adopting", "plain"].map((name) => stack.urn("EcsBucket", name)),
      stack.urn("S3Bucket", "s3-bucket"),
      stack.urn("EcsObjectUser", "user"),
    ];
    const forced = await stack.tryUp(estate(stack, 1), { replace, continueOnError: true });
    expect(errorsOf(forced).join("\n")).toContain("ECS bucket ns1/plain exists already.");
    const kept = warningsOf(forced).filter((text) => text.includes("is not deleted: another resource of this run"));
    expect(kept).toHaveLength(4);
    expect(await live()).toEqual(before);

    const options = { replaceOnChanges: ["quotaGiB", "tags"] };
    const changed = await stack.tryUp(estate(stack, 2, options), { continueOnError: true });
    expect(errorsOf(changed).filter((error) => error.includes("would replace itself"))).toHaveLength(5);
    expect(await live()).toEqual(before);

    const after = await stack.up(estate(stack, 1));
    expect([changesOf(after), after.calls]).toEqual([{ same: 7 }, []]);
  });
});

test("a resource renamed without an alias keeps its user or bucket where the new one adopts it", async () => {
  await withStack("ecs-renamed-resource", async (stack) => {
    const named = (name: string) => async () => {
      const { userName: owner } = new EcsObjectUser(`${name}-user`, { userName: "user", adopt: true });
      new EcsBucket(`${name}-bucket`, { owner, bucketName: "kept", adopt: true, forceDestroy: true });
    };
    await stack.up(named("old"));
    await stack.lab.patch("ecs", { buckets: { "ns1/kept": { objects: { kept: "data" } } } });
    const { users, buckets } = (await stack.lab.state()).ecs;
    const run = await stack.up(named("new"));
    expect(changesOf(run)).toEqual({ create: 2, delete: 2, same: 1 });
    const after = (await stack.lab.state()).ecs;
    expect([after.users, after.buckets]).toEqual([users, buckets]);
  });
});
