import type { LabControl } from "../harness/lab.ts";
import { zoneTwo } from "./cli-drift-estate.ts";

interface Document {
  readonly [member: string]: Document | string | number | boolean | null | readonly unknown[];
}

type System = "cloudian" | "ecs" | "cloudstack";

/** One property that somebody changes by hand, and what the report has to say of it. */
export interface Change {
  /** Kind and name. */
  readonly of: string;
  readonly path: string;
  readonly recorded?: unknown;
  readonly live?: unknown;
  readonly patch: Partial<Record<System, Document>>;
}

/** What the lab has given to objects that the tests know by name. */
export interface Ids {
  readonly store: string;
  readonly bareStore: string;
  readonly staging: string;
  readonly pool: string;
  readonly userKey: string;
}

export async function idsOf(control: LabControl): Promise<Ids> {
  const { cloudian, cloudstack } = await control.state();
  const idWhere = (documents: Record<string, unknown>, wanted: Record<string, string>) =>
    Object.entries(documents).find(([, value]) =>
      Object.entries(wanted).every(([key, text]) => (value as Record<string, unknown>)[key] === text),
    )?.[0] ?? "";
  return {
    store: idWhere(cloudstack.imageStores, { name: "full" }),
    bareStore: idWhere(cloudstack.imageStores, { name: "bare" }),
    staging: idWhere(cloudstack.imageStores, { role: "ImageCache" }),
    pool: idWhere(cloudstack["objectPools"] ?? {}, { name: "pool" }),
    userKey: idWhere(cloudian.credentials, { groupId: "bare", userId: "full" }),
  };
}

const group = (fields: Document) => ({ cloudian: { groups: { full: fields } } });
const user = (fields: Document) => ({ cloudian: { users: { "bare/full": fields } } });
const limits = (owner: string, fields: Document) => ({ cloudian: { limits: { [owner]: fields } } });
const objectUser = (fields: Document) => ({ ecs: { users: { "ns1/full": fields } } });
const bucket = (fields: Document) => ({ ecs: { buckets: { "ns1/full": fields } } });
const s3Bucket = (fields: Document) => ({ cloudian: { s3Buckets: { full: fields } } });
const imageStore = (id: string, fields: Document) => ({ cloudstack: { imageStores: { [id]: fields } } });
const pool = (id: string, fields: Document) => ({ cloudstack: { objectPools: { [id]: fields } } });
const setting = (name: string, value: Document | string) => ({ cloudstack: { settings: { [name]: value } } });

const rule = {
  allowedOrigins: ["https://one.example.test"],
  allowedMethods: ["GET"],
  allowedHeaders: ["x-a"],
  exposeHeaders: ["ETag"],
  maxAgeSeconds: 5,
};
const denied = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Principal: "*", Action: ["s3:PutObject"], Resource: ["arn:aws:s3:::full/*"] }],
};
const otherGroup = "urn:storageos:ReplicationGroupInfo:b81d5e07-26fa-4c93-8e1b-0a9f47d2c615:global";

/** Each limit by the member of an argument that shows it: its field, and what is recorded above a base. */
const limitFields = [
  ["storageKiB.hard", "hlStorageQuotaKBytes", 1],
  ["storageKiB.warning", "wlStorageQuotaKBytes", 0],
  ["objectCount.hard", "hlStorageQuotaCount", 3],
  ["objectCount.warning", "wlStorageQuotaCount", 2],
  ["requestsPerMinute.hard", "hlRequestRate", 5],
  ["requestsPerMinute.warning", "wlRequestRate", 4],
  ["uploadKiBPerMinute.hard", "hlDataKBytesIn", 7],
  ["uploadKiBPerMinute.warning", "wlDataKBytesIn", 6],
  ["downloadKiBPerMinute.hard", "hlDataKBytesOut", 9],
  ["downloadKiBPerMinute.warning", "wlDataKBytesOut", 8],
] as const;

/** Every other limit, from the first or the second one on. */
function limitChanges(of: string, property: string, owner: string, base: number, parity: 0 | 1): Change[] {
  return limitFields
    .filter((_, index) => index % 2 === parity)
    .map(([path, field, more]) => ({
      of,
      path: `${property}.${path}`,
      recorded: base + more,
      live: 9000 + more,
      patch: limits(owner, { [field]: 9000 + more }),
    }));
}

/** The first half of every kind's properties. */
export function firstChanges(ids: Ids): Change[] {
  const ofGroup = "CloudianGroup full";
  const ofUser = "CloudianUser full";
  const ofBucket = "EcsBucket full";
  return [
    { of: ofGroup, path: "groupName", recorded: "Declared", live: "by hand", patch: group({ groupName: "by hand" }) },
    { of: ofGroup, path: "ldap.group", recorded: "g", patch: group({ ldapGroup: "" }) },
    {
      of: ofGroup,
      path: "ldap.userDnTemplate",
      recorded: "uid={userId}",
      live: "h",
      patch: group({ ldapUserDNTemplate: "h" }),
    },
    { of: ofGroup, path: "ldap.searchUserBase", recorded: "b", live: "h", patch: group({ ldapSearchUserBase: "h" }) },
    {
      of: ofGroup,
      path: "s3Endpoints.http",
      recorded: ["a", "b"],
      live: ["b", "z"],
      patch: group({ s3endpointshttp: ["z", "b"] }),
    },
    { of: ofGroup, path: "s3Endpoints.website", recorded: ["d"], live: [], patch: group({ s3websiteendpoints: [] }) },
    ...limitChanges(ofGroup, "limits", "full/*", 100, 0),
    ...limitChanges(ofGroup, "userLimits", "full/ALL", 200, 1),
    { of: ofUser, path: "userType", recorded: "User", live: "GroupAdmin", patch: user({ userType: "GroupAdmin" }) },
    { of: ofUser, path: "email", recorded: "ada@example.test", live: "", patch: user({ emailAddr: null }) },
    { of: ofUser, path: "address.line1", recorded: "1", live: "h", patch: user({ address1: "h" }) },
    { of: ofUser, path: "address.city", recorded: "3", live: "h", patch: user({ city: "h" }) },
    { of: ofUser, path: "address.zip", recorded: "5", live: "h", patch: user({ zip: "h" }) },
    { of: ofUser, path: "website", recorded: "w", live: "h", patch: user({ website: "h" }) },
    ...limitChanges(ofUser, "limits", "bare/full", 300, 0),
    { of: "EcsObjectUser full", path: "locked", recorded: true, live: false, patch: objectUser({ locked: false }) },
    {
      of: "EcsObjectUser full",
      path: "tags.changed",
      recorded: "2",
      live: "9",
      patch: objectUser({ tags: { changed: "9" } }),
    },
    { of: ofBucket, path: "replicationGroup", recorded: "rg1", live: "rg2", patch: bucket({ vpool: otherGroup }) },
    { of: ofBucket, path: "versioning", recorded: true, live: false, patch: bucket({ versioning: "suspended" }) },
    { of: ofBucket, path: "notifyAtGiB", recorded: 5, live: 6, patch: bucket({ notificationSize: 6 }) },
    { of: ofBucket, path: "tags.removed", recorded: "3", patch: bucket({ tags: { removed: null } }) },
    { of: ofBucket, path: "accessDuringOutage", recorded: true, live: false, patch: bucket({ staleAllowed: false }) },
    {
      of: "S3Bucket full",
      path: "versioning",
      recorded: true,
      live: false,
      patch: s3Bucket({ versioning: "suspended" }),
    },
    {
      of: "S3Bucket full",
      path: "cors[0].maxAgeSeconds",
      recorded: 5,
      live: 6,
      patch: s3Bucket({ cors: [{ ...rule, maxAgeSeconds: 6 }] }),
    },
    {
      of: "S3SecondaryStorage full",
      path: "storeName",
      recorded: "full",
      live: "by hand",
      patch: imageStore(ids.store, { name: "by hand" }),
    },
    {
      of: "S3SecondaryStorage full",
      path: "bucket",
      recorded: "secondary",
      live: "by-hand",
      patch: imageStore(ids.store, { url: "https://s3.example.test/by-hand" }),
    },
    {
      of: "SecondaryStagingStore full",
      path: "path",
      recorded: "/export/one",
      live: "/by/hand",
      patch: imageStore(ids.staging, { url: "nfs://nfs.example.test/by/hand" }),
    },
    {
      of: "GlobalSetting full",
      path: "value",
      recorded: "one.example.test",
      live: "by hand",
      patch: setting("secstorage.ssl.cert.domain", "by hand"),
    },
    {
      of: "ObjectStoragePool full",
      path: "url",
      recorded: "https://one.example.test:9000",
      live: "https://two.example.test:9000",
      patch: pool(ids.pool, { url: "https://two.example.test:9000" }),
    },
  ];
}

/** The second half, on top of the first. */
export function secondChanges(ids: Ids): Change[] {
  const ofGroup = "CloudianGroup full";
  const ofUser = "CloudianUser full";
  const ofBucket = "EcsBucket full";
  return [
    { of: ofGroup, path: "active", recorded: true, live: false, patch: group({ active: "false" }) },
    { of: ofGroup, path: "ldap.enabled", recorded: true, live: false, patch: group({ ldapEnabled: false }) },
    {
      of: ofGroup,
      path: "ldap.serverUrl",
      recorded: "ldaps://one.example.test",
      live: "h",
      patch: group({ ldapServerURL: "h" }),
    },
    { of: ofGroup, path: "ldap.search", recorded: "s", live: "h", patch: group({ ldapSearch: "h" }) },
    { of: ofGroup, path: "ldap.matchAttribute", recorded: "m", live: "h", patch: group({ ldapMatchAttribute: "h" }) },
    {
      of: ofGroup,
      path: "s3Endpoints.https",
      recorded: ["c"],
      live: ["c", "z"],
      patch: group({ s3endpointshttps: ["c", "z"] }),
    },
    ...limitChanges(ofGroup, "limits", "full/*", 100, 1),
    ...limitChanges(ofGroup, "userLimits", "full/ALL", 200, 0),
    { of: ofUser, path: "fullName", recorded: "Ada", live: "by hand", patch: user({ fullName: "by hand" }) },
    { of: ofUser, path: "address.line2", recorded: "2", live: "h", patch: user({ address2: "h" }) },
    { of: ofUser, path: "address.state", recorded: "4", live: "h", patch: user({ state: "h" }) },
    { of: ofUser, path: "address.country", recorded: "6", live: "", patch: user({ country: null }) },
    { of: ofUser, path: "phone", recorded: "1", live: "h", patch: user({ phone: "h" }) },
    { of: ofUser, path: "active", recorded: true, live: false, patch: user({ active: "false" }) },
    ...limitChanges(ofUser, "limits", "bare/full", 300, 1),
    {
      of: ofUser,
      path: "keyGeneration",
      recorded: 1,
      live: 0,
      patch: { cloudian: { credentials: { [ids.userKey]: null } } },
    },
    {
      of: "EcsObjectUser full",
      path: "keyGeneration",
      recorded: 1,
      live: 0,
      patch: objectUser({ keys: [null, null] }),
    },
    { of: "EcsObjectUser full", path: "tags.added", live: "4", patch: objectUser({ tags: { added: "4" } }) },
    { of: ofBucket, path: "owner", recorded: "bare", live: "other", patch: bucket({ owner: "other" }) },
    { of: ofBucket, path: "encryption", recorded: true, live: false, patch: bucket({ encrypted: false }) },
    { of: ofBucket, path: "quotaGiB", recorded: 10, live: "none", patch: bucket({ blockSize: -1 }) },
    { of: ofBucket, path: "policy", recorded: "public", live: "private", patch: bucket({ policy: null }) },
    { of: ofBucket, path: "retentionSeconds", recorded: 60, live: 61, patch: bucket({ retention: 61 }) },
    {
      of: ofBucket,
      path: "cors[0].allowedMethods",
      recorded: ["GET"],
      live: ["GET", "PUT"],
      patch: bucket({ cors: [{ ...rule, allowedMethods: ["GET", "PUT"] }] }),
    },
    { of: "S3Bucket full", path: "policy", recorded: "public", live: denied, patch: s3Bucket({ policy: denied }) },
    { of: "S3Bucket full", path: "tags.removed", recorded: "3", patch: s3Bucket({ tags: { removed: null } }) },
    {
      of: "S3SecondaryStorage full",
      path: "endpoint",
      recorded: "https://s3.example.test:443",
      live: "https://other.example.test:443",
      patch: imageStore(ids.store, { url: "https://other.example.test/by-hand" }),
    },
    {
      of: "S3SecondaryStorage full",
      path: "useHttps",
      recorded: true,
      live: false,
      patch: imageStore(ids.store, { protocol: "http" }),
    },
    {
      of: "S3SecondaryStorage full",
      path: "readOnly",
      recorded: true,
      live: false,
      patch: imageStore(ids.store, { readOnly: false }),
    },
    {
      of: "SecondaryStagingStore full",
      path: "server",
      recorded: "nfs.example.test",
      live: "hand.example.test",
      patch: imageStore(ids.staging, { url: "nfs://hand.example.test/by/hand" }),
    },
    {
      of: "SecondaryStagingStore full",
      path: "zoneId",
      recorded: "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35",
      live: zoneTwo,
      patch: imageStore(ids.staging, { zoneId: zoneTwo }),
    },
    {
      of: "GlobalSetting members",
      path: "members",
      recorded: ["10.1.0.0/16", "10.2.0.0/16"],
      live: ["10.2.0.0/16"],
      patch: setting("secstorage.allowed.internal.sites", "10.2.0.0/16"),
    },
    {
      of: "GlobalSetting scoped",
      path: "value",
      recorded: "0.5",
      live: "0.9",
      patch: setting("pool.storage.capacity.disablethreshold", { scoped: { [`Zone/${zoneTwo}`]: "0.9" } }),
    },
    {
      of: "ObjectStoragePool full",
      path: "poolName",
      recorded: "pool",
      live: "by hand",
      patch: pool(ids.pool, { name: "by hand" }),
    },
    {
      of: "ObjectStoragePool full",
      path: "providerName",
      recorded: "MinIO",
      live: "Ceph",
      patch: pool(ids.pool, { provider: "Ceph" }),
    },
  ];
}

/** What makes an object what it is, so that another one is another object. */
export const identities: Readonly<Record<string, readonly string[]>> = {
  CloudianGroup: ["groupId"],
  CloudianUser: ["groupId", "userId"],
  EcsObjectUser: ["userName", "namespace"],
  EcsBucket: ["bucketName", "namespace"],
  S3Bucket: ["endpoint", "bucketName"],
  S3SecondaryStorage: [],
  SecondaryStagingStore: [],
  GlobalSetting: ["settingName", "scope"],
  ObjectStoragePool: [],
  // It is in no system.
  TenancyRoster: ["rosterName", "members", "maxRemovals"],
};

/** Everything that nothing here manages. */
export async function changeUnmanaged(control: LabControl, { store, bareStore, pool: poolId }: Ids): Promise<void> {
  const group = {
    groupName: "by hand",
    active: "false",
    ldapEnabled: true,
    ldapGroup: "h",
    s3endpointshttp: ["h"],
    s3endpointshttps: [],
    s3websiteendpoints: ["h"],
  };
  const fields = { fullName: "by hand", emailAddr: "h", active: "false", address1: "h", phone: "h", website: "h" };
  const bucket = { versioning: "enabled", tags: { hand: "1" }, cors: [rule] };
  await control.patch("cloudian", {
    groups: { bare: group },
    users: { "bare/bare": { ...fields, ldapEnabled: true }, "bare/full": { ldapEnabled: true } },
    limits: { "bare/*": { hlRequestRate: 77 }, "bare/ALL": { hlRequestRate: 78 }, "bare/bare": { hlRequestRate: 79 } },
    credentials: { "key-by-hand": { groupId: "bare", userId: "full" } },
    passwords: { "bare/full": "By-Hand-123" },
    s3Buckets: { bare: bucket },
  });
  await control.patch("ecs", {
    users: { "ns1/other": { tags: { hand: "1" } } },
    buckets: { "ns1/bare": { ...bucket, blockSize: 7, notificationSize: 6, retention: 5, staleAllowed: true } },
  });
  await control.patch("cloudstack", {
    imageStores: {
      [store]: { details: { connectiontimeout: "999", accesskey: "another" } },
      [bareStore]: { readOnly: true },
    },
    objectPools: { [poolId]: { sizeGib: 77, details: { accesskey: "another" } } },
    settings: { "max.ssvm.count": "9" },
  });
}

/** One of each kind that can be deleted. */
export async function deleteObjects(control: LabControl, ids: Ids): Promise<void> {
  await control.patch("cloudian", { users: { "bare/full": null }, groups: { full: null }, s3Buckets: { full: null } });
  await control.patch("ecs", { buckets: { "ns1/full": null }, users: { "ns1/full": null } });
  await control.patch("cloudstack", {
    imageStores: { [ids.store]: { removed: true }, [ids.staging]: null },
    objectPools: { [ids.pool]: null },
    zones: { [zoneTwo]: null },
  });
}

/** Makes some changes at once. */
export async function make(control: LabControl, changes: readonly Change[]): Promise<void> {
  for (const system of ["cloudian", "ecs", "cloudstack"] as const)
    await control.patch(
      system,
      changes.map(({ patch }) => patch[system] ?? {}).reduce((all, patch) => merged(all, patch), {}),
    );
}

function merged(one: Document, other: Document): Document {
  const pairs = Object.entries(other).map(([key, value]) => {
    const before = one[key];
    return [key, isDocument(before) && isDocument(value) ? merged(before, value) : value];
  });
  return { ...one, ...Object.fromEntries(pairs) };
}

function isDocument(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
