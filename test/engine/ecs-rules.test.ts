import { EcsBucket, EcsObjectUser, type PolicyDocument } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { type TestStack, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, stepsOf, warningsOf } from "../harness/stack-run.ts";

const session = ["GET /login", "GET /logout"];
const info = (name: string) => `GET /object/bucket/${name}/info?namespace=ns1`;
const setPolicy = (name: string) => `PUT /object/bucket/${name}/policy?namespace=ns1`;
const withoutSession = (calls: readonly string[]) => calls.filter((call) => !session.includes(call));
const secretsOf = async (stack: TestStack, user: string) =>
  (await stack.lab.state()).ecs.users[`ns1/${user}`]?.keys.map((key) => key?.secret);

test("what a lost reply or a refused second step has left is taken up again", async () => {
  await withStack("ecs-interrupted", async (stack) => {
    const program = async () => {
      const user = new EcsObjectUser("user", { userName: "user", locked: false });
      new EcsBucket("bucket", { bucketName: "bucket", owner: user.userName, policy: "public", quotaGiB: 2 });
    };
    // Every creating request is carried out, and its reply is lost.
    for (const path of ["/object/users", "/object/user-secret-keys/user", "/object/bucket"])
      await stack.lab.fault({ system: "ecs", kind: "reset-after-commit", method: "POST", path });
    await stack.lab.fault({ system: "ecs", kind: "status", status: 400, method: "PUT", path: "/object/bucket/*" });
    const first = await stack.tryUp(program);
    expect(first.code).toBe(1);
    expect(errorsOf(first).join("\n")).toMatch(
      /ECS bucket ns1\/bucket exists, but is not finished: .*The next pulumi up goes on\./s,
    );
    const posts = first.calls.filter((call) => call.startsWith("POST "));
    expect(posts).toEqual(["POST /object/users", "POST /object/user-secret-keys/user", "POST /object/bucket"]);
    const made = (await stack.lab.state()).ecs;
    expect(made.buckets["ns1/bucket"]).toMatchObject({ blockSize: 2, policy: null });
    expect(await secretsOf(stack, "user")).toEqual([expect.stringMatching(/^\w{40}$/), undefined]);

    const next = await stack.up(program);
    expect(stepsOf(next)).toMatchObject([{ name: "bucket", op: "update" }]);
    expect(withoutSession(next.calls)).toEqual([setPolicy("bucket")]);
    expect((await stack.lab.state()).ecs.users).toEqual(made.users);
    const unchanged = await stack.up(program);
    expect([changesOf(unchanged), unchanged.calls]).toEqual([{ same: 3 }, []]);
  });
});

test("a creation that was cut off before it was recorded is adopted by the next up where its name is derived", async () => {
  await withStack("ecs-cut-off", async (stack) => {
    const program = async () => {
      const user = new EcsObjectUser("user", {});
      new EcsBucket("bucket", { owner: user.userName, quotaGiB: 2 });
    };
    // The reply of each creation is lost, and so is every look at what it has left.
    await stack.lab.fault({ system: "ecs", kind: "reset-after-commit", method: "POST", path: "/object/bucket" });
    await stack.lab.fault({
      system: "ecs",
      kind: "status",
      status: 500,
      method: "GET",
      path: "/object/bucket/*",
      times: 1000,
    });
    const first = await stack.tryUp(program);
    expect(first.code).toBe(1);
    expect(Object.keys((await stack.lab.state()).ecs.buckets)).toHaveLength(1);
    await stack.lab.clearFaults();
    const next = await stack.up(program);
    expect(changesOf(next)).toEqual({ create: 1, same: 2 });
    expect(warningsOf(next).join("\n")).toMatch(/^ECS bucket ns1\/bucket-[0-9a-f]{8} exists and is taken over\.$/);
    expect(Object.keys((await stack.lab.state()).ecs.buckets)).toHaveLength(1);
    await stack.destroy();
    const { users, buckets } = (await stack.lab.state()).ecs;
    expect([users, buckets]).toEqual([{}, {}]);
  });
});

test("a rename is a planned replacement: the buckets move to the new owner before the old one goes", async () => {
  await withStack("ecs-renamed", async (stack) => {
    const program = (userName: string, bucketName: string) => async () => {
      const user = new EcsObjectUser("user", { userName });
      const owner = user.userName;
      new EcsBucket("bucket", { bucketName, owner, quotaGiB: 1 });
      new EcsBucket("kept", { bucketName: "kept", owner, quotaGiB: 1 });
    };
    await stack.up(program("one", "bucket-1"));
    const preview = await stack.preview(program("two", "bucket-2"));
    expect([changesOf(preview), preview.calls]).toEqual([{ replace: 2, same: 1, update: 1 }, []]);
    const run = await stack.up(program("two", "bucket-2"));
    const posts = run.calls.filter((call) => call.startsWith("POST "));
    expect(posts.slice(2, 4).toSorted()).toEqual(["POST /object/bucket", "POST /object/bucket/kept/owner"]);
    expect(posts.toSpliced(2, 2)).toEqual([
      "POST /object/users",
      "POST /object/user-secret-keys/two",
      "POST /object/bucket/bucket-1/deactivate?namespace=ns1",
      "POST /object/users/deactivate",
    ]);
    const { users, buckets } = (await stack.lab.state()).ecs;
    expect(Object.keys(users)).toEqual(["ns1/two"]);
    expect(buckets).toMatchObject({ "ns1/bucket-2": { owner: "two" }, "ns1/kept": { owner: "two" } });
  });
});

test("a policy is compared by meaning, and a quota change leaves an undeclared one alone", async () => {
  await withStack("ecs-policy", async (stack) => {
    const program = (policy: PolicyDocument, quotaGiB: number) => async () => {
      const owner = new EcsObjectUser("user", { userName: "user" }).userName;
      new EcsBucket("declared", { bucketName: "declared", owner, policy });
      new EcsBucket("undeclared", { bucketName: "undeclared", owner, quotaGiB });
    };
    const one: PolicyDocument = {
      Statement: [
        {
          ...{ Sid: "", Effect: "Allow", Principal: { AWS: ["user"] } },
          ...{ Action: ["s3:PutObject", "s3:GetObject"], Resource: "declared/*" },
        },
      ],
    };
    await stack.up(program(one, 1));
    const other: PolicyDocument = {
      Version: "2012-10-17",
      Id: "",
      Statement: [
        {
          ...{ Effect: "Allow", Principal: { AWS: "user" } },
          ...{ Action: ["s3:GetObject", "s3:PutObject"], Resource: ["arn:aws:s3:::declared/*"] },
        },
      ],
    };
    const same = await stack.up(program(other, 1));
    expect([changesOf(same), same.calls]).toEqual([{ same: 4 }, []]);

    const byHand = {
      Version: "2008-10-17",
      Statement: [{ Effect: "Deny", Principal: ["*"], Action: "*", Resource: "undeclared/secret/*" }],
    };
    await stack.lab.patch("ecs", { buckets: { "ns1/undeclared": { policy: byHand, notificationSize: 9 } } });
    expect((await stack.strictGate(program(other, 1))).code).toBe(0);
    const run = await stack.up(program(other, 3));
    expect(withoutSession(run.calls)).toEqual([info("undeclared"), "PUT /object/bucket/undeclared/quota"]);
    expect((await stack.lab.state()).ecs.buckets["ns1/undeclared"]).toMatchObject({
      ...{ policy: byHand, blockSize: 3, notificationSize: 9 },
    });
  });
});
