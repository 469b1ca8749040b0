import type { LabControl } from "../harness/lab.ts";
import { zoneOne } from "./cloudstack-live.ts";

/** A zone that the test adds, for a staging store that somebody moves there. */
export const zoneTwo = "77a1c5de-3b60-4f1c-8f0e-2d9b4a6c8e10";

/**
 * One of each kind with every property that it has (`full`), which for some takes two, and one with nothing but what is
 * required (`bare`).
 */
export const program = `
import * as storage from "pulumi-cloudstack-storage";

const pairs = (base) => ({
  storageKiB: { hard: base + 1, warning: base },
  objectCount: { hard: base + 3, warning: base + 2 },
  requestsPerMinute: { hard: base + 5, warning: base + 4 },
  uploadKiBPerMinute: { hard: base + 7, warning: base + 6 },
  downloadKiBPerMinute: { hard: base + 9, warning: base + 8 },
});
const cors = [{ allowedMethods: ["GET"], allowedOrigins: ["https://one.example.test"], allowedHeaders: ["x-a"], exposeHeaders: ["ETag"], maxAgeSeconds: 5 }];
const tags = { kept: "1", changed: "2", removed: "3" };

const group = new storage.CloudianGroup("full", {
  groupId: "full", groupName: "Declared", active: true, onDestroy: "delete", forceDestroy: false, adopt: false,
  ldap: { enabled: true, group: "g", serverUrl: "ldaps://one.example.test", userDnTemplate: "uid={userId}", search: "s", searchUserBase: "b", matchAttribute: "m" },
  s3Endpoints: { http: ["a", "b"], https: ["c"], website: ["d"] },
  limits: pairs(100), userLimits: pairs(200),
});
const bare = new storage.CloudianGroup("bare", { groupId: "bare" });
new storage.CloudianUser("full", {
  groupId: bare.groupId, userId: "full", userType: "User", fullName: "Ada", email: "ada@example.test", phone: "1", website: "w", active: true,
  address: { line1: "1", line2: "2", city: "3", state: "4", zip: "5", country: "6" },
  limits: pairs(300), password: "First-Pass-1", keyGeneration: 1, previousKeys: "keep", onDestroy: "delete", adopt: false,
});
new storage.CloudianUser("bare", { groupId: bare.groupId, userId: "bare" });
const home = new storage.CloudianGroup("home", { groupId: "home" });
const tenant = new storage.CloudianUser("tenant", { groupId: home.groupId, userId: "tenant" });

new storage.EcsObjectUser("full", {
  userName: "full", namespace: "ns1", locked: true, tags, keyGeneration: 1, previousKeyExpiryMinutes: 5, onDestroy: "delete", adopt: false,
});
const owner = new storage.EcsObjectUser("bare", { userName: "bare" });
const other = new storage.EcsObjectUser("other", { userName: "other" });
new storage.EcsBucket("full", {
  bucketName: "full", namespace: "ns1", owner: owner.userName, replicationGroup: "rg1", encryption: true, versioning: true, quotaGiB: 10, notifyAtGiB: 5,
  policy: "public", tags, retentionSeconds: 60, accessDuringOutage: true, cors, allowNonDnsName: false, forceDestroy: false, adopt: false,
}, { dependsOn: [other] });
new storage.EcsBucket("bare", { bucketName: "bare", owner: owner.userName });

const reach = { endpoint: process.env.CLOUDIAN_S3_ENDPOINT, accessKeyId: tenant.accessKeyId, secretAccessKey: tenant.secretAccessKey };
new storage.S3Bucket("full", {
  ...reach, bucketName: "full", versioning: true, policy: "public", cors, tags, storagePolicy: "policy-1",
  region: "us-east-1", pathStyle: true, forceDestroy: false, adopt: false,
});
new storage.S3Bucket("bare", { ...reach, bucketName: "bare" });

const store = { endpoint: "https://s3.example.test", bucket: "secondary", accessKeyId: "access-1", secretAccessKey: "secret-of-access-1", verifyBucket: false };
const staging = new storage.SecondaryStagingStore("full", { zoneId: "${zoneOne}", server: "nfs.example.test", path: "/export/one", adopt: false });
new storage.S3SecondaryStorage("full", {
  ...store, storeName: "full", useHttps: true, s3Signer: "v4", connectionTimeoutMs: 1, socketTimeoutMs: 2, maxErrorRetry: 3, connectionTtlMs: 4,
  useTcpKeepAlive: true, readOnly: true, requireStagingStores: false, onDestroy: "delete", adopt: false,
}, { dependsOn: [staging] });
new storage.S3SecondaryStorage("bare", { ...store, storeName: "bare" }, { dependsOn: [staging] });

new storage.TenancyRoster("full", { rosterName: "full", members: { "1": "ada" }, maxRemovals: 1 });
new storage.GlobalSetting("full", { settingName: "secstorage.ssl.cert.domain", value: "one.example.test", onDestroy: "reset" });
new storage.GlobalSetting("scoped", { settingName: "pool.storage.capacity.disablethreshold", value: 0.5, scope: { type: "zone", id: "${zoneTwo}" } });
new storage.GlobalSetting("members", { settingName: "secstorage.allowed.internal.sites", members: ["10.1.0.0/16", "10.2.0.0/16"] });

new storage.ObjectStoragePool("full", {
  poolName: "pool", url: "https://one.example.test:9000", providerName: "MinIO", s3: { accessKeyId: "pool-key", secretAccessKey: "secret-of-pool" }, adopt: false,
});
new storage.ObjectStoragePool("cloudian", {
  poolName: "cloudian", url: "https://admin.example.test:19443", providerName: "Cloudian HyperStore",
  cloudian: { username: "sysadmin", password: "public", s3Url: "https://s3.example.test", iamUrl: "https://iam.example.test:16443", validateSsl: true },
});
new storage.ObjectStoragePool("ecs", {
  poolName: "ecs", url: "https://ecs.example.test:9021", providerName: "ECS",
  ecs: { managementUrl: "https://ecs.example.test:4443", username: "u", password: "secret-of-ecs-pool", namespace: "ns1", insecure: false },
});
`;

/** What the program needs to be there. */
export async function prepare(control: LabControl): Promise<void> {
  await control.patch("cloudian", { storagePolicies: { "policy-1": "first" } });
  await control.patch("cloudstack", {
    zones: { [zoneTwo]: { name: "zone-two", allocationState: "Disabled" } },
    // A release that has pools on ECS.
    options: { statisticsSeconds: 0, release: "next" },
  });
}
