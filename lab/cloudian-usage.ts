import { bucketsOf } from "./cloudian-buckets.ts";
import { type Call, json, type Operation, required, requiredChoice } from "./cloudian-call.ts";
import { Refused } from "./cloudian-documents.ts";
import { type User, usersOf } from "./cloudian-store.ts";
import { notImplemented } from "./system.ts";

const granularities = ["raw", "hour", "day", "month"] as const;

/** A bare number: the bytes in one bucket. */
export const byteCount: Operation = (call) => {
  const users = usersNamed(call, required(call, "groupId"), required(call, "userId"));
  const bucketName = required(call, "bucketName");
  const buckets = users.flatMap((user) => bucketsOf(call.store.s3, user));
  const bucket = buckets.find((one) => one.bucketName === bucketName);
  if (bucket === undefined) throw new Refused(400, "there is no such bucket");
  return json(call, call.store.options.bucketStatistics ? bucket.byteCount : 0);
};

/**
 * What a user or a group (`*` for its users together) stores. The lab counts when it is asked and remembers nothing, so
 * that a report has one row, for now, or none where its time does not reach until now. Requests are not counted at all.
 */
export const usageReport: Operation = (call) => {
  const { clock, query } = call;
  const operation = requiredChoice(call, "operation", ["SB", "SO", "HG", "HP", "HD"]);
  if (operation !== "SB" && operation !== "SO")
    return notImplemented(`cloudian (operation ${operation})`, call.request);
  const [groupId, userId] = reportOwner(required(call, "id"));
  const users = usersNamed(call, groupId, userId);
  const granularity = requiredChoice(call, "granularity", granularities);
  const from = reportTime(call, "startTime");
  const until = reportTime(call, "endTime");
  if (query.has("reversed")) requiredChoice(call, "reversed", ["true", "false"]);
  const now = clock.now();
  if (now < from || now >= until) return json(call, []);
  const counted = users.flatMap((user) => bucketsOf(call.store.s3, user));
  const value = counted.reduce((sum, bucket) => sum + bucket[operation === "SB" ? "byteCount" : "objectCount"], 0);
  const timestamp = startOf(now, granularity);
  return json(call, [usageRow({ groupId, userId, region: query.get("region") ?? "", operation, timestamp, value })]);
};

interface Counted {
  readonly groupId: string;
  readonly userId: string;
  readonly region: string;
  readonly operation: string;
  readonly timestamp: number;
  readonly value: number;
}

/** All numbers are texts here. */
function usageRow({ timestamp, value, ...row }: Counted): Record<string, string> {
  const text = String(value);
  const whitelist = { whitelistValue: "0", whitelistCount: "0", whitelistMaxValue: "0", whitelistAverageValue: "0" };
  const values = { value: text, count: "1", maxValue: text, averageValue: text };
  return { ...row, uri: "", ip: "", timestamp: String(timestamp), ...values, ...whitelist };
}

function reportOwner(id: string): readonly [groupId: string, userId: string] {
  const [groupId = "", userId = "", ...rest] = id.split("|");
  if (groupId === "" || userId === "" || rest.length > 0) throw new Refused(400, "parameter id must be group|user");
  return [groupId, userId];
}

function usersNamed(call: Call, groupId: string, userId: string): User[] {
  if (!call.store.groups.has(groupId)) throw new Refused(400, "there is no such group");
  const users = usersOf(call.store, groupId).filter((user) => userId === "*" || user.userId === userId);
  if (userId !== "*" && users.length === 0) throw new Refused(400, "there is no such user");
  return users;
}

/** YYYYMMDDhhmm in UTC. */
function reportTime(call: Call, name: string): number {
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(required(call, name));
  const [, year, month, day, hour, minute] = parts ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`);
  if (parts === null || Number.isNaN(time))
    throw new Refused(400, `parameter ${name} must be of the form YYYYMMDDhhmm`);
  return time;
}

function startOf(time: number, granularity: (typeof granularities)[number]): number {
  const date = new Date(time);
  if (granularity === "raw") return time;
  date.setUTCMinutes(0, 0, 0);
  if (granularity !== "hour") date.setUTCHours(0);
  if (granularity === "month") date.setUTCDate(1);
  return date.getTime();
}
