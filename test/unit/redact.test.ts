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

test("the longer of two overlapping secrets is hidden as a whole", () => {
  rememberSecret("Overlap");
  rememberSecret("Overlap-and-more");
  expect(redact("Overlap-and-more, Overlap")).toBe("[secret], [secret]");
});

test("what is too short to be a secret does not make messages unreadable", () => {
  for (const short of ["", "a", "abc"]) rememberSecret(short);
  expect(redact("abc: a message")).toBe("abc: a message");
});
