import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import type { Lab } from "../../lab/index.ts";
import type { RunResult } from "./engine/run.ts";
import { runWatched, type WatchedRunOptions } from "./watched-run.ts";

export interface CommandOptions extends Omit<WatchedRunOptions, "env"> {
  /** All that the command finds there beside PATH and what every process of a layer has. */
  readonly env?: Readonly<Record<string, string>>;
}

const main = fileURLToPath(new URL("../../provider/cli/main.ts", import.meta.url));

/** The command line as one word after the other, before its arguments. */
export const commandWords: readonly string[] = [process.execPath, main];

/** Runs the command line from its source to its end, outside any Pulumi project. */
export async function runCommand(args: readonly string[], options: CommandOptions = {}): Promise<RunResult> {
  return await runBare([...commandWords, ...args], options);
}

export interface TerminalOptions extends CommandOptions {
  /** A file that standard output goes to instead of the terminal. */
  readonly outputTo?: string;
}

/** The same under a terminal, whose other end is `stdout`: standard output and errors in one text, without returns. */
export async function runInTerminal(
  args: readonly string[],
  { outputTo, ...options }: TerminalOptions = {},
): Promise<RunResult> {
  const run = await runBare(terminalWords(args, outputTo), options);
  return { ...run, stdout: run.stdout.replaceAll("\r\n", "\n") };
}

/** What starts the command line under a terminal: `script` of util-linux is its other end. */
function terminalWords(args: readonly string[], outputTo: string | undefined): readonly string[] {
  const words = [...commandWords, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const line = outputTo === undefined ? words : `${words} > ${outputTo}`;
  return ["script", "--quiet", "--return", "--command", line, "/dev/null"];
}

async function runBare([program = "", ...args]: readonly string[], options: CommandOptions): Promise<RunResult> {
  const { env = {}, cwd = tmpdir(), ...others } = options;
  return await runWatched(program, args, {
    ...others,
    cwd,
    env: { PATH: process.env["PATH"], ...env },
  });
}

/** The settings of a lab's systems, as `lab --env` prints them. */
export function environmentOf({ cloudian, ecs, cloudstack }: Lab["addresses"]): Record<string, string> {
  return {
    CLOUDIAN_ENDPOINT: cloudian.endpoint,
    CLOUDIAN_USERNAME: cloudian.username,
    CLOUDIAN_PASSWORD: cloudian.password,
    CLOUDIAN_S3_ENDPOINT: cloudian.s3Endpoint,
    CLOUDIAN_CMC_ENDPOINT: cloudian.cmcEndpoint,
    CLOUDIAN_SSO_KEY: cloudian.ssoKey,
    ...ecsEnvironmentOf(ecs),
    ...cloudstackEnvironmentOf(cloudstack),
    ...(cloudian.caPem === undefined ? {} : { CLOUDIAN_CA_PEM: cloudian.caPem, S3_CA_PEM: cloudian.caPem }),
  };
}

/** Those of its ECS alone. */
export function ecsEnvironmentOf(ecs: Lab["addresses"]["ecs"]): Record<string, string> {
  return {
    ECS_ENDPOINT: ecs.endpoint,
    ECS_USERNAME: ecs.username,
    ECS_PASSWORD: ecs.password,
    ECS_NAMESPACE: ecs.namespace,
    ECS_CA_PEM: ecs.caPem,
    ECS_S3_ENDPOINT: ecs.s3Endpoint,
    ...(ecs.s3Endpoint.startsWith("https:") ? { ECS_S3_CA_PEM: ecs.caPem } : {}),
  };
}

/** Those of its CloudStack alone. */
export function cloudstackEnvironmentOf(cloudstack: Lab["addresses"]["cloudstack"]): Record<string, string> {
  return {
    CLOUDSTACK_API_URL: cloudstack.endpoint,
    CLOUDSTACK_API_KEY: cloudstack.apiKey,
    CLOUDSTACK_SECRET_KEY: cloudstack.secretKey,
    ...(cloudstack.caPem === undefined ? {} : { CLOUDSTACK_CA_PEM: cloudstack.caPem }),
  };
}
