import { CloudianClient } from "../../cloudian/client.ts";
import { connectorValues } from "./connector.ts";
import type { Context, Found } from "./finding.ts";

/** Of the CMC's administrators. */
export const systemGroup = "0";

/** Whom CloudStack's administrator is in the CMC. */
export async function mappedUser(context: Context, withCloudStack: boolean): Promise<string> {
  const configured = withCloudStack ? (await connectorValues(context)).value("cloudian.cmc.admin.user") : "";
  return configured === "" ? "admin" : configured;
}

export async function* userFindings(context: Context, withCloudStack: boolean): AsyncGenerator<Found> {
  const check = "user";
  if (!adminApiSettings.some((setting) => context.settings.isGiven(setting))) {
    yield { check, ...noAdminApi };
    return;
  }
  const userId = await mappedUser(context, withCloudStack);
  const client = new CloudianClient(context.settings);
  const user = await client.getUser({ groupId: systemGroup, userId });
  const named = `The administrator ${userId} of group ${systemGroup} (cloudian.cmc.admin.user)`;
  if (user === undefined) {
    const next = "Make that user in the CMC, or name another one in cloudian.cmc.admin.user.";
    yield { check, verdict: "failed", text: `${named} does not exist.`, next };
    return;
  }
  // A system that does not show its own group has said nothing about it.
  const group = await client.getGroup(systemGroup);
  if (!isActive(user)) yield switchedOff(`${named} is not active.`, "user");
  else if (group !== undefined && !isActive(group)) yield switchedOff(`Group ${systemGroup} is not active.`, "group");
  else yield { check, verdict: "ok", text: `${named} exists and is active.` };
}

const adminApiSettings = ["cloudianEndpoint", "cloudianUsername", "cloudianPassword"] as const;

const noAdminApi = {
  verdict: "not known",
  text: "No Admin API is configured here, so that nobody looks whether the administrator exists and is active.",
  next: "Configure cloudianEndpoint, cloudianUsername and cloudianPassword.",
} as const;

function switchedOff(text: string, what: "user" | "group"): Found {
  return { check: "user", verdict: "failed", text, next: `Switch the ${what} on in the CMC.` };
}

function isActive(document: Readonly<Record<string, unknown>>): boolean {
  return String(document["active"]).toLowerCase() === "true";
}
