import { transportTo } from "../../core/connections.ts";
import { messageOf } from "../../core/errors.ts";
import { isPage, quoted } from "../../core/http.ts";
import { type Patience, speaksTls } from "../../core/probe.ts";
import { proxyFor } from "../../core/proxy.ts";
import type { Answer } from "../../core/transport.ts";
import { logAdvice, placeOf } from "./endpoint-network.ts";
import type { Context, Endpoint, Found } from "./finding.ts";

const largeDifferenceMs = 30_000;

/** Further off, S3 and CloudStack refuse what is signed. */
const refusedDifferenceMs = 15 * 60_000;

const largePartOfTimeout = 0.2;

/** With which a proxy or a broken service answers; those above belong to CloudStack's own words. */
const broken = new Set([500, 502, 503, 504]);

/** One request without a log-in: does it answer as such a service does, how fast, and by which clock. */
export async function* answerFindings(endpoint: Endpoint, context: Context, patience: Patience): AsyncGenerator<Found> {
  const { connection, settingPrefix, subject } = endpoint;
  const path = endpoint.path ?? (new URL(connection.endpoint).pathname === "/" ? "/" : "");
  const started = performance.now();
  const sentAt = context.now();
  const { answer, error } = await transportTo(connection, settingPrefix).attempt(
    { what: `get an answer of the ${subject}`, effect: "read" },
    { method: "GET", path, query: "", headers: {} },
    1,
  );
  const took = performance.now() - started;
  if (answer === undefined) {
    yield await silence(endpoint, messageOf(error), patience);
    return;
  }
  yield answerFinding(endpoint, answer);
  yield clockFinding(endpoint, answer, sentAt + took / 2, took / 2);
  yield latencyFinding(endpoint, took);
}

async function silence(endpoint: Endpoint, message: string, patience: Patience): Promise<Found> {
  const { connection, setting, usualPorts } = endpoint;
  const { host, port } = placeOf(connection.endpoint);
  const isPlain = connection.endpoint.startsWith("http:") && proxyFor(connection.endpoint) === undefined;
  if (isPlain && (await speaksTls(host, port, patience)))
    return {
      check: "answer",
      verdict: "failed",
      text: `Port ${port} speaks TLS, and ${setting} begins with http:.`,
      next: `Begin ${setting} with https:, or give it the plain port (usual: ${usualPorts}).`,
      stops: true,
    };
  const next = `Check that the service works and is not overloaded.${logAdvice(endpoint)}`;
  return { check: "answer", verdict: "failed", text: message, next, stops: true };
}

function answerFinding(endpoint: Endpoint, answer: Answer): Found {
  const check = "answer";
  if (broken.has(answer.status)) {
    const text = `It answers ${answer.status}${quoted(answer.body)}.`;
    const next = `Check that the service behind it runs.${logAdvice(endpoint)}`;
    return { check, verdict: "failed", text, next, stops: true };
  }
  if (endpoint.isConsole !== true && isPage(answer)) {
    const text = `It answers ${answer.status} with an HTML page${quoted(answer.body)}.`;
    const next = `A proxy or another service is at this address: check ${endpoint.setting}, and exempt the host with NO_PROXY if a proxy is in between.`;
    return { check, verdict: "failed", text, next, stops: true };
  }
  return { check, verdict: "ok", text: `It answers ${answer.status} to a request without a log-in.` };
}

function clockFinding(endpoint: Endpoint, { date }: Answer, now: number, uncertainMs: number): Found {
  const check = "clock";
  if (date === undefined) {
    const next = "Compare the clocks by hand; no proxy in between should remove the Date header.";
    return { check, verdict: "not known", text: "It does not tell its time (no Date header).", next };
  }
  // The header has whole seconds, cut off.
  const difference = date + 500 - now;
  const certain = Math.abs(difference) - uncertainMs - 500;
  if (certain <= largeDifferenceMs)
    return { check, verdict: "ok", text: `Its clock and this machine's agree within ${largeDifferenceMs / 1000} s.` };
  const refused = endpoint.signed === true && certain > refusedDifferenceMs;
  return {
    check,
    verdict: refused ? "failed" : "warning",
    text:
      `Its clock is ${inWords(Math.abs(difference))} ${difference > 0 ? "ahead of" : "behind"} this machine's` +
      `${refused ? ", and what is signed here is refused there" : ""}.`,
    next: "Set both clocks by NTP.",
  };
}

function inWords(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function latencyFinding({ connection }: Endpoint, took: number): Found {
  const { requestTimeoutSeconds } = connection.transport;
  const text = `It answered in ${Math.round(took)} ms; requestTimeoutSeconds allows ${requestTimeoutSeconds} s.`;
  if (took <= requestTimeoutSeconds * 1000 * largePartOfTimeout) return { check: "latency", verdict: "ok", text };
  const next = "Find out what makes it slow, or raise requestTimeoutSeconds: under load it would time out.";
  return { check: "latency", verdict: "warning", text, next };
}
