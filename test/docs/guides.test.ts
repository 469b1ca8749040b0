import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentOf } from "../harness/command.ts";
import { expiry, type Params, post, signed } from "../unit/lab-cloudstack-stage.ts";
import { curlFile } from "./curl.ts";
import { blocksOf } from "./markdown.ts";
import { type Ended, openingTime, Reader } from "./reader.ts";

/**
 * The guides for those who come from other tools: what these have made is there, by the tool itself or as it leaves it,
 * and the program of the page takes it over without a change.
 */
let reader: Reader;

beforeAll(async () => {
  reader = await Reader.open({
    "package.json": JSON.stringify({ name: "guides", type: "module", main: "index.ts" }),
    "Pulumi.yaml": "name: guides\nruntime: nodejs\n",
  });
}, openingTime);

afterAll(async () => {
  await reader?.close();
});

function blockOf(file: string, language: string, words: string): string {
  const block = blocksOf(file).find((each) => each.language === language && each.text.includes(words));
  if (!block) throw new Error(`${file} has no ${language} block with ${words}`);
  return block.text;
}

function shell(script: string): Promise<Ended> {
  return reader.shell(script, "", {
    ...environmentOf(reader.lab.addresses),
  });
}

/** Deploys a program in a stack of its own, then previews it. */
async function takeOver(stack: string, program: string, configuration: readonly string[] = []): Promise<Ended> {
  writeFileSync(join(reader.project, "index.ts"), program);
  const settings = configuration.map((words) => `pulumi config set ${words}`);
  const up = "pulumi up --yes --skip-preview --non-interactive";
  const prepared = await shell([`pulumi stack init ${stack}`, ...settings].join("\n"));
  expect(prepared).toMatchObject({ code: 0 });
  await reader.control.clearRequests();
  const ended = await shell(up);
  expect(ended).toMatchObject({ code: 0 });
  expect(await shell("pulumi preview --expect-no-changes --non-interactive")).toMatchObject({ code: 0 });
  return ended;
}

/** What has changed anything; a creation that was refused, because the object is there, has not. */
async function writes(): Promise<string[]> {
  const all = await reader.control.requests();
  const writing = all.filter(({ method, status }) => method !== "GET" && method !== "HEAD" && Number(status) < 300);
  return writing.map(({ method, path }) => `${method} ${path}`);
}

describe("docs/from-scripts.md, its script and then s3cmd", { shuffle: false }, () => {
  test("docs/from-scripts.md: what the script has made with curl", async () => {
    const { cloudian } = reader.lab.addresses;
    const script = blockOf("docs/from-scripts.md", "bash", "curl").replaceAll(
      "http://127.0.0.1:28081",
      cloudian.endpoint,
    );
    const curl = `curl() { "${process.execPath}" "${curlFile}" "$@"; }\n`;
    expect(await shell(curl + script)).toMatchObject({ code: 0 });
    const before = (await reader.control.state()).cloudian;
    const { output } = await takeOver("scripts", blockOf("docs/from-scripts.md", "ts", "CloudianUser"));
    expect(output).toContain("Cloudian group reports exists and is taken over.");
    expect(output).toContain("Cloudian user reports/archive exists and is taken over.");
    expect(await writes()).toEqual([]);
    const { groups, users, credentials } = (await reader.control.state()).cloudian;
    expect({ groups, users, credentials }).toEqual({
      groups: before.groups,
      users: before.users,
      credentials: before.credentials,
    });
    expect(users["reports/archive"]).toMatchObject({ fullName: "Archive" });
  });

  test("docs/from-scripts.md: the bucket that s3cmd leaves", async () => {
    const { cloudian } = reader.lab.addresses;
    const [[accessKeyId, key] = []] = Object.entries((await reader.control.state()).cloudian.credentials).filter(
      ([, { userId }]) => userId === "archive",
    );
    const policy = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::archive/*" }],
    };
    const rule = { allowedOrigins: ["https://cloud.example.com"], allowedMethods: ["GET"], allowedHeaders: ["*"] };
    await reader.control.patch("cloudian", {
      buckets: { "reports/archive": [{ bucketName: "archive" }] },
      s3Buckets: { archive: { versioning: "enabled", policy, cors: [rule], tags: { team: "blue" } } },
    });
    const program = blockOf("docs/from-scripts.md", "ts", "S3Bucket").replace(
      "https://s3.example.com",
      cloudian.s3Endpoint,
    );
    const keys = [`accessKeyId ${accessKeyId}`, `--secret secretAccessKey ${key?.["secretKey"]}`];
    const { output } = await takeOver("s3cmd", program, keys);
    expect(output).toMatch(/S3 bucket archive@\S+ exists and is taken over\./);
    expect(await writes()).toEqual([]);
  });
});

test("docs/from-dell-terraform.md: what Terraform leaves on an array, with its key", async () => {
  await reader.control.patch("ecs", {
    users: { "ns1/reports": { keys: ["the-key-that-terraform-made"], tags: { team: "blue" } } },
    buckets: {
      "ns1/archive": {
        owner: "reports",
        blockSize: 70,
        notificationSize: 20,
        retention: 30,
        staleAllowed: true,
        tags: { Env: "Production" },
        policy: {
          Version: "2012-10-17",
          Id: "",
          Statement: [
            {
              Sid: "AllowPublicRead",
              Effect: "Allow",
              Principal: "*",
              Action: ["s3:GetObject"],
              Resource: ["arn:aws:s3:::archive/*"],
            },
          ],
        },
        objects: { "2026/january.txt": "text" },
      },
    },
  });
  const before = (await reader.control.state()).ecs;
  const { output } = await takeOver("terraform", blockOf("docs/from-dell-terraform.md", "ts", "EcsBucket"));
  expect(output).toContain("ECS object user ns1/reports exists and is taken over.");
  expect(output).toContain("ECS bucket ns1/archive exists and is taken over.");
  expect(await writes()).toEqual([]);
  const after = (await reader.control.state()).ecs;
  expect([after.users, after.buckets]).toEqual([before.users, before.buckets]);
  const key = await shell("pulumi stack output secretAccessKey --show-secrets");
  expect(key.output).toContain("the-key-that-terraform-made");
});

test("docs/from-cloudstack-connector.md: what the connector has made, and a domain from before it", async () => {
  const [blue, team, older] = ["1", "3", "5"].map((digit) => `${digit.repeat(8)}-1111-4111-8111-111111111111`);
  const person = { email: "ada@example.test", firstname: "Ada", lastname: "L", password: "pw", username: "ada" };
  await reader.control.patch("cloudstack", {
    settings: { "cloudian.connector.enabled": "true" },
    connector: { restarts: 1 },
    options: { jobSeconds: 0, jobPolls: 0 },
    domains: { [`${older}`]: { name: "older" } },
  });
  await askCloudStack("createDomain", { name: "blue", domainid: `${blue}` });
  await askCloudStack("createAccount", {
    ...person,
    account: "team",
    accounttype: "0",
    domainid: `${blue}`,
    accountid: `${team}`,
  });
  const before = (await reader.control.state()).cloudian;
  expect(Object.keys(before.users)).toContain(`${blue}/${team}`);
  const { output } = await takeOver("connector", blockOf("docs/from-cloudstack-connector.md", "ts", "CloudianTenancy"));
  expect(output).toContain(`Cloudian group ${blue} exists and is taken over.`);
  expect(output).toContain(`Cloudian user ${blue}/${team} exists and is taken over.`);
  // Of all that is there already nothing is written; only the domains that the connector never saw are made.
  expect(await writes()).toEqual(["PUT /group", "PUT /group"]);
  const after = (await reader.control.state()).cloudian;
  expect(after.groups).toMatchObject({ ...before.groups, [`${older}`]: { groupName: "/older/" } });
  expect([after.users, after.credentials]).toEqual([before.users, before.credentials]);
});

async function askCloudStack(command: string, params: Params): Promise<void> {
  const { endpoint, apiKey, secretKey } = reader.lab.addresses.cloudstack;
  const common = { apikey: apiKey, response: "json", signatureversion: "3", expires: expiry(600) };
  const { status, text } = await post(endpoint, signed({ ...common, command, ...params }, { apiKey, secretKey }));
  expect({ status, text }).toMatchObject({ status: 200 });
}
