import { cloudianLogoutUrl, cloudianSsoUrl } from "../../cloudian/sso.ts";
import { transportTo } from "../../core/connections.ts";
import { quoted } from "../../core/http.ts";
import { isLoopback } from "../../core/names.ts";
import { rememberSecret } from "../../core/redact.ts";
import type { ConnectionSettings } from "../../core/settings.ts";
import { type Answer, type Attempt, header } from "../../core/transport.ts";
import type { Context, Found } from "./finding.ts";
import { afresh, ssoLogs } from "./sso-advice.ts";
import { mappedUser, systemGroup } from "./sso-user.ts";

const check = "log-in";

interface SsoAccess {
  readonly ssoKey: string | undefined;
  readonly cmc: ConnectionSettings | undefined;
  readonly withCloudStack: boolean;
}

/** Logs in with a fresh URL, as CloudStack's administrator would, and out again. */
export async function* logInFindings(
  context: Context,
  { ssoKey, cmc, withCloudStack }: SsoAccess,
): AsyncGenerator<Found> {
  if (ssoKey === undefined || cmc === undefined) {
    yield notTried(`${ssoKey === undefined ? "cloudianSsoKey" : "cloudianCmcEndpoint"} is not configured.`);
    return;
  }
  if (cmc.endpoint.startsWith("http:") && !isLoopback(cmc.endpoint)) {
    yield notTried("The URL of a log-in is a credential, and over plain HTTP it could be read on the way.");
    return;
  }
  const userId = await mappedUser(context, withCloudStack);
  const url = new URL(
    cloudianSsoUrl({ cmcEndpoint: cmc.endpoint, userId, groupId: systemGroup, ssoKey, timestampMs: context.now() }),
  );
  rememberSecret(url.searchParams.get("signature") ?? "");
  const browser = new Browser(cmc);
  const refusal = await refusalOf(browser, url);
  yield refusal ?? {
    check,
    verdict: "ok",
    text: `The CMC logs ${userId} of group ${systemGroup} in with a fresh URL.`,
  };
}

async function refusalOf(browser: Browser, url: URL): Promise<Found | undefined> {
  try {
    return await refusalIn(browser, await browser.get(url), url);
  } finally {
    await browser.logOut();
  }
}

/** Another page than the one behind the log-in. */
const wrongPage = /(^|\/)(log-?in|error|denied)[^/]*$/i;

const mostRedirects = 5;

/** Redirects are followed as a browser does: the log-in page may come at once, or behind them. */
async function refusalIn(browser: Browser, answer: Answer, url: URL): Promise<Found | undefined> {
  if (locationOf(answer) === undefined) return refused(answer);
  let page = answer;
  let at = url;
  for (let count = 0; count < mostRedirects; count += 1) {
    const location = locationOf(page);
    if (location === undefined) return page.status >= 300 || isLogInPage(page) ? refused(page) : undefined;
    const target = URL.parse(location, at.href);
    if (target?.hostname !== url.hostname || wrongPage.test(target.pathname))
      return refused(page, ` It leads to ${target === null ? "nowhere" : `${target.host}${target.pathname}`}.`);
    // Behind what ends TLS, the CMC may give its own address in place of the one that browsers use.
    at = new URL(`${target.pathname}${target.search}`, url.origin);
    page = await browser.get(at);
  }
  return refused(page, " Its redirects do not end.");
}

function locationOf({ status, headers }: Answer): string | undefined {
  return status >= 300 && status < 400 ? header(headers["location"]) : undefined;
}

function isLogInPage({ status, body }: Answer): boolean {
  return status < 300 && (/<input[^>]+type=["']?password/i.test(body) || /please (log|sign) in/i.test(body));
}

function refused({ status, body }: Answer, more = ""): Found {
  return {
    check,
    verdict: "failed",
    text: `The CMC does not accept a fresh log-in URL: it answers ${status}${quoted(body)}.${more}`,
    next:
      "In the CMC, single sign-on has to be on (cmc.sso.enabled) with the same key (cmc.sso.sharedKey); the clocks have to agree, " +
      `and the user has to exist and be active. ${ssoLogs} ${afresh}`,
  };
}

function notTried(text: string): Found {
  const next = "Configure cloudianCmcEndpoint, with https:, and cloudianSsoKey.";
  return { check, verdict: "not known", text: `Not tried. ${text}`, next };
}

/** A browser with one cookie. */
class Browser {
  readonly #connection: ConnectionSettings;
  #cookie: string | undefined;

  constructor(connection: ConnectionSettings) {
    this.#connection = { ...connection, endpoint: new URL(connection.endpoint).origin };
  }

  async get(url: URL): Promise<Answer> {
    const { answer, error } = await this.#attempt(url);
    if (answer === undefined) throw error;
    this.#cookie = header(answer.headers["set-cookie"])?.split(";")[0] ?? this.#cookie;
    return answer;
  }

  /** So that no session stays behind; one that does ends by itself. */
  async logOut(): Promise<void> {
    const { endpoint } = this.#connection;
    if (this.#cookie !== undefined)
      await this.#attempt(new URL(cloudianLogoutUrl({ cmcEndpoint: endpoint, redirect: endpoint })));
  }

  #attempt({ pathname, search }: URL): Promise<Attempt> {
    const headers: Record<string, string> = this.#cookie === undefined ? {} : { cookie: this.#cookie };
    return transportTo(this.#connection, "cloudian").attempt(
      { what: "log in to the CMC", effect: "log-in" },
      { method: "GET", path: pathname, query: search.slice(1), headers },
      1,
    );
  }
}
