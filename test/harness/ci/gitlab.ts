import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type CiSite, type EnvironmentName, examples, type JobResult } from "./site.ts";

export interface GitlabJob {
  readonly extends?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly rules?: readonly { readonly if: string }[];
  readonly environment?: { readonly name: EnvironmentName };
  readonly allow_failure?: { readonly exit_codes: readonly number[] };
  readonly artifacts?: { readonly paths: readonly string[]; readonly reports: { readonly junit: string } };
  readonly [key: string]: unknown;
}

/** The jobs of the template, with what they extend. */
export function gitlabJobs(): Readonly<Record<string, GitlabJob>> {
  const { stages: _, ...jobs } = parse(readFileSync(join(examples, "gitlab-ci.yml"), "utf8")) as Record<
    string,
    GitlabJob
  >;
  const merged = Object.entries(jobs).map(([name, job]) => [name, { ...jobs[job.extends ?? ""], ...job }] as const);
  return Object.fromEntries(merged.filter(([name]) => !name.startsWith(".")));
}

/** The jobs that a pipeline with these variables has. */
export function gitlabPipeline(variables: Readonly<Record<string, string>>): string[] {
  return Object.entries(gitlabJobs()).flatMap(([name, { rules = [] }]) =>
    rules.some((rule) => holds(rule.if, variables)) ? [name] : [],
  );
}

/** A rule of the template's form: comparisons of variables and texts, joined by `&&`. */
function holds(rule: string, variables: Readonly<Record<string, string>>): boolean {
  return rule.split("&&").every((comparison) => {
    const [, left = "", operator, right = ""] = /^\s*(\S+) (==|!=) (\S+)\s*$/.exec(comparison) ?? [];
    if (operator === undefined) throw new Error(`This rule is not read here: ${rule}`);
    const value = (word: string) => (word.startsWith("$") ? variables[word.slice(1)] : word.replaceAll('"', ""));
    return (value(left) === value(right)) === (operator === "==");
  });
}

/** Runs a job: what it extends, its own lines, and what it keeps. */
export async function runGitlabJob(
  site: CiSite,
  name: string,
  pipeline: Readonly<Record<string, string>>,
): Promise<JobResult> {
  const job = gitlabJobs()[name];
  if (job === undefined) throw new Error(`gitlab-ci.yml has no job ${name}.`);
  const workspace = site.workspace();
  workspace.checkOut();
  const own = { GITLAB_CI: "true", CI_PROJECT_DIR: workspace.folder, CI_JOB_URL: "https://gitlab.example.com/job/1" };
  const variables: Record<string, string> = {
    ...pipeline,
    ...own,
    CI_API_V4_URL: `${site.api}/api/v4`,
    ...settings(site, job),
  };
  const declared = Object.entries(job.variables ?? {}).map(([key, text]) => [
    key,
    String(text).replaceAll(/\$(\w+)/g, (_, variable: string) => variables[variable] ?? ""),
  ]);
  const script = [...(job.before_script ?? []), ...(job.script ?? [])].join("\n");
  const { code = 1, stdout, stderr } = await workspace.run(script, { ...variables, ...Object.fromEntries(declared) });
  const kept = job.artifacts === undefined ? [] : [...job.artifacts.paths, job.artifacts.reports.junit];
  const artifacts = workspace.readAll(kept);
  const allowed = job.allow_failure?.exit_codes.includes(code) === true;
  const status = code === 0 ? "success" : allowed ? "warning" : "failure";
  return { status, code, output: `${stdout}${stderr}`, summary: "", artifacts };
}

/** The project's variables for the environment of a job, under the names that the template's head lists. */
function settings(site: CiSite, { environment }: GitlabJob): Record<string, string> {
  if (environment === undefined) return {};
  const { vars, secrets } = site.values(environment.name);
  const { STATE_ACCESS_KEY_ID = "", STATE_SECRET_ACCESS_KEY = "", ...others } = secrets;
  const state = { AWS_ACCESS_KEY_ID: STATE_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: STATE_SECRET_ACCESS_KEY };
  const comments = environment.name === "storage-preview" ? { COMMENT_TOKEN: site.comments.token } : {};
  return { ...vars, ...others, ...state, ...comments };
}
