import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation/index.js";
import type { LabAddresses } from "../../lab/index.ts";
import type { Engine } from "./engine/find.ts";
import { settingsOf } from "./lab-settings.ts";
import { ofThisRun } from "./layers/census.ts";

/** The root of the checkout: inline programs and their provider processes resolve the package from here. */
const root = resolve(import.meta.dirname, "../..");
export const project = "engine-test";
const passphrase = "only for tests";

/** Settings that the tester's own shell may hold must not reach a run. */
const foreignSettings = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(CLOUDIAN|CLOUDSTACK|ECS|PULUMI|S3)_/.test(name))
    .map((name) => [name, ""]),
);

/** A new stack, or in `select` mode one that the folder has. */
export async function createStack(
  name: string,
  engine: Engine,
  folder: string,
  mode: "create" | "select" = "create",
): Promise<Stack> {
  mkdirSync(join(folder, "state"), { recursive: true });
  return await LocalWorkspace[`${mode}Stack`](
    { stackName: name, projectName: project, program: async () => {} },
    {
      pulumiCommand: await PulumiCommand.get({ root: installationOf(engine, folder) }),
      workDir: folder,
      envVars: environmentOf(engine, folder),
      projectSettings: { name: project, runtime: "nodejs", main: root },
    },
  );
}

/** A folder with `bin/pulumi`, which is what the Automation API takes. */
function installationOf(engine: Engine, folder: string): string {
  const installation = join(folder, "installation");
  mkdirSync(installation, { recursive: true });
  try {
    symlinkSync(engine.binDir, join(installation, "bin"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return installation;
}

export function environmentOf(engine: Engine, folder: string): Record<string, string> {
  return {
    ...foreignSettings,
    ...ofThisRun,
    ...engine.env(),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
  };
}

export function configOf(
  lab: LabAddresses | undefined,
  more: Readonly<Record<string, string | undefined>> = {},
): Record<string, { value: string; secret: boolean }> {
  const settings: Record<string, string | undefined> = {
    ...(lab && settingsOf(lab)),
    ...more,
  };
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [[`cloudstack-storage:${name}`, { value, secret: /(Password|SecretKey)$/.test(name) }]],
    ),
  );
}
