import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Lab, startLab } from "../../../lab/index.ts";
import { BUILT_CLI } from "../engine/build.ts";
import { findEngine } from "../engine/find.ts";
import type { RunResult } from "../engine/run.ts";
import { sdkFolder } from "../engine/sdk.ts";
import { makeProjectWithPackage } from "../installed-package.ts";
import { LabControl } from "../lab.ts";
import { runWatched } from "../watched-run.ts";
import { CommentServer } from "./comments.ts";
import { makeTools, type Tools } from "./tools.ts";

export const examples = resolve(import.meta.dirname, "../../../examples/ci");

/** Which identities a job gets: the names of the environments in the templates. */
export type EnvironmentName = "storage-preview" | "storage-production" | "storage-drift";

/** How a job ended. */
export interface JobResult {
  readonly status: "success" | "warning" | "failure" | "skipped";
  /** Of the step that failed; else 0. */
  readonly code: number;
  /** Everything that the job's log shows. */
  readonly output: string;
  /** GitHub's summary page. */
  readonly summary: string;
  /** The files that the job keeps, by name. */
  readonly artifacts: Readonly<Record<string, string>>;
}

const passphrase = "Canary-Passphrase-1";
const writer = { id: "00000000000000000001", secret: "Canary-State-Writer-1" };
const reader = { id: "00000000000000000002", secret: "Canary-State-Reader-1" };

/**
 * A repository with a Pulumi program, the arrays and the cloud that it is about (a lab, all in TLS), its state in a bucket
 * on one of the arrays, and what a CI platform has around that.
 */
export class CiSite {
  readonly lab: Lab;
  readonly control: LabControl;
  readonly comments: CommentServer;
  readonly api: string;
  readonly tools: Tools;
  readonly #folder: string;

  private constructor(folder: string, lab: Lab, comments: CommentServer, api: string, tools: Tools) {
    this.#folder = folder;
    this.lab = lab;
    this.control = new LabControl(lab.addresses.control);
    this.comments = comments;
    this.api = api;
    this.tools = tools;
  }

  static async open(program: string): Promise<CiSite> {
    const engine = await findEngine({ log: console.error });
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-ci-"));
    const installed = makeProjectWithPackage(sdkFolder);
    const modules = join(folder, "node_modules");
    renameSync(join(installed, "node_modules"), modules);
    rmSync(installed, { recursive: true });
    linkCommand(modules);
    const tools = makeTools({ folder, modules, log: join(folder, "arguments"), engine, version: BUILT_CLI });
    const comments = new CommentServer("Canary-Comment-Token-1");
    const lab = await startLab({ portBase: 0, tls: true });
    const site = new CiSite(folder, lab, comments, await comments.listen(), tools);
    site.#fillRepository(program);
    await site.#makeState();
    return site;
  }

  async close(): Promise<void> {
    this.comments.close();
    await this.lab.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Changes a file of the repository. */
  write(file: string, content: string): void {
    mkdirSync(join(this.#folder, "repository", file, ".."), { recursive: true });
    writeFileSync(join(this.#folder, "repository", file), content);
  }

  /** The arguments of every program that a job has started so far. */
  arguments(): string {
    return readFileSync(join(this.#folder, "arguments"), "utf8");
  }

  /** What may be seen nowhere. */
  async secrets(): Promise<string[]> {
    const { cloudian, ecs } = await this.control.state();
    const keys = [
      ...Object.values(cloudian.credentials).map(({ secretKey }) => String(secretKey)),
      ...Object.values(ecs.users).flatMap(({ keys }) => keys.flatMap((key) => (key === null ? [] : [key.secret]))),
    ];
    const { password } = this.lab.addresses.ecs;
    return [...keys, passphrase, password, this.lab.addresses.cloudstack.secretKey, this.comments.token];
  }

  /** The open and the secret values that the platform has for an environment, by the names of the GitHub templates. */
  values(environment: EnvironmentName): { vars: Record<string, string>; secrets: Record<string, string> } {
    const { cloudian, ecs, cloudstack } = this.lab.addresses;
    const state = environment === "storage-production" ? writer : reader;
    const vars = {
      PULUMI_BACKEND_URL: `s3://pulumi-state?endpoint=${cloudian.s3Endpoint}&s3ForcePathStyle=true&region=us-east-1`,
    };
    const secrets = {
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      STATE_ACCESS_KEY_ID: state.id,
      STATE_SECRET_ACCESS_KEY: state.secret,
    };
    if (environment === "storage-preview") return { vars, secrets };
    const addresses = {
      CLOUDIAN_ENDPOINT: cloudian.endpoint,
      CLOUDIAN_USERNAME: cloudian.username,
      ECS_ENDPOINT: ecs.endpoint,
      ECS_USERNAME: ecs.username,
      ECS_S3_ENDPOINT: ecs.s3Endpoint,
      CLOUDSTACK_API_URL: cloudstack.endpoint,
    };
    const keys = {
      CLOUDIAN_PASSWORD: cloudian.password,
      ECS_PASSWORD: ecs.password,
      CLOUDSTACK_API_KEY: cloudstack.apiKey,
      CLOUDSTACK_SECRET_KEY: cloudstack.secretKey,
    };
    return { vars: { ...vars, ...addresses }, secrets: { ...secrets, ...keys } };
  }

  /** Where a job runs: nothing is there that another job has left. */
  workspace(): Workspace {
    return new Workspace(mkdtempSync(join(this.#folder, "job-")), join(this.#folder, "repository"), this);
  }

  #fillRepository(program: string): void {
    this.write("index.ts", program);
    this.write("Pulumi.yaml", "name: storage\nruntime: nodejs\n");
    this.write("package.json", JSON.stringify({ name: "storage", private: true, type: "module", main: "index.ts" }));
    this.write("package-lock.json", "{}");
    this.write("ci/comment.mts", readFileSync(join(examples, "comment.mts"), "utf8"));
    this.write("ci/ca.pem", this.lab.addresses.cloudian.caPem ?? "");
  }

  /** By hand and once, as docs/ci.md says: the bucket, a user who writes the state, one who reads it, and the stack. */
  async #makeState(): Promise<void> {
    const readers = { CanonicalUser: "state-reader" };
    const resources = ["arn:aws:s3:::pulumi-state", "arn:aws:s3:::pulumi-state/*"];
    const actions = ["s3:GetObject", "s3:ListBucket"];
    await this.control.patch("cloudian", {
      groups: { state: {} },
      users: { "state/writer": {}, "state/reader": { canonicalUserId: "state-reader" } },
      credentials: {
        [writer.id]: { groupId: "state", userId: "writer", secretKey: writer.secret },
        [reader.id]: { groupId: "state", userId: "reader", secretKey: reader.secret },
      },
      buckets: { "state/writer": [{ bucketName: "pulumi-state" }] },
    });
    const statement = { Effect: "Allow", Principal: readers, Action: actions, Resource: resources };
    const policy = { Version: "2012-10-17", Statement: [statement] };
    await this.control.patch("cloudian", { s3Buckets: { "pulumi-state": { policy } } });
    const workspace = this.workspace();
    workspace.checkOut();
    const { vars, secrets } = this.values("storage-production");
    const { code, stderr } = await workspace.run("pulumi stack init production --non-interactive", {
      PATH: `${this.tools.pulumi}:${workspace.path}`,
      ...vars,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      AWS_ACCESS_KEY_ID: writer.id,
      AWS_SECRET_ACCESS_KEY: secrets["STATE_SECRET_ACCESS_KEY"] ?? "",
      AWS_CA_BUNDLE: join(workspace.folder, "ci/ca.pem"),
    });
    if (code !== 0) throw new Error(`pulumi stack init: ${stderr}`);
    // The salt of the passphrase: to be committed.
    this.write("Pulumi.production.yaml", workspace.read("Pulumi.production.yaml") ?? "");
  }
}

/** `npm ci` links the command; the project that stands for it here has no links. */
function linkCommand(modules: string): void {
  const main = join(modules, "pulumi-cloudstack-storage/dist/provider/cli/main.js");
  mkdirSync(join(modules, ".bin"));
  const file = join(modules, ".bin/cloudstack-storage");
  writeFileSync(file, `#!/bin/sh\nexec node ${main} "$@"\n`, { mode: 0o755 });
}

/** The folder of one job, with a home of its own. */
export class Workspace {
  readonly folder: string;
  readonly path: string;
  readonly #home: string;
  readonly #repository: string;
  readonly #lab: LabControl;

  constructor(folder: string, repository: string, { tools, control }: Pick<CiSite, "tools" | "control">) {
    this.folder = join(folder, "work");
    this.#home = join(folder, "home");
    this.#repository = repository;
    this.#lab = control;
    this.path = `${tools.folder}:/usr/bin:/bin`;
    for (const path of [this.folder, this.#home]) mkdirSync(path);
  }

  checkOut(): void {
    cpSync(this.#repository, this.folder, { recursive: true });
  }

  read(file: string): string | undefined {
    const path = join(this.folder, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** Those of the files that are there. */
  readAll(files: readonly string[]): Record<string, string> {
    return Object.fromEntries(
      files.flatMap((file) => {
        const content = this.read(file);
        return content === undefined ? [] : [[file, content]];
      }),
    );
  }

  /** Runs a script as the platforms do: in bash, ended by the first command that fails. Nothing of this process's environment is there. */
  run(script: string, variables: Readonly<Record<string, string>>): Promise<RunResult> {
    const env = { PATH: this.path, HOME: this.#home, LANG: "C.UTF-8", CI: "true", ...variables };
    const options = { cwd: this.folder, env, lab: this.#lab };
    return runWatched("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], options);
  }
}
