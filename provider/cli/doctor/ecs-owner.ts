import { messageOf, StorageError } from "../../core/errors.ts";
import { EcsClient } from "../../ecs/client.ts";
import { named, type UserKey } from "../../ecs/users.ts";
import type { Context, Found } from "./finding.ts";

const subject = "S3";
const check = "owner-key";

/** More users are not asked for a key that can be read: on an array that hides keys none will have one. */
const mostUsers = 10;

/** One signed request with the key of an object user, as the provider makes them with the key of a bucket's owner. */
export async function* ownerFindings({ settings, options }: Context): AsyncGenerator<Found> {
  const client = EcsClient.of(settings);
  const { s3 } = settings.ecs();
  const namespace = settings.ecsNamespace();
  if (s3.endpoint === undefined) yield { subject, ...noEndpoint };
  else if (namespace === undefined) yield { subject, ...noNamespace };
  else if (options.owner === undefined) yield { subject, ...(await firstOwner(client, namespace)) };
  else yield { subject, ...(await namedOwner(client, { namespace, userName: options.owner })) };
}

const noEndpoint: Found = {
  check,
  verdict: "warning",
  text: "ecsS3Endpoint is not set, so that S3 is not looked at.",
  next: "Set it where buckets have CORS rules, versioning before release 4, or are emptied when they are deleted.",
};

const noNamespace: Found = {
  check,
  verdict: "not known",
  text: "ecsNamespace is not set, so that no object user is looked for.",
  next: "Set ecsNamespace.",
};

async function firstOwner(client: EcsClient, namespace: string): Promise<Found> {
  const users = await client.users.list(namespace);
  for (const userName of users.slice(0, mostUsers)) {
    const owner = { namespace, userName };
    if ((await client.users.info(owner))?.locked !== false) continue;
    const keys = await client.users.keys(owner);
    if (keys.some(({ secret }) => secret !== undefined)) return await tried(client, owner);
  }
  const asked = Math.min(users.length, mostUsers);
  return {
    check,
    verdict: "not known",
    text:
      users.length === 0
        ? `Namespace ${namespace} has no object user with whose key S3 could be tried.`
        : `None of ${asked} object users of namespace ${namespace} has a key that can be read, and is not locked.`,
    next: "Name a user with --owner, or make one (EcsObjectUser). An array that hides keys shows none: then try S3 with another client.",
  };
}

async function namedOwner(client: EcsClient, owner: UserKey): Promise<Found> {
  const user = await client.users.info(owner);
  if (user === undefined)
    return {
      check,
      verdict: "failed",
      text: `There is no ${named(owner)}.`,
      next: "Correct --owner; capital letters count.",
    };
  if (user.locked)
    return {
      check,
      verdict: "failed",
      text: `${named(owner)} is locked, so that S3 refuses its keys.`,
      next: "Unlock it (locked: false of its EcsObjectUser), or name another user with --owner.",
    };
  return await tried(client, owner);
}

async function tried(client: EcsClient, owner: UserKey): Promise<Found> {
  try {
    const buckets = await client.owners.as(owner, "try S3", (s3) => s3.firstBuckets(), "none");
    const count = `${buckets.length} ${buckets.length === 1 ? "bucket" : "buckets"}`;
    return { check, verdict: "ok", text: `S3 accepts the key of ${named(owner)}, and shows it ${count}.` };
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const next = "Settle what the message says; a key that is new may take two minutes to be known.";
    return { check, verdict: "failed", text: messageOf(error), next };
  }
}
