import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { allBlocks, type Block, place, root } from "./markdown.ts";

/** How a block of each language is held to the truth. */
const languages = new Map([
  ["ts", "type-checked, below"],
  ["json", "parsed, below"],
  ["sh", "each command looked up or run, commands.test.ts"],
  ["bash", "the same"],
  ["yaml", "the project file of the README, which readme.test.ts runs"],
]);

test("every block has a language that something checks", () => {
  expect(
    allBlocks()
      .filter(({ language }) => !languages.has(language))
      .map(place),
  ).toEqual([]);
  expect(allBlocks("yaml").map(({ file }) => file)).toEqual(["README.md"]);
});

test("JSON blocks are JSON", () => {
  const bad = allBlocks("json").flatMap((block) => {
    try {
      JSON.parse(block.text);
      return [];
    } catch (error) {
      return [`${place(block)}: ${error}`];
    }
  });
  expect(bad).toEqual([]);
});

test("TypeScript blocks are complete modules that type-check against the package, and the check sees what is wrong", () => {
  const blocks = allBlocks("ts");
  expect(blocks.length).toBeGreaterThan(0);
  const wrong = { line: 1, language: "ts" };
  const text =
    'import { CloudianGroup } from "pulumi-cloudstack-storage";\nnew CloudianGroup("a", { gruopId: "b" });\n';
  const misspelled = { ...wrong, file: "misspelled.md", text };
  const incomplete = { ...wrong, file: "incomplete.md", text: "new CloudianGroup();\n" };
  expect(problemsIn([...blocks, misspelled, incomplete]).toSorted()).toEqual([
    expect.stringContaining("incomplete.md:2: Cannot find name"),
    expect.stringContaining("misspelled.md:3: Object literal may only specify"),
  ]);
});

function problemsIn(blocks: readonly Block[]): string[] {
  const byFile = new Map(blocks.map((block, index) => [join(root, "docs", `.block-${index}.ts`), block]));
  const options = compilerOptions();
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => byFile.has(file) || fileExists(file);
  host.readFile = (file) => byFile.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, target, ...rest) => {
    const block = byFile.get(file);
    // A block is a module of its own even where it neither imports nor exports.
    if (block) return ts.createSourceFile(file, `${block.text}export {};\n`, target, true);
    return getSourceFile(file, target, ...rest);
  };
  const program = ts.createProgram([...byFile.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    const block = byFile.get(diagnostic.file?.fileName ?? "");
    if (!block) return `${diagnostic.file?.fileName ?? "options"}: ${text}`;
    const { line } = ts.getLineAndCharacterOfPosition(diagnostic.file as ts.SourceFile, diagnostic.start ?? 0);
    return `${block.file}:${block.line + line + 1}: ${text}`;
  });
}

/** Those of this project; only what an example declares and does not use again is fine. */
function compilerOptions(): ts.CompilerOptions {
  const file = join(root, "tsconfig.json");
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  return {
    ...options,
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: { "pulumi-cloudstack-storage": [join(root, "provider", "index.ts")] },
  };
}
