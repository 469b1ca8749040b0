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

function datesFinding({ connection }: Endpoint, { chain }: TlsLook, context: Context): Found {
  const check = "tls-expiry";
  const now = context.now();
  const bad = connection.tls.insecure ? "warning" : "failed";
  const early = chain.find(({ validFrom }) => validFrom > now);
  if (early)
    return {
      check,
      verdict: bad,
      text: `The certificate of ${early.subject} is not valid before ${day(early.validFrom)}.`,
      next: "Check this machine's clock; if it is right, have the certificate issued anew.",
    };
  const first = soonest(chain);
  const days = Math.floor((first.validTo - now) / dayMs);
  const next = "Renew it on the server.";
  if (first.validTo <= now)
    return { check, verdict: bad, text: `The certificate of ${first.subject} expired on ${day(first.validTo)}.`, next };
  const text = `The certificate of ${first.subject} expires on ${day(first.validTo)}`;
  if (days < soonDays) return { check, verdict: "warning", text: `${text}, in ${days} days.`, next };
  return { check, verdict: "ok", text: `${text}.` };
}

function soonest(chain: readonly SentCertificate[]): SentCertificate {
  const [first, ...others] = chain;
  if (first === undefined) throw new Error("A TLS server without a certificate.");
  return others.reduce((least, each) => (each.validTo < least.validTo ? each : least), first);
}

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
