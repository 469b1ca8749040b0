import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runGithubJob } from "../harness/ci/github.ts";
import { gitlabPipeline, runGitlabJob } from "../harness/ci/gitlab.ts";
import { CiSite, type JobResult } from "../harness/ci/site.ts";

/**
 * The templates of examples/ci, run as they are written: each step of each job in a shell, with the real engine, against
 * a lab. The steps of a test build on those before it, as the days of a project do.
 */
interface Platform {
  readonly name: string;
  preview(site: CiSite): Promise<JobResult>;
  up(site: CiSite): Promise<JobResult>;
  drift(site: CiSite): Promise<JobResult>;
  /** How a difference that is not deployed yet shows. */
  readonly undeployed: { readonly status: JobResult["status"]; readonly code: number };
}

const pullRequest = (repository: string) => ({
  ref: "refs/pull/7/merge",
  event: { number: 7, pull_request: { head: { repo: { full_name: repository } } } },
});
const onMain = { ref: "refs/heads/main", event: {} };
const mergeRequest = (source: string) => ({
  CI_PIPELINE_SOURCE: "merge_request_event",
  CI_MERGE_REQUEST_PROJECT_ID: "12",
  CI_MERGE_REQUEST_SOURCE_PROJECT_ID: source,
  CI_MERGE_REQUEST_IID: "7",
});
const push = { CI_PIPELINE_SOURCE: "push", CI_COMMIT_BRANCH: "main", CI_DEFAULT_BRANCH: "main" };
const schedule = { CI_PIPELINE_SOURCE: "schedule", CI_COMMIT_BRANCH: "main", CI_DEFAULT_BRANCH: "main" };

async function gitlab(site: CiSite, pipeline: Readonly<Record<string, string>>): Promise<JobResult> {
  const [job = "", ...others] = gitlabPipeline(pipeline);
  expect(others).toEqual([]);
  return await runGitlabJob(site, job, pipeline);
}

const platforms: readonly Platform[] = [
  {
    name: "GitHub",
    preview: (site) => runGithubJob(site, "preview", "preview", pullRequest("owner/storage")),
    up: (site) => runGithubJob(site, "up", "up", onMain),
    drift: (site) => runGithubJob(site, "drift", "drift", onMain),
    undeployed: { status: "success", code: 0 },
  },
  {
    name: "GitLab",
    preview: (site) => gitlab(site, mergeRequest("12")),
    up: (site) => gitlab(site, push),
    drift: (site) => gitlab(site, schedule),
    undeployed: { status: "warning", code: 20 },
  },
];

const program = (groupName: string) => `
import { CloudianGroup, CloudianUser, EcsBucket, EcsObjectUser, GlobalSetting } from "pulumi-cloudstack-storage";
const blue = new CloudianGroup("blue", { groupId: "blue", groupName: "${groupName}" });
const ada = new CloudianUser("ada", { groupId: blue.groupId, userId: "ada", fullName: "Ada" });
const owner = new EcsObjectUser("owner", { namespace: "ns1", userName: "owner" });
new EcsBucket("invoices", { namespace: "ns1", bucketName: "invoices", owner: owner.userName, quotaGiB: 10 });
new GlobalSetting("links", { settingName: "extract.url.expiration.interval", value: 3600 });
export const secretAccessKey = ada.secretAccessKey;
`;

for (const { name, preview, up, drift, undeployed } of platforms) {
  describe(name, { shuffle: false }, () => {
    let site: CiSite;

    beforeAll(async () => {
      site = await CiSite.open(program("Blue team"));
      site.comments.fill(120);
    });
    afterAll(() => site?.close());

    const own = () => site.comments.comments.slice(120).map(({ body }) => body);

    /** What was asked of the arrays and the cloud, the state's own bucket left out; and what changed anything anywhere. */
    async function requests() {
      const all = await site.control.requests();
      const ofState = (path: string) => path.startsWith("/pulumi-state");
      return {
        systems: [...new Set(all.filter(({ path }) => !ofState(path)).map(({ system }) => system))].sort(),
        writing: all.filter(({ method }) => method !== "GET" && method !== "HEAD"),
      };
    }

    async function expectNoSecretIn(...texts: readonly string[]): Promise<void> {
      const shown = [...texts, site.arguments(), ...own()].join("\n");
      const secrets = await site.secrets();
      expect(secrets.length).toBeGreaterThan(5);
      expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
    }

    test("a preview is one comment, asks no array and writes nothing", async () => {
      await site.control.clearRequests();
      const { status, output } = await preview(site);
      expect({ status, output }).toEqual({
        status: "success",
        output: expect.stringContaining("The comment was written."),
      });
      expect(own()).toEqual([
        expect.stringMatching(/^<!-- pulumi preview of production -->\n### Preview of `production`\n\n```\n/),
      ]);
      expect(own()[0]).toContain('groupName   : "Blue team"');
      expect(own()[0]).toContain("+ 6 to create");
      expect(await requests()).toEqual({ systems: [], writing: [] });
      await expectNoSecretIn(output);
    });

    test("the next push brings it up to date; a preview that fails fails the job, and the comment says so", async () => {
      site.write("index.ts", program("Blue team").replace("userId", "userType: 'Nobody' as never, userId"));
      const { status, output } = await preview(site);
      expect({ status, output }).toEqual({
        status: "failure",
        output: expect.stringContaining("The comment was brought up to date."),
      });
      expect(own()).toEqual([expect.stringContaining("### Preview of `production`: failed")]);
      site.write("index.ts", program("Blue team"));
    });

    test("up deploys, and the report of the next night finds nothing: neither drift nor anything left to deploy", async () => {
      const deployed = await up(site);
      expect(deployed).toMatchObject({ status: "success", output: expect.stringContaining("+ 6 created") });
      const { cloudian, ecs } = await site.control.state();
      expect(cloudian.groups["blue"]).toMatchObject({ groupName: "Blue team" });
      expect(ecs.buckets["ns1/invoices"]).toMatchObject({ owner: "owner", blockSize: 10 });
      const { status, output, artifacts } = await drift(site);
      expect(status).toBe("success");
      expect(Object.keys(artifacts)).toEqual(["drift.md", "drift.xml"]);
      expect(artifacts["drift.xml"]).not.toContain("<failure");
      await expectNoSecretIn(deployed.output, output, ...Object.values(artifacts));
    });

    test("what somebody changed by hand ends the job with 7; it is named, and nothing is repaired", async () => {
      await site.control.patch("cloudian", { users: { "blue/ada": { active: "false", fullName: "Ada by hand" } } });
      await site.control.patch("ecs", { buckets: { "ns1/invoices": { blockSize: 20 } } });
      await site.control.clearRequests();
      const { status, code, output, artifacts, summary } = await drift(site);
      expect({ status, code }).toEqual({ status: "failure", code: 7 });
      expect(summary).toBe(name === "GitHub" ? artifacts["drift.md"] : "");
      expect(artifacts["drift.md"]).toMatch(/ada.*fullName.*Ada.*Ada by hand/);
      expect(artifacts["drift.md"]).toMatch(/invoices.*quotaGiB.*10.*20/);
      expect(artifacts["drift.xml"]?.match(/<failure/g)).toHaveLength(2);
      expect(await requests()).toEqual({ systems: ["cloudian", "cloudstack", "ecs"], writing: [] });
      expect((await site.control.state()).cloudian.users["blue/ada"]).toMatchObject({ fullName: "Ada by hand" });
      await expectNoSecretIn(output, ...Object.values(artifacts));
    });

    test("what is only not deployed yet is a warning", async () => {
      await site.control.patch("cloudian", { users: { "blue/ada": { active: "true", fullName: "Ada" } } });
      await site.control.patch("ecs", { buckets: { "ns1/invoices": { blockSize: 10 } } });
      site.write("index.ts", program("Blue, renamed"));
      const { status, code, output, artifacts } = await drift(site);
      expect({ status, code }).toEqual(undeployed);
      expect(output + artifacts["drift.md"]).toContain("Blue, renamed");
    });
  });
}

test("a pull request from a fork gets neither secrets nor a preview on GitHub, and a notice says why", async () => {
  const site = await CiSite.open(program("Blue"));
  try {
    const fork = pullRequest("somebody/storage");
    expect(await runGithubJob(site, "preview", "preview", fork)).toMatchObject({ status: "skipped" });
    const notice = await runGithubJob(site, "preview", "fork", fork);
    expect(notice.output).toContain("::notice title=No preview::");
    expect(await runGithubJob(site, "preview", "fork", pullRequest("owner/storage"))).toMatchObject({
      status: "skipped",
    });
    expect(site.comments.comments).toEqual([]);
  } finally {
    await site.close();
  }
});

test("nor on GitLab, where its pipeline runs in the fork", async () => {
  const fork = mergeRequest("99");
  expect(gitlabPipeline(fork)).toEqual(["fork"]);
  const site = await CiSite.open(program("Blue"));
  try {
    const { status, output } = await runGitlabJob(site, "fork", fork);
    expect({ status, output }).toEqual({ status: "success", output: expect.stringMatching(/^No preview\. /) });
  } finally {
    await site.close();
  }
});
