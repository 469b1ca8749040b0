import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Assignment, Ending } from "./hostile-child.ts";

const script = fileURLToPath(new URL("hostile-child.ts", import.meta.url));

/** Longer than any operation that keeps to its time. */
const patienceMs = 20_000;

/** A process of its own with the provider's code, whose memory is nobody else's and whose end would be seen. */
export class HostileProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<Ending>>();
  #stderr = "";
  #numbers = 0;

  constructor() {
    this.#child = fork(script, { execArgv: ["--expose-gc"], stdio: ["ignore", "ignore", "pipe", "ipc"] });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.#child.on("message", (ending: Ending) => this.#waiting.get(ending.number)?.resolve(ending));
    this.#child.once("close", (code, signal) => {
      const error = new Error(`the process ended with ${signal ?? code}:\n${this.#stderr.slice(-2000)}`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  async run(assignment: Omit<Assignment, "number">): Promise<Ending> {
    this.#numbers += 1;
    const number = this.#numbers;
    const waiting = Promise.withResolvers<Ending>();
    this.#waiting.set(number, waiting);
    this.#child.send({ number, ...assignment });
    const patience = setTimeout(() => {
      const outcome = { name: "Error", message: `no end within ${patienceMs} ms` };
      waiting.resolve({ number, outcome, milliseconds: patienceMs, grownMiB: 0 });
    }, patienceMs);
    const ending = await waiting.promise;
    clearTimeout(patience);
    this.#waiting.delete(number);
    return ending;
  }

  /** Everything that a process prints of its own accord, such as a rejection that nobody handles. */
  get stderr(): string {
    return this.#stderr;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await ended;
  }
}
