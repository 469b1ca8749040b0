import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";
import { settingsOf } from "../harness/lab-settings.ts";
import { bucketName, ecsBucketInputs, ecsUserInputs, s3BucketInputs, userName } from "./bucket-inputs.ts";
import { type Kind, kinds, type Properties, TEXT, unsendable, unwrapped } from "./support.ts";

const RG1 = "urn:storageos:ReplicationGroupInfo:3f6a2c1e-8b47-4d09-9a5e-71c20d4be8f3:global";
const OWNERS = ["ada", "bob@corp.test", "c/d+e?"];

let lab: Lab;
let control: LabControl;
let settings: Record<string, string>;

beforeAll(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  settings = settingsOf(lab.addresses);
});
afterAll(() => lab.close());

interface KindCase {
  readonly kind: "ecsUser" | "ecsBucket" | "s3Bucket";
  /** Inputs that stay the same from x to y. */
  readonly fixed: readonly string[];
  /** Of the outputs, what only a read can tell. */
  readonly readOnly: readonly string[];
  readonly args: fc.Arbitrary<Properties>;
  readonly creation: { readonly system: "ecs" | "cloudian-s3"; readonly method: string; readonly path: string };
}

/** Policies that a service takes: known users, resources of this bucket. */
const policyOf = (bucket: string) =>
  fc.oneof(
    fc.constantFrom("private", "public"),
    fc
      .record({
        Effect: fc.constantFrom("Allow", "Deny"),
        Principal: fc.constantFrom<unknown>("*", { AWS: "ada" }, { AWS: ["ada"] }, { AWS: ["ada", "*"] }),
        Action: fc.constantFrom<unknown>("s3:GetObject", ["s3:PutObject", "s3:GetObject"], ["s3:ListBucket"]),
        Resource: fc.constantFrom<unknown>(`arn:aws:s3:::${bucket}/*`, [`${bucket}/*`, bucket], bucket),
      })
      .map((statement) => ({ Statement: [statement] })),
  );
const owner = fc.constantFrom(...OWNERS);
const { storagePolicy: _storagePolicy, pathStyle: _pathStyle, ...s3Inputs } = s3BucketInputs;

/** Two kinds that declare one name would have to be told apart before one of them is deleted. */
const KINDS: readonly KindCase[] = [
  {
    kind: "ecsUser",
    fixed: ["userName", "namespace"],
    readOnly: ["__keyCreated"],
    // With a domain ECS may store a name in lower case.
    args: fc.record(
      { userName: userName.map((name) => `U${name.replaceAll("@", "")}`), ...ecsUserInputs },
      { requiredKeys: ["userName"] },
    ),
    creation: { system: "ecs", method: "POST", path: "/object/users" },
  },
  {
    kind: "ecsBucket",
    fixed: ["bucketName", "namespace", "encryption", "replicationGroup"],
    readOnly: [],
    args: fc.record(
      {
        bucketName: fc.constant("ecs-box"),
        ...ecsBucketInputs,
        owner,
        replicationGroup: fc.constantFrom("rg1", "rg2", RG1),
        policy: policyOf("ecs-box"),
      },
      { requiredKeys: ["bucketName", "owner"] },
    ),
    creation: { system: "ecs", method: "POST", path: "/object/bucket" },
  },
  {
    kind: "s3Bucket",
    fixed: ["bucketName", "endpoint"],
    readOnly: [],
    args: fc.record(
      {
        bucketName: fc.constant("s3-box"),
        accessKeyId: fc.constant("key"),
        secretAccessKey: fc.constant("secret-of-key"),
        ...s3Inputs,
        policy: policyOf("s3-box"),
      },
      { requiredKeys: ["bucketName", "accessKeyId", "secretAccessKey"] },
    ),
    creation: { system: "cloudian-s3", method: "PUT", path: "/s3-box/" },
  },
];

/** Everything as at the start but the log-ins, so that the processes keep their token. */
const fresh = async () => {
  const { ecs, cloudian } = await control.state();
  await control.clearFaults();
  await control.patch("ecs", { options: gone(ecs.options), buckets: gone(ecs.buckets), users: gone(ecs.users) });
  await control.patch("cloudian", { s3Buckets: gone(cloudian.s3Buckets) });
  const keysOf = (name: string) => [{ secret: `secret-of-${name}`, created: "2026-02-03T04:05:06Z" }];
  const owners = OWNERS.map((name) => [`ns1/${name}`, { keys: keysOf(name) }]);
  await control.patch("ecs", { users: Object.fromEntries(owners) });
  await control.patch("cloudian", {
    groups: { g: {} },
    users: { "g/ada": { canonicalUserId: "ada" } },
    credentials: { key: { groupId: "g", userId: "ada", secretKey: "secret-of-key" } },
  });
};
const gone = (documents: object) => Object.fromEntries(Object.keys(documents).map((key) => [key, null]));
const plan = async (kind: Kind, olds: Properties, written: Properties) => {
  const { inputs, failures } = await kind.check(olds, { ...written, ...TEXT });
  expect(failures).toEqual([]);
  return { wire: inputs as Properties, plain: { ...unwrapped(inputs as Properties), ...TEXT } };
};
const complete = (written: Properties): Properties =>
  "accessKeyId" in written ? { ...written, endpoint: lab.addresses.cloudian.s3Endpoint } : written;
const stateOf = (outs: unknown) => ({ ...unwrapped(outs as Properties), ...TEXT });
const without = (values: unknown, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(values as Properties).filter(([key]) => !keys.includes(key)));
const objects = async () => {
  const { ecs, cloudian } = await control.state();
  const users = Object.keys(ecs.users).length - OWNERS.length;
  return { users, buckets: Object.keys(ecs.buckets).length, s3Buckets: Object.keys(cloudian.s3Buckets).length };
};
const ONE = {
  ecsUser: { users: 1, buckets: 0, s3Buckets: 0 },
  ecsBucket: { users: 0, buckets: 1, s3Buckets: 0 },
  s3Bucket: { users: 0, buckets: 0, s3Buckets: 1 },
};
const NONE = { users: 0, buckets: 0, s3Buckets: 0 };

test.each(KINDS)(
  "read(create(x)).inputs = check(x) for a $kind, and every result can be sent",
  async ({ kind, args, readOnly }) => {
    await fc.assert(
      fc.asyncProperty(args, async (written) => {
        await fresh();
        const phase = kinds(settings)[kind];
        const { wire, plain } = await plan(phase, {}, complete(written));
        const made = await phase.create(plain);
        expect(unsendable(made.outs)).toEqual([]);
        const live = await kinds(settings)[kind].read(made.id, stateOf(made.outs));
        expect(unsendable(live.props)).toEqual([]);
        expect(live.inputs).toEqual(wire);
        expect(without(live.props, readOnly)).toEqual(made.outs);
        expect(await phase.diff(made.id, stateOf(live.props), plain)).toEqual({ changes: false });
      }),
      { numRuns: 20 },
    );
  },
);

test.each(KINDS)("an update from x to y leaves a $kind that reads as y", async ({ kind, args, fixed, readOnly }) => {
  await fc.assert(
    fc.asyncProperty(args, args, fc.constantFrom("3.6", "4.x"), async (one, other, release) => {
      await fresh();
      await control.patch("ecs", { options: { release } });
      const phase = kinds(settings)[kind];
      const before = await plan(phase, {}, complete({ ...one, keyGeneration: undefined }));
      const made = await phase.create(before.plain);
      const next = kinds(settings)[kind];
      const kept = Object.fromEntries(fixed.map((key) => [key, one[key]]));
      const after = await plan(next, before.plain, complete({ ...other, ...kept }));
      const { outs } = await next.update(made.id, stateOf(made.outs), after.plain);
      expect(unsendable(outs)).toEqual([]);
      const live = await next.read(made.id, stateOf(outs));
      expect(live.inputs).toEqual(after.wire);
      expect(without(live.props, readOnly)).toEqual(outs);
    }),
    { numRuns: 20 },
  );
});

test.each(KINDS)("deleting a $kind twice is fine and leaves none", async ({ kind, args }) => {
  await fc.assert(
    fc.asyncProperty(args, async (written) => {
      await fresh();
      const phase = kinds(settings)[kind];
      const { plain } = await plan(phase, {}, complete({ ...written, onDestroy: undefined }));
      const made = await phase.create(plain);
      expect(await objects()).toEqual(ONE[kind]);
      const last = kinds(settings)[kind];
      await last.delete(made.id, stateOf(made.outs));
      await last.delete(made.id, stateOf(made.outs));
      expect(await objects()).toEqual(NONE);
      expect(await last.read(made.id, stateOf(made.outs))).toEqual({});
    }),
    { numRuns: 8 },
  );
});

test.each(KINDS)(
  "a $kind whose creation's reply is lost is made once, adopted as its own and complete",
  async ({ kind, args, creation }) => {
    const faults = fc.constantFrom(
      "reset-before-read",
      "reset-after-commit",
      "status-after-commit",
      "truncate" as const,
    );
    await fc.assert(
      fc.asyncProperty(args, faults, async (written, fault) => {
        await fresh();
        const phase = kinds(settings)[kind];
        const { wire, plain } = await plan(phase, {}, complete({ ...written, adopt: false }));
        await control.fault({ ...creation, kind: fault, times: 1 });
        const made = await phase.create(plain);
        expect(await objects()).toEqual(ONE[kind]);
        const live = await kinds(settings)[kind].read(made.id, stateOf(made.outs));
        expect(live.inputs).toEqual(wire);
      }),
      { numRuns: 12 },
    );
  },
);

test("two buckets of any names that differ are two buckets", async () => {
  await fc.assert(
    fc.asyncProperty(bucketName, bucketName, async (one, other) => {
      fc.pre(one !== other);
      await fresh();
      const { ecsBucket } = kinds(settings);
      for (const name of [one, other]) {
        const { plain } = await plan(ecsBucket, {}, { bucketName: name, owner: "ada" });
        expect((await ecsBucket.create(plain)).id).toBe(`ns1/${name}`);
      }
      expect(Object.keys((await control.state()).ecs.buckets).sort()).toEqual([`ns1/${one}`, `ns1/${other}`].sort());
    }),
    { numRuns: 8 },
  );
});
