/** A program with every kind, and a secret wherever one can be given; a copy of it is run, as a user's own would be. */
import * as pulumi from "@pulumi/pulumi";
import {
  CloudianConnector,
  CloudianGroup,
  CloudianUser,
  EcsBucket,
  EcsObjectUser,
  GlobalSetting,
  ObjectStoragePool,
  Provider,
  S3Bucket,
  S3SecondaryStorage,
  SecondaryStagingStore,
} from "pulumi-cloudstack-storage";

/** As a user's CI hands them over. */
function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new pulumi.RunError(`${name} is not set.`);
  return value;
}

const endpoint = variable("TEST_S3_ENDPOINT");
/** What the updates of the test change, so that there is something to send. */
const note = variable("TEST_NOTE");
const adminPassword = new pulumi.Config().requireSecret("adminPassword");
const referer = pulumi.secret(variable("TEST_POLICY_SECRET"));
const policyFor = (bucketName: string) =>
  pulumi.secret({
    Statement: [
      {
        Sid: note,
        Effect: "Allow" as const,
        Principal: "*" as const,
        Action: ["s3:GetObject"],
        Resource: [`arn:aws:s3:::${bucketName}/*`],
        Condition: { StringEquals: { "aws:Referer": referer } },
      },
    ],
  });

const group = new CloudianGroup("group", { groupId: "blue", groupName: note });
const user = new CloudianUser("user", {
  groupId: group.groupId,
  userId: "ada",
  fullName: note,
  password: pulumi.secret(variable("TEST_CMC_PASSWORD")),
});
/** Nothing uses the key of this one, so that it may get lost. */
new CloudianUser("spare", { groupId: group.groupId, userId: "spare" });
const { accessKeyId, secretAccessKey } = user;
const bucket = new S3Bucket("bucket", {
  endpoint,
  accessKeyId,
  secretAccessKey,
  bucketName: "secondary",
  policy: policyFor("secondary"),
});

const owner = new EcsObjectUser("owner", { userName: "owner", tags: { note } });
new EcsBucket("ecs-bucket", {
  bucketName: "backups",
  owner: owner.userName,
  tags: { note },
  policy: policyFor("backups"),
});

const staging = new SecondaryStagingStore("staging", {
  zoneId: variable("TEST_ZONE"),
  server: "nfs.example.test",
  path: "/export/staging",
});
new S3SecondaryStorage(
  "store",
  { endpoint, bucket: bucket.bucketName, accessKeyId, secretAccessKey, useHttps: false },
  { dependsOn: [staging] },
);
new ObjectStoragePool("pool", {
  url: "https://minio.example.test:9000",
  providerName: "MinIO",
  s3: { accessKeyId: "pool", secretAccessKey: pulumi.secret(variable("TEST_POOL_SECRET")) },
});
new GlobalSetting("setting", {
  settingName: "ldap.bind.password",
  value: pulumi.secret(variable("TEST_SETTING_SECRET")),
});
new CloudianConnector("connector", {
  adminHost: "admin.example.test",
  adminPassword,
  cmcHost: "cmc.example.test",
  ssoKey: pulumi.secret(variable("CLOUDIAN_SSO_KEY")),
});

const provider = new Provider("other", {
  cloudianEndpoint: variable("CLOUDIAN_ENDPOINT"),
  cloudianUsername: "sysadmin",
  cloudianPassword: adminPassword,
});
new CloudianGroup("through-provider", { groupId: "green", groupName: note }, { provider });

export const keys = { accessKeyId, secretAccessKey, ecs: owner.secretAccessKey };
