/** Shorter values are left alone: hiding every "a" would hide the message, and nobody's password is three letters. */
const shortest = 4;

const forms = new Set<string>();

/**
 * Tells the process that a value is a secret, so that no message shows it: as it is, percent-encoded, form-encoded,
 * inside JSON and in base64.
 */
export function rememberSecret(value: string): void {
  if (value.length < shortest) return;
  const encoded = encodeURIComponent(value);
  forms.add(value);
  forms.add(encoded);
  forms.add(encoded.replaceAll("%20", "+"));
  forms.add(JSON.stringify(value).slice(1, -1));
  forms.add(Buffer.from(value).toString("base64"));
  forms.add(Buffer.from(value).toString("base64url"));
}

/** A text in which every remembered secret reads `[secret]`. */
export function redact(text: string): string {
  let result = text;
  for (const form of [...forms].sort((a, b) => b.length - a.length)) result = result.replaceAll(form, "[secret]");
  return result;
}
