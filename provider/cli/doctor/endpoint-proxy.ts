import { openPort, openTunnel, type Patience } from "../../core/probe.ts";
import { withoutBrackets } from "../../core/proxy.ts";
import { type Open, placeOf } from "./endpoint-network.ts";
import type { Endpoint, Found } from "./finding.ts";

/** Behind a proxy it is the proxy that resolves and connects; what can be seen from here is the proxy. */
export async function* proxyFindings(endpoint: Endpoint, proxy: URL, patience: Patience): AsyncGenerator<Found, Open> {
  const { host, port } = placeOf(endpoint.connection.endpoint);
  const next = `Look on the proxy, or exempt ${host} with NO_PROXY if it can be reached without.`;
  const unseen = (check: string, what: string): Found => {
    const text = `The proxy ${proxy.host} ${what}, which cannot be seen from here.`;
    return { check, verdict: "not known", text, next };
  };
  yield unseen("name", `resolves ${host}`);
  yield unseen("port", `connects to port ${port}`);
  yield await proxyFinding(proxy, patience);
  const open: Open = () => openTunnel(proxy, `${new URL(endpoint.connection.endpoint).hostname}:${port}`, patience);
  // Plain requests are handed to the proxy one by one.
  if (endpoint.connection.endpoint.startsWith("http:")) return open;
  const tunnel = await open();
  if ("failure" in tunnel) yield closed(host, port, tunnel.failure);
  else tunnel.destroy();
  return open;
}

async function proxyFinding(proxy: URL, patience: Patience): Promise<Found> {
  const port = Number(proxy.port) || (proxy.protocol === "https:" ? 443 : 80);
  const socket = await openPort(withoutBrackets(proxy.hostname), port, patience);
  if (!("failure" in socket)) {
    socket.destroy();
    return { check: "proxy", verdict: "ok", text: `The proxy ${proxy.host} answers.` };
  }
  return {
    check: "proxy",
    verdict: "failed",
    text: `The proxy ${proxy.host} cannot be reached (${socket.failure}).`,
    next: "Check HTTPS_PROXY and HTTP_PROXY, or exempt the host with NO_PROXY.",
    stops: true,
  };
}

function closed(host: string, port: number, failure: string): Found {
  return {
    check: "proxy",
    verdict: "failed",
    text: `The proxy opens no connection to ${host}:${port} (${failure}).`,
    next: "Ask whoever runs the proxy to let this port pass, or exempt the host with NO_PROXY.",
    stops: true,
  };
}
