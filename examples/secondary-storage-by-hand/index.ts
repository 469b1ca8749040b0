import * as pulumi from "@pulumi/pulumi";
import {
  CloudianGroup,
  CloudianUser,
  GlobalSetting,
  getZones,
  S3Bucket,
  S3SecondaryStorage,
  SecondaryStagingStore,
} from "pulumi-cloudstack-storage";

/** S3 of the HyperStore, as system VMs reach it. The variable comes from `npx cloudstack-storage lab --env`. */
const endpoint = new pulumi.Config().get("s3Endpoint") ?? process.env["CLOUDIAN_S3_ENDPOINT"];
if (endpoint === undefined)
  throw new pulumi.RunError("Where is S3? pulumi config set s3Endpoint https://s3.example.com");

// 1. A group and a user for the storage alone.
const group = new CloudianGroup("group", { groupId: "cloudstack", groupName: "CloudStack" });
const user = new CloudianUser("user", { groupId: group.groupId, userId: "secondary-storage" });

// 2. A bucket for the storage alone; the user's key makes and owns it.
const { accessKeyId, secretAccessKey } = user;
const bucket = new S3Bucket("bucket", { endpoint, accessKeyId, secretAccessKey, bucketName: "cloudstack-secondary" });

// 3. What to note down. The stack keeps it, the secret key encrypted.
export { accessKeyId, endpoint, secretAccessKey };
export const bucketName = bucket.bucketName;

// 4. The networks of S3, opened to system VMs. The restart of the management servers after it is yours.
const sites = new GlobalSetting("internal-sites", {
  settingName: "secstorage.allowed.internal.sites",
  members: ["10.20.30.0/24", "10.20.40.0/24"],
});
export const restartRequired = sites.restartRequired;

// 5. An NFS staging store in every zone. The look-up asks CloudStack whenever this program runs.
const { zones } = await getZones();
const stagingStores = zones.map(
  ({ id, name }) =>
    new SecondaryStagingStore(`staging-${name}`, {
      zoneId: id,
      server: `nfs.${name}.example.com`,
      path: "/export/secondary-staging",
    }),
);

// 6. NFS secondary storage has to go first, or be converted. While there is any the store is refused, and the error names it.

// 7. The store. Before it is added, the bucket is looked up with exactly these details.
const store = new S3SecondaryStorage(
  "store",
  {
    endpoint,
    bucket: bucket.bucketName,
    accessKeyId,
    secretAccessKey,
    useHttps: endpoint.startsWith("https:"),
    requireStagingStores: true,
    // 8. The templates of system VMs, ready in every zone. If the time is up, restart the secondary storage VM.
    waitForTemplates: { set: "system", timeoutMinutes: 60 },
  },
  // So that they go after it.
  { dependsOn: [sites, ...stagingStores] },
);
export const storeName = store.storeName;
