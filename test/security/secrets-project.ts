import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Lab, startLab } from "../../lab/index.ts";
import { commandWords, environmentOf } from "../harness/command.ts";
import { findEngine } from "../harness/engine/find.ts";
import { run } from "../harness/engine/run.ts";
import { LabControl } from "../harness/lab.ts";
import { runVariable } from "../harness/layers/census.ts";
import { given } from "./secrets-canaries.ts";
import { Relay } from "./secrets-relay.ts";

const checkout = resolve(import.meta.dirname, "../..");

export interface Finished {
  readonly words: string;
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings of whoever runs the tests. */
const foreign = /^(CLOUDIAN|CLOUDSTACK|ECS|PULUMI|S3|NODE)_/;

/** The program with every kind as a user has it, in a folder of its own beside a lab whose log-ins are canaries. */
export class SecretsProject {
  readonly folder: string;
  readonly lab: Lab;
  readonly control: LabControl;
  readonly relays: Readonly<Record<"cloudian" | "ecs" | "cloudstack", Relay>>;
  /** Of every command from here on. */
  readonly env: Record<string, string>;
  /** Of every command so far. */
  readonly finished: Finished[] = [];
  readonly #pulumi: string;

  private constructor(
    folder: string,
    lab: Lab,
    relays: SecretsProject["relays"],
    pulumi: string,
    env: Record<string, string>,
  ) {
    this.folder = folder;
    this.lab = lab;
    this.control = new LabControl(lab.addresses.control);
    this.relays = relays;
    this.env = env;
    this.#pulumi = pulumi;
  }

  static async open(): Promise<SecretsProject> {
    const engine = await findEngine({ log: console.error });
    const lab = await startLab({ portBase: 0 });
    const { cloudian, ecs, cloudstack } = lab.addresses;
    const relays = {
      cloudian: await Relay.to(cloudian.endpoint),
      ecs: await Relay.to(ecs.endpoint, ecs.caPem),
      cloudstack: await Relay.to(cloudstack.endpoint),
    };
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-secrets-"));
    for (const name of ["state", "temporary"]) mkdirSync(join(folder, name));
    const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
    const env = {
      ...(Object.fromEntries(own) as Record<string, string>),
      [runVariable]: process.env[runVariable] ?? "",
      ...engine.env(),
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "only for tests",
      TMPDIR: join(folder, "temporary"),
      ...environmentOf({
        ...lab.addresses,
        cloudian: { ...cloudian, endpoint: relays.cloudian.endpoint, password: "not this one", ssoKey: given.ssoKey },
        ecs: { ...ecs, endpoint: relays.ecs.endpoint, password: given.ecsPassword },
        cloudstack: { ...cloudstack, endpoint: relays.cloudstack.endpoint, secretKey: "not this one" },
      }),
      TEST_NOTE: "first",
      TEST_S3_ENDPOINT: cloudian.s3Endpoint,
      TEST_ZONE: cloudstack.zoneId,
      TEST_CMC_PASSWORD: given.cmcPassword,
      TEST_POLICY_SECRET: given.policySecret,
      TEST_POOL_SECRET: given.poolSecret,
      TEST_SETTING_SECRET: given.settingSecret,
    };
    const project = new SecretsProject(folder, lab, relays, engine.pulumi, env);
    await project.#setUp();
    return project;
  }

  /** `pulumi`, with everything that it says. */
  async pulumi(
    args: readonly string[],
    options: { env?: Record<string, string>; input?: string } = {},
  ): Promise<Finished> {
    return await this.#run([this.#pulumi, ...args, "--non-interactive"], options);
  }

  /** Our own command line. */
  async command(args: readonly string[], options: { env?: Record<string, string> } = {}): Promise<Finished> {
    return await this.#run([...commandWords, ...args], options);
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.relays).map((relay) => relay.close()));
    await this.lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #setUp(): Promise<void> {
    await this.control.patch("cloudian", { options: { password: given.cloudianPassword, ssoKey: given.ssoKey } });
    await this.control.patch("ecs", { options: { password: given.ecsPassword } });
    const users = Object.keys((await this.control.state()).cloudstack["users"] ?? {});
    await this.control.patch("cloudstack", { users: { [users[0] ?? ""]: { secretKey: given.cloudstackSecretKey } } });

    const write = (name: string, content: object) => writeFileSync(join(this.folder, name), JSON.stringify(content));
    write("Pulumi.yaml", { name: "secrets", runtime: "nodejs" });
    write("package.json", { name: "secrets", type: "module", main: "index.ts" });
    copyFileSync(new URL("./secrets-program.ts", import.meta.url), join(this.folder, "index.ts"));
    symlinkSync(join(checkout, "node_modules"), join(this.folder, "node_modules"));

    await this.pulumi(["stack", "init", "dev"]);
    await this.#setSecret("cloudstack-storage:cloudianPassword", given.cloudianPassword);
    await this.#setSecret("cloudstack-storage:cloudstackSecretKey", given.cloudstackSecretKey);
    await this.#setSecret("adminPassword", given.cloudianPassword);
  }

  /** Through standard input: an argument would be in the process list. */
  async #setSecret(key: string, value: string): Promise<void> {
    await this.pulumi(["config", "set", "--secret", key], { input: value });
  }

  async #run(
    [program = "", ...args]: readonly string[],
    { env = {}, input = "" }: { env?: Record<string, string>; input?: string },
  ): Promise<Finished> {
    const options = { cwd: this.folder, env: { ...this.env, ...env }, input };
    const { code, stdout, stderr } = await run(program, args, options);
    const finished = { words: args.join(" "), code, stdout, stderr };
    this.finished.push(finished);
    return finished;
  }
}
