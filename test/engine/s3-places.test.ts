import { S3Bucket, type S3BucketArgs } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { withStack } from "../harness/stack.ts";
import { errorsOf, warningsOf } from "../harness/stack-run.ts";

test("a storage policy goes into the creation and cannot change; another address of the service is no other bucket", async () => {
  await withStack("s3-places", async (stack) => {
    const { s3Endpoint } = stack.addresses.cloudian;
    const moved = s3Endpoint.replace("127.0.0.1", "localhost");
    await stack.lab.patch("cloudian", {
      groups: { home: {} },
      users: { "home/tenant": {} },
      credentials: { "k-tenant": { groupId: "home", userId: "tenant", secretKey: "secret-of-tenant" } },
      storagePolicies: { "policy-1": "two copies" },
    });
    const programOf = (stored: Partial<S3BucketArgs>, wandering: Partial<S3BucketArgs>) => async () => {
      const common = { endpoint: s3Endpoint, accessKeyId: "k-tenant", secretAccessKey: "secret-of-tenant" };
      new S3Bucket("stored", { ...common, bucketName: "stored", ...stored });
      new S3Bucket("wandering", { ...common, bucketName: "wandering", adopt: true, ...wandering });
    };
    await stack.up(programOf({ storagePolicy: "policy-1" }, {}));
    const { buckets } = (await stack.lab.state()).cloudian;
    expect(buckets["home/tenant"]).toContainEqual(
      expect.objectContaining({ bucketName: "stored", policyName: "two copies" }),
    );

    const refused = await stack.tryPreview(programOf({ storagePolicy: "policy-2" }, {}));
    expect([refused.code, refused.calls]).toEqual([1, []]);
    expect(errorsOf(refused).join("\n")).toContain(
      'storagePolicy: cannot be changed from "policy-1" to "policy-2": HyperStore takes it when a bucket is made, and no S3 ' +
        "call tells or changes it. Declare what it was made with, or give the new bucket another bucketName",
    );

    // Under another path of one host and port the successor would have the same id.
    const behindPath = await stack.tryUp(programOf({ storagePolicy: "policy-1" }, { endpoint: `${s3Endpoint}/s3` }));
    expect([behindPath.code, behindPath.calls]).toEqual([1, []]);
    expect(errorsOf(behindPath).join("\n")).toContain(
      `endpoint: cannot be changed from ${s3Endpoint} to ${s3Endpoint}/s3 under the same bucketName: both have one host and port`,
    );
    expect(Object.keys((await stack.lab.state()).cloudian.s3Buckets).toSorted()).toEqual(["stored", "wandering"]);

    // The engine replaces where the address changes; the successor takes the bucket over, and nobody deletes it.
    const run = await stack.up(programOf({ storagePolicy: "policy-1" }, { endpoint: moved }));
    expect(run.calls.filter((call) => !/^(GET|HEAD) /.test(call))).toEqual([]);
    const place = (endpoint: string) => `S3 bucket wandering@${new URL(endpoint).host}`;
    expect(warningsOf(run)).toEqual([
      `${place(moved)} exists and is taken over.`,
      expect.stringContaining(`${place(s3Endpoint)} is not deleted: `),
    ]);
    expect(Object.keys((await stack.lab.state()).cloudian.s3Buckets).toSorted()).toEqual(["stored", "wandering"]);
    await stack.destroy();
    expect((await stack.lab.state()).cloudian.s3Buckets).toEqual({});
  });
});
