import { EventEmitter } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { leave } from "../../provider/core/farewell.ts";

vi.mock("node:net", () => ({ connect: vi.fn() }));
vi.mock("../../provider/core/farewell.ts", () => ({ leave: vi.fn() }));

/** A connection of which the test decides what becomes of it. */
class Connection extends EventEmitter {
  unref = vi.fn();
}

let connections: Connection[];
let targets: unknown[];

beforeEach(() => {
  vi.resetModules();
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  connections = [];
  targets = [];
  vi.mocked(connect).mockImplementation((target) => {
    targets.push(target);
    const connection = new Connection();
    connections.push(connection);
    return connection as never;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

/** The code of a process of its own: it watches once. */
const newProcess = async () => ({
  ...(await import("../../provider/core/watchdog.ts")),
  ...(await import("../../provider/core/operation.ts")),
});

function accepted(): void {
  connections.at(-1)?.emit("connect");
}

function refused(): void {
  connections.at(-1)?.emit("error", new Error("connect ECONNREFUSED"));
  connections.at(-1)?.emit("close");
}

function dropped(): void {
  connections.at(-1)?.emit("close");
}

test("the process ends once its engine accepts no connection any more", async () => {
  const { watchEngine } = await newProcess();
  watchEngine("127.0.0.1:4321");
  accepted();
  dropped();
  expect(connections).toHaveLength(1);
  vi.advanceTimersByTime(500);
  expect(targets).toEqual([
    { host: "127.0.0.1", port: 4321 },
    { host: "127.0.0.1", port: 4321 },
  ]);
  expect(leave).not.toHaveBeenCalled();
  refused();
  expect(vi.mocked(leave).mock.calls).toEqual([[]]);
});

test("a connection that the engine drops, as it never speaks, is opened anew for as long as it is accepted", async () => {
  const { watchEngine } = await newProcess();
  watchEngine("127.0.0.1:4321");
  for (let times = 1; times < 4; times += 1) {
    expect(connections).toHaveLength(times);
    accepted();
    vi.advanceTimersByTime(60_000);
    dropped();
    vi.advanceTimersByTime(499);
    expect(connections).toHaveLength(times);
    vi.advanceTimersByTime(1);
  }
  expect(leave).not.toHaveBeenCalled();
});

test("an engine that has never been there is none to miss", async () => {
  const { watchEngine } = await newProcess();
  watchEngine("127.0.0.1:4321");
  refused();
  vi.advanceTimersByTime(60_000);
  expect(connections).toHaveLength(1);
  expect(leave).not.toHaveBeenCalled();
});

test("a call that runs is finished first", async () => {
  const { watchEngine, withinOperation } = await newProcess();
  let finish = () => {};
  const running = withinOperation(60, () => new Promise<void>((done) => (finish = done)));
  watchEngine("127.0.0.1:4321");
  accepted();
  dropped();
  vi.advanceTimersByTime(500);
  refused();
  expect(leave).not.toHaveBeenCalled();
  finish();
  await running;
  expect(leave).toHaveBeenCalledTimes(1);
});

test("what the engine says is read and passed over, and nothing of this keeps the process", async () => {
  const { watchEngine } = await newProcess();
  const timers = vi.spyOn(globalThis, "setTimeout");
  watchEngine("127.0.0.1:4321");
  const [connection] = connections;
  expect(connection?.listenerCount("data")).toBe(1);
  expect(connection?.unref).toHaveBeenCalledTimes(1);
  connection?.emit("data", Buffer.from("HTTP/2"));
  accepted();
  dropped();
  expect(timers.mock.results.map(({ value }) => value.hasRef())).toEqual([false]);
});

test("a process watches one engine", async () => {
  const { watchEngine } = await newProcess();
  watchEngine("127.0.0.1:4321");
  watchEngine("127.0.0.1:4322");
  expect(targets).toEqual([{ host: "127.0.0.1", port: 4321 }]);
});

test.each([
  ["localhost:80", "localhost", 80],
  ["[::1]:4321", "::1", 4321],
])("%s is %s, port %i", async (address, host, port) => {
  const { watchEngine } = await newProcess();
  watchEngine(address);
  expect(targets).toEqual([{ host, port }]);
});

test.each([undefined, "", "engine", "engine:", ":4321", "engine:port", "engine:4321/"])(
  "%s is nothing to watch, and does not keep a later one from being watched",
  async (address) => {
    const { watchEngine } = await newProcess();
    watchEngine(address);
    expect(targets).toEqual([]);
    watchEngine("127.0.0.1:4321");
    expect(targets).toHaveLength(1);
  },
);
