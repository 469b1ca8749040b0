import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answerOf, documentOf, flag, listOf, wholeNumber } from "../../provider/ecs/answers.ts";

const answer = (status: number, body: string) => answerOf({ status, body, date: undefined, headers: {} });
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

describe("a refusal", () => {
  const details = "Unable to find bucket box";
  const json = { code: 1004, description: "The parameter was not found", details, retryable: false };
  const xml = `<code>1004</code><description>The parameter was not found</description><details>${details}</details><retryable>false</retryable>`;

  test.each([
    ["JSON", JSON.stringify(json)],
    ["JSON in its root's name", JSON.stringify({ error: json })],
    ["JSON with a code in quotes", JSON.stringify({ ...json, code: "1004" })],
    ["XML", `${XML}<error>${xml}</error>`],
    ["XML with white space and attributes", `${XML}\n<error a="b">\n  ${xml.replaceAll("><", ">\n<")}\n</error>\n`],
    ["XML without its declaration", `<error>${xml}</error>`],
  ])("is understood as %s", (_form, body) => {
    const { error, said } = answer(400, body);
    expect(error).toEqual({ status: 400, code: 1004, description: "The parameter was not found", details });
    expect(said()).toBe('400, code 1004, "The parameter was not found: Unable to find bucket box"');
  });

  test.each([
    ["without details", { code: 4000, description: "refused" }, '401, code 4000, "refused"'],
    ["without a description", { code: 4000, details: "locked" }, '401, code 4000, "locked"'],
    ["with nothing but a code", { code: 4000 }, "401, code 4000"],
    ["with nulls", { code: 4000, description: null, details: null }, "401, code 4000"],
    ["with empty texts", { code: 4000, description: "", details: "" }, "401, code 4000"],
  ])("%s is told as far as it goes", (_what, body, said) => {
    expect(answer(401, JSON.stringify(body)).said()).toBe(said);
  });

  test.each([
    [
      "an HTML page",
      "<!DOCTYPE html><html><head><title>t</title></head><body>Not found</body></html>",
      '404, "Not found"',
    ],
    ["nothing", "", "404"],
    ["text", "no route", '404, "no route"'],
    ["other JSON", '{"message":"no route"}', '404, "{"message":"no route"}"'],
    ["a list", "[1004]", '404, "[1004]"'],
    ["null", "null", '404, "null"'],
    ["a code that is no number", '{"code":"NoSuchBucket"}', '404, "{"code":"NoSuchBucket"}"'],
    ["a code with a fraction", '{"code":1.5}', '404, "{"code":1.5}"'],
    ["XML of another service", "<Error><Code>NoSuchBucket</Code></Error>", '404, "NoSuchBucket"'],
    ["a code that is null", '{"code":null}', '404, "{"code":null}"'],
    ["a code without digits", '{"code":""}', '404, "{"code":""}"'],
    ["a code that is a flag", '{"code":true}', '404, "{"code":true}"'],
    ["the status again, as gateways have it", '{"error":{"code":404}}', '404, "{"error":{"code":404}}"'],
    ["cut XML", "<error><code>1004", '404, "1004"'],
  ])("of something on the way has no code: %s", (_what, body, said) => {
    const { error, said: words } = answer(404, body);
    expect(error).toEqual({ status: 404, code: undefined, description: "", details: "" });
    expect(words()).toBe(said);
  });

  test("entities of a document are not expanded", () => {
    const bomb = `<!DOCTYPE error [<!ENTITY a "${"x".repeat(1000)}">]><error><code>1</code><details>&a;&a;&a;</details></error>`;
    expect(answer(400, bomb).said().length).toBeLessThan(100);
  });

  test("is only what is none of the good ones", () => {
    expect(answer(200, JSON.stringify(json)).error).toBeUndefined();
    expect(answer(302, "").error).toMatchObject({ status: 302, code: undefined });
  });
});

describe("a document", () => {
  const schema = z.looseObject({ name: z.string() });
  const read = (body: string) => documentOf(answer(200, body), "read it", "bucket_info", schema);

  test.each([['{"name":"box"}'], ['{"bucket_info":{"name":"box"}}'], [' \n{"name":"box"}\n']])(
    "is read with and without its root: %s",
    (body) => {
      expect(read(body)).toEqual({ name: "box" });
    },
  );

  test("another member beside the root's name is no wrapping", () => {
    expect(read('{"bucket_info":{"name":"inner"},"name":"outer"}')).toMatchObject({ name: "outer" });
  });

  test.each([
    ["", "Could not read it: the answer is empty."],
    [" \n", "Could not read it: the answer is empty."],
    [
      `${XML}<bucket_info><name>box</name></bucket_info>`,
      "Could not read it: the answer is XML, though JSON was asked for. Does something on the way drop the Accept header?",
    ],
    ["name=box", "Could not read it: the answer is not JSON."],
    ['{"name":', "Could not read it: the answer is not JSON."],
    ['{"name":5}', "Could not read it: the answer does not have the documented form (name)."],
    ["{}", "Could not read it: the answer does not have the documented form (name)."],
    ["null", "Could not read it: the answer does not have the documented form."],
    ["[]", "Could not read it: the answer does not have the documented form."],
    ['{"bucket_info":null}', "Could not read it: the answer does not have the documented form."],
    ['"box"', "Could not read it: the answer does not have the documented form."],
  ])("is an error, never absent, where it is %j", (body, message) => {
    expect(() => read(body)).toThrow(message);
  });
});

describe("values", () => {
  test.each([
    [true, true],
    [false, false],
    ["true", true],
    ["false", false],
    ["TRUE", true],
    ["False", false],
  ])("the flag %j is %j", (written, meant) => {
    expect(flag.parse(written)).toBe(meant);
  });

  test.each(["", "yes", "1", 1, 0, null, undefined, {}, [true]])("%j is no flag", (written) => {
    expect(flag.safeParse(written).success).toBe(false);
  });

  test.each([
    [5, 5],
    [-1, -1],
    ["5", 5],
    ["-1", -1],
    ["0", 0],
    ["007", 7],
  ])("the number %j is %j", (written, meant) => {
    expect(wholeNumber.parse(written)).toBe(meant);
  });

  test.each(["", " ", "1.5", 1.5, "1e3", "0x10", "--1", "five", null, undefined, true, [1]])(
    "%j is no number",
    (written) => {
      expect(wholeNumber.safeParse(written).success).toBe(false);
    },
  );

  test.each([
    ["", []],
    [null, []],
    [undefined, []],
    [[], []],
    [["a"], ["a"]],
  ])("the list %j is %j", (written, meant) => {
    expect(listOf(z.string()).parse(written)).toEqual(meant);
  });

  test.each(["a", 0, false, {}, [1], [null]])("%j is no list of texts", (written) => {
    expect(listOf(z.string()).safeParse(written).success).toBe(false);
  });
});
