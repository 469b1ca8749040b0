import { createHash } from "node:crypto";
import { warn } from "./log.ts";
import type { ConnectionSettings } from "./settings.ts";
import { Transport } from "./transport.ts";

const connections = new Map<string, unknown>();

/**
 * The one connection of this process to an endpoint as one principal in one TLS mode: its session, budgets and what it
 * has looked up. The settings name the principal as well; `role` tells apart what else has the same settings.
 */
export function connectionTo<S extends ConnectionSettings, Connection>(
  settings: S,
  role: string,
  open: (settings: S) => Connection,
): Connection {
  const key = createHash("sha256")
    .update(JSON.stringify([role, settings]))
    .digest("hex");
  const known = connections.get(key);
  if (known !== undefined) return known as Connection;
  const connection = open(settings);
  connections.set(key, connection);
  return connection;
}

/** The pool of sockets to an endpoint, whoever speaks through it. */
export function transportTo({ endpoint, tls, transport }: ConnectionSettings, settingPrefix: string): Transport {
  return connectionTo({ endpoint, tls, transport }, `${settingPrefix} transport`, (settings) => {
    if (tls.insecure && endpoint.startsWith("https:"))
      void warn(
        `${settingPrefix}Insecure is set: the certificate of ${endpoint} is not verified, so anyone on the way ` +
          `can read ${settingPrefix.toLowerCase().endsWith("s3") ? "and change what is sent" : "the password"}. Use ${settingPrefix}CaFile instead.`,
      );
    return new Transport(settings, settingPrefix);
  });
}
