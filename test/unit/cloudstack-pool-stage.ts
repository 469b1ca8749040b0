import { beforeEach } from "vitest";
import { poolHandler } from "../../provider/cloudstack/object-storage-pool.handler.ts";
import { cloudStackKind } from "./cloudstack-kind-stage.ts";
import { says } from "./cloudstack-server.ts";

export const URL = "https://pool.example.test:9000";
export const S3 = { accessKeyId: "AK", secretAccessKey: "Canary-pool-s3" };
export const ECS = { managementUrl: "https://ecs.example.test:4443", username: "pulumi", password: "Canary-pool-ecs" };
export const CLOUDIAN = {
  username: "sysadmin",
  password: "Canary-pool-cloudian",
  s3Url: "https://s3.example.test",
  iamUrl: "https://iam.example.test:16443",
  validateSsl: false,
};

/** A cloud whose pools a test lists, and which does whatever it is told. */
export function poolStage() {
  const stage = cloudStackKind(poolHandler);
  const { cloud } = stage;
  /** As `check` returns them, and the engine hands them on. */
  const inputs = (more: object = {}) => ({
    poolName: "main",
    url: URL,
    providerName: "MinIO",
    s3: S3,
    adopt: false,
    __provider: "text",
    ...more,
  });
  const lists = (...pools: object[]) => {
    cloud.answers["listObjectStoragePools"] = [says("r", { count: pools.length, objectstore: pools })];
  };
  beforeEach(() => {
    lists();
    cloud.answers["addObjectStoragePool"] = [says("r", { objectstore: { id: "id-1", name: "main" } })];
    cloud.answers["updateObjectStoragePool"] = [says("r", { objectstore: { id: "id-1" } })];
    cloud.answers["deleteObjectStoragePool"] = [says("r", { success: true })];
    cloud.answers["cloudianIsEnabled"] = [says("r", { cloudianisenabled: { enabled: false } })];
    cloud.answers["listBuckets"] = [says("r", {})];
  });
  return Object.assign(stage, {
    inputs,
    recorded: (more: object = {}) => inputs({ systemEndpoint: cloud.endpoint, ...more }),
    /** As CloudStack lists one. */
    live: (more: object = {}) => ({ id: "id-1", name: "main", url: URL, providername: "MinIO", ...more }),
    lists,
  });
}
