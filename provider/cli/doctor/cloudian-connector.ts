import { normalizeEndpoint } from "../../core/names.ts";
import type { Settings, SystemSettings } from "../../core/settings.ts";
import { connectorLogIn } from "./cloudian-connector-log-in.ts";
import { type ConnectorValues, connectorValues } from "./connector.ts";
import { endpointFindings } from "./endpoint.ts";
import { adminApi } from "./endpoints.ts";
import type { Context, Endpoint, Found } from "./finding.ts";

const subject = "connector";

/** The Admin API as CloudStack's connector reaches it: with the values of its `cloudian.*` settings. */
export async function* connectorFindings(context: Context): AsyncGenerator<Found> {
  const values = await connectorValues(context);
  if (!values.areUsed) {
    yield { subject, check: "enabled", verdict: "ok", text: unused(values) };
    return;
  }
  const ours = context.settings.cloudian();
  const address = addressFinding(values, ours);
  yield { subject, ...address };
  if (values.value("cloudian.validate.ssl") === "false" && values.address("admin").startsWith("https:"))
    yield { subject, ...unverified };
  const endpoint = endpointOf(values, context.settings);
  if (endpoint === undefined) return;
  if (address.verdict === "failed") {
    for await (const found of endpointFindings(endpoint, context)) {
      yield found;
      if (found.stops) return;
    }
  }
  yield { subject, ...(await connectorLogIn(values, endpoint.connection, context)) };
}

function unused({ exist }: ConnectorValues): string {
  return exist
    ? "CloudStack's Cloudian connector is off, so that nothing uses its settings."
    : "This CloudStack has no Cloudian connector.";
}

function addressFinding(values: ConnectorValues, { endpoint, aliases }: SystemSettings): Found {
  const check = "address";
  const address = values.address("admin");
  const known = [endpoint, ...aliases];
  if (known.includes(normalizeEndpoint(address) ?? ""))
    return { check, verdict: "ok", text: `The connector uses ${address}, as the provider does.` };
  return {
    check,
    verdict: "failed",
    text: `The connector uses ${address}, the provider ${endpoint}.`,
    next:
      "Correct cloudian.admin.host, cloudian.admin.port and cloudian.admin.protocol; if both lead to the same system, " +
      "name the connector's address in cloudianEndpointAliases.",
  };
}

const unverified: Found = {
  check: "tls",
  verdict: "warning",
  text: "cloudian.validate.ssl is false: the connector does not verify the certificate of the Admin API.",
  next: "Put the authority's certificate into the trust store of the management servers' Java, and set it to true.",
};

/** With the authorities that are trusted here: those that the connector trusts are not known. */
function endpointOf(values: ConnectorValues, settings: Settings): Endpoint | undefined {
  const ours = adminApi(settings);
  const { tls } = ours.connection;
  const endpoint = normalizeEndpoint(values.address("admin"));
  if (endpoint === undefined) return undefined;
  const insecure = tls.insecure || values.value("cloudian.validate.ssl") === "false";
  return {
    ...ours,
    name: "connector-admin-api",
    subject: "connector's Admin API",
    connection: { endpoint, tls: { ...tls, insecure }, transport: ours.connection.transport },
    setting: "cloudian.admin.host, .port and .protocol",
  };
}
