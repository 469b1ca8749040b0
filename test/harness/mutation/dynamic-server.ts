import { AsyncLocalStorage } from "node:async_hooks";
import { type ProviderProcess, startInProcess } from "../battery/provider-process.ts";
import type { DynamicServer, DynamicServerOptions } from "../dynamic-server.ts";
import type { EngineLog } from "../fake-engine.ts";
import type { Properties } from "../provider-client.ts";
import { BorrowedEnvironment } from "./environment.ts";

/** What a server that is not there has said. */
class Said {
  readonly logs: EngineLog[] = [];
  stderr = "";

  /** Without an engine the provider writes its messages to the console. */
  hear(line: string): void {
    const [, severity, message] = /^(warning|info): (.*)$/s.exec(line) ?? [];
    if (message === undefined) this.stderr += `${line}\n`;
    else this.logs.push({ severity: severity === "warning" ? "WARNING" : "INFO", message, urn: "" });
  }
}

const speaking = new AsyncLocalStorage<Said>();
const toConsole = console.error;
console.error = (...words: unknown[]) => {
  const said = speaking.getStore();
  if (said === undefined) toConsole(...words);
  else said.hear(String(words[0]));
};

/**
 * Stands in for the real server while code is mutated: a mutant lives in this process, and another one would not know
 * which of them is switched on. What only a process has (signals, output, its engine) is not there.
 */
export async function startDynamicServer({ config = {}, env = {} }: DynamicServerOptions): Promise<DynamicServer> {
  return served(await startInProcess(config), new BorrowedEnvironment(env));
}

function served(provider: ProviderProcess, environment: BorrowedEnvironment): DynamicServer {
  const said = new Said();
  const told = <T>(work: () => Promise<T>): Promise<T> => speaking.run(said, () => environment.during(work));
  let end: (exit: { code: number; signal: null }) => void = () => {};
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    end = resolve;
  });
  return {
    configure: () => Promise.reject(new Error("a server in this process is configured once, at its start")),
    check: (olds: Properties, news: Properties) => told(() => provider.check(olds, news)),
    diff: (id: string, olds: Properties, news: Properties) => told(() => provider.diff(id, olds, news)),
    create: (properties: Properties) => told(() => provider.create(properties)),
    read: (id: string, properties?: Properties, inputs?: Properties) =>
      told(() => provider.read(id, properties ?? inputs)),
    update: (id: string, olds: Properties, news: Properties) => told(() => provider.update(id, olds, news)),
    delete: (id: string, properties: Properties) => told(() => provider.delete(id, properties)),
    pid: process.pid,
    cwd: process.cwd(),
    stdout: "",
    logs: said.logs,
    get stderr() {
      return said.stderr;
    },
    get warnings() {
      return said.logs.filter(({ severity }) => severity === "WARNING").map(({ message }) => message);
    },
    exited,
    stopEngine: () => {},
    kill: () => {},
    close: () => {
      end({ code: 0, signal: null });
      return exited;
    },
  };
}
