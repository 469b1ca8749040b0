import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { SettingsError } from "./errors.ts";
import { isLoopback } from "./names.ts";
import type { ConnectionSettings } from "./settings.ts";
import { tlsOptions } from "./tls.ts";

/** The connections to one system: direct to this machine, else through the proxy that the environment names. */
export function dispatcherFor(system: ConnectionSettings, settingPrefix: string): Dispatcher {
  const connections = system.transport.maxConnections;
  const tls = tlsOptions(system.tls, settingPrefix);
  // What goes to this machine is not to be overheard; a proxy would see it, and could not reach the endpoint anyway.
  if (isLoopback(system.endpoint)) return new Agent({ connections, connect: tls });
  try {
    return new EnvHttpProxyAgent({ connections, connect: tls, requestTls: tls });
  } catch {
    throw new SettingsError("HTTP_PROXY or HTTPS_PROXY is no URL such as http://proxy.example.com:3128.");
  }
}

/** Words about the proxy that a request may have gone through; empty where none is set. */
export function proxyNote(endpoint: string): string {
  if (isLoopback(endpoint)) return "";
  const names = endpoint.startsWith("https:") ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy", "HTTP_PROXY"];
  const name = names.find((candidate) => process.env[candidate]);
  return name === undefined ? "" : ` The proxy of ${name} may be in the way; NO_PROXY exempts hosts from it.`;
}
