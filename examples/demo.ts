import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { findEngine } from "../test/harness/engine/find.ts";
import { LabControl } from "../test/harness/lab.ts";
import { CloudianScene } from "./demo/cloudian-scene.ts";
import { CloudStackScene } from "./demo/cloudstack-scene.ts";
import { EcsScene } from "./demo/ecs-scene.ts";
import { type LabProcess, startLab, startLabToKeep } from "./demo/lab-process.ts";
import type { Pulumi } from "./demo/pulumi.ts";
import { detail, elapsedSeconds, heading, type PhaseLine, print, summary } from "./demo/report.ts";
import { Surprise } from "./demo/surprise.ts";
import { TenantProgram } from "./demo/tenant.ts";
import { Workspace } from "./demo/workspace.ts";

const help = `Usage: npm run demo [-- flags]

The life of an estate of Cloudian groups and users, then of a tenant with two buckets on a Dell ECS, then of CloudStack's
secondary storage on the HyperStore, with a real Pulumi engine and simulated systems on 127.0.0.1. State lies in a temporary
folder; nothing of yours is read or changed.

Flags:
  --keep   do not destroy: leave the lab and the stacks up and tell how to go on by hand
  --help   this text
`;

/** What shells report for a command that Ctrl-C has ended. */
const interruptedCode = 130;

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
  detail(`ECS management API  ${lab.ecs.endpoint}`);
  detail(`ECS S3              ${lab.ecs.s3Endpoint}`);
  detail(`CloudStack API      ${lab.cloudstack.endpoint}`);

  const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-demo-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const workspace = new Workspace(engine, lab, folder);
  const lines = await play(workspace, lab, keep);
  print(`\nSummary (${elapsedSeconds().toFixed(1)} s, engine and lab included; every line was checked)\n`);
  print(summary(lines));
  if (keep) leave(lab, workspace);
}

/** The three scenes, one after the other; with `keep` without their ends. */
async function play(workspace: Workspace, lab: LabProcess, keep: boolean): Promise<PhaseLine[]> {
  const control = new LabControl(lab.control);
  const lines: PhaseLine[] = [];
  const first = new CloudianScene(await stack(workspace, workspace.project("quick-start")), control, lines);
  await first.runUpToDestroy();
  if (!keep) await first.runDestroy();
  const program = new TenantProgram(workspace.folder);
  const second = new EcsScene(await stack(workspace, program.folder), program, lab.ecs.namespace, control, lines);
  await second.runUpToDestroy();
  if (!keep) await second.runDestroy();
  const third = new CloudStackScene(await stack(workspace, workspace.project("secondary-storage")), control, lines);
  await third.runUpToDestroy();
  if (!keep) await third.runDestroy();
  return lines;
}

async function stack(workspace: Workspace, folder: string): Promise<Pulumi> {
  heading(`The stack of ${basename(folder)}`);
  pulumi = workspace.pulumi(folder);
  await pulumi.run(["stack", "init", "demo", "--non-interactive"]);
  return pulumi;
}

function leave(lab: LabProcess, workspace: Workspace): void {
  workspace.writeEnvironment();
  cleanups.length = 0;
  lab.release();
  const { folder } = workspace;
  print(`
The lab (process ${lab.pid}, ${lab.control}) and the three stacks are still up. Go on by hand:

  cd ${join(folder, "quick-start")}   # Cloudian; ${join(folder, "ecs-tenant")} is the one on ECS,
                                      # ${join(folder, "secondary-storage")} the one on CloudStack
  . ../environment.sh                 # node, pulumi, state folder, passphrase, the lab's addresses and passwords
  pulumi preview                      # nothing to do
  pulumi stack output
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
