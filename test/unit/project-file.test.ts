import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { programFolderOf } from "../../provider/cli/project-file.ts";

let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "cloudstack-storage-project-"));
  mkdirSync(join(project, "src"));
  writeFileSync(join(project, "src/index.ts"), "");
});
afterEach(() => rmSync(project, { recursive: true }));

test.each([
  ["no main", "Pulumi.yaml", "name: acme\nruntime: nodejs\n", "."],
  ["a folder", "Pulumi.yaml", "name: acme\nmain: src\n", "src"],
  ["a folder in quotes, with a comment", "Pulumi.yml", "main: 'src/'  # not main: other\nname: acme\n", "src"],
  ["a plain text with a comment, and returns", "Pulumi.yaml", "name: acme\r\nmain: ./src/ # here\r\n", "src"],
  ["a file", "Pulumi.yaml", 'name: acme\nmain: "src/index.ts"\n', "src"],
  ["a file that is not built yet", "Pulumi.yaml", "name: acme\nmain: index.js\n", "."],
  ["a key of something else", "Pulumi.yaml", "name: acme\nconfig:\n  main: src\n", "."],
  ["JSON", "Pulumi.json", '{ "name": "acme", "runtime": { "main": "no" }, "main": "src" }', "src"],
  ["JSON without one", "Pulumi.json", '{ "name": "acme", "runtime": { "main": "src" } }', "."],
])("the program's folder: %s", (_, file, text, folder) => {
  writeFileSync(join(project, file), text);
  expect(programFolderOf(project)).toBe(join(project, folder));
});
