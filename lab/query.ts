const secretNames = new Set([
  "password",
  "secret_key",
  "secret_key_1",
  "secret_key_2",
  "secretkey",
  "sessionkey",
  "signature",
  "x-amz-credential",
  "x-amz-security-token",
  "x-amz-signature",
  "x-sds-auth-token",
]);

/** Stands for a secret in everything that the control API shows. */
export const secretMask = "[secret]";

/** Splits a request target at its first `?`. */
export function splitTarget(target: string): { path: string; rawQuery: string } {
  const mark = target.indexOf("?");
  return mark < 0 ? { path: target, rawQuery: "" } : { path: target.slice(0, mark), rawQuery: target.slice(mark + 1) };
}

/** Decodes a query; undefined if it is not percent-encoded UTF-8. */
export function decodeQuery(rawQuery: string): Map<string, string> | undefined {
  const query = new Map<string, string>();
  try {
    for (const pair of rawQuery.split("&")) {
      if (pair === "") continue;
      const equals = pair.indexOf("=");
      const name = decode(equals < 0 ? pair : pair.slice(0, equals));
      if (!query.has(name)) query.set(name, equals < 0 ? "" : decode(pair.slice(equals + 1)));
    }
  } catch {
    return undefined;
  }
  return query;
}

/** The value to show for a named one: secrets are masked, at any depth. */
export function masked(name: string, value: unknown): unknown {
  if (secretNames.has(name.toLowerCase())) return secretMask;
  if (Array.isArray(value)) return value.map((item) => masked("", item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(key, item)]));
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
