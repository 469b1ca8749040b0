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

const day = 24 * 60 * 60 * 1000;

/** Makes an authority and the certificates that a client may meet: a good one and three bad ones. */
export async function makeCertificates(): Promise<Certificates> {
  const { generate } = await import("selfsigned");
  const common = { keyType: "ec", algorithm: "sha256" } as const;
  const start = Date.now() - 2 * day;
  const valid = { notBeforeDate: new Date(start), notAfterDate: new Date(start + 365 * day) };
  const authority = await generate([{ name: "commonName", value: "Lab certificate authority" }], {
    ...common,
    ...valid,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = async (
    host: string,
    dates: { notBeforeDate: Date; notAfterDate: Date },
    signed: boolean,
  ): Promise<ServerCertificate> => {
    const made = await generate([{ name: "commonName", value: host }], {
      ...common,
      ...dates,
      extensions: [{ name: "subjectAltName", altNames: alternativeNames(host) }],
      ...(signed ? { ca: { key: authority.private, cert: authority.cert } } : {}),
    });
    return { key: made.private, cert: made.cert };
  };
  const past = { notBeforeDate: new Date(start), notAfterDate: new Date(start + day) };
  return {
    caPem: authority.cert,
    byName: {
      ca: await server("localhost", valid, true),
      "self-signed": await server("localhost", valid, false),
      "wrong-host": await server("elsewhere.example", valid, true),
      expired: await server("localhost", past, true),
    },
  };
}

function alternativeNames(host: string): ({ type: 2; value: string } | { type: 7; ip: string })[] {
  const named = { type: 2, value: host } as const;
  return host === "localhost" ? [named, { type: 7, ip: "127.0.0.1" }] : [named];
}
