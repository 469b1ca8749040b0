import { afterAll, beforeAll, expect, test } from "vitest";
import { EcsStage, ecsBucket } from "./ecs-support.ts";
import { failureOf } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };
let stage: EcsStage;

beforeAll(async () => {
  stage = await EcsStage.open("newest", { tls: true });
  await stage.patch({ users: { "ns1/own": { keys: [KEY] } }, buckets: { "ns1/inv": { owner: "own" } } });
});
afterAll(() => stage.close());

const managed = ecsBucket("inv", "own", { cors: [] });

test("management API and S3 are trusted apart: an authority or insecure for one is nothing to the other", async () => {
  const { caPem } = stage.addresses.ecs;
  const none = await stage.serve({ ecsCaPem: undefined, ecsS3CaPem: caPem });
  const { message } = await failureOf(none.read("ns1/inv", managed));
  expect(message).toMatch(
    /^Could not log in to ECS as pulumi: TLS to https:\/\/127\.0\.0\.1:\d+ failed \([A-Z_]+\)\. .*ecsCaFile/,
  );
  const half = await stage.serve();
  expect((await half.read("ns1/inv", ecsBucket("inv", "own"))).id).toBe("ns1/inv");
  expect((await failureOf(half.read("ns1/inv", managed))).message).toMatch(
    /^Could not read the CORS rules of bucket inv: TLS to https:\/\/127\.0\.0\.1:\d+ failed \([A-Z_]+\)\. .*ecsS3CaFile/,
  );
  const mixed = await stage.serve({ ecsCaPem: undefined, ecsInsecure: "true", ecsS3CaPem: caPem });
  expect((await mixed.read("ns1/inv", managed)).id).toBe("ns1/inv");
  expect(mixed.warnings).toHaveLength(1);
  expect(mixed.warnings[0]).toContain("ecsInsecure");
  const other = await stage.serve({ ecsS3Insecure: "true" });
  expect((await other.read("ns1/inv", managed)).id).toBe("ns1/inv");
  expect(other.warnings).toEqual([
    expect.stringContaining("so anyone on the way can read and change what is sent. Use ecsS3CaFile"),
  ]);
});
