import { connectorValues } from "./connector.ts";
import type { Context, Found } from "./finding.ts";
import { afresh } from "./sso-advice.ts";

/** The one that CloudStack has before anybody sets one: everybody knows it (reference: Cloudian Admin API, 6). */
const defaultKey = "ss0sh5r3dk3y";

/** Whether CloudStack signs with the key that is configured here, and whether that is a secret at all. */
export async function* keyFindings(
  context: Context,
  key: string | undefined,
  withCloudStack: boolean,
): AsyncGenerator<Found> {
  if (key !== undefined) yield defaultFinding("configured here (cloudianSsoKey)", key);
  if (!withCloudStack) return;
  const values = await connectorValues(context);
  if (!values.areUsed) return;
  const theirs = values.secret("cloudian.sso.key");
  if (theirs === undefined || theirs === "") {
    yield unreadable;
    return;
  }
  if (theirs !== key) yield defaultFinding("in CloudStack (cloudian.sso.key)", theirs);
  yield comparison(key, theirs);
}

function defaultFinding(where: string, key: string): Found {
  const check = "key-default";
  if (key !== defaultKey) return { check, verdict: "ok", text: `The key ${where} is not CloudStack's default.` };
  return {
    check,
    verdict: "failed",
    text: `The key ${where} is CloudStack's default, with which anybody can log in as anybody.`,
    next: "Give the CMC a key of your own (cmc.sso.sharedKey), then cloudian.sso.key and cloudianSsoKey the same one.",
  };
}

function comparison(key: string | undefined, theirs: string): Found {
  const check = "key";
  if (key === undefined) {
    const next = "Configure cloudianSsoKey to have it compared and tried.";
    return { check, verdict: "not known", text: "No key is configured here to compare with CloudStack's.", next };
  }
  if (key === theirs) return { check, verdict: "ok", text: "CloudStack has the key that is configured here." };
  return {
    check,
    verdict: "failed",
    text: "The key in CloudStack (cloudian.sso.key) is another than the one configured here (cloudianSsoKey).",
    next: `Give both the key that the CMC has. ${afresh}`,
  };
}

const unreadable: Found = {
  check: "key",
  verdict: "not known",
  text: "CloudStack does not show cloudian.sso.key, so that it cannot be compared.",
  next: "If users land on the CMC's log-in page, set it once more.",
};
