import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { EcsStage, ecsBucket } from "./ecs-support.ts";
import { failureOf, partialFailureOf } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };

const LOST: { kind: LabFault["kind"]; status?: number; done: boolean }[] = [
  { kind: "reset-before-read", done: false },
  { kind: "reset-after-commit", done: true },
  { kind: "truncate", done: true },
  { kind: "status-after-commit", done: true },
  { kind: "status", done: false },
  { kind: "hang", done: false },
];
/** A success that says nothing of what it has made. */
const EMPTY: typeof LOST = [
  { kind: "status", status: 200, done: false },
  { kind: "status-after-commit", status: 200, done: true },
];
const CORS = [{ allowedMethods: ["GET"], allowedOrigins: ["*"] }];

// The faults happen on the wire, below everything in which the SDKs differ; one serves.
describe("faults under an EcsBucket", () => {
  let stage: EcsStage;
  let server: DynamicServer;
  let impatient: DynamicServer;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
    const hurry = { requestTimeoutSeconds: "0.5" };
    [server, impatient] = await Promise.all([stage.serve(hurry), stage.serve({ ...hurry, retryBudget: "0" })]);
    await seed();
    await stage.patch({ buckets: { "ns1/warm": { owner: "own" } } });
    for (const each of [server, impatient])
      await each.read("ns1/warm", ecsBucket("warm", "own", { versioning: false, cors: [] }));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await seed();
  });

  const seed = () => stage.patch({ users: { "ns1/own": { keys: [KEY] } } });
  const declared = { encryption: true, quotaGiB: 3, policy: "public", versioning: true, cors: CORS, tags: { a: "1" } };
  const full = (name: string) => ecsBucket(name, "own", declared);
  const COMPLETE = { encrypted: true, blockSize: 3, versioning: "enabled", tags: { a: "1" } };

  test.each([...LOST, ...EMPTY])(
    "a creation whose reply is lost (%j) makes one bucket, and it is ours",
    async (lost) => {
      const { done, ...how } = lost;
      const name = `lost-${how.kind}${how.status ?? ""}`;
      const before = server.warnings.length;
      await stage.fault({ ...how, method: "POST", path: "/object/bucket" });
      const { result, sent } = await stage.resultOf(() => server.create(full(name)));
      const made = sent.filter((line) => line === "POST /object/bucket");
      expect(made).toHaveLength(done ? 1 : 2);
      expect(await stage.bucketNamed(name)).toMatchObject(COMPLETE);
      expect(result).toMatchObject({ id: `ns1/${name}`, properties: declared });
      // The array tells when the bucket was made: that is proof enough, and no warning.
      expect(server.warnings.slice(before)).toEqual([]);
    },
  );

  test.each(LOST)("each later request of a creation whose reply is lost ($kind) is made good", async ({ kind }) => {
    const name = `later-${kind}`;
    await stage.fault({ kind, method: "PUT", path: `/object/bucket/${name}/policy` });
    await stage.fault({ system: "ecs-s3", kind, method: "PUT", path: `/${name}*`, times: 1 });
    const { properties } = await server.create(full(name));
    expect(await stage.bucketNamed(name)).toMatchObject(COMPLETE);
    expect((await server.read(`ns1/${name}`, properties)).inputs).toEqual(full(name));
  });

  test("a lost reply with a bucket that is older than the request is a conflict, not ours", async () => {
    await stage.patch({
      buckets: { "ns1/theirs": { owner: "own", created: "2026-02-03T04:05:06Z", encrypted: true } },
    });
    await stage.fault({ kind: "reset-before-read", method: "POST", path: "/object/bucket" });
    const { message } = await failureOf(server.create(ecsBucket("theirs", "own", { encryption: true })));
    expect(message).toContain("ECS bucket ns1/theirs exists already.");
  });

  test.each([
    { what: "policy", fault: { method: "PUT", path: "/object/bucket/half-policy/policy" }, missing: ["policy"] },
    {
      what: "versioning",
      fault: { system: "ecs-s3", method: "PUT", path: "/half-versioning*" },
      missing: ["versioning"],
    },
  ] as const)("an interrupted creation ($what) is kept in the state, and taken up again", async ({ what, fault }) => {
    const name = `half-${what}`;
    await stage.fault({ kind: "status", status: 500, times: 20, ...fault });
    const half = await partialFailureOf(impatient.create(full(name)));
    expect(half.id).toBe(`ns1/${name}`);
    expect(half.properties).toMatchObject({
      __provider: full(name)["__provider"],
      quotaGiB: 3,
      systemEndpoint: stage.endpoint,
    });
    expect(half.reasons).toHaveLength(1);
    expect(half.reasons[0]).toMatch(
      new RegExp(`^ECS bucket ns1/${name} exists, but is not finished: .* The next pulumi up goes on\\.$`, "s"),
    );
    await stage.control.clearFaults();
    const sent = await stage.callsOf(() => impatient.update(`ns1/${name}`, half.properties as Properties, full(name)));
    expect(sent.filter((line) => line === "POST /object/bucket")).toEqual([]);
    expect(await stage.bucketNamed(name)).toMatchObject(COMPLETE);
    const live = await impatient.read(
      `ns1/${name}`,
      ecsBucket(name, "own", { ...declared, systemEndpoint: stage.endpoint }),
    );
    expect(live.inputs).toEqual(full(name));
  });

  test.each(["reset-after-commit", "status-after-commit"] as const)(
    "a deletion whose reply is lost (%s) is a deletion",
    async (kind) => {
      await stage.patch({ buckets: { "ns1/gone": { owner: "own" } } });
      await stage.fault({ kind, method: "POST", path: "/object/bucket/gone/deactivate" });
      await server.delete("ns1/gone", ecsBucket("gone", "own", { systemEndpoint: stage.endpoint }));
      expect((await stage.ecs()).buckets).toEqual({});
    },
  );

  test.each(["reset-after-commit", "status-after-commit"] as const)(
    "tags whose reply is lost (%s) are as declared",
    async (kind) => {
      await stage.patch({ buckets: { "ns1/tagged": { owner: "own", tags: { old: "1", kept: "1" } } } });
      await stage.fault({ kind, path: "/object/bucket/tagged/tags", times: 1 });
      await stage.fault({ kind, path: "/object/bucket/tagged/tags", times: 1, after: 2 });
      const tags = { kept: "2", young: "1" };
      const olds = ecsBucket("tagged", "own", { tags: { old: "1", kept: "1" }, systemEndpoint: stage.endpoint });
      await server.update("ns1/tagged", olds, ecsBucket("tagged", "own", { tags }));
      expect(await stage.bucketNamed("tagged")).toMatchObject({ tags });
    },
  );
});
