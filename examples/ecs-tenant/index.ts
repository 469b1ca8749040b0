import { EcsBucket, EcsObjectUser } from "pulumi-cloudstack-storage";

/** Where CloudStack's web pages come from; its bucket browser calls ECS from there. */
const cloudStackOrigin = "https://cloud.example.com";

const user = new EcsObjectUser("blue", { tags: { tenant: "blue" } });

new EcsBucket("blue-backups", {
  owner: user.userName,
  encryption: true,
  versioning: true,
  quotaGiB: 500,
  notifyAtGiB: 400,
  policy: "private",
  tags: { tenant: "blue", content: "backups" },
});

const website = new EcsBucket("blue-website", {
  owner: user.userName,
  quotaGiB: 10,
  policy: "public",
  tags: { tenant: "blue", content: "website" },
  cors: [
    {
      allowedOrigins: [cloudStackOrigin],
      allowedMethods: ["GET", "HEAD", "PUT", "POST", "DELETE"],
      allowedHeaders: ["*"],
      exposeHeaders: ["ETag"],
    },
  ],
});

export const accessKeyId = user.accessKeyId;
export const secretAccessKey = user.secretAccessKey;
export const s3Endpoint = user.s3Endpoint;
export const publicUrl = website.publicUrl;
