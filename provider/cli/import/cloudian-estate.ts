import { CloudianClient } from "../../cloudian/client.ts";
import { Refused } from "../../core/errors.ts";
import type { Settings } from "../../core/settings.ts";
import { bucketId } from "../../s3/bucket-name.ts";
import { fewAtOnce } from "./few-at-once.ts";
import { isPattern, nameFilter } from "./filter.ts";
import { type Found, leftAlone, OutputOf } from "./found.ts";
import { inspect } from "./inspection.ts";

/** The administrators' own group: its users are of a type that no program can make. */
const systemGroup = "0";

type Wanted = (name: string) => boolean;

/** Groups, their users, and the buckets of these; the groups by name or pattern. */
export async function cloudianEstate(settings: Settings, groups: readonly string[], wanted: Wanted): Promise<Found[]> {
  const client = new CloudianClient(settings);
  const found: Found[] = [];
  for (const groupId of await groupIds(client, groups))
    found.push(...(await groupEstate(settings, client, groupId, wanted)));
  return found;
}

async function groupIds(client: CloudianClient, given: readonly string[]): Promise<string[]> {
  const patterns = given.filter(isPattern);
  if (patterns.length === 0) return [...new Set(given)];
  const matches = nameFilter(patterns);
  const all = (await client.listGroupIds()).filter((groupId) => groupId !== systemGroup && matches(groupId));
  return [...new Set([...given.filter((groupId) => !isPattern(groupId)), ...all.sort()])];
}

async function groupEstate(
  settings: Settings,
  client: CloudianClient,
  groupId: string,
  wanted: Wanted,
): Promise<Found[]> {
  if (!(await client.getGroup(groupId)))
    throw new Refused(
      `${client.endpoint} has no Cloudian group ${groupId}. Check --cloudian-group, and the setting cloudianEndpoint.`,
    );
  const subject = { kind: "CloudianGroup", name: groupId, stem: groupId, id: groupId };
  const groups = wanted(groupId) ? [await inspect(settings, subject)] : [];
  const parent = groups.some(({ way }) => way !== "none")
    ? { groupId: new OutputOf("CloudianGroup", groupId, "groupId") }
    : {};
  const all = (await client.listUserIds(groupId)).sort();
  const users = await fewAtOnce(settings, all, (userId) => {
    const name = `${groupId}/${userId}`;
    return inspect(settings, { kind: "CloudianUser", name, stem: userId, id: name, instead: parent });
  });
  const buckets = await bucketsOf(settings, client, groupId, users, wanted);
  // Keys of users that are not wanted themselves open buckets that are.
  return [
    ...groups,
    ...users.filter((user) => wanted(user.stem) || buckets.some((bucket) => isKeyOf(user, bucket))),
    ...buckets,
  ];
}

async function bucketsOf(
  settings: Settings,
  client: CloudianClient,
  groupId: string,
  users: readonly Found[],
  wanted: Wanted,
): Promise<Found[]> {
  const usage = await client.bucketsByUser(groupId);
  if (usage === "unknown")
    return [leftAlone("S3Bucket", `${groupId}/*`, "HyperStore does not say which buckets the users of the group have")];
  const rows = [...usage].flatMap(([userId, names]) => names.filter(wanted).map((bucket) => ({ userId, bucket })));
  const sorted = rows.sort((a, b) => (a.bucket < b.bucket ? -1 : 1));
  return await fewAtOnce(settings, sorted, ({ userId, bucket }) => {
    const owner = `${groupId}/${userId}`;
    return bucketOf(
      settings,
      users.find(({ id }) => id === owner),
      bucket,
      owner,
    );
  });
}

async function bucketOf(
  settings: Settings,
  user: Found | undefined,
  bucketName: string,
  owner: string,
): Promise<Found> {
  const endpoint = settings.cloudianSides().s3?.endpoint;
  if (endpoint === undefined)
    return leftAlone("S3Bucket", bucketName, "the setting cloudianS3Endpoint is missing, and a bucket is read over S3");
  const { accessKeyId, secretAccessKey } = user?.takeover?.outputs ?? {};
  if (!user || accessKeyId === undefined || secretAccessKey === undefined)
    return leftAlone(
      "S3Bucket",
      bucketName,
      `it is reached with the keys of its owner ${owner}, and no active pair of that user can be read`,
    );
  const keys = {
    accessKeyId: new OutputOf(user.kind, user.id, "accessKeyId"),
    secretAccessKey: new OutputOf(user.kind, user.id, "secretAccessKey"),
  };
  return await inspect(settings, {
    kind: "S3Bucket",
    name: bucketName,
    stem: bucketName,
    id: bucketId(bucketName, endpoint),
    known: { endpoint, accessKeyId, secretAccessKey, bucketName },
    instead: keys,
  });
}

function isKeyOf(user: Found, bucket: Found): boolean {
  return Object.values(bucket.instead).some((value) => value instanceof OutputOf && value.id === user.id);
}
