import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { getCACertificates, type SecureVersion } from "node:tls";
import { messageOf, SettingsError } from "./errors.ts";
import { endpointNamed } from "./setting-keys.ts";
import type { TlsSettings } from "./settings.ts";

/** Older versions are broken; NODE_OPTIONS could let them in. */
const oldestVersion: SecureVersion = "TLSv1.2";

export interface TlsOptions {
  readonly ca?: string[];
  readonly rejectUnauthorized: boolean;
  readonly minVersion: SecureVersion;
}

/** Options of a TLS connection; a private CA is trusted beside those that Node.js trusts anyway. */
export function tlsOptions(tls: TlsSettings, settingPrefix: string): TlsOptions {
  const given = [
    ...(tls.caPem ? [certificate(tls.caPem, `${settingPrefix}CaPem`)] : []),
    ...(tls.caFile ? [certificate(contentOf(tls.caFile, settingPrefix), `${settingPrefix}CaFile`)] : []),
  ];
  return {
    ...(given.length > 0 ? { ca: [...getCACertificates("default"), ...given] } : {}),
    rejectUnauthorized: !tls.insecure,
    minVersion: oldestVersion,
  };
}

function contentOf(file: string, settingPrefix: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new SettingsError(`${settingPrefix}CaFile cannot be read: ${messageOf(error)}.`);
  }
}

/** TLS would pass over a text that holds no certificate and then blame the server. */
function certificate(pem: string, setting: string): string {
  try {
    new X509Certificate(pem);
    return pem;
  } catch {
    throw new SettingsError(
      `${setting} holds no certificate in PEM form (it begins with -----BEGIN CERTIFICATE-----).`,
    );
  }
}

/** The sentence to add where a TLS handshake failed; undefined for other failures. */
export function tlsAdvice(code: string | undefined, settingPrefix: string): string | undefined {
  if (code === undefined) return undefined;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return `The certificate is for another host name; use the name it was made for in ${endpointNamed(settingPrefix)}.`;
  if (code === "CERT_HAS_EXPIRED") return "The certificate has expired; renew it on the server.";
  if (/CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/.test(code))
    return (
      `The certificate is not signed by a CA that is trusted here. Save the CA's certificate (or the self-signed one) ` +
      `as a PEM file and set ${settingPrefix}CaFile to its path.`
    );
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/.test(code))
    return (
      `The server speaks no version of TLS from 1.2 on, and older ones are not safe. Switch TLS 1.2 on at the server, ` +
      `or name in ${endpointNamed(settingPrefix)} something in front of it that speaks it.`
    );
  if (/^(ERR_SSL_|EPROTO$|ERR_TLS_)/.test(code)) return "The TLS handshake failed; check that the port speaks HTTPS.";
  return undefined;
}
