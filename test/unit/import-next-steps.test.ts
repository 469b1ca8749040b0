import { expect, test } from "vitest";
import { nextSteps } from "../../provider/cli/import/next-steps.ts";

const text = (program: string, programFolder: string | undefined) =>
  nextSteps(
    { program, importFile: undefined, config: [], adopts: true },
    { stack: undefined, protect: true, takesOver: false, programFolder },
  );

test.each([
  ["beside the entry point", "/acme/imported.ts", "/acme", '"./imported.ts"', '"./imported"'],
  ["below it", "/acme/found/here/imported.ts", "/acme", '"./found/here/imported.ts"', '"./found/here/imported"'],
  ["above it", "/acme/imported.ts", "/acme/src", '"../imported.ts"', '"../imported"'],
  ["beside it, hidden", "/acme/..out/imported.ts", "/acme", '"./..out/imported.ts"', '"./..out/imported"'],
  ["in quotes", '/acme/a"b/imported.ts', "/acme", "'./a\"b/imported.ts'", "'./a\"b/imported'"],
  ["outside a project", "/found/imported.ts", undefined, '"./imported.ts"', '"./imported"'],
])("the program is imported by its place: %s", (_, program, folder, module, commonJs) => {
  expect(text(program, folder)).toBe(`
${program} is written. Import it from your program's entry point: import ${module} (in a CommonJS project ${commonJs}).
Then, in the project's folder:

  CLOUDSTACK_STORAGE_ADOPT=identical pulumi up
  pulumi preview --expect-no-changes
`);
});
