import { afterEach, describe, expect, test } from "vitest";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";

const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: "hush" };
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const TOY = `exports.handler = () => ({
  async configure(request) { this.region = request.config.get("storage:region"); },
  async check(olds, news) { return { inputs: news, failures: news.bad ? [{ property: "", reason: "bad: " + news.bad }] : [] }; },
  async diff(id, olds, news) { return olds.size === news.size ? { changes: false } : { replaces: ["size"] }; },
  async create(props) {
    if (props.half) throw Object.assign(new Error("half done"), { id: "x", properties: { a: 1 }, reasons: ["second call failed"] });
    return { id: "x", outs: { ...props, region: this.region, sdk: require("@pulumi/pulumi/package.json").version } };
  },
  async read(id, props) { return id === "gone" ? {} : { id, props, inputs: { size: 2 } }; },
  async update(id, olds, news) { console.log("updating"); return { outs: news }; },
  async delete(id) { throw new Error("cannot delete " + id); },
})`;

describe.each([
  { sdk: "newest", version: "3.276.0" },
  { sdk: "lowest", version: "3.268.0" },
] as const)("dynamic provider server of the $sdk SDK", ({ sdk, version }) => {
  let server: DynamicServer | undefined;
  const start = async () => {
    server = await startDynamicServer({ sdk, config: { "storage:region": "r1" } });
    return server;
  };

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  test("passes values through check, diff, create, read and update as they are", async () => {
    const { check, ...toy } = { check: { password: SECRET, later: UNKNOWN, nested: [{ n: null }] }, __provider: TOY };
    const running = await start();
    expect(await running.check({}, { ...toy, ...check })).toEqual({ inputs: { ...toy, ...check }, failures: [] });
    expect(await running.check({}, { ...toy, bad: "b" })).toMatchObject({
      failures: [{ property: "", reason: "bad: b" }],
    });
    const unchanged = { changes: "NONE", replaces: [], deleteBeforeReplace: false };
    expect(await running.diff("x", { ...toy, size: 1 }, { ...toy, size: 1 })).toEqual(unchanged);
    expect(await running.diff("x", { ...toy, size: 1 }, { ...toy, size: 2 })).toMatchObject({
      changes: "UNKNOWN",
      replaces: ["size"],
    });
    const created = { id: "x", properties: { ...toy, size: 1, region: "r1", sdk: version } };
    expect(await running.create({ ...toy, size: 1 })).toEqual(created);
    expect(await running.read("x", { ...toy, size: 1 })).toEqual({
      id: "x",
      properties: { ...toy, size: 1 },
      inputs: { ...toy, size: 2 },
    });
    expect(await running.read("gone", undefined, toy)).toMatchObject({ id: "", inputs: undefined });
    expect(await running.update("x", toy, { ...toy, size: 3 })).toEqual({ ...toy, size: 3 });
    await expect.poll(() => running.stdout).toBe("updating\n");
  });

  test("hands over errors, a partial failure with what it carries", async () => {
    const running = await start();
    await expect(running.delete("x", { __provider: TOY })).rejects.toMatchObject({
      message: "cannot delete x",
      code: 2,
      initFailure: undefined,
    });
    await expect(running.create({ __provider: TOY, half: true })).rejects.toMatchObject({
      message: "half done",
      initFailure: { id: "x", properties: { a: 1 }, reasons: ["second call failed"] },
    });
  });

  test("loads the installed package by its name", async () => {
    const text = `exports.handler = () => ({ create: async () => ({ id: require.resolve("pulumi-cloudstack-storage/dynamic") }) })`;
    const running = await start();
    const { id } = await running.create({ __provider: text });
    expect(id.endsWith("/node_modules/pulumi-cloudstack-storage/dist/provider/dynamic.js")).toBe(true);
  });

  test("collects what the provider tells the engine", async () => {
    const text = `exports.handler = () => ({ create: async () => {
      const pulumi = require("@pulumi/pulumi");
      pulumi.runtime.resetOptions("p", "s", -1, process.argv[2], "", false, "");
      await pulumi.log.warn("careful");
      return { id: "x" };
    } })`;
    const running = await start();
    await running.create({ __provider: text });
    await expect.poll(() => running.warnings).toEqual(["careful"]);
  });

  test("is ended by close and by a signal", async () => {
    const running = await start();
    running.kill("SIGKILL");
    expect(await running.exited).toEqual({ code: null, signal: "SIGKILL" });
  });
});
