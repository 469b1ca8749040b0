import { describe, expect, test } from "vitest";
import { isPage, quoted } from "../../provider/core/http.ts";

const answer = (body: string, type?: string | string[], status = 200) => ({
  status,
  body,
  date: undefined,
  headers: { "content-type": type },
});

describe("a page", () => {
  test.each([
    "<!DOCTYPE html><p>log in</p>",
    "<html lang='en'>",
    "<HEAD><title>log in</title>",
    "<body>",
    " \r\n\t<html>",
    '<?xml version="1.0" encoding="UTF-8"?><html>',
    "<!-- Copyright 2026 -->\n<html>",
    '\n<?xml version="1.0"?>\n<!-- one -->\n<!--two\n-->\n<!DOCTYPE html>',
  ])("is what begins as one, whatever its media type: %j", (body) => {
    expect(isPage(answer(body, "application/json"))).toBe(true);
    expect(isPage(answer(body))).toBe(true);
  });

  test.each(["Please log in", "<p>log in</p>", "log in on port 443 - or [not]", "nullify", "trueish", "falsehood"])(
    "is what the system calls HTML, and is no JSON: %j",
    (body) => {
      for (const type of ["text/html", "text/html; charset=utf-8", "TEXT/HTML", ["text/html", "text/plain"]])
        expect(isPage(answer(body, type))).toBe(true);
    },
  );

  test.each(["{}", "[1]", '"text"', "7", "-7", "true", "false", "null", " \n{}", "", " \n"])(
    "is not JSON, nor nothing, that the system calls HTML: %j",
    (body) => {
      expect(isPage(answer(body, "text/html"))).toBe(false);
    },
  );

  test.each([
    "application/json",
    "application/x-not-text/html",
    "text/htmlx",
    "text/plain; was=text/html",
    ["text/plain", "text/html"],
    undefined,
  ])("is not any other text: %j", (type) => {
    expect(isPage(answer("Please log in", type))).toBe(false);
  });

  test.each([
    '{"text":"<html>"}',
    "see <body>",
    "<htmlx>",
    "<Error><html></html></Error>",
    '<?xml version="1.0"?><Error/>',
    "<!-- <html> -->",
  ])("is not what holds a tag somewhere: %j", (body) => {
    expect(isPage(answer(body))).toBe(false);
  });

  test("is not what comes with an error or a redirection, where pages are usual", () => {
    for (const status of [300, 302, 404, 503])
      expect(isPage(answer("<html>not found</html>", "text/html", status))).toBe(false);
    expect(isPage(answer("<html>", undefined, 299))).toBe(true);
  });

  test("is looked for at the beginning, so that millions of blanks or comments do no harm", () => {
    for (const many of [" ".repeat(8_000_000), "<!---->".repeat(4_000_000)]) expect(isPage(answer(many))).toBe(false);
  });
});

describe("what a body says", () => {
  test.each([
    ["one<br>two", ', "one two"'],
    ["one<style>a {\n b }</style>two", ', "one two"'],
    ["one<SCRIPT type='x'>if (a)\n b()</SCRIPT>two", ', "one two"'],
    ["<head>\n<title>of a page</title>\n</head>words", ', "words"'],
    ["<style>a{}</style>one<style>b{}</style>", ', "one"'],
    ["a < b", ', "a < b"'],
    ["\tone\r\n\r\n two ", ', "one two"'],
    ["<p></p>", ""],
  ])("%j is%s", (body, expected) => {
    expect(quoted(body)).toBe(expected);
  });

  test("is told whole up to 300 characters", () => {
    expect(quoted("y".repeat(300))).toBe(`, "${"y".repeat(300)}"`);
    expect(quoted("y".repeat(301))).toBe(`, "${"y".repeat(300)}…"`);
  });

  test("is looked for in 20000 characters, however many there are", () => {
    expect(quoted(`${"<br>".repeat(4_998)}words beyond`)).toBe(', "words be"');
  });
});
