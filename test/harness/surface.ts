import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";

const root = resolve(import.meta.dirname, "../..");

/** A public field and what its doc comment says. */
export interface Field {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly secret: boolean;
  readonly text: string;
  readonly initial?: string;
  readonly serverInitial?: string;
  readonly replaces?: string;
  readonly removing?: string;
}

/** A class that programs make: a resource kind, or the explicit provider (which has no id). */
export interface Kind {
  readonly name: string;
  /** Its file, relative to the repository. */
  readonly file: string;
  readonly text: string;
  readonly argsText: string;
  readonly id?: string;
  readonly type?: string;
  readonly inputs: readonly Field[];
  /** Those that are no inputs. */
  readonly outputs: readonly Field[];
}

/** A type that fields use. */
export interface Shape {
  readonly name: string;
  readonly text: string;
  readonly members: readonly Field[];
  readonly alias?: string;
}

export interface Surface {
  readonly kinds: readonly Kind[];
  readonly shapes: readonly Shape[];
}

type Declaration = ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration;

/** What provider/index.ts exports, as its sources and their doc comments say it. */
export function readSurface(): Surface {
  const kinds: Kind[] = [];
  const shapes: Shape[] = [];
  for (const { name, file } of exported()) {
    const source = parse(file);
    const declaration = find(source, name);
    if (ts.isClassDeclaration(declaration)) kinds.push(kindOf(declaration, name, file, source));
    else if (!name.endsWith("Args")) shapes.push(shapeOf(declaration, name));
  }
  return { kinds, shapes };
}

function exported(): { name: string; file: string }[] {
  return parse("provider/index.ts").statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause))
      throw new Error(`provider/index.ts holds something else than named exports: ${statement.getText()}`);
    const from = statement.moduleSpecifier as ts.StringLiteral;
    return statement.exportClause.elements.map(({ name }) => ({ name: name.text, file: join("provider", from.text) }));
  });
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.Latest, true);
}

function find(source: ts.SourceFile, name: string): Declaration {
  for (const statement of source.statements)
    if (
      (ts.isClassDeclaration(statement) ||
        ts.isInterfaceDeclaration(statement) ||
        ts.isTypeAliasDeclaration(statement)) &&
      statement.name?.text === name
    )
      return statement;
  throw new Error(`${source.fileName} declares no ${name}`);
}

function kindOf(declaration: ts.ClassDeclaration, name: string, file: string, source: ts.SourceFile): Kind {
  const args = find(source, `${name}Args`);
  if (!ts.isInterfaceDeclaration(args)) throw new Error(`${name}Args is no interface`);
  const secrets = secretsIn(source);
  const inputs = fieldsOf(args.members.filter(ts.isPropertySignature), secrets);
  const names = new Set(inputs.map((field) => field.name));
  const outputs = declaration.members.filter(ts.isPropertyDeclaration).filter((member) => !names.has(nameOf(member)));
  const text = commentOf(declaration);
  const isResource = declaration.heritageClauses?.some((clause) => clause.getText().includes("StorageResource"));
  const id = /\bid is (?:the )?`([^`]+)`/.exec(text)?.[1];
  return {
    name,
    file,
    text,
    argsText: commentOf(args),
    ...(isResource ? { id: id ?? "", type: `pulumi-nodejs:dynamic/cloudstack-storage:${name}` } : {}),
    inputs,
    outputs: fieldsOf(outputs, secrets),
  };
}

function shapeOf(declaration: Declaration, name: string): Shape {
  const text = commentOf(declaration);
  if (ts.isTypeAliasDeclaration(declaration)) return { name, text, members: [], alias: plain(declaration.type) };
  const members = (declaration as ts.InterfaceDeclaration).members.filter(ts.isPropertySignature);
  return { name, text, members: fieldsOf(members, new Set()) };
}

function fieldsOf(
  members: readonly (ts.PropertySignature | ts.PropertyDeclaration)[],
  secrets: ReadonlySet<string>,
): Field[] {
  return members.map((member) => {
    const name = nameOf(member);
    const optional = member.questionToken !== undefined;
    return { name, type: plain(member.type), optional, secret: secrets.has(name), ...markedText(commentOf(member)) };
  });
}

function nameOf(member: ts.PropertySignature | ts.PropertyDeclaration): string {
  return member.name.getText();
}

/** Names that the file's property table, or the table of settings, marks as secret. */
function secretsIn(source: ts.SourceFile): Set<string> {
  const secrets = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && /"secret(Input|Output)"|secret: true/.test(node.initializer.getText()))
      secrets.add(node.name.getText());
    ts.forEachChild(node, visit);
  };
  visit(source);
  visit(parse("provider/core/setting-keys.ts"));
  return secrets;
}

/** A type as a program's author thinks of it: without the wrappers that let a value come later. */
function plain(type: ts.TypeNode | undefined): string {
  if (!type) throw new Error("a public field has no type");
  let text = type.getText().replaceAll(/\s+/g, " ");
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replaceAll(/pulumi\.(?:Input|Output|Unwrap)<([^<>]*)>/g, "$1");
  }
  return text.replace(/ \| undefined$/, "");
}

/** Paragraphs stay apart; the line breaks within one are the editor's. */
function commentOf(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = comments.map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? "").join("\n\n");
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\s*\n\s*/g, " ").trim())
    .join("\n\n");
}

const marks = {
  "Server default": "serverInitial",
  Default: "initial",
  Replaces: "replaces",
  "Removing it": "removing",
} as const;

type Marked = Pick<Field, "text" | "initial" | "serverInitial" | "replaces" | "removing">;

/** Takes the sentences `Default: …`, `Replaces: …` and so on out of a comment; what is left is the description. */
function markedText(comment: string): Marked {
  const found: Partial<Record<(typeof marks)[keyof typeof marks], string>> = {};
  const [first = "", ...parts] = comment.split(/(?:^|\s+)(?=(?:Server default|Default|Replaces|Removing it): )/);
  const rest: string[] = first === "" ? [] : [first];
  for (const part of parts) {
    const [, mark, sentence, more] = /^([\w ]+): ((?:`[^`]*`|[^.`]|\.(?=\S))*)\.?(?:\s+([\s\S]*))?$/.exec(part) ?? [];
    if (mark === undefined || sentence === undefined) throw new Error(`A mark cannot be read: ${part}`);
    found[marks[mark as keyof typeof marks]] = sentence;
    if (more) rest.push(more);
  }
  return { text: rest.join(" "), ...found };
}
