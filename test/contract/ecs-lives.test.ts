import { expect, test } from "vitest";
import { EcsStage, ecsBucket, objectUser, plain, s3Bucket } from "./ecs-support.ts";
import { SDKS, secret } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };

test.each(SDKS)("whole lives of the ECS and S3 kinds in the $sdk SDK's server", async ({ sdk }) => {
  const stage = await EcsStage.open(sdk);
  try {
    await stage.patch({ users: { "ns1/own": { keys: [KEY] } } });
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
