import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

interface Request {
  getSeverity(): number;
  getMessage(): string;
}

/** What a log call of the engine's protocol says: INFO is 1, WARNING is 2. */
let logged: [severity: number, message: string][];
/** Lets the engine answer. */
let answers: (() => void)[];
let connectedTo: unknown[][];
let waits: unknown[][];
/** Lets the time be over that is waited for. */
let over: () => void;

vi.mock("@pulumi/pulumi", () => ({
  getProject: () => "jars",
  getStack: () => "dev",
  runtime: {
    resetOptions: (...options: unknown[]) => connectedTo.push(options),
    getEngine: () => ({
      log: (request: Request, answer: () => void) => {
        logged.push([request.getSeverity(), request.getMessage()]);
        answers.push(answer);
      },
    }),
  },
}));

vi.mock("node:timers/promises", () => ({
  setTimeout: (...given: unknown[]) => {
    waits.push(given);
    return new Promise<void>((done) => {
      over = done;
    });
  },
}));

const argv = process.argv;
let printed: string[];

beforeEach(() => {
  vi.resetModules();
  logged = [];
  answers = [];
  connectedTo = [];
  waits = [];
  over = () => {};
  printed = [];
  vi.spyOn(console, "error").mockImplementation((text) => printed.push(String(text)));
});
afterEach(() => {
  process.argv = argv;
});

/** The code of the provider process, as the engine starts it; or, without one, of a command. */
async function newProcess(...engine: string[]) {
  process.argv = ["node", "server.js", ...engine];
  if (engine.length > 0) (await import("../../provider/core/engine.ts")).startedByEngine();
  else process.argv = ["node", "cloudstack-storage", "convert-nfs", "--endpoint", "https://s3.example.com:9021"];
  return {
    ...(await import("../../provider/core/log.ts")),
    ...(await import("../../provider/core/redact.ts")),
  };
}

/** Lets the engine answer once it was told so much. */
async function answered(count: number): Promise<void> {
  await expect.poll(() => answers.length).toBe(count);
  answers.at(-1)?.();
}

describe("with an engine", () => {
  test("a warning is one on its display, once per text", async () => {
    const { warn } = await newProcess("--flag", "127.0.0.1:4321");
    const first = warn("jar a is old.");
    await answered(1);
    await first;
    await warn("jar a is old.");
    const second = warn("jar b is old.");
    await answered(2);
    await second;
    expect(logged).toEqual([
      [2, "jar a is old."],
      [2, "jar b is old."],
    ]);
    expect(printed).toEqual([]);
  });

  test("how far something has come is told as often as it is said, and is no warning", async () => {
    const { inform } = await newProcess("127.0.0.1:4321");
    for (const count of [1, 2]) {
      const told = inform("jar a: half of it.");
      await answered(count);
      await told;
    }
    expect(logged).toEqual([
      [1, "jar a: half of it."],
      [1, "jar a: half of it."],
    ]);
  });

  test("no message shows a secret", async () => {
    const { inform, warn, rememberSecret } = await newProcess("127.0.0.1:4321");
    rememberSecret("Canary-Log-1");
    const both = Promise.all([warn("jar Canary-Log-1"), inform("at Canary-Log-1")]);
    await expect.poll(() => answers.length).toBe(2);
    for (const answer of answers) answer();
    await both;
    expect(logged.map(([, message]) => message)).toEqual(["jar [secret]", "at [secret]"]);
  });

  test("its connection is opened once, for messages only", async () => {
    const { inform } = await newProcess("127.0.0.1:4321");
    for (const count of [1, 2]) {
      const told = inform("more");
      await answered(count);
      await told;
    }
    expect(connectedTo).toEqual([["jars", "dev", -1, "127.0.0.1:4321", "", false, ""]]);
  });

  test("one that is stopped, and says nothing, is waited for five seconds", async () => {
    const { warn } = await newProcess("127.0.0.1:4321");
    let done = false;
    const told = warn("jar a is old.").then(() => {
      done = true;
    });
    await expect.poll(() => waits).toEqual([[5000, undefined, { ref: false }]]);
    expect(done).toBe(false);
    over();
    await told;
  });
});

test("without one, as in a command of its own, messages go to the error output", async () => {
  const { inform, warn, rememberSecret } = await newProcess();
  rememberSecret("Canary-Log-2");
  await warn("jar Canary-Log-2 is old.");
  await warn("jar Canary-Log-2 is old.");
  await inform("jar a: half of it.");
  expect(printed).toEqual(["warning: jar [secret] is old.", "info: jar a: half of it."]);
  expect(logged).toEqual([]);
});
