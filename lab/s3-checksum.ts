import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { S3Refused } from "./s3-error.ts";

/** Those that are verified. `crc64nvme` is known to S3, too, and taken on trust. */
const algorithms: Record<string, (body: Buffer) => Buffer> = {
  "x-amz-checksum-crc32": (body) => fourBytes(crc32(body)),
  "x-amz-checksum-crc32c": (body) => fourBytes(crc32c(body)),
  "x-amz-checksum-sha1": (body) => createHash("sha1").update(body).digest(),
  "x-amz-checksum-sha256": (body) => createHash("sha256").update(body).digest(),
};

const checksumName = /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/;

export function hasChecksum(headers: Readonly<Record<string, string>>): boolean {
  return Object.keys(headers).some((name) => name === "content-md5" || checksumName.test(name));
}

/** Refuses a body that is not the one of which a header or trailer gives a checksum. */
export function assertChecksums(headers: Readonly<Record<string, string>>, body: Buffer): void {
  const md5 = headers["content-md5"];
  if (md5 !== undefined) {
    if (Buffer.from(md5, "base64").length !== 16) throw new S3Refused("InvalidDigest", "Content-MD5 is not valid.");
    assertSame("Content-MD5", md5, createHash("md5").update(body).digest());
  }
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = Object.hasOwn(algorithms, name) ? algorithms[name] : undefined;
    if (algorithm !== undefined) assertSame(name, value, algorithm(body));
  }
}

function assertSame(name: string, given: string, actual: Buffer): void {
  if (Buffer.from(given, "base64").equals(actual)) return;
  throw new S3Refused("BadDigest", `The ${name} you specified did not match the calculated checksum.`);
}

function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const castagnoli = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

function crc32c(body: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of body) crc = (crc >>> 8) ^ (castagnoli[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
