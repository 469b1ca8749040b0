import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

type Command = readonly [program: string, ...args: string[]];

const STOP_LIMIT_MS = 5_000;

/** A server of somebody else's, running in the foreground as our child. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #exited: Promise<unknown>;
  readonly #kill: () => void;

  private constructor(child: ChildProcess, log: string) {
    this.#child = child;
    this.#log = log;
    this.#exited = Promise.race([once(child, "exit"), once(child, "error")]).catch(() => undefined);
    // The last resort, for an end of this process that no `finally` sees.
    this.#kill = () => child.kill("SIGKILL");
    process.once("exit", this.#kill);
  }

  /** Its output goes to a file of that name in the folder. */
  static start(folder: string, name: string, [program, ...args]: Command, env = process.env): ServerProcess {
    const log = join(folder, `${name}.out`);
    const output = openSync(log, "a");
    const child = spawn(program, args, { cwd: folder, env, stdio: ["ignore", output, output] });
    closeSync(output);
    return new ServerProcess(child, log);
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The end of what it has printed. */
  get lastWords(): string {
    return readFileSync(this.#log, "utf8").trimEnd().split("\n").slice(-20).join("\n");
  }

  async stop(): Promise<void> {
    process.removeListener("exit", this.#kill);
    if (!this.running) return;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(this.#kill, STOP_LIMIT_MS);
    await this.#exited;
    clearTimeout(timer);
  }
}

/** Ports that nobody listens on at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

/** Waits until the server takes connections; throws when it ends or the time is up. */
export async function waitForPort(port: number, server: ServerProcess, limitMs: number): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await accepts(port))) {
    if (!server.running) throw new Error(`the server has ended:\n${server.lastWords}`);
    if (Date.now() > end) throw new Error(`no answer on its port in ${limitMs / 1000} s:\n${server.lastWords}`);
    await delay(50);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
