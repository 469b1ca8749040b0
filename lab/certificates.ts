import type { CertificateName } from "./system.ts";

export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface Certificates {
  /** The lab's own authority, for the CA setting of a client. */
  readonly caPem: string;
  readonly byName: Record<CertificateName, ServerCertificate>;
}

const selfSigned = { key: "", cert: "" };

const day = 24 * 60 * 60 * 1000;

/** Makes an authority and the certificates that a client may meet: a good one and those that are not. */
export async function makeCertificates(): Promise<Certificates> {
  const { generate } = await import("selfsigned");
  const common = { keyType: "ec", algorithm: "sha256" } as const;
  const start = Date.now() - 2 * day;
  const valid = { notBeforeDate: new Date(start), notAfterDate: new Date(start + 365 * day) };
  const authorityNamed = async (name: string, above?: ServerCertificate): Promise<ServerCertificate> => {
    const made = await generate([{ name: "commonName", value: name }], {
      ...common,
      ...valid,
      extensions: [
        { name: "basicConstraints", cA: true, critical: true },
        { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
      ],
      ...(above ? { ca: above } : {}),
    });
    return { key: made.private, cert: made.cert };
  };
  const authority = await authorityNamed("Lab certificate authority");
  const intermediate = await authorityNamed("Lab intermediate authority", authority);
  const server = async (host: string, dates: Dates, issuer: ServerCertificate = authority) => {
    const made = await generate([{ name: "commonName", value: host }], {
      ...common,
      ...dates,
      extensions: [{ name: "subjectAltName", altNames: alternativeNames(host) }],
      ...(issuer === selfSigned ? {} : { ca: issuer }),
    });
    return { key: made.private, cert: made.cert };
  };
  const until = (days: number) => ({ notBeforeDate: new Date(start), notAfterDate: new Date(start + days * day) });
  const future = { notBeforeDate: new Date(start + 4 * day), notAfterDate: new Date(start + 365 * day) };
  return {
    caPem: authority.cert,
    byName: {
      ca: await server("localhost", valid),
      "self-signed": await server("localhost", valid, selfSigned),
      "wrong-host": await server("elsewhere.example", valid),
      expired: await server("localhost", until(1)),
      expiring: await server("localhost", until(12)),
      "not-yet-valid": await server("localhost", future),
      incomplete: await server("localhost", valid, intermediate),
    },
  };
}

interface Dates {
  readonly notBeforeDate: Date;
  readonly notAfterDate: Date;
}

function alternativeNames(host: string): ({ type: 2; value: string } | { type: 7; ip: string })[] {
  const named = { type: 2, value: host } as const;
  return host === "localhost" ? [named, { type: 7, ip: "127.0.0.1" }] : [named];
}
