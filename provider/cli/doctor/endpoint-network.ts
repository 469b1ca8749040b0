import type { Socket } from "node:net";
import { isLoopback } from "../../core/names.ts";
import { addressesOf, isAddress, openPort, type Patience, type ProbeFailure } from "../../core/probe.ts";
import { withoutBrackets } from "../../core/proxy.ts";
import type { Endpoint, Found } from "./finding.ts";

/** Opens a fresh connection to what was looked at. */
export type Open = () => Promise<Socket | ProbeFailure>;

/** Host and port of an endpoint, as sockets take them. */
export function placeOf(endpoint: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(endpoint);
  return { host: withoutBrackets(hostname), port: Number(port) || (protocol === "https:" ? 443 : 80) };
}

/** Does the name resolve, does the port answer; and how to open it again. */
export async function* networkFindings(endpoint: Endpoint, patience: Patience): AsyncGenerator<Found, Open> {
  const { host, port } = placeOf(endpoint.connection.endpoint);
  const addresses = isAddress(host) ? [host] : await addressesOf(host, patience);
  yield "failure" in addresses ? unresolved(endpoint, host, addresses.failure) : resolved(endpoint, host, addresses);
  const all = "failure" in addresses ? [] : addresses;
  const knocks = await Promise.all(all.map((address) => knock(address, port, patience)));
  yield portFinding(endpoint, port, knocks, patience);
  const answering = knocks.find(({ failure }) => failure === undefined)?.address ?? host;
  return () => openPort(answering, port, patience);
}

function resolved({ connection, alsoUsedBy }: Endpoint, host: string, addresses: readonly string[]): Found {
  const others = alsoUsedBy === undefined ? "" : ` ${alsoUsedBy} must be able to resolve it as well.`;
  const text = isLoopback(connection.endpoint)
    ? `${host} is this machine, and for nobody else the same one.`
    : isAddress(host)
      ? `${host} is an address, so that there is no name to resolve.`
      : `${host} resolves to ${addresses.join(", ")} from this machine.${others}`;
  return { check: "name", verdict: "ok", text };
}

function unresolved({ setting, alsoUsedBy }: Endpoint, host: string, failure: string): Found {
  const others = alsoUsedBy === undefined ? "" : ` The same name must resolve for ${lowerFirst(alsoUsedBy)}.`;
  const text =
    failure === "ENOTFOUND"
      ? `${host} does not resolve from this machine (${failure}).`
      : `The name servers of this machine give no answer about ${host} (${failure}).`;
  const next = `Check the spelling in ${setting}, and DNS.${others}`;
  return { check: "name", verdict: "failed", text, next, stops: true };
}

interface Knock {
  readonly address: string;
  readonly failure?: string;
}

async function knock(address: string, port: number, patience: Patience): Promise<Knock> {
  const socket = await openPort(address, port, patience);
  if ("failure" in socket) return { address, failure: socket.failure };
  socket.destroy();
  return { address };
}

function portFinding(endpoint: Endpoint, port: number, knocks: readonly Knock[], patience: Patience): Found {
  const dead = knocks.filter(({ failure }) => failure !== undefined);
  const said = dead.map(({ address, failure = "" }) => inWords(address, port, failure, patience)).join("; ");
  if (dead.length === 0) return { check: "port", verdict: "ok", text: `Port ${port} answers.` };
  if (dead.length < knocks.length) {
    const text = `Port ${port} answers at ${knocks.length - dead.length} of ${knocks.length} addresses: ${said}.`;
    const next = "Whoever gets the other addresses waits or fails: take them out of DNS or bring them back.";
    return { check: "port", verdict: "warning", text, next };
  }
  const refused = dead.every(({ failure }) => failure === "ECONNREFUSED");
  const next = refused
    ? `Check the port in ${endpoint.setting} (usual: ${endpoint.usualPorts}), and that the service runs.${logAdvice(endpoint)}`
    : `Check ${endpoint.setting}, and routes and firewalls between this machine and it.`;
  return {
    check: "port",
    verdict: "failed",
    text: `${said.charAt(0).toUpperCase()}${said.slice(1)}.`,
    next,
    stops: true,
  };
}

function inWords(address: string, port: number, failure: string, { milliseconds }: Patience): string {
  const place = `${address.includes(":") ? `[${address}]` : address}:${port}`;
  switch (failure) {
    case "ECONNREFUSED":
      return `nothing listens at ${place} (${failure})`;
    case "TIMEOUT":
    case "ETIMEDOUT":
      return `${place} gives no sign within ${milliseconds / 1000} s, as behind a firewall or where no machine is`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `there is no way from this machine to ${place} (${failure})`;
    default:
      return `no connection to ${place} can be made (${failure})`;
  }
}

export function logAdvice({ log }: Endpoint): string {
  return log === undefined ? "" : ` What goes wrong there is in ${log}.`;
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}
