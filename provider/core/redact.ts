/** Shorter values are left alone: hiding every "a" would hide the message, and nobody's password is three letters. */
const shortest = 4;

/** Words of every other message; a setting whose value is one of them keeps nothing secret. */
const everyday = new Set(["true", "false", "null", "none"]);

/** Of shorter values, a part of base64 may be a word of a message. */
const shortestInside = 8;

const remembered = new Set<string>();
const forms = new Set<string>();
let longestFirst: readonly string[] | undefined;

/**
 * Tells the process that a value is a secret, so that no message shows it: as it is, percent-encoded in any spelling,
 * form-encoded, escaped for JSON, in hexadecimal, and in base64, alone or amid what else was encoded with it.
 */
export function rememberSecret(value: string): void {
  // Every operation tells anew which secrets it has in hand.
  if (value.length < shortest || everyday.has(value) || remembered.has(value)) return;
  remembered.add(value);
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const encoded = [encodeURIComponent(value), form, form.replaceAll("+", "%20")];
  const lowerCase = encoded.map((text) => text.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()));
  const inJson = JSON.stringify(value).slice(1, -1);
  const bytes = Buffer.from(value);
  for (const text of [value, ...encoded, ...lowerCase, inJson, bytes.toString("base64"), bytes.toString("base64url")])
    forms.add(text);
  // A request is repeated with what it held, in the form that it had there.
  if (bytes.length >= shortestInside)
    for (const sent of new Set([value, ...encoded, inJson]))
      for (const text of insideOthers(Buffer.from(sent))) forms.add(text);
  longestFirst = undefined;
}

/** What hexadecimal and base64 show of some bytes wherever these stand in a longer text. */
function insideOthers(bytes: Buffer): string[] {
  const hex = bytes.toString("hex");
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    // The characters at both ends hold bits of the neighbors, too.
    return text.slice(Math.ceil((before * 4) / 3), (before + bytes.length) % 3 === 0 ? undefined : -1);
  });
  const forUrls = base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [hex, hex.toUpperCase(), ...base64, ...forUrls];
}

/** A text in which every remembered secret reads `[secret]`. */
export function redact(text: string): string {
  longestFirst ??= [...forms].sort((a, b) => b.length - a.length);
  let result = text;
  for (const form of longestFirst) result = result.replaceAll(form, "[secret]");
  return result;
}

/** More of a page is not shown in any case, and a server may send as much as it likes. */
const longestPage = 1_000_000;

/**
 * The same for a page of a server, which may show a secret in character references, and in escapes that no encoder of
 * ours would choose, or in two layers of them.
 */
export function redactPage(page: string): string {
  const references = /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|(amp|lt|gt|quot|apos));/gi;
  let text = redact(redact(page.slice(0, longestPage)).replace(references, character));
  for (const uncover of [unescaped, decoded]) {
    const once = uncover(text);
    for (const plain of new Set([once, uncover(once)])) {
      if (plain === text) continue;
      const redacted = redact(plain);
      // A page without a secret stays as the server wrote it.
      if (redacted !== plain) text = redacted;
    }
  }
  return text;
}

/** Texts of JSON without their escapes. */
function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-f]{4})|(["\\/]))/gi, (_escape, code: string | undefined, plain: string) =>
    code === undefined ? plain : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Percent-encoded text in the clear, whatever of it is encoded. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (octets) => Buffer.from(octets.replaceAll("%", ""), "hex").toString());
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
