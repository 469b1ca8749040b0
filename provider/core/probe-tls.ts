import { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { checkServerIdentity, connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { messageOf } from "./errors.ts";
import { opened, type Patience, type ProbeFailure } from "./probe.ts";
import type { TlsSettings } from "./settings.ts";
import { tlsOptions } from "./tls.ts";

/** A certificate of the chain that a server sends. */
export interface SentCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** In milliseconds since 1970. */
  readonly validFrom: number;
  readonly validTo: number;
  readonly selfSigned: boolean;
  /** It tells where its issuer's certificate can be fetched, which those of an intermediate authority do. */
  readonly namesIssuerUrl: boolean;
}

/** What a TLS handshake shows, whether its certificate is to be trusted or not. */
export interface TlsLook {
  /** The server's own first, then who issued it, as far as it is sent or known here. */
  readonly chain: readonly SentCertificate[];
  /** OpenSSL's code where no trusted authority stands behind it, or a date does not fit. */
  readonly distrust?: string;
  /** Why it is not for this host. */
  readonly wrongHost?: string;
}

/** Shakes hands over a connection of its own, and ends it. */
export async function lookAtTls(
  openSocket: () => Promise<Socket | ProbeFailure>,
  host: string,
  { tls, settingPrefix }: { tls: TlsSettings; settingPrefix: string },
  patience: Patience,
): Promise<TlsLook | ProbeFailure> {
  const { ca } = tlsOptions(tls, settingPrefix);
  const socket = await openSocket();
  if ("failure" in socket) return socket;
  const open = () =>
    connect({
      socket,
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(host) ? {} : { servername: host }),
      rejectUnauthorized: false,
      // Told apart from distrust.
      checkServerIdentity: () => undefined,
    });
  const secured = await opened(open, "secureConnect", patience);
  if ("failure" in secured) return secured;
  const look = lookOf(secured, host);
  secured.destroy();
  return look;
}

function lookOf(socket: TLSSocket, host: string): TlsLook {
  const peer = socket.getPeerCertificate(true);
  const distrust = codeOf(socket.authorizationError);
  const wrongHost = checkServerIdentity(host, peer);
  return {
    chain: chainOf(peer),
    ...(distrust === undefined ? {} : { distrust }),
    ...(wrongHost === undefined ? {} : { wrongHost: messageOf(wrongHost) }),
  };
}

/** A text at run time, whatever the type says. */
function codeOf(error: unknown): string | undefined {
  if (error === null || error === undefined) return undefined;
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function chainOf(peer: DetailedPeerCertificate): SentCertificate[] {
  const certificates: SentCertificate[] = [];
  for (
    let next: DetailedPeerCertificate | undefined = peer;
    next?.raw !== undefined && certificates.length < 10;
    next = next.issuerCertificate
  ) {
    const sent = certificateOf(next.raw);
    certificates.push(sent);
    if (sent.selfSigned) break;
  }
  return certificates;
}

function certificateOf(raw: Buffer): SentCertificate {
  const certificate = new X509Certificate(raw);
  return {
    subject: nameIn(certificate.subject),
    issuer: nameIn(certificate.issuer),
    validFrom: certificate.validFromDate.getTime(),
    validTo: certificate.validToDate.getTime(),
    selfSigned: certificate.checkIssued(certificate),
    namesIssuerUrl: /CA Issuers/.test(certificate.infoAccess ?? ""),
  };
}

/** The common name, where there is one. */
function nameIn(distinguishedName: string): string {
  return /^CN=(.+)$/m.exec(distinguishedName)?.[1] ?? distinguishedName.replace(/\n/g, ", ");
}
