import { XMLParser, XMLValidator } from "fast-xml-parser";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changed, document, PretendedEngine, step } from "./cli-drift-support.ts";

let engine: PretendedEngine;
beforeAll(() => {
  engine = new PretendedEngine();
});
afterAll(() => engine.remove());

/** All reports of one run in one text. */
async function everyReport(steps: readonly object[], planned: readonly object[] = [], diagnostics: object[] = []) {
  const run = await engine.drift(
    { refresh: { stdout: document(steps, diagnostics) }, preview: { stdout: document(planned) } },
    ...["--json-file", "r.json", "--markdown-file", "r.md", "--junit-file", "r.xml"],
  );
  const [json, markdown, junit] = ["r.json", "r.md", "r.xml"].map((file) => engine.read(file));
  return { ...run, json: json ?? "", markdown: markdown ?? "", junit: junit ?? "" };
}

test("a secret is shown nowhere, even where the engine has shown it", async () => {
  const steps = [
    // Always secret.
    step("update", "user", {
      old: { password: "old-user-word", 'secret"key': 1 },
      new: { password: "new-user-word", 'secret"key': 1 },
      diff: { password: changed },
    }),
    // Everyday words, but encrypted; the keys of what is secret as a whole do not show either.
    step("update", "pool", {
      kind: "ObjectStoragePool",
      old: { s3: { accessKeyId: "pool-key-1", secretAccessKey: "pool-secret-1" } },
      new: { s3: { accessKeyId: "pool-key-2", secretAccessKey: "pool-secret-1", hiddenKeyName: "x" } },
      diff: { "s3.accessKeyId": changed, "s3.hiddenKeyName": { kind: "add", inputDiff: true } },
    }),
    // Made secret by its own values.
    step("update", "setting", {
      kind: "GlobalSetting",
      old: { settingName: "cloudian.admin.password", value: "setting-word-1" },
      new: { settingName: "cloudian.admin.password", value: "setting-word-2" },
      diff: { value: changed },
    }),
    // Made secret by the program, on one side only.
    step("update", "mail", {
      old: { __secrets: ["email"], email: "once@example.test", phone: "phone-in-the-clear" },
      new: { __secrets: ["email"], email: "twice@example.test", phone: "[secret]" },
      diff: { email: changed, phone: changed },
    }),
    // Of another provider, deep inside.
    step("update", "other", {
      type: "other:index:Thing",
      old: { list: [{ token: "[secret]", shown: 1 }], map: { inner: "[secret]" }, names: ["plain-name", "[secret]"] },
      new: { list: [{ token: "deep-token", shown: 2 }], map: { inner: { key: "deep-key" } }, names: ["b"] },
      diff: { "list[0]": changed, "map.inner.key": changed, "names[0]": changed, "names[1]": changed },
    }),
  ];
  const message = "error: could not log in with pool-secret-1 or old-user-word";
  const { code, stdout, stderr, json, markdown, junit } = await everyReport(
    steps,
    [],
    [{ message, severity: "warning" }],
  );
  expect(code).toBe(7);
  const texts = [stdout, stderr, json, markdown, junit].join("\n");
  const secrets =
    /user-word|pool-key|pool-secret|hiddenKeyName|setting-word|once@|twice@|in-the-clear|deep-|plain-name/;
  expect(texts.match(secrets)).toBeNull();
  const paths = JSON.parse(json).resources.flatMap(({ name, properties }: { name: string; properties: object[] }) =>
    properties.map((property) => ({ name, ...property })),
  );
  expect(paths.map(({ name, path, secret }: Record<string, unknown>) => [name, path, secret])).toEqual([
    ["mail", "email", true],
    ["mail", "phone", true],
    ["user", "password", true],
    ["setting", "value", true],
    ["pool", "s3", true],
    ["other", "list[0]", false],
    ["other", "map.inner", true],
    ["other", "names", true],
  ]);
  expect(paths.find(({ path }: { path: string }) => path === "list[0]")).toMatchObject({
    recorded: { token: "[secret]", shown: 1 },
    live: { token: "[secret]", shown: 2 },
  });
  expect(stdout).toContain("could not log in with [secret] or [secret]");
});

const nasty = `a|b\`c\`<script>&"'\n# [x](y) @all $1 *_~\\ \u001b[31m\u0000\u0085\u202e\ufffe\ud800 é 漢`;

test("names and values break out of no format", async () => {
  const steps = [
    step("update", nasty, {
      old: { fullName: nasty, website: "short" },
      new: { fullName: "", website: `${"long ".repeat(20)}end` },
      diff: { fullName: changed, website: changed },
    }),
    step("update", nasty, {
      type: `odd:index:${nasty.replaceAll(":", "")}`,
      old: { "a.b": 1 },
      new: {},
      diff: { '["a.b"]': { kind: "delete", inputDiff: true } },
    }),
  ];
  const diagnostics = [{ message: `warning: ${nasty}`, severity: "warning" }];
  const { stdout, json, markdown, junit } = await everyReport(steps, [], diagnostics);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
  const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\ud800]/;
  expect([stdout, markdown, junit].map((text) => text.match(harmful))).toEqual([null, null, null]);
  // Each row is one line with its seven bars.
  const rows = markdown.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| ---"));
  expect(rows.map((row) => row.split("|").length - 1)).toEqual([7, 7, 7, 7]);
  expect(markdown.match(/<(?!code>|\/code>|br>)/)).toBeNull();
  expect(markdown).not.toMatch(/[`@$]|\]\(/);
  expect(XMLValidator.validate(junit)).toBe(true);
  const parsed = new XMLParser({ ignoreAttributes: false, processEntities: true, htmlEntities: true }).parse(junit);
  expect(parsed.testsuites.testsuite[0].testcase.length).toBe(2);
  const [property] = JSON.parse(json).resources[0].properties;
  expect(property).toMatchObject({ path: "fullName", recorded: nasty, live: "" });
});

test("a long value is cut in tables, with its length, and nowhere else", async () => {
  const long = `${"x".repeat(80)}|end`;
  const steps = [step("update", "ada", { old: { website: "w" }, new: { website: long }, diff: { website: changed } })];
  const { stdout, json, markdown, junit } = await everyReport(steps);
  const cut = `"${"x".repeat(39)}… (86 characters)`;
  expect(stdout).toContain(cut);
  expect(markdown).toContain(cut);
  expect(junit).toContain(long);
  expect(json).toContain(long);
});

test("Markdown has room for what others write beside it, and says how much is missing", async () => {
  const steps = Array.from({ length: 1500 }, (_, index) =>
    step("update", `user-${index}`, { old: { phone: "1" }, new: { phone: "2" }, diff: { phone: changed } }),
  );
  const { markdown, json } = await everyReport(steps, [step("create", "fresh", { new: {} })]);
  expect(JSON.parse(json).counts).toMatchObject({ changed: 1500, toCreate: 1 });
  expect(markdown.length).toBeLessThanOrEqual(60_000);
  expect(markdown.length).toBeGreaterThan(59_000);
  const shown = markdown.match(/^\| CloudianUser /gm)?.length ?? 0;
  expect(markdown).toMatch(
    new RegExp(`\n${1501 - shown} more rows left out for want of room; the JSON report has all\\.\n$`),
  );
});

test("what only the up will tell, what the engine gives no detail of, and what travels beside the properties", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const steps = [
    step("update", "plain", { type: "other:index:Thing", old: { a: 1, b: [1] }, new: { a: 1, b: [2] } }),
    step("update", "marks", { old: { __derived: true }, new: {}, diff: { __derived: changed } }),
  ];
  const planned = [
    step("update", "plain", {
      type: "other:index:Thing",
      old: { a: 1, b: [1] },
      new: { a: unknown, b: [unknown] },
      diff: { a: changed, "b[0]": changed },
    }),
    step("update", "marks", { old: { __derived: true }, new: {}, diff: { __derived: changed } }),
  ];
  const { code, json } = await everyReport(steps, planned);
  expect(code).toBe(7);
  expect(JSON.parse(json).resources).toMatchObject([
    { name: "marks", drift: "none", undeployed: "change", properties: [] },
    {
      name: "plain",
      drift: "changed",
      undeployed: "change",
      properties: [
        { path: "a", drifted: false, undeployed: true, recorded: 1, live: 1, declared: "[unknown]" },
        { path: "b", drifted: true, undeployed: true, recorded: [1], live: [2], declared: ["[unknown]"] },
      ],
    },
  ]);
});
