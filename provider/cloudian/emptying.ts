import { Refused } from "../core/errors.ts";
import type { CloudianClient } from "./client.ts";

const longestList = 100;

/** The way on where buckets stop a deletion. */
export const howToEmpty =
  "Empty and delete them first, with an S3 client and the keys of their owner: every object version, delete marker and " +
  "unfinished upload, then the bucket (without versions `aws s3 rb s3://NAME --force --endpoint-url S3_ENDPOINT` does it).";

/** What a deletion of the group does to users that are still there is unknown, so it is never sent while there are any. */
export async function emptyGroup(client: CloudianClient, id: string, force: boolean): Promise<"empty" | "gone"> {
  for (let users = await client.listUserIds(id); users.length > 0; users = await client.listUserIds(id)) {
    if (!force)
      throw new Refused(
        `Cloudian group ${id} is not deleted: it has ${users.length} users (${someOf(users)}). Delete them first, or set ` +
          `forceDestroy: true and run pulumi up before the destroy (destroy reads the state, not the program).`,
      );
    await requireNoBuckets(client, id, users);
    for (const userId of users) {
      const { outcome, said } = await client.deleteUser({ groupId: id, userId });
      if (outcome === "refused" && (await client.getUser({ groupId: id, userId })))
        throw new Refused(
          `Could not delete Cloudian user ${id}/${userId}: ${client.endpoint} answered ${said()}. See to what keeps it, then run the same command again.`,
        );
    }
  }
  return await requireNobody(client, id);
}

/** An empty list means no users, or no such group, or that something went wrong; the usage of the group names users, too. */
async function requireNobody(client: CloudianClient, id: string): Promise<"empty" | "gone"> {
  const usage = await client.bucketsByUser(id);
  if (usage === "unknown") {
    if (!(await client.getGroup(id))) return "gone";
    throw new Refused(
      `Cloudian group ${id} is not deleted: ${client.endpoint} lists no users of it, but does not say either that it has none, and what a deletion would do to them is unknown. Run the same command again later.`,
    );
  }
  // The usage may lag behind the deletion of a user.
  for (const userId of usage.keys())
    if (await client.getUser({ groupId: id, userId }))
      throw new Refused(
        `Cloudian group ${id} is not deleted: ${client.endpoint} lists no users of it, but it has the user ${userId}, and what a deletion would do to it is unknown. Run the same command again later.`,
      );
  return "empty";
}

async function requireNoBuckets(client: CloudianClient, id: string, users: string[]): Promise<void> {
  const buckets = await client.bucketsByUser(id);
  const unsure = users.filter((user) => buckets === "unknown" || !buckets.has(user));
  if (buckets === "unknown" || unsure.length > 0)
    throw new Refused(
      `Cloudian group ${id} is not deleted: HyperStore does not say whether its users own buckets (${someOf(unsure)}), and what a deletion would do to them is unknown.`,
    );
  const owners = users.filter((user) => (buckets.get(user) ?? []).length > 0);
  if (owners.length === 0) return;
  throw new Refused(
    `Cloudian group ${id} is not deleted, and none of its users: ${owners.map((user) => `${user} owns ${someOf(buckets.get(user) ?? [])}`).join("; ")}. ` +
      `What a deletion would do to the data is unknown. ${howToEmpty}`,
  );
}

/** Names for a message, which nobody reads to the end where there are thousands. */
export function someOf(names: string[]): string {
  return names.length <= longestList
    ? names.join(", ")
    : `${names.slice(0, longestList).join(", ")} and ${names.length - longestList} more`;
}
