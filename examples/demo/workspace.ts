import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Engine } from "../../test/harness/engine/find.ts";
import type { LabProcess } from "./lab-process.ts";
import { Pulumi } from "./pulumi.ts";

/** An example's own project would put state and stack file into the checkout. */
function projectOf(example: string): string {
  const program = fileURLToPath(new URL(`../${example}`, import.meta.url));
  return `name: ${example}\nruntime: nodejs\nmain: ${JSON.stringify(program)}\n`;
}

/** The demo's temporary folder: state, project files, and what the CLI needs to find the lab and nothing else. */
export class Workspace {
  readonly folder: string;
  readonly #engine: Engine;
  readonly #settings: Readonly<Record<string, string>>;

  constructor(engine: Engine, lab: LabProcess, folder: string) {
    this.folder = folder;
    this.#engine = engine;
    this.#settings = settingsOf(engine, lab, folder);
    mkdirSync(join(folder, "state"));
  }

  /** A project that runs an example where it stands; answers its folder. */
  project(example: string): string {
    const folder = join(this.folder, example);
    mkdirSync(folder);
    writeFileSync(join(folder, "Pulumi.yaml"), projectOf(example));
    return folder;
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

function settingsOf(engine: Engine, { cloudian, ecs, cloudstack }: LabProcess, folder: string): Record<string, string> {
  return {
    ...engine.env(),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
    CLOUDIAN_ENDPOINT: cloudian.endpoint,
    CLOUDIAN_USERNAME: cloudian.username,
    CLOUDIAN_PASSWORD: cloudian.password,
    CLOUDIAN_S3_ENDPOINT: cloudian.s3Endpoint,
    ECS_ENDPOINT: ecs.endpoint,
    ECS_USERNAME: ecs.username,
    ECS_PASSWORD: ecs.password,
    ECS_NAMESPACE: ecs.namespace,
    ECS_CA_PEM: ecs.caPem,
    ECS_S3_ENDPOINT: ecs.s3Endpoint,
    CLOUDSTACK_API_URL: cloudstack.endpoint,
    CLOUDSTACK_API_KEY: cloudstack.apiKey,
    CLOUDSTACK_SECRET_KEY: cloudstack.secretKey,
    NO_PROXY: ["127.0.0.1", process.env["NO_PROXY"]].filter(Boolean).join(","),
  };
}

/** The user's environment without what could lead the demo to the user's own stacks and systems. */
function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const foreign = /^(PULUMI|CLOUDIAN|ECS|S3|CLOUDSTACK)_/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(own), ...settings };
}
