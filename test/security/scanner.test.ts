import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scanFile, scanTarball, scanTree } from "../harness/secret-scan/files.ts";
import { Scanner } from "../harness/secret-scan/scanner.ts";
import { secretsIn, watched } from "../harness/secret-scan/watch.ts";
import { runWatched } from "../harness/watched-run.ts";
import { given } from "./secrets-canaries.ts";

/** Those that the tests give, and such as only come about in a run: of the length and the letters that those have. */
const canaries = Object.entries({
  ...given,
  ecsToken: "q8ZkT1vXo0w+Jr5uY2nHc7LdQe/9fBgAiMsV4KtR6yPzGjDxC3hWbUlEaNmSoF1p",
  basicHeader: "cHVsdW1pOkFub3RoZXItTG9nLUluLTEr",
  keyMadeByCloudian: "Zm9v+YmFy/cXV4MDEyMzQ1Njc4OWFiY2RlZmdoaW",
  keyPushedToEcs: "7TqJ0sVnB4kXw2LhRz9uGd5mYc1fPe8aQoWi3xKt",
}).map(([name, value]) => ({ name, value }));
const scanner = new Scanner(canaries);

/** Written down by hand, so that the scanner does not find only what it has written itself. */
const value = `Kä +/="<&\\7`;
const spelled: Readonly<Record<string, string>> = {
  raw: `Kä +/="<&\\7`,
  "base64, first alignment": "S8OkICsvPSI8Jlw3",
  "base64, second alignment": "eEvDpCArLz0iPCZcNw==",
  "base64, third alignment": "eHhLw6QgKy89IjwmXDc=",
  "base64, amid other text": "YWFLw6QgKy89IjwmXDdiYg==",
  "base64 for URLs": "S8OkICsvPSI8Jlw3".replace("+", "-").replace("/", "_"),
  "hex in lower case": "4bc3a4202b2f3d223c265c37",
  "hex in upper case": "4BC3A4202B2F3D223C265C37",
  "hex dump": "<Buffer 4b c3 a4 20 2b 2f 3d 22 3c 26 5c 37>",
  "octets of a Buffer in JSON": '{"type":"Buffer","data":[75,195,164,32,43,47,61,34,60,38,92,55]}',
  "percent-encoded": "K%C3%A4%20%2B%2F%3D%22%3C%26%5C7",
  "percent-encoded with lower-case hex": "K%c3%a4%20%2b%2f%3d%22%3c%26%5c7",
  "percent-encoded in part": 'K%C3%A4%20+/="<%26\\7',
  "percent-encoded as a whole": "%4B%C3%A4%20%2B%2F%3D%22%3C%26%5C%37",
  "percent-encoded twice": "K%25C3%25A4%2520%252B%252F%253D%2522%253C%2526%255C7",
  "as a form": "K%C3%A4+%2B%2F%3D%22%3C%26%5C7",
  "as a form with lower-case hex": "K%c3%a4+%2b%2f%3d%22%3c%26%5c7",
  "as a form, percent-encoded": "K%25C3%25A4%2B%252B%252F%253D%2522%253C%2526%255C7",
  JSON: 'Kä +/=\\"<&\\\\7',
  "JSON of Go": 'Kä +/=\\"\\u003c\\u0026\\\\7',
  "JSON in ASCII": 'K\\u00e4 +/=\\"<&\\\\7',
  "JSON as PHP writes it": 'K\\u00e4 +\\/=\\"<&\\\\7',
  "JSON in JSON": 'Kä +/=\\\\\\"<&\\\\\\\\7',
  "a URL in JSON in JSON": '\\"K%C3%A4%20%2B%2F%3D%22%3C%26%5C7\\"',
  "a text of JavaScript": 'K\\xe4 +/=\\"<&\\\\7',
  XML: "Kä +/=&quot;&lt;&amp;\\7",
  "XML in numbers": "K&#228; +/=&#34;&#x3C;&#38;\\7",
};

/** What a log and a state file look like that hold no secret. */
const clean = [
  "cloudstack-storage: POST /user/password 200 attempt=1 12 ms request-id=K%C3%A4",
  '{"password":"[secret]","ciphertext":"v1:S8Ok:ICsvPSI8Jlw3","hash":"4bc3a4202b2f3d22"}',
  JSON.stringify({ name: "Kä", url: "https://example.test/?a=%2B%2F&b=\\u003c", list: [75, 195, 164] }),
].join("\n");

test.each(Object.entries(spelled))("one secret is found: %s", (_name, text) => {
  const one = new Scanner([{ name: "one", value }]);
  for (const place of [text, `before ${text} after`, `${clean}\n${text}\n${clean}`, Buffer.from(text)]) {
    const [hit] = one.scan(place, "here");
    expect(hit).toMatchObject({ canary: "one", place: "here" });
  }
});

test("a clean text gives no hit", () => {
  expect(new Scanner([{ name: "one", value }]).scan(clean, "here")).toEqual([]);
  expect(scanner.scan(clean, "here")).toEqual([]);
});

test("what is too short to be told from chance is no canary", () => {
  expect(() => new Scanner([{ name: "short", value: "12345" }])).toThrow("too short");
});

test("a hit and a masked text never show the secret", () => {
  const text = canaries.map(({ value }) => `key=${value} ${encodeURIComponent(value)} ${btoa("x")}`).join(" ");
  const said = `${JSON.stringify(scanner.scan(text, "here"))} ${scanner.masked(text)}`;
  for (const { value } of canaries) {
    expect(said).not.toContain(value);
    expect(said).not.toContain(encodeURIComponent(value));
  }
});

test("the watch over all runs of the suite names what a run shows, and what its lab has made, and shows neither", () => {
  const key = "Zm9v+YmFy/cXV4MDEyMzQ1Njc4OWFiY2RlZmdoaW";
  const made = secretsIn({
    cloudian: { credentials: { one: { secretKey: key, createDate: 1 } }, options: { password: "public" } },
  });
  expect(made).toEqual([{ name: "the lab's /cloudian/credentials/one/secretKey", value: key }]);
  expect(watched(clean, "The run", made)).toBe(clean);
  for (const [text, said] of [
    ["Canary-Password-1", "The run shows a canary (raw)."],
    [Buffer.from("user:Canary-1").toString("base64"), "The run shows a canary (base64 of raw)."],
    [encodeURIComponent(key), "The run shows the lab's /cloudian/credentials/one/secretKey (form), "],
    ["Basic c3lzYWRtaW46cHVibGlj", "The run shows the lab's log-in of Cloudian (base64 of raw)."],
  ] as const)
    expect(() => watched(`${clean} ${text}`, "The run", made)).toThrow(said);
});

describe("each canary, planted once", () => {
  let folder: string;
  const places = ["state/stacks/dev.json", "state/history/dev.history.json.gz", "temporary/request", "docs/page.md"];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-planted-"));
    for (const name of ["state/stacks", "state/history", "temporary", "docs"])
      mkdirSync(join(folder, name), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const encoded = (text: string) => [
    text,
    Buffer.from(`a${text}`).toString("base64"),
    Buffer.from(text).toString("hex"),
    encodeURIComponent(text),
    JSON.stringify(text),
  ];
  const plant = (place: string, text: string) => {
    const content = `${clean}\n${text}\n${clean}`;
    writeFileSync(join(folder, place), place.endsWith(".gz") ? gzipSync(content) : content);
  };

  test.each(canaries)("$name, in each place and encoding, is the only hit there", async ({ name, value }) => {
    for (const place of places)
      for (const text of encoded(value)) {
        plant(place, text);
        const hits = [...scanTree(scanner, folder), ...scanFile(scanner, join(folder, place), place)];
        expect(new Set(hits.map((hit) => `${hit.canary} in ${hit.place}`))).toEqual(new Set([`${name} in ${place}`]));
        plant(place, "");
      }
    expect(scanTree(scanner, folder)).toEqual([]);
  });

  test("in a tarball, and in the name of a file", async () => {
    const [canary] = canaries;
    const pack = async () => {
      expect(await runWatched("tar", ["-czf", "planted.tgz", "docs"], { cwd: folder })).toMatchObject({ code: 0 });
      return await scanTarball(scanner, join(folder, "planted.tgz"));
    };
    expect(await pack()).toEqual([]);
    plant("docs/page.md", canary?.value ?? "");
    expect((await pack()).map(({ place }) => place)).toContain("docs/page.md");
    plant("docs/page.md", "");
    const named = join(folder, "docs", encodeURIComponent(canary?.value ?? ""));
    writeFileSync(named, "");
    expect((await pack()).map((hit) => hit.canary)).toContain(canary?.name);
    rmSync(named);
    rmSync(join(folder, "planted.tgz"));
  });
});
