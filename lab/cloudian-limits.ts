import { type Call, done, json, type Operation, required } from "./cloudian-call.ts";
import { Refused } from "./cloudian-documents.ts";
import { type CloudianStore, type Limits, limitNames, limitsKey, unlimited, userKey } from "./cloudian-store.ts";

type LimitName = (typeof limitNames)[number];

const replyTypes: Record<LimitName, string> = {
  hlStorageQuotaKBytes: "STORAGE_QUOTA_KBYTES_LH",
  wlStorageQuotaKBytes: "STORAGE_QUOTA_KBYTES_LW",
  hlStorageQuotaCount: "STORAGE_QUOTA_COUNT_LH",
  wlStorageQuotaCount: "STORAGE_QUOTA_COUNT_LW",
  hlRequestRate: "REQUEST_RATE_LH",
  wlRequestRate: "REQUEST_RATE_LW",
  hlDataKBytesIn: "DATAKBYTES_IN_LH",
  wlDataKBytesIn: "DATAKBYTES_IN_LW",
  hlDataKBytesOut: "DATAKBYTES_OUT_LH",
  wlDataKBytesOut: "DATAKBYTES_OUT_LW",
};

/** How an old release calls its two storage limits, which have no warning. */
const oldNames: Partial<Record<LimitName, { parameter: string; type: string }>> = {
  hlStorageQuotaKBytes: { parameter: "storageQuotaKBytes", type: "STORAGE_QUOTA_KBYTES" },
  hlStorageQuotaCount: { parameter: "storageQuotaCount", type: "STORAGE_QUOTA_COUNT" },
};
const unknownToOld: readonly LimitName[] = ["wlStorageQuotaKBytes", "wlStorageQuotaCount"];

export const setLimits: Operation = (call) => {
  if (!call.store.options.qosEnabled) throw new Refused(503, "quality of service is not enabled");
  const owner = limitsOwner(call);
  assertOwner(call, owner);
  const entries = namesOf(call).map(({ name, parameter }) => [name, limitValue(call, parameter)]);
  call.store.limits.set(owner.key, { ...unlimited, ...Object.fromEntries(entries) });
  return done;
};

export const readLimits: Operation = (call) => {
  const owner = limitsOwner(call);
  const limits = call.store.limits.get(owner.key) ?? inherited(call, owner) ?? unlimited;
  const qosLimitList = namesOf(call).map(({ name, type }) => ({ type, value: limits[name] }));
  return json(call, { groupId: owner.groupId, userId: owner.userId, qosLimitList });
};

export const deleteLimits: Operation = (call) => {
  const owner = limitsOwner(call);
  assertOwner(call, owner);
  call.store.limits.delete(owner.key);
  return done;
};

/** Whether such limits may be set: for a user or a group that exists, or one of the three defaults. */
export function hasLimitsOwner(store: CloudianStore, groupId: string, userId: string): boolean {
  if (groupId === "*") return userId === "ALL";
  if (groupId === "ALL") return userId === "*";
  if (userId === "ALL" || userId === "*") return store.groups.has(groupId);
  return store.users.has(userKey(groupId, userId));
}

interface Owner {
  readonly groupId: string;
  readonly userId: string;
  readonly region: string | undefined;
  readonly key: string;
}

function limitsOwner(call: Call): Owner {
  const groupId = required(call, "groupId");
  const userId = required(call, "userId");
  const region = call.query.get("region") || undefined;
  if (groupId === "*" && userId !== "ALL") throw new Refused(400, "groupId * goes with userId ALL only");
  if (groupId === "ALL" && userId !== "*") throw new Refused(400, "groupId ALL goes with userId * only");
  return { groupId, userId, region, key: limitsKey(groupId, userId, region) };
}

function assertOwner(call: Call, { groupId, userId }: Owner): void {
  if (call.store.options.limitsOfAbsentOwner === "accept") return;
  if (!hasLimitsOwner(call.store, groupId, userId)) throw new Refused(400, "there is no such group or user");
}

/** The defaults that apply where nothing was set, nearest first. */
function inherited(call: Call, { groupId, userId, region }: Owner): Limits | undefined {
  if (!call.store.options.inheritLimits || groupId === "*" || groupId === "ALL") return undefined;
  const fallbacks =
    userId === "*"
      ? [limitsKey("ALL", "*", region)]
      : [limitsKey(groupId, "ALL", region), limitsKey("*", "ALL", region)];
  return fallbacks.map((key) => call.store.limits.get(key)).find((limits) => limits !== undefined);
}

function namesOf(call: Call): { name: LimitName; parameter: string; type: string }[] {
  const pairs = call.store.options.storageQuotaPairs;
  const names = limitNames.filter((name) => pairs || !unknownToOld.includes(name));
  return names.map((name) => {
    const old = pairs ? undefined : oldNames[name];
    return { name, parameter: old?.parameter ?? name, type: old?.type ?? replyTypes[name] };
  });
}

/** -1 is unlimited; -2 is accepted and given back, as the real system does. */
function limitValue(call: Call, parameter: string): number {
  const text = required(call, parameter);
  if (!/^(-[12]|[0-9]{1,15})$/.test(text))
    throw new Refused(400, `parameter ${parameter} must be a number, -1 for none`);
  return Number(text);
}
