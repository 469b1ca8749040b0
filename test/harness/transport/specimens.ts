import type { LabAddresses } from "../../../lab/index.ts";
import { type Properties, s3Key, type Way, ways } from "./ways.ts";

/** One kind as a program declares it, and the way on which its requests go. */
export interface Specimen {
  readonly kind: string;
  readonly way: Way;
  /** Inputs with every aspect that has a request of its own; `name` is another one for each object. */
  inputs(name: string, addresses: LabAddresses): Properties;
  /** What a later program declares otherwise; nothing where an update has no request of its own. */
  readonly change?: Properties;
}

function way(prefix: Way["prefix"]): Way {
  const found = ways.find((candidate) => candidate.prefix === prefix);
  if (found === undefined) throw new Error(`there is no way ${prefix}`);
  return found;
}

const policy = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::any"] }],
};
const policyOf = (bucket: string) => JSON.parse(JSON.stringify(policy).replace(":::any", `:::${bucket}`));
const limits = { storageKiB: { hard: 1024 } };
const cors = [{ allowedMethods: ["GET"], allowedOrigins: ["https://cloud.example"] }];

export const specimens: readonly Specimen[] = [
  {
    kind: "CloudianGroup",
    way: way("cloudian"),
    inputs: (name) => ({ groupId: name, groupName: "any", limits, forceDestroy: true }),
    change: { groupName: "other", active: false },
  },
  {
    kind: "CloudianUser",
    way: way("cloudian"),
    inputs: (name) => ({ groupId: "cloudstack", userId: name, fullName: "any", limits }),
    change: { fullName: "other", keyGeneration: 2 },
  },
  {
    kind: "EcsObjectUser",
    way: way("ecs"),
    inputs: (name) => ({ userName: name, namespace: "ns1", tags: { team: "any" } }),
    change: { tags: { team: "other" }, keyGeneration: 2 },
  },
  {
    kind: "EcsBucket",
    way: way("ecs"),
    inputs: (name) => ({
      ...{
        bucketName: name,
        namespace: "ns1",
        owner: "own",
        replicationGroup: "rg1",
        quotaGiB: 50,
        tags: { team: "any" },
      },
      ...{ policy: policyOf(name), forceDestroy: true },
    }),
    change: { tags: { team: "other" }, quotaGiB: 60, policy: "private" },
  },
  {
    kind: "EcsBucket",
    way: way("ecsS3"),
    inputs: (name) => ({ bucketName: name, namespace: "ns1", owner: "own", versioning: true, cors }),
  },
  {
    kind: "S3Bucket",
    way: way("s3"),
    inputs: (name, { cloudian }) => ({
      ...{ endpoint: cloudian.s3Endpoint, bucketName: name, ...s3Key, versioning: true, cors, tags: { team: "any" } },
      ...{ policy: policyOf(name), forceDestroy: true },
    }),
    change: { tags: { team: "other" }, policy: "private", cors: [] },
  },
  {
    kind: "S3SecondaryStorage",
    way: way("cloudstack"),
    inputs: (name) => ({
      ...{ storeName: name, endpoint: "https://s3.example:443", bucket: name, ...s3Key },
      verifyBucket: false,
    }),
  },
  {
    kind: "SecondaryStagingStore",
    way: way("cloudstack"),
    inputs: (name, { cloudstack }) => ({ zoneId: cloudstack.zoneId, server: "nfs.example", path: `/${name}` }),
  },
  {
    kind: "ObjectStoragePool",
    way: way("cloudstack"),
    inputs: (name) => ({ poolName: name, url: `https://${name}.example:9000`, providerName: "MinIO", s3: s3Key }),
  },
  {
    kind: "GlobalSetting",
    way: way("cloudstack"),
    inputs: (name) => ({ settingName: name.replace("a-", "lab.count."), value: "7" }),
    change: { value: "8" },
  },
];
