import { isLoopback } from "../../core/names.ts";
import { type Patience, speaksPlainHttp } from "../../core/probe.ts";
import { lookAtTls, type SentCertificate, type TlsLook } from "../../core/probe-tls.ts";
import { proxyFor } from "../../core/proxy.ts";
import { type Open, placeOf } from "./endpoint-network.ts";
import type { Context, Endpoint, Found } from "./finding.ts";
import { distrustIn } from "./tls-trust.ts";

const dayMs = 24 * 60 * 60 * 1000;
const soonDays = 30;

/** Chain, host name and dates of the certificate; plain HTTP, where the endpoint asks for it. */
export async function* tlsFindings(
  endpoint: Endpoint,
  open: Open,
  context: Context,
  patience: Patience,
): AsyncGenerator<Found> {
  const { connection, settingPrefix } = endpoint;
  if (connection.endpoint.startsWith("http:")) {
    yield plainFinding(endpoint);
    return;
  }
  const { host } = placeOf(connection.endpoint);
  const look = await lookAtTls(open, host, { tls: connection.tls, settingPrefix }, patience);
  if ("failure" in look) {
    yield await handshakeFailed(endpoint, look.failure, patience);
    return;
  }
  const about = [chainFinding(endpoint, look), nameFinding(endpoint, host, look)];
  const dates = datesFinding(endpoint, look, context);
  yield* about;
  // All three are told before the connection is given up.
  const usable = [...about, dates].every(({ verdict }) => verdict !== "failed");
  yield usable ? dates : { ...dates, stops: true };
}

function plainFinding({ connection, setting }: Endpoint): Found {
  if (isLoopback(connection.endpoint))
    return { check: "tls", verdict: "ok", text: "Plain HTTP, which does not leave this machine." };
  return {
    check: "tls",
    verdict: "warning",
    text: "Plain HTTP: whoever is on the way can read and change what is sent, log-ins too.",
    next: `Use the service's TLS port, with https: in ${setting}.`,
  };
}

async function handshakeFailed(endpoint: Endpoint, failure: string, patience: Patience): Promise<Found> {
  const { host, port } = placeOf(endpoint.connection.endpoint);
  const plain = proxyFor(endpoint.connection.endpoint) === undefined && (await speaksPlainHttp(host, port, patience));
  return {
    check: "tls",
    verdict: "failed",
    text: plain
      ? `Port ${port} speaks plain HTTP, and ${endpoint.setting} begins with https:.`
      : `The TLS handshake at port ${port} fails (${failure}).`,
    next: plain
      ? `Give ${endpoint.setting} the TLS port (usual: ${endpoint.usualPorts}), or http: where there is none.`
      : `Check that port ${port} is the service's, and which versions of TLS it takes.`,
    stops: true,
  };
}

function chainFinding(endpoint: Endpoint, look: TlsLook): Found {
  const { insecure } = endpoint.connection.tls;
  const distrust = distrustIn(look, endpoint.settingPrefix);
  const [own] = look.chain;
  if (distrust === undefined && !insecure)
    return { check: "tls", verdict: "ok", text: `The certificate is issued by ${own?.issuer}, which is trusted here.` };
  if (distrust === undefined)
    return {
      check: "tls",
      verdict: "warning",
      text: `${endpoint.settingPrefix}Insecure is set, so that nobody looks at the certificate.`,
      next: `Remove ${endpoint.settingPrefix}Insecure.`,
    };
  return { check: "tls", verdict: insecure ? "warning" : "failed", ...distrust };
}

function nameFinding(endpoint: Endpoint, host: string, { wrongHost, chain }: TlsLook): Found {
  if (wrongHost === undefined) return { check: "tls-name", verdict: "ok", text: `The certificate is for ${host}.` };
  return {
    check: "tls-name",
    verdict: endpoint.connection.tls.insecure ? "warning" : "failed",
    text: `The certificate is for ${chain[0]?.subject}, not for ${host}.`,
    next: `Use a name that the certificate is made for in ${endpoint.setting}, or have it issued for ${host} as well.`,
  };
}

function datesFinding({ connection }: Endpoint, { chain, distrust }: TlsLook, context: Context): Found {
  const check = "tls-expiry";
  const now = context.now();
  const bad = connection.tls.insecure ? "warning" : "failed";
  const [own, ...others] = chain;
  if (own === undefined) throw new Error("A TLS server without a certificate.");
  // What is out of date beside a certificate that is trusted all the same is another way to an authority.
  const spare = distrust === undefined ? others.find((each) => !isCurrent(each, now)) : undefined;
  const needed = distrust === undefined ? [own, ...others.filter((each) => isCurrent(each, now))] : chain;
  const early = needed.find(({ validFrom }) => validFrom > now);
  if (early)
    return {
      check,
      verdict: bad,
      text: `The certificate of ${early.subject} is not valid before ${day(early.validFrom)}.`,
      next: "Check this machine's clock; if it is right, have the certificate issued anew.",
    };
  const next = "Renew it on the server.";
  const late = needed.find(({ validTo }) => validTo <= now);
  if (late)
    return { check, verdict: bad, text: `The certificate of ${late.subject} expired on ${day(late.validTo)}.`, next };
  const first = needed.reduce((least, each) => (each.validTo < least.validTo ? each : least), own);
  const days = Math.floor((first.validTo - now) / dayMs);
  const text = `The certificate of ${first.subject} expires on ${day(first.validTo)}`;
  if (days < soonDays) return { check, verdict: "warning", text: `${text}, in ${days} days.`, next };
  return spare === undefined ? { check, verdict: "ok", text: `${text}.` } : { check, ...spareFinding(spare, now) };
}

function isCurrent({ validFrom, validTo }: SentCertificate, now: number): boolean {
  return validFrom <= now && now < validTo;
}

function spareFinding({ subject, issuer, validFrom, validTo }: SentCertificate, now: number): Omit<Found, "check"> {
  const how = validTo <= now ? `expired on ${day(validTo)}` : `is not valid before ${day(validFrom)}`;
  return {
    verdict: "warning",
    text: `The server also sends the certificate of ${subject} by ${issuer}, which ${how}; it is not needed here.`,
    next: "Take it out of what the server sends: older clients than this one give up at it.",
  };
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
