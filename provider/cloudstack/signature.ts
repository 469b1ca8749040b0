import { createHmac } from "node:crypto";

/**
 * The signature of a request: HMAC-SHA1 over all parameters, sorted by name as sent, values in Java's encoding, the
 * whole in lower case (reference: CloudStack API, 1.2). The server signs decoded values, so it does not matter how they travel.
 */
export function signatureOf(parameters: Readonly<Record<string, string>>, secretKey: string): string {
  return createHmac("sha1", secretKey).update(stringToSign(parameters), "utf8").digest("base64");
}

function stringToSign(parameters: Readonly<Record<string, string>>): string {
  // By code unit, as Java sorts; names are not encoded.
  const names = Object.keys(parameters).sort();
  return names
    .map((name) => `${name}=${encoded(parameters[name] ?? "")}`)
    .join("&")
    .toLowerCase();
}

/** Java's `URLEncoder` with `%20` for a space. Several clients leave `~` as it is, which CloudStack answers with 401. */
function encoded(value: string): string {
  return encodeURIComponent(value).replace(
    /[!~'()]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
