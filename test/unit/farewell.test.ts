import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

const farewell = join(import.meta.dirname, "../../provider/core/farewell.ts");

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
  readonly afterMs: number;
}

/** Runs a program that has something to give back, and sends the signals once it says that it is ready. */
function ended(program: string, ...signals: NodeJS.Signals[]): Promise<Ended> {
  const source = `import { beforeLeaving, leave } from ${JSON.stringify(farewell)};
    const say = (text) => process.stdout.write(text + "\\n");
    setInterval(() => {}, 1000);
    ${program}
    say("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve) => {
    let said = "";
    let asked = 0;
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk;
      if (asked > 0 || !said.includes("ready")) return;
      asked = performance.now();
      for (const signal of signals) child.kill(signal);
    });
    child.on("close", (code, signal) =>
      resolve({ code, signal, said: said.replace("ready\n", ""), afterMs: performance.now() - asked }),
    );
  });
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "at %s everything is given back, and the process ends well",
  async (signal) => {
    const program = `
    beforeLeaving(async () => { await new Promise((done) => setTimeout(done, 50)); say("first"); });
    beforeLeaving(async () => say("second"));`;
    expect(await ended(program, signal)).toMatchObject({ code: 0, signal: null, said: "second\nfirst\n" });
  },
);

test("what fails does not keep the others from being given back", async () => {
  const program = `
    beforeLeaving(async () => { throw new Error("no"); });
    beforeLeaving(async () => say("second"));`;
  expect(await ended(program, "SIGINT")).toMatchObject({ code: 0, said: "second\n" });
});

test("nobody is waited for longer than two seconds: the engine kills after five", async () => {
  const program = `
    beforeLeaving(() => new Promise(() => {}));
    beforeLeaving(async () => say("second"));`;
  const { code, said, afterMs } = await ended(program, "SIGINT");
  expect({ code, said }).toEqual({ code: 0, said: "second\n" });
  expect(afterMs).toBeGreaterThan(1900);
  expect(afterMs).toBeLessThan(4500);
});

test("each is given back once, however often the process is asked to end", async () => {
  const program = `
    let count = 0;
    const task = async () => { count += 1; await new Promise((done) => setTimeout(done, 200)); say("given back " + count); };
    beforeLeaving(task);
    beforeLeaving(task);`;
  const result = await ended(program, "SIGINT", "SIGTERM");
  expect(result).toMatchObject({ code: 0, signal: null, said: "given back 1\n" });
});

test("without a signal it can be asked for, as when the engine is gone", async () => {
  const program = `beforeLeaving(async () => say("given back")); void leave();`;
  expect(await ended(program)).toMatchObject({ code: 0, said: expect.stringContaining("given back\n") });
});

test("with nothing to give back, nobody listens for signals", async () => {
  expect(await ended("", "SIGINT")).toMatchObject({ code: null, signal: "SIGINT" });
});

describe("in this process", () => {
  type Farewell = typeof import("../../provider/core/farewell.ts");
  let ours: Farewell;
  const exit = vi.spyOn(process, "exit").mockImplementation((() => undefined) as never);
  const listeners = () => ["SIGINT", "SIGTERM"].map((signal) => process.listenerCount(signal));
  let before: number[] = [];
  const more = () => listeners().map((count, index) => count - (before[index] ?? 0));

  beforeEach(async () => {
    vi.resetModules();
    ours = await import("../../provider/core/farewell.ts");
    exit.mockClear();
    before = listeners();
  });
  afterEach(() => ours.giveBack());

  test("signals are listened for once, and no longer when everything is given back", async () => {
    const given: string[] = [];
    ours.beforeLeaving(async () => void given.push("first"));
    ours.beforeLeaving(async () => void given.push("second"));
    expect(more()).toEqual([1, 1]);
    await ours.giveBack();
    expect(given).toEqual(["first", "second"]);
    expect(more()).toEqual([0, 0]);
    await ours.giveBack();
    expect(given).toHaveLength(2);
    ours.beforeLeaving(async () => void given.push("third"));
    expect(more()).toEqual([1, 1]);
  });

  test("what is quickly given back leaves nothing to wait for", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    ours.beforeLeaving(async () => {});
    const running = timers();
    await ours.giveBack();
    expect(timers()).toBe(running);
  });

  test("what comes while things are given back is given back by the next", async () => {
    const given: string[] = [];
    ours.beforeLeaving(async () => ours.beforeLeaving(async () => void given.push("later")));
    await ours.giveBack();
    expect(given).toEqual([]);
    expect(more()).toEqual([1, 1]);
    await ours.giveBack();
    expect(given).toEqual(["later"]);
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s has everything given back before the process ends", async (signal, code) => {
    const given: string[] = [];
    ours.showInterruption();
    ours.beforeLeaving(async () => void given.push("first"));
    // Whoever else listens in this process is not told.
    process.listeners(signal).at(-1)?.(signal);
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(code));
    expect(given).toEqual(["first"]);
  });

  test.each([
    { shown: false, signal: "SIGINT", code: 0 },
    { shown: true, signal: "SIGINT", code: 130 },
    { shown: true, signal: "SIGTERM", code: 143 },
    { shown: true, signal: undefined, code: 0 },
  ] as const)("after $signal the process ends with $code, once (a command of its own: $shown)", async (ended) => {
    if (ended.shown) ours.showInterruption();
    await ours.leave(ended.signal);
    await ours.leave(ended.signal);
    expect(exit.mock.calls).toEqual([[ended.code]]);
  });
});
