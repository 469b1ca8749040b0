import { afterEach, expect, test } from "vitest";
import { engineAddress } from "../../provider/core/engine.ts";

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
])("started with %j the engine listens at %s", (args, expected) => {
  process.argv = ["node:1", "server.js:2", ...args];
  expect(engineAddress()).toBe(expected);
});
