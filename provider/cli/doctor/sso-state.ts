import { CloudStackClient } from "../../cloudstack/client.ts";
import { callableCommands } from "../../cloudstack/command-list.ts";
import { connectorState } from "../../cloudstack/connector.ts";
import { normalizeEndpoint } from "../../core/names.ts";
import type { Context, Found } from "./finding.ts";
import { afresh, ssoLogs } from "./sso-advice.ts";

const subject = "connector";

/** Whether CloudStack sends its users to the CMC, to the right one, and has the command for it. */
export async function* stateFindings(
  context: Context,
  cmcEndpoint: string | undefined,
  withCloudStack: boolean,
): AsyncGenerator<Found> {
  if (!withCloudStack) {
    yield { subject, ...noCloudStack };
    return;
  }
  const { api } = CloudStackClient.of(context.settings);
  const state = await connectorState(api);
  if (!state?.enabled) {
    yield { subject, ...off };
    return;
  }
  yield { subject, check: "enabled", verdict: "ok", text: "CloudStack's Cloudian connector is on." };
  if (cmcEndpoint !== undefined) yield { subject, ...urlFinding(state.url, cmcEndpoint) };
  const commands = await context.once("callable commands", () => callableCommands(api));
  yield { subject, ...restartFinding(commands.has("cloudianSsoLogin")) };
}

const noCloudStack: Found = {
  check: "enabled",
  verdict: "not known",
  text: "No CloudStack is configured here, so that what it has is not compared.",
  next: "Configure cloudstackEndpoint, cloudstackApiKey and cloudstackSecretKey.",
};

const off: Found = {
  check: "enabled",
  verdict: "warning",
  text: "CloudStack's Cloudian connector is off, so that its users do not get to the CMC.",
  next: "If they shall, set cloudian.connector.enabled to true and restart the management servers.",
};

function urlFinding(url: string, cmcEndpoint: string): Found {
  const check = "url";
  const wanted = `${new URL(cmcEndpoint).origin}/Cloudian/`;
  if (normalizeEndpoint(url) === normalizeEndpoint(wanted))
    return { check, verdict: "ok", text: `CloudStack sends its users to ${url}.` };
  return {
    check,
    verdict: "failed",
    text: `CloudStack sends its users to ${url}, and the CMC that is configured here is ${wanted}.`,
    next: `Correct cloudian.cmc.host, cloudian.cmc.port and cloudian.cmc.protocol, or cloudianCmcEndpoint. ${afresh}`,
  };
}

function restartFinding(hasCommand: boolean): Found {
  const check = "restart";
  if (hasCommand)
    return { check, verdict: "ok", text: "The management servers run with the connector (cloudianSsoLogin is there)." };
  return {
    check,
    verdict: "failed",
    text: "The connector is switched on, but cloudianSsoLogin is not there: a restart of the management servers is pending.",
    next: `Restart all management servers. ${afresh} ${ssoLogs}`,
  };
}
