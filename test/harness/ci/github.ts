import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { BUILT_CLI } from "../engine/build.ts";
import { type Contexts, evaluate, filledIn } from "./github-expressions.ts";
import { type CiSite, type EnvironmentName, examples, type JobResult, type Workspace } from "./site.ts";

export interface GithubStep {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface GithubJob {
  readonly if?: string;
  readonly environment?: EnvironmentName;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps: readonly GithubStep[];
  readonly [key: string]: unknown;
}

export interface GithubWorkflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly defaults: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, GithubJob>>;
}

export function githubWorkflow(name: string): GithubWorkflow {
  return parse(readFileSync(join(examples, "github", `${name}.yml`), "utf8")) as GithubWorkflow;
}

/** The actions that are known here, by their commits, and the releases that these are. */
export const knownActions: Readonly<Record<string, string>> = {
  "actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8": "v5.0.0",
  "actions/setup-node@a0853c24544627f65ddf259abe73b1d18a591444": "v5.0.0",
  "pulumi/actions@8e5e406f4007fca908480587cb9893c07090f58d": "v7.0.0",
  "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02": "v4.6.2",
};

interface Progress {
  status: "success" | "failure";
  code: number;
  output: string;
  /** Folders that steps have put on PATH. */
  path: string[];
  readonly artifacts: Record<string, string>;
  readonly contexts: Contexts & { steps: Record<string, { outcome: string }> };
}

/** Runs one job of a workflow, step by step, for an event. */
export async function runGithubJob(
  site: CiSite,
  workflowName: string,
  jobName: string,
  event: Contexts,
): Promise<JobResult> {
  const job = githubWorkflow(workflowName).jobs[jobName];
  if (job === undefined) throw new Error(`${workflowName}.yml has no job ${jobName}.`);
  const workspace = site.workspace();
  const values = job.environment === undefined ? { vars: {}, secrets: {} } : site.values(job.environment);
  const github = { repository: "owner/storage", token: site.comments.token, workspace: workspace.folder, ...event };
  const progress: Progress = {
    status: "success",
    code: 0,
    output: "",
    path: [],
    artifacts: {},
    contexts: { github, ...values, steps: {} },
  };
  if (job.if !== undefined && evaluate(job.if, progress.contexts) !== true)
    return { status: "skipped", code: 0, output: "", summary: "", artifacts: {} };
  for (const step of job.steps) await runStep(site, workspace, job, step, progress);
  const { status, code, output, artifacts } = progress;
  return { status, code, output, summary: workspace.read("../summary") ?? "", artifacts };
}

async function runStep(
  site: CiSite,
  workspace: Workspace,
  job: GithubJob,
  step: GithubStep,
  progress: Progress,
): Promise<void> {
  const wanted = step.if === undefined ? progress.status === "success" : whether(step.if, progress.contexts);
  const note = (outcome: string) => {
    if (step.id !== undefined) progress.contexts.steps[step.id] = { outcome };
  };
  if (!wanted) return note("skipped");
  if (step.uses !== undefined) {
    playAction(site, workspace, step, progress);
    return note("success");
  }
  const env = {
    ...Object.fromEntries(
      Object.entries({ ...job.env, ...step.env }).map(([name, text]) => [name, filledIn(text, progress.contexts)]),
    ),
    ...ownVariables(site, workspace),
    PATH: [...progress.path, workspace.path].join(":"),
  };
  const { code = 1, stdout, stderr } = await workspace.run(step.run ?? "", env);
  progress.output += `${stdout}${stderr}\n`;
  note(code === 0 ? "success" : "failure");
  if (code === 0) return;
  progress.status = "failure";
  if (progress.code === 0) progress.code = code;
}

function ownVariables(site: CiSite, workspace: Workspace): Record<string, string> {
  return {
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: site.api,
    GITHUB_SERVER_URL: "https://github.example.com",
    GITHUB_REPOSITORY: "owner/storage",
    GITHUB_RUN_ID: "4711",
    GITHUB_STEP_SUMMARY: join(workspace.folder, "../summary"),
  };
}

function whether(condition: string, contexts: Contexts): boolean {
  const [, expression = condition] = /^\$\{\{(.+)\}\}$/.exec(condition) ?? [];
  return evaluate(expression, contexts) === true;
}

function playAction(site: CiSite, workspace: Workspace, step: GithubStep, progress: Progress): void {
  const { uses = "", with: inputs = {} } = step;
  if (knownActions[uses] === undefined) throw new Error(`The action ${uses} is not known here.`);
  const [action] = uses.split("@");
  if (action === "actions/checkout") workspace.checkOut();
  if (action === "pulumi/actions") {
    if (inputs["pulumi-version"] !== BUILT_CLI) throw new Error(`${uses} has to install ${BUILT_CLI}.`);
    progress.path.push(site.tools.pulumi);
  }
  if (action === "actions/upload-artifact") {
    const files = String(inputs["path"]).trim().split(/\s+/);
    Object.assign(progress.artifacts, workspace.readAll(files));
  }
}
