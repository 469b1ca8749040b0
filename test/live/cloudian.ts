import { Agent } from "node:https";
import { PutBucketTaggingCommand, S3Client } from "@aws-sdk/client-s3";
import type { OutputMap } from "@pulumi/pulumi/automation/index.js";
import { CloudianGroup, CloudianUser, S3Bucket } from "pulumi-cloudstack-storage";
import type { Environment } from "./environment.ts";
import { document, type Sent } from "./request.ts";
import type { LiveSystem, Step } from "./system.ts";

type Fields = Record<string, unknown>;

export function liveCloudian(env: Environment): LiveSystem {
  const { prefix } = env;
  const s3Endpoint = env.optional("CLOUDIAN_S3_ENDPOINT");
  const names = (step: Step): Names => {
    const name = step === "moved" ? `${prefix}-moved` : prefix;
    return { group: `${name}-group`, user: `${name}-user`, bucket: `${name}-bucket` };
  };
  const admin = async (method: string, target: string, body?: Fields) => {
    const basic = Buffer.from(`${env.get("CLOUDIAN_USERNAME")}:${env.get("CLOUDIAN_PASSWORD")}`).toString("base64");
    const headers = { authorization: `Basic ${basic}`, "content-type": "application/json" };
    const sent: Sent = { headers, ...env.authority("CLOUDIAN") };
    const url = `${env.get("CLOUDIAN_ENDPOINT").replace(/\/$/, "")}${target}`;
    return await document(method, url, body === undefined ? sent : { ...sent, body: JSON.stringify(body) });
  };
  const changed = async (path: "/group" | "/user", query: string, fields: Fields) => {
    const before = (await admin("GET", `${path}?${query}`)) as Fields;
    const { canonicalUserId: _either, ...rest } = before;
    await admin("POST", path, { ...rest, ...fields });
  };
  return {
    name: "Cloudian HyperStore",
    kinds: ["CloudianGroup", "CloudianUser", ...(s3Endpoint === undefined ? [] : ["S3Bucket"])],
    leftOut: s3Endpoint === undefined ? ["S3Bucket: set CLOUDIAN_S3_ENDPOINT"] : [],
    stays: [],
    program: (step) => async () => declare(names(step), step === "first" ? "one" : "two", s3Endpoint),
    expected: (step) => [names(step).group],
    // Users and buckets are in groups of the same prefix, and a group that holds any cannot go.
    objectsWith: async (start) => {
      const groups = ((await admin("GET", `/group/list?prefix=${start}`)) ?? []) as Fields[];
      return groups.map((group) => String(group["groupId"])).filter((id) => id.startsWith(start));
    },
    drift: async (outputs) => {
      const { group, user, bucket } = names("second");
      await changed("/group", `groupId=${group}`, { groupName: "by hand" });
      await changed("/user", `groupId=${group}&userId=${user}`, { fullName: "by hand" });
      if (s3Endpoint === undefined) return 2;
      await tagBucket(env, s3Endpoint, bucket, outputs);
      return 3;
    },
    surroundings: async () => "",
  };
}

interface Names {
  readonly group: string;
  readonly user: string;
  readonly bucket: string;
}

/** Every value that can be updated is this one. */
function declare({ group: groupId, user: userId, bucket: bucketName }: Names, value: string, endpoint?: string) {
  const group = new CloudianGroup("group", { groupId, groupName: value });
  const user = new CloudianUser("user", { groupId: group.groupId, userId, fullName: value });
  const { accessKeyId, secretAccessKey } = user;
  if (endpoint === undefined) return {};
  const keys = { endpoint, accessKeyId, secretAccessKey };
  new S3Bucket("bucket", { ...keys, bucketName, tags: { value }, forceDestroy: true });
  return { accessKeyId, secretAccessKey };
}

async function tagBucket(env: Environment, endpoint: string, bucket: string, outputs: OutputMap): Promise<void> {
  const credentials = {
    accessKeyId: String(outputs["accessKeyId"]?.value),
    secretAccessKey: String(outputs["secretAccessKey"]?.value),
  };
  const { ca } = env.authority("S3");
  const requestHandler = ca === undefined ? {} : { requestHandler: { httpsAgent: new Agent({ ca }) } };
  const s3 = new S3Client({ endpoint, credentials, region: "us-east-1", forcePathStyle: true, ...requestHandler });
  await s3.send(new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet: [{ Key: "by", Value: "hand" }] } }));
  s3.destroy();
}
