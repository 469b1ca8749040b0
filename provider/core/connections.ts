import { createHash } from "node:crypto";
import { HttpClient } from "./http.ts";
import { warn } from "./log.ts";
import type { SystemSettings } from "./settings.ts";

const connections = new Map<string, HttpClient>();

/** The one connection of this process to an endpoint as one principal in one TLS mode: its pool, session and limits. */
export function connectionTo(system: SystemSettings, settingPrefix: string): HttpClient {
  const key = createHash("sha256")
    .update(JSON.stringify([settingPrefix, system]))
    .digest("hex");
  let connection = connections.get(key);
  if (!connection) {
    connection = new HttpClient(system, settingPrefix);
    connections.set(key, connection);
    if (system.tls.insecure && system.endpoint.startsWith("https:"))
      void warn(
        `${settingPrefix}Insecure is set: the certificate of ${system.endpoint} is not verified, so anyone on the way ` +
          `can read the password. Use ${settingPrefix}CaFile instead.`,
      );
  }
  return connection;
}
