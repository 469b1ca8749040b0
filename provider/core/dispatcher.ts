import { createSecureContext, type SecureContext, type SecureVersion } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { Refused, SettingsError } from "./errors.ts";
import { isLoopback } from "./names.ts";
import { brokenLogIn, proxyFor } from "./proxy.ts";
import { endpointNamed } from "./setting-keys.ts";
import type { ConnectionSettings } from "./settings.ts";
import { type TlsOptions, tlsOptions } from "./tls.ts";

/** All requests at once would share one connection of HTTP/2, whatever `maxConnections` says, and its end as well. */
const oneRequestAtATime = { allowH2: false };

/**
 * The connections to one system: direct to this machine, else through the proxy that the environment names. A proxy only
 * ever gets a tunnel for TLS: of plain HTTP it would read the credentials, and pass them on as it likes.
 */
export function dispatcherFor(system: ConnectionSettings, settingPrefix: string): Dispatcher {
  const limits = { ...oneRequestAtATime, connections: system.transport.maxConnections };
  const tls = inOneContext(tlsOptions(system.tls, settingPrefix));
  // What goes to this machine is not to be overheard; a proxy would see it, and could not reach the endpoint anyway.
  if (isLoopback(system.endpoint)) return new Agent({ ...limits, connect: tls });
  if (system.endpoint.startsWith("http:")) {
    if (proxyFor(system.endpoint) === undefined) return new Agent(limits);
    throw new Refused(
      `Refused to connect to ${system.endpoint}: it is plain HTTP, and the proxy of HTTP_PROXY would read what proves who asks. ` +
        `Use the system's HTTPS port in ${endpointNamed(settingPrefix)}, or exempt the host from the proxy with NO_PROXY.`,
    );
  }
  try {
    return new EnvHttpProxyAgent({
      ...limits,
      connect: tls,
      requestTls: { ...tls, ...oneRequestAtATime },
      proxyTls: oneRequestAtATime,
    });
  } catch (error) {
    const reason = error instanceof URIError ? brokenLogIn : "is no URL such as http://proxy.example.com:3128";
    throw new SettingsError(`HTTP_PROXY or HTTPS_PROXY ${reason}.`);
  }
}

interface ConnectOptions {
  readonly rejectUnauthorized: boolean;
  readonly minVersion: SecureVersion;
  readonly secureContext?: SecureContext;
}

/** Each connection would read hundreds of authorities anew, which takes tens of milliseconds. */
function inOneContext({ ca, ...options }: TlsOptions): ConnectOptions {
  if (ca === undefined) return options;
  return { ...options, secureContext: createSecureContext({ ca, minVersion: options.minVersion }) };
}

/** Words about the proxy that a request may have gone through; empty where none is set. */
export function proxyNote(endpoint: string): string {
  if (!endpoint.startsWith("https:") || proxyFor(endpoint) === undefined) return "";
  const name = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].find((candidate) => process.env[candidate]);
  return ` The proxy of ${name} may be in the way; NO_PROXY exempts hosts from it.`;
}
