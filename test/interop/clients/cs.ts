import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Client } from "../../harness/interop/surroundings.ts";

/** As `cs` names what it is made with; an expiry below 0 is none. */
export interface CsOptions {
  readonly endpoint: string;
  readonly key: string;
  readonly secret: string;
  readonly method?: "get" | "post";
  readonly poll_interval?: number;
  readonly expiration?: number;
}

/** A call that `cs` has ended with an exception. */
export class CsRefusal extends Error {
  override readonly name = "CsRefusal";
  readonly status: number | null;
  readonly errorText: string;

  constructor(status: number | null, message: string, errorText: string) {
    super(message);
    this.status = status;
    this.errorText = errorText;
  }
}

interface Answer {
  readonly value?: unknown;
  readonly status?: number | null;
  readonly message?: string;
  readonly error?: { readonly errortext?: string } | null;
}

const script = join(import.meta.dirname, "cs_lines.py");

/** The Python package `cs` in a process of its own, which takes one request a line and answers in their order. */
export class Cs {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];
  readonly #exited: Promise<unknown>;
  #stderr = "";
  #ended: Error | undefined;

  constructor({ path }: Client) {
    const env = { ...process.env, PYTHONPATH: path, PYTHONDONTWRITEBYTECODE: "1" };
    this.#child = spawn("python3", [script], { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line) as Answer);
    });
    this.#child.stdin.on("error", () => undefined);
    this.#exited = once(this.#child, "close").then(
      () => this.#end(new Error(`cs has ended: ${this.#stderr}`)),
      (error: Error) => this.#end(error),
    );
  }

  /** What stands in the envelope of the answer; rejects with a `CsRefusal`. */
  async call(client: CsOptions, command: string, args: object = {}): Promise<unknown> {
    const { value, status, message, error } = await this.#ask({ client, command, arguments: args });
    if (message !== undefined) throw new CsRefusal(status ?? null, message, error?.errortext ?? "");
    return value;
  }

  /** The signature that it puts to these parameters. */
  async signature(client: CsOptions, sign: Readonly<Record<string, string>>): Promise<string> {
    return String((await this.#ask({ client, sign })).value);
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#exited;
  }

  async #ask(request: object): Promise<Answer> {
    if (this.#ended) throw this.#ended;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.push(waiting);
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return await waiting.promise;
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
