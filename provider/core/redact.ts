/** Shorter values are left alone: hiding every "a" would hide the message, and nobody's password is three letters. */
const shortest = 4;

/** Words of every other message; a setting whose value is one of them keeps nothing secret. */
const everyday = new Set(["true", "false", "null", "none"]);

const forms = new Set<string>();

/**
 * Tells the process that a value is a secret, so that no message shows it: as it is, percent-encoded in any spelling,
 * form-encoded, escaped for JSON, and in base64.
 */
export function rememberSecret(value: string): void {
  if (value.length < shortest || everyday.has(value)) return;
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const encoded = [encodeURIComponent(value), form, form.replaceAll("+", "%20")];
  const lowerCase = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()));
  const inJson = JSON.stringify(value).slice(1, -1);
  const bytes = Buffer.from(value);
  for (const text of [value, ...encoded, ...lowerCase, inJson, bytes.toString("base64"), bytes.toString("base64url")])
    forms.add(text);
}

/** A text in which every remembered secret reads `[secret]`. */
export function redact(text: string): string {
  let result = text;
  for (const form of [...forms].sort((a, b) => b.length - a.length)) result = result.replaceAll(form, "[secret]");
  return result;
}

/** The same for a page of a server, which may show a secret in character references. */
export function redactPage(page: string): string {
  return redact(redact(page).replace(/&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi, character));
}

const namedCharacters = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

function character(
  reference: string,
  hex: string | undefined,
  decimal: string | undefined,
  name: string | undefined,
): string {
  if (name !== undefined) return namedCharacters.get(name.toLowerCase()) ?? reference;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : reference;
}
