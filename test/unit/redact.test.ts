import { expect, test } from "vitest";
import { redact, redactPage, rememberSecret } from "../../provider/core/redact.ts";

test("every usual spelling of a remembered secret is hidden, and nothing else", () => {
  rememberSecret("Canary-Pass!1 é");
  for (const form of [
    "Canary-Pass!1 é",
    "Canary-Pass!1%20%C3%A9",
    "Canary-Pass%211%20%C3%A9",
    "Canary-Pass%211+%C3%A9",
    "Canary-Pass%211%20%c3%a9",
    "Q2FuYXJ5LVBhc3MhMSDDqQ==",
    "Q2FuYXJ5LVBhc3MhMSDDqQ",
  ])
    expect(redact(`before ${form} after`)).toMatch(/^before \[secret\](==)? after$/);
  expect(redact("Canary-Pass?1")).toBe("Canary-Pass?1");
});

test("an octet is percent-encoded in capitals or in small letters", () => {
  rememberSecret("Canary ê");
  for (const form of ["Canary%20%C3%AA", "Canary%20%c3%aa", "Canary+%C3%AA", "Canary+%c3%aa"])
    expect(redact(form)).toBe("[secret]");
});

test("JSON and HTML spellings are hidden", () => {
  rememberSecret("Quo\"te\\d<Canary>&'");
  expect(redact('{"password":"Quo\\"te\\\\d<Canary>&\'"}')).toBe('{"password":"[secret]"}');
  for (const page of [
    "<p>Quo\"te\\d<Canary>&'</p>",
    "<p>Quo&quot;te\\d&lt;Canary&gt;&amp;&#39;</p>",
    "<p>Quo&QUOT;te\\d&LT;Canary&GT;&amp;&apos;</p>",
    "<p>Quo&#34;te&#x5C;d&#60;Canary&#x3e;&amp;&#x27;</p>",
    "<p>Quo\"te\\d&lt;Canary&gt;&amp;'</p>",
  ])
    expect(redactPage(page)).toBe("<p>[secret]</p>");
});

test("what was encoded together with other things is hidden as well", () => {
  rememberSecret("Canary-Inside é");
  const hex = "43616e6172792d496e7369646520c3a9";
  for (const text of [hex, hex.toUpperCase()]) expect(redact(`6173${text}6466`)).toBe("6173[secret]6466");
  // The octets of password= stand before it, in each of the three alignments.
  for (const text of [
    "cGFzc3dvcmQ9Q2FuYXJ5LUluc2lkZSDDqQ==",
    "LXBhc3N3b3JkPUNhbmFyeS1JbnNpZGUgw6k=",
    "IC1wYXNzd29yZD1DYW5hcnktSW5zaWRlIMOp",
    "P3Bhc3N3b3JkPUNhbmFyeS1JbnNpZGUlMjAlQzMlQTk",
  ])
    expect(redact(text)).toMatch(/^[A-Za-z0-9]{8,16}\[secret\][A-Za-z0-9]{0,2}=*$/);
});

test("in base64 the neighbors of a secret are shown, and nothing of it", () => {
  rememberSecret("Canary-9");
  // Of `printf … | base64` of three, four and five octets, the secret and a tilde; a letter at its ends may be shared.
  expect(redact("YWJjQ2FuYXJ5LTl+")).toBe("YWJj[secret]l+");
  expect(redact("YWJjZENhbmFyeS05fg==")).toBe("YWJjZE[secret]fg==");
  expect(redact("YWJjZGVDYW5hcnktOX4=")).toBe("YWJjZGV[secret]X4=");
});

test("base64 for URLs hides nothing either", () => {
  rememberSecret("~~~???>>");
  expect(redact("eD1+fn4/Pz8+PiY=")).toBe("eD1[secret]iY=");
  expect(redact("eD1-fn4_Pz8-PiY")).toBe("eD1[secret]iY");
});

test("a short secret is hidden by itself, but not amid others, where it may be a word of a message", () => {
  rememberSecret("@-3@0A");
  rememberSecret("Zq9~");
  // The last seven letters of the base64 of two octets and this secret.
  expect(redact("ERR_TLS_CERT_ALTNAME_INVALID")).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
  expect(redact("@-3@0A QC0zQDBB Zq9~ WnE5fg==")).toBe("[secret] [secret] [secret] [secret]");
});

test("a page may hide it under escapes of two layers, and is not touched where it hides nothing", () => {
  rememberSecret("Canary+Layers/é");
  for (const page of [
    "<p>Canary+Layers%2Fé</p>",
    "<p>%43anary+Layers/%c3%A9</p>",
    "<p>Canary%252BLayers%252F%25C3%25A9</p>",
    '{"error":"Canary\\u002bLayers\\/\\u00E9"}',
    '{"error":"{\\"password\\":\\"Canary+Layers\\\\/\\\\u00e9\\"}"}',
  ]) {
    expect(redactPage(page)).toContain("[secret]");
    expect(redactPage(page)).not.toContain("Layers");
  }
  const page = '<p>100%25 of C:\\\\Data \\u00e9 &amp; "a%20b"</p>';
  expect(redactPage(page)).toBe('<p>100%25 of C:\\\\Data \\u00e9 & "a%20b"</p>');
});

test("the longer of two overlapping secrets is hidden as a whole", () => {
  rememberSecret("Overlap");
  rememberSecret("Overlap-and-more");
  expect(redact("Overlap-and-more, Overlap")).toBe("[secret], [secret]");
});

test("what is too short to be a secret does not make messages unreadable", () => {
  for (const short of ["", "a", "abc"]) rememberSecret(short);
  expect(redact("abc: a message")).toBe("abc: a message");
});

test("words of every other message are hidden by no setting", () => {
  for (const word of ["true", "false", "null", "none"]) rememberSecret(word);
  expect(redact("true or false, null or none")).toBe("true or false, null or none");
});

test("a character reference beyond all characters stays as it is", () => {
  expect(redactPage("&#x10ffff; &#1114111; &#x110000; &#1114112; &#9999999; &amp;")).toBe(
    "\u{10ffff} \u{10ffff} &#x110000; &#1114112; &#9999999; &",
  );
});
