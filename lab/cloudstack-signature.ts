import { createHmac, timingSafeEqual } from "node:crypto";

/** The signature of decoded parameters: names in the order in which they were sent, upper case before lower case. */
export function signatureOf(params: ReadonlyMap<string, string>, secretKey: string): string {
  const pairs = [...params]
    .filter(([name]) => name.toLowerCase() !== "signature")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${javaEncoded(value)}`);
  return createHmac("sha1", secretKey).update(pairs.join("&").toLowerCase()).digest("base64");
}

export function isSignature(given: string, params: ReadonlyMap<string, string>, secretKey: string): boolean {
  const wanted = Buffer.from(signatureOf(params, secretKey));
  const bytes = Buffer.from(given);
  return bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
}

/** As Java's URLEncoder does it, but a blank as `%20`: of the marks only `. - * _` stay. */
export function javaEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()~]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The time of an `expires` text; undefined for one that is none. */
export function expiryOf(text: string): number | undefined {
  const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/;
  const [, local, zone = ""] = form.exec(text) ?? [];
  if (local === undefined) return undefined;
  const time = Date.parse(`${local}${zone === "Z" ? zone : `${zone.slice(0, 3)}:${zone.slice(-2)}`}`);
  return Number.isNaN(time) ? undefined : time;
}
