import type { Settings } from "../../core/settings.ts";
import type { Endpoint } from "./finding.ts";

export const adminApiLog = "/var/log/cloudian/cloudian-admin.log";

const s3Users =
  "The management servers, the secondary storage VMs and the browsers of users (pre-signed URLs), who also use bucket names in front of it,";

export function adminApi(settings: Settings): Endpoint {
  return {
    name: "admin-api",
    subject: "Admin API",
    connection: settings.cloudian(),
    settingPrefix: "cloudian",
    setting: "cloudianEndpoint",
    usualPorts: "19443",
    alsoUsedBy: "The management servers (connector, object storage pool)",
    log: adminApiLog,
  };
}

/** None where no setting names it; as all others that are optional. */
export function cloudianS3(settings: Settings): Endpoint[] {
  const { s3 } = settings.cloudianSides();
  if (s3 === undefined) return [];
  const endpoint: Endpoint = {
    name: "cloudian-s3",
    subject: "S3",
    connection: s3,
    settingPrefix: "s3",
    setting: "cloudianS3Endpoint",
    usualPorts: "443, plain 80",
    signed: true,
    alsoUsedBy: s3Users,
  };
  return [endpoint];
}

export function cmc(settings: Settings): Endpoint[] {
  const { cmc: connection } = settings.cloudianSides();
  if (connection === undefined) return [];
  const endpoint: Endpoint = {
    name: "cmc",
    subject: "CMC",
    connection: { ...connection, endpoint: new URL(connection.endpoint).origin },
    settingPrefix: "cloudian",
    setting: "cloudianCmcEndpoint",
    usualPorts: "8443",
    path: "/Cloudian/",
    isConsole: true,
    signed: true,
    alsoUsedBy: "The browsers of users",
    log: "the CMC's log on the HyperStore nodes",
  };
  return [endpoint];
}

export function ecsApi(settings: Settings): Endpoint {
  return {
    name: "ecs-api",
    subject: "management API",
    connection: settings.ecs(),
    settingPrefix: "ecs",
    setting: "ecsEndpoint",
    usualPorts: "4443",
    alsoUsedBy: "The management servers (object storage pool)",
  };
}

export function ecsS3(settings: Settings): Endpoint[] {
  const { s3, transport } = settings.ecs();
  if (s3.endpoint === undefined) return [];
  const endpoint: Endpoint = {
    name: "ecs-s3",
    subject: "S3",
    connection: { endpoint: s3.endpoint, tls: s3.tls, transport },
    settingPrefix: "ecsS3",
    setting: "ecsS3Endpoint",
    usualPorts: "9021, plain 9020",
    signed: true,
    alsoUsedBy: s3Users,
  };
  return [endpoint];
}

export function cloudstackApi(settings: Settings): Endpoint {
  return {
    name: "cloudstack-api",
    subject: "API",
    connection: settings.cloudstack(),
    settingPrefix: "cloudstack",
    setting: "cloudstackEndpoint",
    usualPorts: "443, plain 8080",
    log: "/var/log/cloudstack/management/management-server.log",
  };
}
