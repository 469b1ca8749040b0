import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Engine, findEngine } from "../test/harness/engine/find.ts";
import { LabControl } from "../test/harness/lab.ts";
import { type LabProcess, startLab, startLabToKeep } from "./demo/lab-process.ts";
import { Script } from "./demo/phases.ts";
import { Pulumi } from "./demo/pulumi.ts";
import { detail, elapsedSeconds, heading, print, summary } from "./demo/report.ts";
import { Surprise } from "./demo/surprise.ts";

const help = `Usage: npm run demo [-- flags]

The life of an estate of Cloudian groups and users, with a real Pulumi engine and a simulated HyperStore on 127.0.0.1.
State lies in a temporary folder; nothing of yours is read or changed.

Flags:
  --keep   do not destroy: leave the lab and the stack up and tell how to go on by hand
  --help   this text
`;

/** What shells report for a command that Ctrl-C has ended. */
const interruptedCode = 130;
const quickStart = fileURLToPath(new URL("quick-start", import.meta.url));

/** What has to be undone when the demo ends, however it ends. */
const cleanups: (() => void)[] = [];
let pulumi: Pulumi | undefined;
let interrupted = false;

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { keep: { type: "boolean" }, help: { type: "boolean", short: "h" } } });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  process.once("exit", () => {
    for (const cleanup of cleanups.splice(0)) cleanup();
  });
  try {
    await run(values.keep === true);
    return 0;
  } catch (error) {
    print(`\n${explained(error)}`);
    return interrupted ? interruptedCode : 1;
  }
}

function interrupt(): void {
  interrupted = true;
  // Once the command has ended, its exit code ends the demo.
  if (!pulumi?.interrupt()) process.exit(interruptedCode);
}

async function run(keep: boolean): Promise<void> {
  heading("The engine");
  const engine = await findEngine({ log: detail });
  if (!engine.hasLanguageHost) throw new Error(`No pulumi-language-nodejs beside ${engine.pulumi} or on PATH.`);
  detail(`Pulumi ${engine.version} (${engine.source})`);

  heading("The lab");
  const lab = await (keep ? startLabToKeep() : startLab(["--port-base", "0"]));
  cleanups.push(() => lab.stop());
  detail(`control API         ${lab.control}`);
  detail(`Cloudian Admin API  ${lab.cloudian.endpoint}`);

  heading("The stack");
  const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-demo-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const settings = settingsOf(engine, lab, folder);
  // The engine leaves files of its own in the system's temporary folder.
  const TMPDIR = mkdtempSync(join(folder, "tmp-"));
  pulumi = new Pulumi(engine.pulumi, folder, environment({ ...settings, TMPDIR }));
  writeFileSync(join(folder, "Pulumi.yaml"), projectFile);
  await pulumi.run(["stack", "init", "demo", "--non-interactive"]);

  const script = new Script(pulumi, new LabControl(lab.control));
  await script.runUpToDestroy();
  if (!keep) await script.runDestroy();
  print(`\nSummary (${elapsedSeconds().toFixed(1)} s, engine and lab included; every line was checked)\n`);
  print(summary(script.lines));
  if (keep) leave(lab, folder, settings);
}

/** The quick start's own project would put state and stack file into the checkout. */
const projectFile = `name: quick-start
runtime: nodejs
main: ${JSON.stringify(quickStart)}
`;

function settingsOf(engine: Engine, lab: LabProcess, folder: string): Record<string, string> {
  const { endpoint, username, password } = lab.cloudian;
  return {
    ...engine.env(),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
    CLOUDIAN_ENDPOINT: endpoint,
    CLOUDIAN_USERNAME: username,
    CLOUDIAN_PASSWORD: password,
    NO_PROXY: ["127.0.0.1", process.env["NO_PROXY"]].filter(Boolean).join(","),
  };
}

/** The user's environment without what could lead the demo to the user's own stacks and systems. */
function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(PULUMI|CLOUDIAN|CLOUDSTACK_STORAGE)_/.test(name));
  return { ...Object.fromEntries(own), ...settings };
}

function leave(lab: LabProcess, folder: string, settings: Record<string, string>): void {
  const file = join(folder, "environment.sh");
  const lines = Object.entries(settings).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
  writeFileSync(file, lines.join(""), { mode: 0o600 });
  cleanups.length = 0;
  lab.release();
  print(`
The lab (process ${lab.pid}, ${lab.control}) and the stack are still up. Go on by hand:

  cd ${folder}
  . ./environment.sh                  # node, pulumi, state folder, passphrase, the lab's address and password
  pulumi preview                      # nothing to do
  pulumi stack output accessKeyIds
  curl ${lab.control}/state   # what the lab holds; docs/lab.md tells how to change it by hand
  pulumi preview --refresh --diff --expect-no-changes
  pulumi up --refresh
  pulumi destroy

  kill ${lab.pid}   # ends the lab
  cd / && rm -r ${folder}`);
}

function explained(error: unknown): string {
  if (interrupted) return "Interrupted: the lab is ended and the temporary folder removed.";
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof Surprise ? `✗ Surprise. ${text}` : `✗ ${text}`;
}

process.exit(await main());
