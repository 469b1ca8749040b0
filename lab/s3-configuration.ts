import { allowed, ownerOnly } from "./s3-access.ts";
import { S3Refused } from "./s3-error.ts";
import { assertPolicy, rewrittenPolicy } from "./s3-policy.ts";
import { parseXml, type XmlReader, xmlReply } from "./s3-xml.ts";

const mostTags = 50;

export const readPolicy = allowed("s3:GetBucketPolicy", ({ options }, { policy }) => {
  if (policy === undefined) throw new S3Refused("NoSuchBucketPolicy", "The bucket policy does not exist.");
  const body = options.rewritePolicies ? rewrittenPolicy(policy) : policy;
  return { status: 200, body, contentType: "application/json" };
});

export const putPolicy = ownerOnly((call, bucket) => {
  const text = call.body.toString("utf8");
  assertPolicy(text, bucket, call.directory);
  bucket.policy = text;
  return { status: 204 };
});

export const deletePolicy = ownerOnly((_call, bucket) => {
  bucket.policy = undefined;
  return { status: 204 };
});

export const readTags = allowed("s3:GetBucketTagging", (_call, { tags }) => {
  const entries = Object.entries(tags);
  if (entries.length === 0) throw new S3Refused("NoSuchTagSet", "The TagSet does not exist.");
  return xmlReply("Tagging", { TagSet: { Tag: entries.map(([Key, Value]) => ({ Key, Value })) } });
});

export const putTags = allowed("s3:PutBucketTagging", ({ body }, bucket) => {
  const [set, ...more] = parseXml(body, "Tagging").elements("TagSet");
  if (set === undefined || more.length > 0) throw new S3Refused("MalformedXML", "There must be one TagSet.");
  bucket.tags = parseTags(set);
  return { status: 204 };
});

export const deleteTags = allowed("s3:PutBucketTagging", (_call, bucket) => {
  bucket.tags = {};
  return { status: 204 };
});

function parseTags(set: XmlReader): Record<string, string> {
  const tags = new Map<string, string>();
  for (const tag of set.elements("Tag")) {
    const key = tag.text("Key");
    const value = tag.text("Value");
    if (key === "" || key.length > 128 || value.length > 256 || tags.has(key)) {
      throw new S3Refused("InvalidTag", `The tag "${key}" is empty, too long or given twice.`);
    }
    tags.set(key, value);
  }
  if (tags.size > mostTags) throw new S3Refused("InvalidTag", `A bucket may have ${mostTags} tags.`);
  return Object.fromEntries(tags);
}
