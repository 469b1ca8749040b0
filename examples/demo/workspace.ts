import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Engine } from "../../test/harness/engine/find.ts";
import type { LabProcess } from "./lab-process.ts";
import { Pulumi } from "./pulumi.ts";

const quickStart = fileURLToPath(new URL("../quick-start", import.meta.url));

/** The quick start's own project would put state and stack file into the checkout. */
const quickStartProject = `name: quick-start
runtime: nodejs
main: ${JSON.stringify(quickStart)}
`;

/** The demo's temporary folder: state, project files, and what the CLI needs to find the lab and nothing else. */
export class Workspace {
  readonly folder: string;
  readonly #engine: Engine;
  readonly #settings: Readonly<Record<string, string>>;

  constructor(engine: Engine, lab: LabProcess, folder: string) {
    this.folder = folder;
    this.#engine = engine;
    this.#settings = settingsOf(engine, lab, folder);
    for (const name of ["quick-start", "state"]) mkdirSync(join(folder, name));
    writeFileSync(join(this.quickStart, "Pulumi.yaml"), quickStartProject);
  }

  get quickStart(): string {
    return join(this.folder, "quick-start");
  }

  pulumi(folder: string): Pulumi {
    // The engine leaves files of its own in the system's temporary folder.
    const TMPDIR = mkdtempSync(join(this.folder, "tmp-"));
    return new Pulumi(this.#engine.pulumi, folder, environment({ ...this.#settings, TMPDIR }));
  }

  /** A file for a shell that goes on where the demo has stopped. */
  writeEnvironment(): void {
    const lines = Object.entries(this.#settings).map(
      ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
    );
    writeFileSync(join(this.folder, "environment.sh"), lines.join(""), { mode: 0o600 });
  }
}

function settingsOf(engine: Engine, { cloudian, ecs }: LabProcess, folder: string): Record<string, string> {
  return {
    ...engine.env(),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
    CLOUDIAN_ENDPOINT: cloudian.endpoint,
    CLOUDIAN_USERNAME: cloudian.username,
    CLOUDIAN_PASSWORD: cloudian.password,
    ECS_ENDPOINT: ecs.endpoint,
    ECS_USERNAME: ecs.username,
    ECS_PASSWORD: ecs.password,
    ECS_NAMESPACE: ecs.namespace,
    ECS_CA_PEM: ecs.caPem,
    ECS_S3_ENDPOINT: ecs.s3Endpoint,
    NO_PROXY: ["127.0.0.1", process.env["NO_PROXY"]].filter(Boolean).join(","),
  };
}

/** The user's environment without what could lead the demo to the user's own stacks and systems. */
function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const foreign = /^(PULUMI|CLOUDIAN|ECS|S3|CLOUDSTACK_STORAGE)_/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), ...settings };
}
