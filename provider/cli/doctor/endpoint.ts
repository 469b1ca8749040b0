import type { Patience } from "../../core/probe.ts";
import { proxyFor } from "../../core/proxy.ts";
import { answerFindings } from "./endpoint-answer.ts";
import { networkFindings } from "./endpoint-network.ts";
import { proxyFindings } from "./endpoint-proxy.ts";
import { tlsFindings } from "./endpoint-tls.ts";
import type { Check, Context, Endpoint, Found } from "./finding.ts";

/** A step of a look takes so long at most, whatever the settings allow a request. */
const longestStepMs = 10_000;

/** A look at an address in the order in which a connection is made: name, port, TLS, answer. */
export function endpointCheck(endpoint: Endpoint): Check {
  const { name, subject } = endpoint;
  return { name, subject, run: (context) => endpointFindings(endpoint, context) };
}

export async function* endpointFindings(endpoint: Endpoint, context: Context): AsyncGenerator<Found> {
  const { connection, subject } = endpoint;
  const milliseconds = Math.min(longestStepMs, connection.transport.requestTimeoutSeconds * 1000);
  const patience: Patience = { milliseconds, signal: context.signal };
  for await (const found of lookedAt(endpoint, context, patience)) {
    yield { subject, ...found };
    if (found.stops) return;
  }
}

async function* lookedAt(endpoint: Endpoint, context: Context, patience: Patience): AsyncGenerator<Found> {
  const proxy = proxyFor(endpoint.connection.endpoint);
  const open = yield* proxy === undefined
    ? networkFindings(endpoint, patience)
    : proxyFindings(endpoint, proxy, patience);
  yield* tlsFindings(endpoint, open, context, patience);
  yield* answerFindings(endpoint, context, patience);
}
