import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { compiledCode } from "../../compiled-code.ts";
import type { CheckResult, DiffResult, Properties, ReadResult } from "../../provider-client.ts";
import { ProviderCallError } from "../../provider-client.ts";
import type { ProviderProcess } from "../provider-process.ts";
import type { Answer, Call } from "./messages.ts";

/** A provider process that can be killed. */
export interface Killable extends ProviderProcess {
  kill(signal: NodeJS.Signals): void;
  /** Settles when the process has ended. */
  readonly exited: Promise<unknown>;
}

export function startKillable(config: Properties): Killable {
  const env = { PATH: process.env["PATH"], ...compiledCode, HOST_CONFIG: JSON.stringify(config) };
  return new ForkedProcess(fork(new URL("./host.ts", import.meta.url), { env, execArgv: [], silent: true }));
}

class ForkedProcess implements Killable {
  readonly exited: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #ended: string | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.stdout?.resume();
    child.on("message", (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
    this.exited = once(child, "close").then(([code, signal]) => {
      // As the engine puts it.
      this.#ended = signal === "SIGKILL" ? "error reading from server: EOF" : `the host ended with ${code}:\n${said}`;
      for (const [id, answer] of this.#waiting) answer({ id, message: this.#ended });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  check(...values: [Properties, Properties]): Promise<CheckResult> {
    return this.#call("check", values);
  }

  diff(...values: [string, Properties, Properties]): Promise<DiffResult> {
    return this.#call("diff", values);
  }

  create(...values: [Properties]): Promise<{ id: string; properties: Properties }> {
    return this.#call("create", values);
  }

  read(...values: [string, Properties?]): Promise<ReadResult> {
    return this.#call("read", values);
  }

  update(...values: [string, Properties, Properties]): Promise<Properties> {
    return this.#call("update", values);
  }

  delete(...values: [string, Properties]): Promise<void> {
    return this.#call("delete", values);
  }

  async #call<T>(method: Call["method"], values: readonly unknown[]): Promise<T> {
    const id = this.#waiting.size;
    const { message, initFailure, result } = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      if (this.#ended === undefined) this.#child.send({ id, method, values } satisfies Call, () => undefined);
      else resolve({ id, message: this.#ended });
    });
    if (message !== undefined) throw new ProviderCallError(message, 14, initFailure);
    return result as T;
  }
}
