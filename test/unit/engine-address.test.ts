import { afterEach, expect, test, vi } from "vitest";
import { engineAddress, startedByEngine } from "../../provider/core/engine.ts";

const argv = process.argv;
afterEach(() => {
  process.argv = argv;
});

test.each([
  [["127.0.0.1:4321"], "127.0.0.1:4321"],
  [["[::1]:4321"], "[::1]:4321"],
  [["--logtostderr", "-v=9", "--tracing=http://localhost:9411", "127.0.0.1:4321"], "127.0.0.1:4321"],
  [["127.0.0.1:4321", "127.0.0.1:9999"], "127.0.0.1:4321"],
  [["import", "--cluster:1"], undefined],
  [["127.0.0.1"], undefined],
  [["127.0.0.1:"], undefined],
  [["127.0.0.1:4321/path"], undefined],
  [["4321"], undefined],
  [[], undefined],
])("started with %j the provider process takes it that the engine listens at %s", (args, expected) => {
  process.argv = ["node:1", "server.js:2", ...args];
  expect(startedByEngine()).toBe(expected);
  expect(engineAddress()).toBe(expected);
});

test("an address among the arguments of any other process is not the engine's", async () => {
  vi.resetModules();
  process.argv = ["node", "cloudstack-storage", "convert-nfs", "--endpoint", "https://s3.example.com:9021"];
  const fresh = await import("../../provider/core/engine.ts");
  expect(fresh.engineAddress()).toBeUndefined();
});
