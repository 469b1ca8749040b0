import type { LabControl } from "./lab.ts";

/** Secrets of the estate, which no report and no program may show. */
export const estateSecrets = {
  ecsKey: "Ecs0Ada1Key2Made3By4Hand5abcdefghijklmno",
  lockedKey: "Ecs0Eve1Key2Made3By4Hand5abcdefghijklmno",
  setting: "Hush-Setting-Made-By-Hand",
  store: "Hush-Store-Details-By-Hand",
};

const storeId = "11111111-0000-4000-8000-000000000001";
const stagingId = "11111111-0000-4000-8000-000000000002";
const poolId = "11111111-0000-4000-8000-000000000003";

/** An estate that people made without Pulumi: every kind, and nearly every property of each with a value of its own. */
export async function makeByHand(lab: LabControl): Promise<void> {
  await lab.patch("cloudian", {
    groups: {
      blue: {
        groupName: 'The "blue" team',
        ldapEnabled: true,
        ldapGroup: "cn=blue",
        ldapServerURL: "ldaps://ldap.example.com",
        s3endpointshttp: ["s3-a.example.com", "s3-b.example.com"],
        s3endpointshttps: ["ALL"],
      },
      plain: {},
    },
    users: {
      "blue/ada": {
        fullName: "Ada",
        emailAddr: "ada@example.com",
        phone: "+44 1",
        website: "https://ada.example.com",
        address1: "1 Main Road",
        city: "London",
      },
      "blue/eve": { active: "false" },
      "blue/grace": { userType: "GroupAdmin" },
      "plain/new@user": {},
    },
    credentials: {
      "0123456789abcdef0001": { groupId: "blue", userId: "ada" },
      "0123456789abcdef0002": { groupId: "blue", userId: "eve" },
      "0123456789abcdef0003": { groupId: "plain", userId: "new@user" },
    },
    limits: {
      "blue/*": { hlStorageQuotaKBytes: 1000, wlStorageQuotaKBytes: 900 },
      "blue/ALL": { hlRequestRate: 50 },
      "blue/ada": { hlStorageQuotaCount: 7 },
    },
    buckets: { "blue/ada": [{ bucketName: "invoices" }, { bucketName: "plain-bucket" }] },
  });
  await lab.patch("cloudian", {
    s3Buckets: {
      invoices: {
        versioning: "enabled",
        tags: { team: "blue" },
        cors: [{ allowedMethods: ["GET"], allowedOrigins: ["https://a.example.com"] }],
        policy: {
          Version: "2012-10-17",
          Statement: [
            { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::invoices/public/*" },
          ],
        },
      },
    },
  });
  await lab.patch("ecs", {
    users: {
      "ns1/ada": { keys: [estateSecrets.ecsKey], tags: { team: "blue" } },
      "ns1/eve": { keys: [estateSecrets.lockedKey], locked: true },
      "ns1/keyless": {},
    },
    buckets: {
      "ns1/archive": {
        owner: "ada",
        encrypted: true,
        versioning: "enabled",
        blockSize: 5,
        notificationSize: 3,
        tags: { team: "blue" },
        retention: 60,
        staleAllowed: true,
        objects: { "a.txt": "text" },
      },
      "ns1/plain": { owner: "keyless" },
      "ns1/Not_DNS": { owner: "ada" },
    },
  });
  await lab.patch("cloudstack", {
    imageStores: {
      [storeId]: {
        name: "images",
        provider: "S3",
        role: "Image",
        scope: "REGION",
        url: "https://s3.example.com/images",
        protocol: "https",
        readOnly: true,
        details: { accesskey: "AKIA-BY-HAND", secretkey: estateSecrets.store },
      },
      [stagingId]: {
        name: "nfs://nfs.example.com/export/staging",
        provider: "NFS",
        role: "ImageCache",
        scope: "ZONE",
        url: "nfs://nfs.example.com/export/staging",
      },
    },
    objectPools: { [poolId]: { name: "pool", url: "http://minio.example.com:9000", provider: "MinIO" } },
    settings: {
      "secstorage.allowed.internal.sites": "10.0.0.0/8,192.168.1.0/24",
      "cloudian.admin.user": "by-hand",
      "cloudian.admin.password": estateSecrets.setting,
    },
  });
  await lab.clearRequests();
}

/** What was sent to the systems that could change anything there. */
export async function writingRequests(lab: LabControl): Promise<string[]> {
  return (await lab.requests()).flatMap(({ system, method, path, query, body }) => {
    const command = query["command"] ?? body?.["command"];
    const reads =
      system === "cloudstack"
        ? typeof command === "string" && /^(list|get|query|cloudianIsEnabled$)/.test(command)
        : method === "GET" || method === "HEAD";
    return reads ? [] : [`${system} ${method} ${path} ${command ?? ""}`.trim()];
  });
}
