import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EcsStage, ecsBucket, objectUser } from "../contract/ecs-support.ts";
import { failureOf } from "../contract/support.ts";

const secretKey = "owner000000000000000000000000000000owner";
const objects = { "invoices/2026.pdf": "what must not be lost" };

describe("a wrong namespace in the settings", () => {
  let stage: EcsStage;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
  });
  afterAll(() => stage.close());

  const live = async () => {
    const { users, buckets } = await stage.ecs();
    return { users, buckets };
  };

  test.each(["ns2", "ns9"])("makes nothing gone and renames nothing, whether there is one (%s)", async (wrong) => {
    await stage.patch({
      users: { "ns1/own": { keys: [secretKey] } },
      buckets: { "ns1/inv": { owner: "own", objects } },
    });
    const before = await live();
    const server = await stage.serve({ ecsNamespace: wrong });
    for (const { id, declared, outputs } of [
      { id: "ns1/own", declared: objectUser("own"), outputs: { secretAccessKey: secretKey, __keyGeneration: 1 } },
      { id: "ns1/inv", declared: ecsBucket("inv", "own", { versioning: false, forceDestroy: true }), outputs: {} },
    ]) {
      const olds = { ...declared, ...outputs, systemEndpoint: stage.endpoint };
      // A program that names no namespace: the recorded one stays.
      const { namespace: _recorded, ...news } = declared;
      const { inputs, failures } = await server.check(olds, news);
      expect([failures, inputs["namespace"]]).toEqual([[], "ns1"]);
      expect(await server.diff(id, olds, inputs)).toMatchObject({ changes: "NONE", replaces: [] });
      expect((await server.read(id, olds)).id).toBe(id);
    }
    expect(await live()).toEqual(before);
  });

  test("makes what is recorded in one that the array does not know an error, never gone, and deletes nothing", async () => {
    const server = await stage.serve({ ecsNamespace: "ns9" });
    const at = { namespace: "ns9", systemEndpoint: stage.endpoint };
    const bucket = ecsBucket("inv", "own", { ...at, forceDestroy: true });
    const before = await live();
    expect((await failureOf(server.read("ns9/own", objectUser("own", at)))).message).toContain(
      "Could not read ECS object user ns9/own",
    );
    for (const call of [() => server.read("ns9/inv", bucket), () => server.delete("ns9/inv", bucket)])
      expect((await failureOf(call())).message).toContain("Unable to find namespace ns9");
    expect(await live()).toEqual(before);
  });
});
