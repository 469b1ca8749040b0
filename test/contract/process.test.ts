import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, group, Stage, startStub } from "./support.ts";

const SOON_MS = 10_000;

describe.each(SDKS)("the provider process of the $sdk SDK", ({ sdk }) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.control.reset());

  test("ends by itself when its engine is gone", async () => {
    const server = await stage.serve();
    await server.read("absent", group("absent"));
    const started = performance.now();
    server.stopEngine();
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - started).toBeLessThan(SOON_MS);
  });

  test("finishes the call that runs first, so that what it makes is made whole", async () => {
    const server = await stage.serve();
    await server.read("absent", group("absent"));
    await stage.control.patch("cloudian", { groups: { blue: {} } });
    await stage.fault({ kind: "delay", delayMs: 3000, method: "POST", path: "/group" });
    const olds = group("blue", { groupName: "old", systemEndpoint: stage.endpoint });
    const update = server.update("blue", olds, group("blue", { groupName: "new", limits: {} })).catch(() => undefined);
    await expect.poll(async () => (await stage.control.faults())[0]?.fired).toBe(1);
    server.stopEngine();
    await Promise.all([update, server.exited]);
    const { groups, limits } = (await stage.control.state()).cloudian;
    expect(groups["blue"]).toMatchObject({ groupName: "new" });
    expect(limits).toHaveProperty("blue/*");
  });

  test("stays while its engine is there, though the engine never answers its idle connection", async () => {
    const server = await stage.serve();
    await server.read("absent", group("absent"));
    await stage.fault({ kind: "delay", delayMs: 2000, method: "GET", path: "/group" });
    expect((await server.read("absent", group("absent"))).id).toBe("");
  });

  test("prints nothing of its own where nothing goes wrong", async () => {
    const server = await stage.serve();
    await server.create(group("quiet"));
    await server.read("quiet", group("quiet"));
    await server.close();
    expect([server.stdout, server.stderr, server.warnings]).toEqual(["", "", []]);
  });

  test("says a failure once: what the server of the SDK prints beside it is one short line", async () => {
    const server = await stage.serve({ retryBudget: "0" });
    await stage.fault({ kind: "status", status: 500, times: 10 });
    const { message } = await failureOf(server.read("blue", group("blue")));
    await server.close();
    expect(message).toContain("answered 500");
    expect(server.stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test.each([
    { what: "go in a circle", next: (offset: string) => (offset === "a" ? "b" : "a") },
    { what: "repeat themselves", next: () => "a" },
  ])("user pages that $what end in an error, not in a loop", async ({ next }) => {
    const stub = await startStub(({ url }) => {
      const offset = new URL(url, "http://stub").searchParams.get("offset") ?? "";
      const page = Array.from({ length: 100 }, (_, n) => ({ groupId: "blue", userId: `u${n}` }));
      return { status: 200, body: JSON.stringify([...page, { groupId: "blue", userId: next(offset) }]) };
    });
    const server = await stage.serve({ cloudianEndpoint: stub.endpoint, operationTimeoutSeconds: "5" });
    const olds = group("blue", { systemEndpoint: stub.endpoint });
    expect((await failureOf(server.delete("blue", olds))).message).toContain("the pages do not end");
    expect(stub.seen.length).toBeLessThan(10);
    await stub.close();
  });
});
