import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { Display } from "./display.ts";
import { detail } from "./report.ts";
import { expectEqual } from "./surprise.ts";

/** The CLI as the demo runs it: one command at a time, in one folder, with one environment. */
export class Pulumi {
  readonly #program: string;
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #running: ChildProcess | undefined;

  constructor(program: string, folder: string, env: NodeJS.ProcessEnv) {
    this.#program = program;
    this.#folder = folder;
    this.#env = env;
  }

  /** Runs a command, shows what it prints, and insists on its exit code; answers what it printed. */
  async run(args: readonly string[], exitCode = 0): Promise<string> {
    const display = new Display((line) => detail(`  ${line}`));
    const printed = await this.#run(args, exitCode, (line) => display.line(line));
    display.end();
    return printed;
  }

  /** The same for what nobody but the demo is to see. */
  read(args: readonly string[]): Promise<string> {
    return this.#run(args, 0, () => {});
  }

  async #run(args: readonly string[], exitCode: number, show: (line: string) => void): Promise<string> {
    detail(`$ pulumi ${args.join(" ")}`);
    const child = spawn(this.#program, [...args, "--color", "never"], {
      cwd: this.#folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
      // A process group of its own: Ctrl-C reaches the CLI through `interrupt` only. A second one would make it give up.
      detached: true,
    });
    this.#running = child;
    const printed: string[] = [];
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on("line", (line) => {
        printed.push(line);
        show(line);
      });
    }
    const [code] = (await once(child, "close").finally(() => {
      this.#running = undefined;
    })) as [number | null];
    expectEqual(`The exit code of \`pulumi ${args.join(" ")}\` is wrong.`, code, exitCode);
    return printed.join("\n");
  }

  /** Asks the running command to end, as Ctrl-C does; false when none runs. */
  interrupt(): boolean {
    return this.#running?.kill("SIGINT") ?? false;
  }
}
