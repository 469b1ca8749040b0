/** Shorter values are left alone: hiding every "a" would hide the message, and nobody's password is three letters. */
const shortest = 4;

const forms = new Set<string>();

/**
 * Tells the process that a value is a secret, so that no message shows it: as it is, percent-encoded in any spelling,
 * form-encoded, escaped for JSON or HTML, and in base64.
 */
export function rememberSecret(value: string): void {
  if (value.length < shortest) return;
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const encoded = [encodeURIComponent(value), form, form.replaceAll("+", "%20")];
  const lowerCase = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()));
  const escaped = [JSON.stringify(value).slice(1, -1), forHtml(value, "&#39;"), forHtml(value, "&apos;")];
  const bytes = Buffer.from(value);
  for (const text of [
    value,
    ...encoded,
    ...lowerCase,
    ...escaped,
    bytes.toString("base64"),
    bytes.toString("base64url"),
  ])
    forms.add(text);
}

/** A text in which every remembered secret reads `[secret]`. */
export function redact(text: string): string {
  let result = text;
  for (const form of [...forms].sort((a, b) => b.length - a.length)) result = result.replaceAll(form, "[secret]");
  return result;
}

function forHtml(value: string, apostrophe: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", apostrophe);
}
