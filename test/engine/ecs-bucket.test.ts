import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, stepsOf, updatedPaths, warningsOf } from "../harness/stack-run.ts";
import {
  byHand,
  drift,
  first,
  groupUrn,
  names,
  neighborsOf,
  programOf,
  second,
  setByHand,
  third,
  unmanaged,
} from "./ecs-bucket-estate.ts";

const session = ["GET /login", "GET /logout"];
const make = "POST /object/bucket";
const listBuckets = "GET /object/bucket?limit=1000&namespace=ns1";
const readNamespace = "GET /object/namespaces/namespace/ns1";
const listGroups = "GET /vdc/data-service/vpools";
const readKeys = (user: string) => `GET /object/user-secret-keys/${user}/ns1`;
const info = (name: string) => `GET /object/bucket/${name}/info?namespace=ns1`;
const policy = (method: string) => `${method} /object/bucket/policy/policy?namespace=ns1`;
const quota = (name: string) => `PUT /object/bucket/${name}/quota`;
const tags = (method: string) => `${method} /object/bucket/tagged/tags`;
const remove = (name: string) => `POST /object/bucket/${name}/deactivate?namespace=ns1`;
/** The management call that release 3.8 is found not to have, and the S3 call that does it there. */
const versioning = (method: string) => [
  "GET /object/bucket/versioned/versioning?namespace=ns1",
  `${method} /versioned/?versioning=`,
];
const cors = (method: string) => `${method} /cors/?cors=`;

describe("ECS buckets, each property alone", { shuffle: false }, () => {
  let stack: TestStack;
  const live = async () => (await stack.lab.state()).ecs;
  const buckets = async () =>
    Object.fromEntries(Object.entries((await live()).buckets).map(([id, bucket]) => [id.replace("ns1/", ""), bucket]));

  beforeAll(async () => {
    stack = await TestStack.open("ecs-buckets");
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("a preview of the creation sends nothing", async () => {
    const run = await stack.preview(programOf(first));
    expect(changesOf(run)).toEqual({ create: 16 });
    expect(run.calls).toEqual([]);
  });

  test("up makes each with one request, and one for what the creation cannot carry", async () => {
    const run = await stack.up(programOf(first));
    expect(run.calls.toSorted()).toEqual(
      [
        ...session,
        ...Array(2).fill("POST /object/users"),
        ...["first", "second"].map((name) => `POST /object/user-secret-keys/${name}`),
        ...Array(13).fill(make),
        ...[readNamespace, listGroups, readKeys("first")],
        ...[policy("PUT"), cors("PUT"), ...versioning("PUT")],
      ].toSorted(),
    );
    const fresh = {
      owner: "first",
      vpool: groupUrn,
      encrypted: false,
      blockSize: -1,
      notificationSize: -1,
      retention: 0,
      staleAllowed: false,
      versioning: "never",
      policy: null,
      cors: null,
      tags: {},
    };
    expect(await buckets()).toMatchObject({
      owned: fresh,
      quota: { ...fresh, blockSize: 10 },
      notified: { ...fresh, notificationSize: 5 },
      policy: {
        ...fresh,
        policy: {
          Statement: [
            { Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::policy/*"] },
          ],
        },
      },
      tagged: { ...fresh, tags: { a: "1", b: "two words", c: "" } },
      retained: { ...fresh, retention: 60 },
      outage: { ...fresh, staleAllowed: true },
      cors: {
        ...fresh,
        cors: [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://cloud.example.com"] }],
      },
      versioned: { ...fresh, versioning: "enabled" },
      encrypted: { ...fresh, encrypted: true },
      grouped: fresh,
      switched: fresh,
      "moving-1": { ...fresh, blockSize: 3 },
    });
    expect((await live()).sessions).toMatchObject({ live: 0, logins: 1 });
  });

  test("what is declared stays declared: an unchanged up sends nothing", async () => {
    const run = await stack.up(programOf(first));
    expect(changesOf(run)).toEqual({ same: 16 });
    expect(run.calls).toEqual([]);
  });

  test("a change of one property leaves its neighbors alone", async () => {
    await setByHand(stack);
    const run = await stack.up(programOf(second));
    expect(updatedPaths(run)).toEqual({
      owned: ["owner"],
      quota: ["quotaGiB"],
      notified: ["notifyAtGiB"],
      policy: ["policy"],
      tagged: ["tags.a", "tags.b", "tags.d"],
      retained: ["retentionSeconds"],
      outage: ["accessDuringOutage"],
      cors: expect.arrayContaining(["cors[1]"]),
      versioned: ["versioning"],
      switched: ["adopt", "allowNonDnsName", "forceDestroy"],
    });
    expect(warningsOf(run)).toEqual([
      "Versioning of ECS bucket ns1/versioned is suspended, not removed: versions that exist stay and count against the quota.",
    ]);
    expect(run.calls.toSorted()).toEqual(
      [
        ...session,
        "POST /object/bucket/owned/owner",
        ...["quota", "notified"].flatMap((name) => [info(name), quota(name)]),
        policy("PUT"),
        ...["DELETE", "PUT", "POST"].map(tags),
        "PUT /object/bucket/retained/retention",
        "POST /object/bucket/outage/isstaleallowed",
        ...[readKeys("first"), cors("PUT"), ...versioning("PUT")],
        ...[readNamespace, make, remove("moving-1")],
      ].toSorted(),
    );
    const found = await buckets();
    expect(found).toMatchObject({
      owned: { ...neighborsOf("owned"), owner: "second" },
      quota: { ...neighborsOf("quota"), owner: "first", blockSize: 20 },
      notified: { ...neighborsOf("notified"), notificationSize: 4 },
      policy: {
        ...neighborsOf("policy"),
        policy: {
          Id: "mine",
          Statement: [
            {
              Effect: "Allow",
              Principal: { AWS: ["second"] },
              Action: ["s3:GetObject", "s3:PutObject"],
              Resource: ["arn:aws:s3:::policy/*"],
            },
            {
              Sid: "list",
              Effect: "Deny",
              Principal: "*",
              Action: ["s3:ListBucket"],
              Resource: ["arn:aws:s3:::policy"],
            },
          ],
        },
      },
      tagged: { ...neighborsOf("tagged"), tags: { b: "3", c: "", d: "é & ü" } },
      retained: { ...neighborsOf("retained"), retention: 120 },
      outage: { ...neighborsOf("outage"), staleAllowed: false },
      cors: {
        ...neighborsOf("cors"),
        cors: [
          {
            allowedMethods: ["HEAD"],
            allowedOrigins: ["*"],
            allowedHeaders: ["*"],
            exposeHeaders: ["ETag"],
            maxAgeSeconds: 9,
          },
          { allowedMethods: ["DELETE"], allowedOrigins: ["https://*.example.com"] },
        ],
      },
      versioned: { ...neighborsOf("versioned"), versioning: "suspended" },
      encrypted: { ...neighborsOf("encrypted"), encrypted: true },
      grouped: neighborsOf("grouped"),
      switched: neighborsOf("switched"),
      "moving-2": { blockSize: 3 },
    });
    expect(Object.keys(found)).not.toContain("moving-1");
  });

  test("what is turned off is written as off, and its neighbors stay", async () => {
    const run = await stack.up(programOf(third));
    expect(run.calls.toSorted()).toEqual(
      [
        ...session,
        ...["quota", "notified"].flatMap((name) => [info(name), quota(name)]),
        ...[policy("DELETE"), tags("DELETE"), "PUT /object/bucket/retained/retention"],
        ...[readKeys("first"), cors("GET"), cors("DELETE"), ...versioning("PUT")],
      ].toSorted(),
    );
    expect(await buckets()).toMatchObject({
      quota: { ...neighborsOf("quota"), blockSize: -1 },
      notified: { ...neighborsOf("notified"), notificationSize: -1 },
      policy: { ...neighborsOf("policy"), policy: null },
      tagged: { ...neighborsOf("tagged"), tags: {} },
      retained: { ...neighborsOf("retained"), retention: 0 },
      cors: { ...neighborsOf("cors"), cors: null },
      versioned: { ...neighborsOf("versioned"), versioning: "enabled" },
    });
  });

  test("the gate finds drift of every property, and nothing else", async () => {
    await drift(stack);
    const run = await stack.strictGate(programOf(third));
    expect(run.code).toBe(7);
    expect(changesOf(run)).toEqual({ create: 1, same: 6, update: 9 });
    expect(updatedPaths(run)).toEqual({
      owned: ["owner"],
      quota: ["quotaGiB"],
      notified: ["notifyAtGiB"],
      policy: ["policy"],
      tagged: ["tags.drifted"],
      retained: ["retentionSeconds"],
      outage: ["accessDuringOutage"],
      cors: ["cors[0]"],
      versioned: ["versioning"],
    });
    expect(stepsOf(run).filter(({ op }) => op === "create")).toMatchObject([{ name: "moving" }]);
    expect(run.calls.toSorted()).toEqual(
      [
        ...session,
        ...["first", "second"].flatMap((name) => [`GET /object/users/${name}/info?namespace=ns1`, readKeys(name)]),
        ...names.map((name) => info(name === "moving" ? "moving-2" : name)),
        ...[readKeys("first"), policy("GET"), cors("GET"), ...versioning("GET")],
        // Of "grouped" by its name, and of the bucket that is missing: only a namespace that is there proves it gone.
        ...[listGroups, readNamespace],
      ].toSorted(),
    );
  });

  test("up --refresh repairs it and makes again what was deleted", async () => {
    const run = await stack.up(programOf(third), { refresh: true });
    expect(run.calls.filter((call) => !call.startsWith("GET ")).toSorted()).toEqual(
      [
        "POST /object/bucket/owned/owner",
        ...["quota", "notified"].map(quota),
        ...[policy("DELETE"), tags("DELETE"), "PUT /object/bucket/retained/retention"],
        "POST /object/bucket/outage/isstaleallowed",
        ...[cors("DELETE"), "PUT /versioned/?versioning=", make],
      ].toSorted(),
    );
    expect(await buckets()).toMatchObject({
      owned: { owner: "second" },
      quota: { ...neighborsOf("quota"), blockSize: -1 },
      notified: { ...neighborsOf("notified"), notificationSize: -1 },
      policy: { ...neighborsOf("policy"), policy: null },
      tagged: { ...neighborsOf("tagged"), tags: {} },
      retained: { ...neighborsOf("retained"), retention: 0 },
      outage: { ...neighborsOf("outage"), staleAllowed: false },
      cors: { ...neighborsOf("cors"), cors: null },
      versioned: { ...neighborsOf("versioned"), versioning: "enabled" },
      switched: { blockSize: 5, tags: { ...byHand.tags, "not managed": "1" } },
      "moving-2": { blockSize: 3 },
    });
    expect((await stack.strictGate(programOf(third))).code).toBe(0);
  });

  test("a property that the program no longer gives is left as it is, without a request", async () => {
    const before = await stack.lab.state();
    const run = await stack.up(programOf(unmanaged));
    expect(changesOf(run)).toEqual({ same: 5, update: 11 });
    expect(run.calls).toEqual([]);
    expect(await stack.lab.state()).toEqual(before);
  });

  test("destroy deletes; what is gone already is no error", async () => {
    await stack.lab.patch("ecs", { buckets: { "ns1/tagged": null } });
    const run = await stack.destroy();
    expect(run.calls.toSorted()).toEqual(
      [
        ...session,
        ...names.map((name) => remove(name === "moving" ? "moving-2" : name)),
        ...[readNamespace, listBuckets],
        ...Array(2).fill("POST /object/users/deactivate"),
      ].toSorted(),
    );
    const { users, buckets, sessions } = await live();
    expect([users, buckets]).toEqual([{}, {}]);
    expect(sessions).toMatchObject({ live: 0 });
  });
});
