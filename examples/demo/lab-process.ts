import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../dist/provider/cli/main.js", import.meta.url));

interface LogIn {
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
}

export interface LabProcess {
  readonly pid: number;
  readonly control: string;
  readonly cloudian: LogIn & { readonly s3Endpoint: string };
  readonly ecs: LogIn & { readonly namespace: string; readonly s3Endpoint: string; readonly caPem: string };
  readonly cloudstack: { readonly endpoint: string; readonly apiKey: string; readonly secretKey: string };
  /** Ends the lab, if it still runs. */
  stop(): void;
  /** Lets the lab run on after this process. */
  release(): void;
}

/** Starts the `lab` command in a process group of its own, so that Ctrl-C does not reach it before Pulumi is done with it. */
export async function startLab(portFlags: readonly string[]): Promise<LabProcess> {
  const child = spawn(process.execPath, [command, "lab", "--json", ...portFlags], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  const firstLine = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("close", () => reject(new Error(`The lab did not start: ${errors.join("\n")}`)));
  });
  const addresses = JSON.parse(firstLine) as Pick<LabProcess, "control" | "cloudian" | "ecs" | "cloudstack">;
  return {
    ...addresses,
    pid: child.pid ?? 0,
    stop: () => void child.kill("SIGTERM"),
    release: () => {
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
    },
  };
}

/** On the well-known ports if they are free. */
export async function startLabToKeep(): Promise<LabProcess> {
  return startLab([]).catch(() => startLab(["--port-base", "0"]));
}
