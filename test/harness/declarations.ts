import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const root = resolve(import.meta.dirname, "../..");

export type Declaration =
  | ts.ClassDeclaration
  | ts.FunctionDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration;

/** The names that provider/index.ts exports, with their files relative to the repository. */
export function exported(): { name: string; file: string }[] {
  return parse("provider/index.ts").statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause))
      throw new Error(`provider/index.ts holds something else than named exports: ${statement.getText()}`);
    const from = statement.moduleSpecifier as ts.StringLiteral;
    return statement.exportClause.elements.map(({ name }) => ({ name: name.text, file: join("provider", from.text) }));
  });
}

export function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
}

export function find(source: ts.SourceFile, name: string): Declaration {
  const found = lookUp(source, name);
  if (!found) throw new Error(`${source.fileName} declares no ${name}`);
  return found;
}

export function lookUp(source: ts.SourceFile, name: string): Declaration | undefined {
  return source.statements.find(
    (statement): statement is Declaration =>
      (ts.isClassDeclaration(statement) ||
        ts.isFunctionDeclaration(statement) ||
        ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement)) &&
      statement.name?.text === name,
  );
}

/** The members of an interface; of an alias that narrows an interface of fields, those of this one. */
export function membersOf(declaration: Declaration, source: ts.SourceFile): ts.PropertySignature[] {
  if (ts.isInterfaceDeclaration(declaration)) return declaration.members.filter(ts.isPropertySignature);
  const fields = lookUp(source, declaration.name?.text.replace(/Args$/, "Fields") ?? "");
  if (!fields || !ts.isInterfaceDeclaration(fields))
    throw new Error(`${declaration.name?.text} is neither an interface nor an alias over one of fields`);
  return membersOf(fields, source);
}

/** A type as a program's author thinks of it: without the wrappers that let a value come later or that nobody may change. */
export function plain(type: ts.TypeNode | undefined): string {
  if (!type) throw new Error("a public field has no type");
  let text = type
    .getText()
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\breadonly /g, "");
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replaceAll(/\b(?:pulumi\.(?:Input|Output|Unwrap)|Readonly)<((?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*)>/g, "$1");
  }
  return text.replace(/ \| undefined$/, "");
}
