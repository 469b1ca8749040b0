import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type EngineLog, type FakeEngine, startFakeEngine } from "./fake-engine.ts";
import { makeProjectWithPackage } from "./installed-package.ts";
import { ofThisRun } from "./layers/census.ts";
import { type Properties, ProviderClient } from "./provider-client.ts";
import type { Sdk } from "./sdks.ts";
import { watched } from "./secret-scan/watch.ts";

export interface DynamicServerOptions {
  sdk: Sdk;
  /** Where the provider text resolves modules; by default a temporary project with the built package installed. */
  cwd?: string;
  env?: Record<string, string>;
  /** By default the address of a small engine of our own that collects log messages. */
  engineAddress?: string;
  /** Sent once before the first call, as the engine does. */
  config?: Properties;
}

interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Pulumi's real server for dynamic providers in a process of its own, driven as the engine drives it. */
export interface DynamicServer extends Omit<ProviderClient, "disconnect"> {
  readonly pid: number;
  readonly cwd: string;
  /** What the process has printed so far, its port excepted. */
  readonly stdout: string;
  readonly stderr: string;
  /** What our engine has been told; empty with a foreign `engineAddress`. */
  readonly logs: readonly EngineLog[];
  readonly warnings: readonly string[];
  /** Settles when the process has ended, however it came to that; fails where it has shown a secret. */
  readonly exited: Promise<Exit>;
  /** Takes the engine away, as when the CLI is killed. */
  stopEngine(): void;
  kill(signal: NodeJS.Signals): void;
  /** Ends the process as the engine does: SIGINT, and after five seconds SIGKILL. */
  close(): Promise<Exit>;
}

const START_LIMIT_MS = 20_000;
const CLOSE_LIMIT_MS = 5_000;
const PACKAGES = { newest: "@pulumi/pulumi", lowest: "pulumi-lowest" } as const;
/** Settings of whoever runs the tests must not reach the provider. */
const FOREIGN_SETTINGS = /^(CLOUDIAN|ECS|CLOUDSTACK|S3|AWS|PULUMI)_|^(https?|no|all)_proxy$/i;

export async function startDynamicServer(options: DynamicServerOptions): Promise<DynamicServer> {
  const sdkFolder = dirname(createRequire(import.meta.url).resolve(`${PACKAGES[options.sdk]}/package.json`));
  const ownProject = options.cwd === undefined ? makeProjectWithPackage(sdkFolder) : undefined;
  const engine = options.engineAddress === undefined ? await startFakeEngine(sdkFolder) : undefined;
  const cwd = options.cwd ?? ownProject ?? "";
  const address = options.engineAddress ?? engine?.address ?? "";
  const child = spawn(process.execPath, [join(sdkFolder, "cmd", "dynamic-provider"), address], {
    cwd,
    env: { ...cleanEnvironment(), ...ofThisRun, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = new Output(child);
  const exited = once(child, "close").then(([code, signal]): Exit => {
    engine?.stop();
    if (ownProject !== undefined) rmSync(ownProject, { recursive: true, force: true });
    const logged = engine?.logs.map(({ message }) => message) ?? [];
    watched([output.stdout, output.stderr, ...logged].join("\n"), "The provider process");
    return { code, signal };
  });
  const port = await output.port;
  const server = new ServerProcess(sdkFolder, port, { child, cwd, output, engine, exited });
  await server.configure(options.config ?? {});
  return server;
}

function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN_SETTINGS.test(name)));
}

/** Everything the process prints; its first line is its port. */
class Output {
  stdout = "";
  stderr = "";
  readonly port: Promise<string>;

  constructor(child: ChildProcess) {
    this.port = new Promise((resolve, reject) => {
      const fail = (what: string) => {
        child.kill("SIGKILL");
        reject(new Error(`the dynamic provider server ${what}\n${this.stderr}`));
      };
      const timer = setTimeout(() => fail(`gave no port in ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
      let first = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        if (first.includes("\n")) {
          this.stdout += text;
          return;
        }
        first += text;
        const end = first.indexOf("\n");
        if (end < 0) return;
        clearTimeout(timer);
        this.stdout += first.slice(end + 1);
        resolve(first.slice(0, end).trim());
      });
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        this.stderr += text;
      });
      child.once("close", () => {
        clearTimeout(timer);
        fail("ended at once");
      });
    });
  }
}

interface Parts {
  child: ChildProcess;
  cwd: string;
  output: Output;
  engine: FakeEngine | undefined;
  exited: Promise<Exit>;
}

class ServerProcess extends ProviderClient implements DynamicServer {
  readonly cwd: string;
  readonly exited: Promise<Exit>;
  readonly #parts: Parts;

  constructor(sdkFolder: string, port: string, parts: Parts) {
    super(sdkFolder, `127.0.0.1:${port}`);
    this.#parts = parts;
    this.cwd = parts.cwd;
    this.exited = parts.exited;
  }

  get pid(): number {
    return this.#parts.child.pid ?? 0;
  }

  get stdout(): string {
    return this.#parts.output.stdout;
  }

  get stderr(): string {
    return this.#parts.output.stderr;
  }

  get logs(): readonly EngineLog[] {
    return this.#parts.engine?.logs ?? [];
  }

  get warnings(): readonly string[] {
    return this.logs.filter((log) => log.severity === "WARNING").map((log) => log.message);
  }

  stopEngine(): void {
    this.#parts.engine?.stop();
  }

  kill(signal: NodeJS.Signals): void {
    this.#parts.child.kill(signal);
  }

  async close(): Promise<Exit> {
    this.kill("SIGINT");
    const timer = setTimeout(() => this.kill("SIGKILL"), CLOSE_LIMIT_MS);
    const exit = await this.exited;
    clearTimeout(timer);
    this.disconnect();
    return exit;
  }
}
