import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { EcsStage, objectUser } from "../contract/ecs-support.ts";
import { failureOf, group, Stage, user } from "../contract/support.ts";
import type { DynamicServer } from "../harness/dynamic-server.ts";

const objects = { "invoices/2026.pdf": "what must not be lost" };

describe("Cloudian users with data", () => {
  let stage: Stage;
  let server: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open("newest");
    server = await stage.serve({ retryBudget: "0" });
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.control.reset();
    await stage.control.patch("cloudian", {
      groups: { blue: {} },
      users: { "blue/ada": {}, "blue/eve": {} },
      buckets: { "blue/ada": [{ bucketName: "invoices" }] },
    });
    await stage.control.patch("cloudian", { s3Buckets: { invoices: { objects } } });
  });

  const live = async () => {
    const { groups, users, buckets, s3Buckets } = (await stage.control.state()).cloudian;
    return { groups, users, buckets, s3Buckets };
  };
  const olds = (forceDestroy: boolean) => group("blue", { forceDestroy, systemEndpoint: stage.endpoint });

  test.each([true, false])(
    "an empty list of users deletes nobody, nor what they own (forceDestroy: %s)",
    async (forced) => {
      const before = await live();
      await stage.fault({ kind: "status", status: 200, method: "GET", path: "/user/list", times: 10 });
      const sent = await stage.callsOf(async () => {
        const { message } = await failureOf(server.delete("blue", olds(forced)));
        expect(message).toContain("Cloudian group blue is not deleted: ");
        expect(message).toContain(
          "lists no users of it, but it has the user ada, and what a deletion would do to it is unknown.",
        );
      });
      expect(sent.filter((line) => line.startsWith("DELETE"))).toEqual([]);
      // The users' own resources ask for each user, not for a list.
      const ada = user("blue", "ada", { systemEndpoint: stage.endpoint });
      expect((await server.read("blue/ada", ada)).id).toBe("blue/ada");
      expect(await live()).toEqual(before);
    },
  );

  test("forceDestroy goes no further than users who own nothing: one bucket with data keeps all of them", async () => {
    const before = await live();
    const sent = await stage.callsOf(async () => {
      const { message } = await failureOf(server.delete("blue", olds(true)));
      expect(message).toContain("Cloudian group blue is not deleted, and none of its users: ada owns invoices.");
    });
    expect(sent.filter((line) => line.startsWith("DELETE"))).toEqual([]);
    const { message } = await failureOf(
      server.delete("blue/ada", user("blue", "ada", { systemEndpoint: stage.endpoint })),
    );
    expect(message).toContain("Cloudian user blue/ada is not deleted: it owns 1 buckets (invoices)");
    expect(await live()).toEqual(before);
  });
});

test("an ECS object user with data stays, also where the list of buckets is empty, cut or refused", async () => {
  const stage = await EcsStage.open("newest");
  try {
    await stage.patch({ users: { "ns1/ada": {} }, buckets: { "ns1/invoices": { owner: "ada", objects } } });
    const live = async () => {
      const { users, buckets } = await stage.ecs();
      return { users, buckets };
    };
    const before = await live();
    const impatient = await stage.serve({ retryBudget: "0", operationTimeoutSeconds: "5" });
    const remove = () => failureOf(impatient.delete("ns1/ada", objectUser("ada", { systemEndpoint: stage.endpoint })));
    expect((await remove()).message).toContain("ns1/ada is not deleted: it owns the bucket invoices");
    for (const fault of [
      { kind: "status", status: 200 },
      { kind: "status", status: 403 },
      { kind: "truncate" },
      { kind: "html" },
    ] as const) {
      await stage.fault({ ...fault, method: "GET", path: "/object/bucket" });
      await remove();
      await stage.control.clearFaults();
      expect(await live()).toEqual(before);
    }
    const gone = (await stage.control.requests()).filter(({ path }) => path === "/object/users/deactivate");
    expect(gone).toEqual([]);
  } finally {
    await stage.close();
  }
});
