import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failureOf, group, PAIR, Stage, user } from "../contract/support.ts";
import type { DynamicServer } from "../harness/dynamic-server.ts";

describe("limits of a HyperStore", () => {
  let stage: Stage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open("newest");
    server = await stage.serve();
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.control.reset();
    await stage.control.patch("cloudian", {
      groups: { blue: {} },
      users: { "blue/ada": {} },
      credentials: { [PAIR.accessKeyId]: { groupId: "blue", userId: "ada", secretKey: PAIR.secretAccessKey } },
    });
  });

  const recorded = (kind: "group" | "user") =>
    kind === "group"
      ? group("blue", { limits: {}, systemEndpoint: stage.endpoint })
      : user("blue", "ada", { limits: {}, systemEndpoint: stage.endpoint, ...PAIR, __keyGeneration: 1 });
  const wanted = { limits: { objectCount: { hard: 3 } } };

  test("503 of a feature that is off is one request and an error that says so, though other 503 are tried again", async () => {
    await stage.control.patch("cloudian", { options: { qosEnabled: false } });
    for (const [id, kind, news] of [
      ["blue", "group", group("blue", wanted)],
      ["blue/ada", "user", user("blue", "ada", wanted)],
    ] as const) {
      const sent = await stage.callsOf(async () => {
        const { message } = await failureOf(server.update(id, recorded(kind), news));
        expect(message).toContain(
          "HyperStore answers 503 here while its quality-of-service feature is off: switch it on in the CMC, or remove the limits from the program.",
        );
      });
      expect(sent.map((line) => line.replace(/\?.*/, ""))).toEqual(["POST /qos/limits"]);
    }
    await stage.fault({ kind: "status", status: 503, method: "GET", path: "/group", times: 1 });
    const again = await stage.callsOf(() => server.read("blue", group("blue", { systemEndpoint: stage.endpoint })));
    expect(again).toEqual(["GET /group?groupId=blue", "GET /group?groupId=blue"]);
  });

  test("-2, which another client stores, reads as unlimited and is no drift", async () => {
    const limits = { hlStorageQuotaKBytes: -2, wlStorageQuotaKBytes: -1, hlRequestRate: -2, hlStorageQuotaCount: 3 };
    await stage.control.patch("cloudian", { limits: { "blue/*": limits, "blue/ada": limits } });
    for (const [id, kind] of [
      ["blue", "group"],
      ["blue/ada", "user"],
    ] as const) {
      const { inputs } = await server.read(id, recorded(kind));
      expect(inputs).toMatchObject({ limits: { objectCount: { hard: 3 } } });
      expect(JSON.stringify(inputs)).not.toContain("-2");
    }
  });
});
