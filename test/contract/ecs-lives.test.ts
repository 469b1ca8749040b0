import { expect, test } from "vitest";
import { SDKS } from "../harness/sdks.ts";
import { EcsStage, ecsBucket, objectUser, plain, RG2, s3Bucket } from "./ecs-support.ts";
import { secret } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };

const RELEASES = ["3.6", "3.8", "4.x"] as const;
/** One release is enough for the lowest SDK: what a server adds does not depend on the array. */
const WHERE = SDKS.flatMap(({ sdk }) => RELEASES.map((release) => ({ sdk, release }))).filter(
  ({ sdk, release }) => sdk === "newest" || release === "3.8",
);

test.each(WHERE)("whole lives of the ECS and S3 kinds on release $release in the $sdk SDK's server", async (where) => {
  const stage = await EcsStage.open(where.sdk);
  try {
    await stage.patch({ options: { release: where.release }, users: { "ns1/own": { keys: [KEY] } } });
    const [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    const declared = { versioning: true, tags: { a: "1" }, policy: "public" };
    const { userName: _derived, ...unnamed } = objectUser("", { __defaultName: "x-01234567", tags: { a: "1" } });
    for (const [written, canonical, id] of [
      [unnamed, objectUser("x-01234567", { __derived: true, tags: { a: "1" } }), "ns1/x-01234567"],
      [ecsBucket("two", "own", declared), ecsBucket("two", "own", declared), "ns1/two"],
      [
        s3Bucket(`${stage.s3Endpoint}/`, "one", declared),
        s3Bucket(stage.s3Endpoint, "one", { ...declared, secretAccessKey: secret(SECRET) }),
        `one@${stage.s3Endpoint.replace("http://", "")}`,
      ],
    ] as const) {
      expect(await server.check({}, written)).toEqual({ inputs: canonical, failures: [] });
      const made = await server.create(plain(canonical));
      expect(made.id).toBe(id);
      const outs = plain(made.properties);
      if (id === "ns1/x-01234567") {
        const pushed = (await stage.userNamed("x-01234567"))?.keys[0]?.secret;
        expect(made.properties["secretAccessKey"]).toEqual(secret(pushed));
      }
      expect((await server.read(id, outs)).inputs).toEqual(canonical);
      const news = { ...plain(canonical), tags: { a: "2" } };
      expect(await server.diff(id, outs, news)).toEqual({
        changes: "UNKNOWN",
        replaces: [],
        deleteBeforeReplace: false,
      });
      expect(await server.update(id, outs, news)).toMatchObject({ tags: { a: "2" } });
      await destroying.delete(id, outs);
      expect((await server.read(id, outs)).id).toBe("");
    }
    expect(await stage.ecs()).toMatchObject({ buckets: {}, users: { "ns1/own": {} } });
  } finally {
    await stage.close();
  }
});

const CORS = { allowedMethods: ["GET"], allowedOrigins: ["https://cloud.example.test"] };

test.each(RELEASES)(
  "every property of a bucket, its opposite, and a forced end on release %s, without a setting",
  async (release) => {
    const stage = await EcsStage.open("newest");
    try {
      await stage.patch({
        options: { release, emptyBucketSeconds: 0 },
        users: { "ns1/own": { keys: [KEY] }, "ns1/other": { keys: [] } },
      });
      const [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
      const first = ecsBucket("inv", "own", {
        replicationGroup: "rg2",
        encryption: true,
        versioning: true,
        quotaGiB: 5,
        notifyAtGiB: 4,
        policy: "public",
        tags: { a: "1", b: "2" },
        retentionSeconds: 0,
        accessDuringOutage: true,
        cors: [CORS],
      });
      const made = await server.create(first);
      expect(await stage.bucketNamed("inv")).toMatchObject({
        owner: "own",
        vpool: RG2,
        encrypted: true,
        versioning: "enabled",
        blockSize: 5,
        notificationSize: 4,
        staleAllowed: true,
        tags: { a: "1", b: "2" },
      });
      expect((await server.read("ns1/inv", made.properties)).inputs).toEqual(first);
      const second = {
        ...first,
        versioning: false,
        quotaGiB: "none",
        notifyAtGiB: 7,
        policy: "private",
        tags: { b: "3" },
        accessDuringOutage: false,
        cors: [],
        forceDestroy: true,
      };
      const changed = await server.update("ns1/inv", made.properties, second);
      expect(await stage.bucketNamed("inv")).toMatchObject({
        versioning: "suspended",
        blockSize: -1,
        notificationSize: 7,
        staleAllowed: false,
        tags: { b: "3" },
      });
      expect((await server.read("ns1/inv", changed)).inputs).toEqual(second);
      await stage.patch({ buckets: { "ns1/inv": { objects: { a: "x" } } } });
      await destroying.delete("ns1/inv", changed);
      expect((await stage.ecs()).buckets).toEqual({});
    } finally {
      await stage.close();
    }
  },
);
