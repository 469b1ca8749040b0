import * as pulumi from "@pulumi/pulumi";
import { CloudianConnector } from "pulumi-cloudstack-storage";

const config = new pulumi.Config();

/** As management servers reach it. The variables come from `npx cloudstack-storage lab --env`. */
const admin = address("adminEndpoint", "CLOUDIAN_ENDPOINT", "https://s3-admin.example.com:19443");
/** As management servers and users' browsers reach it. */
const cmc = address("cmcEndpoint", "CLOUDIAN_CMC_ENDPOINT", "https://cmc.example.com:8443");

const connector = new CloudianConnector("connector", {
  adminHost: admin.hostname,
  adminPort: admin.port,
  adminProtocol: admin.scheme,
  adminUsername: "sysadmin",
  adminPassword: config.requireSecret("adminPassword"),
  cmcHost: cmc.hostname,
  cmcPort: cmc.port,
  cmcProtocol: cmc.scheme,
  // The one that single sign-on was switched on with in the CMC.
  ssoKey: config.requireSecret("ssoKey"),
  requestTimeoutSeconds: 10,
  allowDefaultSecrets: config.getBoolean("allowDefaultSecrets") ?? false,
});

export const restartRequired = connector.enabled.restartRequired;
export const namesThatMustResolve = connector.names;

function address(key: string, variable: string, example: string) {
  const text = config.get(key) ?? process.env[variable];
  if (text === undefined) throw new pulumi.RunError(`Where is it? pulumi config set ${key} ${example}`);
  const { hostname, port, protocol } = new URL(text);
  const scheme = protocol === "http:" ? "http" : "https";
  return { hostname, port: Number(port || (scheme === "https" ? 443 : 80)), scheme } as const;
}
