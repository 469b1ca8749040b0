import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A certificate made to measure, and what another one can be issued with. */
export interface Made {
  readonly cert: string;
  readonly key: string;
  readonly subject: readonly Attribute[];
  readonly privateKey: KeyObject;
}

type Attribute = readonly [type: "CN" | "O" | "OU", value: string];

interface Wishes {
  readonly subject: readonly Attribute[];
  /** Without one it issues itself. */
  readonly issuer?: Made;
  /** It has the keys of this one, as an authority has that is cross-signed; else keys of its own. */
  readonly keysOf?: Made;
  readonly from: string;
  readonly to: string;
  readonly dnsName?: string;
  /** Where its issuer's certificate can be fetched. */
  readonly issuerUrl?: string;
}

const attributeTypes = { CN: [0x55, 4, 3], O: [0x55, 4, 10], OU: [0x55, 4, 11] };
const subjectAltName = [0x55, 0x1d, 0x11];
const basicConstraints = [0x55, 0x1d, 0x13];
const authorityInfoAccess = [0x2b, 6, 1, 5, 5, 7, 1, 1];
const caIssuers = [0x2b, 6, 1, 5, 5, 7, 0x30, 2];
const ecdsaWithSha256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/** Unlike the certificates of the lab, these can lack a common name, and tell where their issuer's can be fetched. */
export function makeCertificate({ subject, issuer, keysOf, from, to, dnsName, issuerUrl }: Wishes): Made {
  const { privateKey } = keysOf ?? generateKeyPairSync("ec", { namedCurve: "P-256" });
  const publicKey = createPublicKey(privateKey);
  const algorithm = sequence(identifier(ecdsaWithSha256));
  const extensions = [
    dnsName === undefined
      ? extension(basicConstraints, der(0x01, Buffer.from([0xff])))
      : extension(subjectAltName, der(0x82, Buffer.from(dnsName))),
    ...(issuerUrl === undefined
      ? []
      : [extension(authorityInfoAccess, sequence(identifier(caIssuers), der(0x86, Buffer.from(issuerUrl))))]),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    nameOf(issuer?.subject ?? subject),
    sequence(timeOf(from), timeOf(to)),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", body, issuer?.privateKey ?? privateKey);
  const whole = sequence(body, algorithm, der(0x03, Buffer.from([0]), signature));
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    subject,
    privateKey,
  };
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  const size = length < 128 ? [length] : long;
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);

const identifier = (octets: readonly number[]) => der(0x06, Buffer.from(octets));

const extension = (type: readonly number[], content: Buffer) =>
  sequence(identifier(type), der(0x04, sequence(content)));

const timeOf = (iso: string) => der(0x18, Buffer.from(iso.replaceAll(/[-:T]/g, "")));

const nameOf = (attributes: readonly Attribute[]) =>
  sequence(
    ...attributes.map(([type, value]) =>
      der(0x31, sequence(identifier(attributeTypes[type]), der(0x0c, Buffer.from(value)))),
    ),
  );
