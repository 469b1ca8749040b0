/**
 * Writes the output of `pulumi preview` as one comment of the pull request (GitHub) or merge request (GitLab), and brings
 * that comment up to date at each further run: `node ci/comment.mts preview.txt`.
 *
 * OUTCOME is how the preview ended. GitHub: GITHUB_TOKEN and PULL_REQUEST. GitLab: COMMENT_TOKEN, an access token of the
 * project with the scope `api` and the role Reporter. All else comes from the platform's own variables.
 */
import { readFile } from "node:fs/promises";

/** What the comments of one stack begin with, so that the next run finds its own. */
const marker = `<!-- pulumi preview of ${variable("STACK")} -->`;

/** GitHub takes 65,536 characters. */
const longest = 60_000;

interface Comment {
  readonly id: number;
  readonly body: string;
}

interface Platform {
  /** The comments of this request, by pages of a hundred. */
  readonly comments: string;
  /** One of them. */
  comment(id: number): string;
  readonly change: "PATCH" | "PUT";
  readonly headers: Readonly<Record<string, string>>;
  /** Where the run's log is. */
  readonly log: string;
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The variable ${name} is missing.`);
  return value;
}

function platform(): Platform {
  if (process.env["GITLAB_CI"]) {
    const project = `${variable("CI_API_V4_URL")}/projects/${variable("CI_MERGE_REQUEST_PROJECT_ID")}`;
    const comments = `${project}/merge_requests/${variable("CI_MERGE_REQUEST_IID")}/notes`;
    const headers = { "PRIVATE-TOKEN": variable("COMMENT_TOKEN") };
    return { comments, comment: (id) => `${comments}/${id}`, change: "PUT", headers, log: variable("CI_JOB_URL") };
  }
  const repository = `${variable("GITHUB_API_URL")}/repos/${variable("GITHUB_REPOSITORY")}/issues`;
  return {
    comments: `${repository}/${variable("PULL_REQUEST")}/comments`,
    comment: (id) => `${repository}/comments/${id}`,
    change: "PATCH",
    headers: { Authorization: `Bearer ${variable("GITHUB_TOKEN")}`, Accept: "application/vnd.github+json" },
    log: `${variable("GITHUB_SERVER_URL")}/${variable("GITHUB_REPOSITORY")}/actions/runs/${variable("GITHUB_RUN_ID")}`,
  };
}

function bodyOf(output: string, { log }: Platform): string {
  const failed = process.env["OUTCOME"] !== "success";
  const title = `### Preview of \`${variable("STACK")}\`${failed ? ": failed" : ""}`;
  const cut = output.length > longest;
  const shown = cut ? `${output.slice(0, longest).toWellFormed()}\n…` : output.trimEnd();
  // Longer than any row of backticks in the text, so that nothing in it ends the block.
  const fence = "`".repeat(Math.max(3, ...[...output.matchAll(/`+/g)].map(([row]) => row.length + 1)));
  const block = shown === "" ? "There is no output." : `${fence}\n${shown}\n${fence}`;
  const rest = cut ? `Cut after ${longest} characters. ` : "";
  return `${marker}\n${title}\n\n${block}\n\n${rest}[Log](${log})\n`;
}

/** The earlier comment. A comment of somebody else that begins with the marker cannot be changed, and is an error. */
async function earlier({ comments, headers }: Platform): Promise<Comment | undefined> {
  for (let page = 1; ; page += 1) {
    const list = (await ask("GET", `${comments}?per_page=100&page=${page}`, headers)) as Comment[];
    const found = list.find(({ body }) => body.startsWith(marker));
    if (found !== undefined || list.length < 100) return found;
  }
}

async function ask(method: string, url: string, headers: Platform["headers"], body?: object): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return await response.json();
}

const [file = "preview.txt"] = process.argv.slice(2);
const output = await readFile(file, "utf8").catch(() => "");
const target = platform();
const body = bodyOf(output, target);
const found = await earlier(target);
if (found === undefined) await ask("POST", target.comments, target.headers, { body });
else await ask(target.change, target.comment(found.id), target.headers, { body });
process.stdout.write(found === undefined ? "The comment was written.\n" : "The comment was brought up to date.\n");
