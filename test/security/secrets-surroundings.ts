import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const everyMs = 15;

/** What others on the machine can see while something runs: the process list, and what comes and goes in a folder. */
export class Surroundings {
  /** Every command line that some process had. */
  readonly commandLines = new Set<string>();
  /** Every content that some file below the folder had, by path and time of its change. */
  readonly files = new Map<string, Buffer>();
  readonly #folder: string;
  readonly #timer: NodeJS.Timeout;

  constructor(folder: string) {
    this.#folder = folder;
    this.#timer = setInterval(() => this.#look(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#look();
  }

  #look(): void {
    for (const pid of readdirSync("/proc")) if (/^\d+$/.test(pid)) this.#noteProcess(pid);
    for (const name of readdirSync(this.#folder, { recursive: true, encoding: "utf8" })) this.#noteFile(name);
  }

  #noteProcess(pid: string): void {
    const line = ifThere(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
    if (line) this.commandLines.add(line.replaceAll("\0", " "));
  }

  #noteFile(name: string): void {
    const path = join(this.#folder, name);
    const stat = ifThere(() => statSync(path));
    const key = `${name} at ${stat?.mtimeMs}`;
    if (!stat?.isFile() || this.files.has(key)) return;
    const content = ifThere(() => readFileSync(path));
    if (content) this.files.set(key, content);
  }
}

/** Undefined where a process or a file went away meanwhile. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
