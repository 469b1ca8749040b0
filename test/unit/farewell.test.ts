import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

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
