import * as pulumi from "@pulumi/pulumi";
import { CloudianSecondaryStorage } from "pulumi-cloudstack-storage";

/** S3 of the HyperStore, as system VMs reach it. The variable comes from `npx cloudstack-storage lab --env`. */
const endpoint = new pulumi.Config().get("s3Endpoint") ?? process.env["CLOUDIAN_S3_ENDPOINT"];
if (endpoint === undefined)
  throw new pulumi.RunError("Where is S3? pulumi config set s3Endpoint https://s3.example.com");

const storage = new CloudianSecondaryStorage("secondary", {
  groupId: "cloudstack",
  userId: "secondary-storage",
  bucketName: "cloudstack-secondary",
  endpoint,
  // Every zone of the cloud has to be here. This is the lab's only one.
  zones: [
    { zoneId: "0d8f6c1b-52a7-4e3d-9b04-7c1e8a6f2d35", server: "nfs.example.com", path: "/export/secondary-staging" },
  ],
  // Where S3 listens: its nodes, and the load balancers before them.
  allowedInternalCidrs: ["10.20.30.0/24", "10.20.40.0/24"],
  store: {
    // The lab speaks http; a HyperStore should not.
    useHttps: endpoint.startsWith("https:"),
    readOnly: false,
    waitForTemplates: { set: "system", timeoutMinutes: 60 },
  },
});

export const bucketName = storage.bucketName;
export const accessKeyId = storage.accessKeyId;
export const secretAccessKey = storage.secretAccessKey;
export const storeName = storage.storeName;
export const namesThatMustResolve = storage.names;
