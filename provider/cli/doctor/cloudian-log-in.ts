import { CloudianClient } from "../../cloudian/client.ts";
import { Unauthorized } from "../../core/errors.ts";
import { adminApiLog } from "./endpoints.ts";
import type { Context, Found } from "./finding.ts";

const subject = "Admin API";

/** The oldest that CloudStack's connector works with. */
const oldest = [6, 2] as const;

/** The one request that shows whether the log-in is accepted. */
export function acceptedVersion({ settings, once }: Context): Promise<string> {
  return once("version of HyperStore", () => new CloudianClient(settings).version());
}

export async function* logInFindings(context: Context): AsyncGenerator<Found> {
  const { username } = context.settings.cloudian();
  try {
    const version = await acceptedVersion(context);
    yield { subject, check: "log-in", verdict: "ok", text: `User ${username} is accepted.` };
    yield { subject, ...versionFinding(version) };
  } catch (error) {
    if (!(error instanceof Unauthorized)) throw error;
    yield {
      subject,
      check: "log-in",
      verdict: "failed",
      text: `The log-in of user ${username} is refused (401).`,
      next: `Check cloudianUsername and cloudianPassword. What the Admin API says of it is in ${adminApiLog}.`,
      stops: true,
    };
  }
}

function versionFinding(version: string): Found {
  const text = `HyperStore ${version}.`;
  const [major, minor] = /^(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  const tooOld =
    major !== undefined && minor !== undefined && (major < oldest[0] || (major === oldest[0] && minor < oldest[1]));
  if (!tooOld) return { check: "version", verdict: "ok", text };
  const next = `CloudStack's connector needs HyperStore ${oldest.join(".")} or newer: upgrade before it is switched on.`;
  return { check: "version", verdict: "warning", text, next };
}
