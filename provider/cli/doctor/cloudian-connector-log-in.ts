import { CloudianClient } from "../../cloudian/client.ts";
import { Unauthorized } from "../../core/errors.ts";
import { settingsNamespace } from "../../core/setting-keys.ts";
import { type ConnectionSettings, Settings } from "../../core/settings.ts";
import { acceptedVersion } from "./cloudian-log-in.ts";
import type { ConnectorValues } from "./connector.ts";
import { adminApiLog } from "./endpoints.ts";
import type { Context, Found } from "./finding.ts";

const check = "log-in";

/** Whether the Admin API accepts the connector's user and password. No password is offered twice. */
export async function connectorLogIn(
  values: ConnectorValues,
  connection: ConnectionSettings,
  context: Context,
): Promise<Found> {
  const password = values.secret("cloudian.admin.password");
  if (password === undefined || password === "") return unreadable;
  const own = context.settings.cloudian();
  const username = values.value("cloudian.admin.user");
  const isOwnAddress = connection.endpoint === own.endpoint;
  const sameUser = isOwnAddress && username === own.username;
  const isSameLogIn = username === own.username && password === own.password;
  if (isSameLogIn && (isOwnAddress || own.aliases.includes(connection.endpoint))) {
    const found = await ofTheProvider(context);
    if (isOwnAddress || found.verdict === "failed") return found;
  }
  if (sameUser && (await isAccepted(() => acceptedVersion(context))))
    return refused(`The connector has another password of user ${username} than the provider, whose one is accepted.`);
  if (await isAccepted(() => new CloudianClient(settingsFor(connection, username, password)).version()))
    return { check, verdict: "ok", text: `The connector's user ${username} is accepted.` };
  return refused(`The log-in of the connector's user ${username} is refused (401).`);
}

/** What the log-in of the provider has shown; nothing is offered again. */
async function ofTheProvider(context: Context): Promise<Found> {
  const text = "The connector has the same user and password as the provider";
  if (await isAccepted(() => acceptedVersion(context))) return { check, verdict: "ok", text: `${text}.` };
  return refused(`${text}, and they are refused (401).`);
}

function settingsFor({ endpoint, tls, transport }: ConnectionSettings, username: string, password: string): Settings {
  const given: Record<string, string | undefined> = {
    cloudianEndpoint: endpoint,
    cloudianUsername: username,
    cloudianPassword: password,
    cloudianCaFile: tls.caFile,
    cloudianCaPem: tls.caPem,
    cloudianInsecure: String(tls.insecure),
    requestTimeoutSeconds: String(transport.requestTimeoutSeconds),
  };
  return new Settings({ get: (key) => given[key.slice(settingsNamespace.length + 1)] }, {});
}

const unreadable: Found = {
  check,
  verdict: "not known",
  text: "CloudStack does not show cloudian.admin.password, so that nobody can tell whether it is right.",
  next: "If the connector's requests are refused, set it once more.",
};

function refused(text: string): Found {
  const next = `Set cloudian.admin.user and cloudian.admin.password anew. What the Admin API says of it is in ${adminApiLog}.`;
  return { check, verdict: "failed", text, next };
}

async function isAccepted(ask: () => Promise<string>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch (error) {
    if (error instanceof Unauthorized) return false;
    throw error;
  }
}
