import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, type Run, shownOf, stepsOf, updatedPaths, warningsOf } from "../harness/stack-run.ts";
import {
  byHand,
  drift,
  first,
  names,
  neighborsOf,
  patchBoth,
  programOf,
  second,
  services,
  setByHand,
  third,
  unmanaged,
} from "./s3-bucket-estate.ts";

/** Of both services. */
const both = <T>(make: (service: string) => T) => services.map(make);
const bySteps = (paths: Record<string, unknown>) =>
  Object.fromEntries(
    both((service) => Object.entries(paths).map(([name, value]) => [`${service}-${name}`, value])).flat(),
  );
/** The requests to S3; what the users need is told elsewhere. */
const s3Calls = ({ calls }: Run) => calls.filter((call) => /^\w+ \/[ce]-/.test(call)).toSorted();
const expected = (calls: readonly string[]) =>
  both((service) => calls.map((call) => call.replace(" /", ` /${service}-`)))
    .flat()
    .toSorted();

describe("S3 buckets on HyperStore and on ECS, each property alone", { shuffle: false }, () => {
  let stack: TestStack;
  const program = (...args: Parameters<typeof programOf> extends [unknown, ...infer Rest] ? Rest : never): PulumiFn =>
    programOf(stack.addresses, ...args);
  /** Both services hold the same, so that one expectation does for both. */
  const buckets = async () => {
    const { cloudian, ecs } = await stack.lab.state();
    const named = { ...cloudian.s3Buckets, ...ecs.buckets };
    return Object.fromEntries(Object.entries(named).map(([id, bucket]) => [id.replace("ns1/", ""), bucket]));
  };

  beforeAll(async () => {
    stack = await TestStack.open("s3-buckets");
    await stack.lab.patch("cloudian", { groups: { home: {} } });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("a preview of the creation sends nothing, though the keys are not known yet", async () => {
    const run = await stack.preview(program(first));
    expect(changesOf(run)).toEqual({ create: 15 });
    expect(run.calls).toEqual([]);
  });

  test("up looks before it makes each, and sends one request for each property", async () => {
    const run = await stack.up(program(first));
    expect(s3Calls(run)).toEqual(
      expected([
        ...names.flatMap((name) => {
          const bucket = name === "moving" ? "moving-1" : name;
          return [`HEAD /${bucket}/`, `PUT /${bucket}/`];
        }),
        "PUT /versioned/?versioning=",
        "PUT /policy/?policy=",
        "PUT /cors/?cors=",
        ...["tagged", "moving-1"].map((name) => `PUT /${name}/?tagging=`),
      ]),
    );
    const fresh = { versioning: "never", policy: null, cors: null, tags: {} };
    const publicOf = (service: string) => ({
      Statement: [
        { Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: [`arn:aws:s3:::${service}-policy/*`] },
      ],
    });
    expect(await buckets()).toMatchObject({
      ...bySteps({
        versioned: { ...fresh, versioning: "enabled" },
        cors: { ...fresh, cors: [{ allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://cloud.example.com"] }] },
        tagged: { ...fresh, tags: { a: "1", b: "two words", c: "" } },
        switched: fresh,
        "moving-1": { ...fresh, tags: { stays: "yes" } },
      }),
      "c-policy": { ...fresh, policy: publicOf("c") },
      "e-policy": { ...fresh, policy: publicOf("e") },
    });
  });

  test("what is declared stays declared, in another spelling of the endpoint as well", async () => {
    const run = await stack.up(program(first, "/"));
    expect(changesOf(run)).toEqual({ same: 15 });
    expect(run.calls).toEqual([]);
  });

  test("a change of one property leaves its neighbors alone, and new keys are no request", async () => {
    await setByHand(stack);
    const run = await stack.up(program(second));
    const keys = (service: string) => (service === "c" ? ["accessKeyId", "secretAccessKey"] : ["secretAccessKey"]);
    const own = {
      versioned: ["versioning"],
      policy: ["policy"],
      tagged: ["tags.a", "tags.b", "tags.c", "tags.d"],
      switched: ["adopt", "forceDestroy", "region"],
    };
    expect(updatedPaths(run)).toMatchObject({
      tenant: ["keyGeneration"],
      user: ["keyGeneration"],
      ...Object.fromEntries(
        both((service) =>
          Object.entries(own).map(([name, paths]) => [`${service}-${name}`, [...paths, ...keys(service)].toSorted()]),
        ).flat(),
      ),
    });
    expect(warningsOf(run).toSorted()).toEqual(
      both(
        (service) =>
          `Versioning of S3 bucket ${service}-versioned is suspended, not removed: versions that exist stay and take space, ` +
          "new ones are not kept.",
      ),
    );
    expect(s3Calls(run)).toEqual(
      expected([
        "PUT /versioned/?versioning=",
        "PUT /policy/?policy=",
        "PUT /cors/?cors=",
        "PUT /tagged/?tagging=",
        ...["HEAD /moving-2/", "PUT /moving-2/", "PUT /moving-2/?tagging=", "DELETE /moving-1/"],
      ]),
    );
    const found = await buckets();
    expect(found).toMatchObject(
      bySteps({
        versioned: { ...neighborsOf("versioned"), versioning: "suspended" },
        policy: neighborsOf("policy"),
        cors: {
          ...neighborsOf("cors"),
          cors: [
            {
              ...{ allowedMethods: ["HEAD"], allowedOrigins: ["*"], allowedHeaders: ["*"] },
              ...{ exposeHeaders: ["ETag"], maxAgeSeconds: 9 },
            },
            { allowedMethods: ["DELETE"], allowedOrigins: ["https://*.example.com"] },
          ],
        },
        tagged: { ...neighborsOf("tagged"), tags: { b: "3", d: "é & ü" } },
        switched: neighborsOf("switched"),
        "moving-2": { tags: { stays: "yes" } },
      }),
    );
    for (const service of services) {
      expect(found[`${service}-moving-1`]).toBeUndefined();
      expect(found[`${service}-policy`]).toMatchObject({
        policy: {
          Statement: [
            { Action: ["s3:GetBucketTagging", "s3:ListBucket"], Resource: [`arn:aws:s3:::${service}-policy`] },
          ],
        },
      });
    }
  });

  test("what is turned off is written as off, and its neighbors stay", async () => {
    const run = await stack.up(program(third));
    expect(s3Calls(run)).toEqual(
      expected([
        "PUT /versioned/?versioning=",
        ...["GET", "DELETE"].flatMap((method) => [
          `${method} /policy/?policy=`,
          `${method} /cors/?cors=`,
          `${method} /tagged/?tagging=`,
        ]),
      ]),
    );
    expect(await buckets()).toMatchObject(
      bySteps({
        versioned: { ...neighborsOf("versioned"), versioning: "enabled" },
        policy: { ...neighborsOf("policy"), policy: null },
        cors: { ...neighborsOf("cors"), cors: null },
        tagged: { ...neighborsOf("tagged"), tags: {} },
      }),
    );
  });

  test("the gate finds drift of every property, and nothing else", async () => {
    await drift(stack);
    const run = await stack.strictGate(program(third));
    expect(run.code).toBe(7);
    expect(changesOf(run)).toEqual({ create: 2, same: 5, update: 8 });
    expect(updatedPaths(run)).toEqual(
      bySteps({ versioned: ["versioning"], policy: ["policy"], cors: ["cors[0]"], tagged: ["tags.drifted"] }),
    );
    expect(stepsOf(run).filter(({ op }) => op === "create")).toHaveLength(2);
    expect(s3Calls(run)).toEqual(
      expected([
        ...names.map((name) => `HEAD /${name === "moving" ? "moving-2" : name}/`),
        "GET /moving-2/?location=",
        ...["versioned/?versioning=", "policy/?policy=", "cors/?cors=", "tagged/?tagging="].map(
          (path) => `GET /${path}`,
        ),
      ]),
    );
  });

  test("up --refresh repairs it and makes again what was deleted", async () => {
    const run = await stack.up(program(third), { refresh: true });
    expect(s3Calls(run).filter((call) => !/^(GET|HEAD) /.test(call))).toEqual(
      expected([
        "PUT /versioned/?versioning=",
        ...["policy/?policy=", "cors/?cors=", "tagged/?tagging="].map((path) => `DELETE /${path}`),
        ...["PUT /moving-2/", "PUT /moving-2/?tagging="],
      ]),
    );
    expect(await buckets()).toMatchObject(
      bySteps({
        versioned: { ...neighborsOf("versioned"), versioning: "enabled" },
        policy: { ...neighborsOf("policy"), policy: null },
        cors: { ...neighborsOf("cors"), cors: null },
        tagged: { ...neighborsOf("tagged"), tags: {} },
        switched: { tags: { ...byHand.tags, "not managed": "1" } },
        "moving-2": { tags: { stays: "yes" } },
      }),
    );
    expect((await stack.strictGate(program(third))).code).toBe(0);
  });

  test("a property that the program no longer gives is left as it is, without a request", async () => {
    const before = await stack.lab.state();
    const run = await stack.up(program(unmanaged));
    expect(changesOf(run)).toEqual({ same: 5, update: 10 });
    expect(run.calls).toEqual([]);
    expect(await stack.lab.state()).toEqual(before);
  });

  test("the keys are in the state only encrypted, and in nothing that a run shows", async () => {
    const { cloudian, ecs } = await stack.lab.state();
    const canaries = [
      ...Object.values(cloudian.credentials).map((key) => String(key["secretKey"])),
      ...Object.values(ecs.users).flatMap(({ keys }) => keys.map((key) => String(key?.secret))),
    ];
    expect(canaries).toHaveLength(4);
    expect(canaries.filter((canary) => stack.storedText().includes(canary))).toEqual([]);
    const preview = await stack.preview(program({ ...third, keyGeneration: 3 }));
    expect(changesOf(preview)).toMatchObject({ update: 14 });
    expect(shownOf(preview, canaries)).toEqual([]);
  });

  test("destroy deletes; what is gone already is no error", async () => {
    await patchBoth(stack, { tagged: null });
    const run = await stack.destroy();
    expect(s3Calls(run)).toEqual(expected(names.map((name) => `DELETE /${name === "moving" ? "moving-2" : name}/`)));
    expect(await buckets()).toEqual({});
    const { cloudian, ecs } = await stack.lab.state();
    expect([Object.keys(cloudian.users), ecs.users]).toEqual([["0/admin"], {}]);
  });
});
