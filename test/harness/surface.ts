import ts from "typescript";
import { type Declaration, exported, find, lookUp, membersOf, parse, plain } from "./declarations.ts";
import { callsSecret, commentOf, idIn, type Marked, markedText } from "./doc-comments.ts";

/** A public field and what its doc comment says. */
export interface Field extends Marked {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly secret: boolean;
}

/** A class that programs make. */
export interface Kind {
  readonly form: "resource" | "component" | "provider";
  readonly name: string;
  /** Its file, relative to the repository. */
  readonly file: string;
  readonly text: string;
  readonly argsText: string;
  /** Of a resource: what its id is. */
  readonly id?: string;
  /** Not of the explicit provider. */
  readonly type?: string;
  readonly inputs: readonly Field[];
  /** Of a resource and the provider without those that are inputs. */
  readonly outputs: readonly Field[];
}

/** A function that programs call. */
export interface Callable {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly argsName: string;
  readonly argsText: string;
  readonly inputs: readonly Field[];
  readonly isAsync: boolean;
  readonly result: string;
  /** Members of the result; none where it is a plain value. */
  readonly results: readonly Field[];
}

/** A type that fields use. */
export interface Shape {
  readonly name: string;
  readonly text: string;
  readonly members: readonly Field[];
  readonly alias?: string;
  /** Whether programs declare it, so that its members can be given and removed; else it is only returned. */
  readonly isInput: boolean;
}

export interface Surface {
  readonly kinds: readonly Kind[];
  readonly functions: readonly Callable[];
  readonly shapes: readonly Shape[];
}

type Member = ts.PropertySignature | ts.PropertyDeclaration;

/** Types that are told with the class or function that they belong to. */
const belonging = /(?:Args|Fields|Result)$/;

/** What provider/index.ts exports, as its sources and their doc comments say it. */
export function readSurface(): Surface {
  const kinds: Kind[] = [];
  const functions: Callable[] = [];
  const shapes: Shape[] = [];
  for (const { name, file } of exported()) {
    const source = parse(file);
    const declaration = find(source, name);
    if (ts.isClassDeclaration(declaration)) kinds.push(kindOf(declaration, name, file, source));
    else if (ts.isFunctionDeclaration(declaration)) functions.push(callableOf(declaration, name, file, source));
    else if (!belonging.test(name)) shapes.push(shapeOf(declaration, name));
  }
  return { kinds, functions, shapes };
}

function kindOf(declaration: ts.ClassDeclaration, name: string, file: string, source: ts.SourceFile): Kind {
  const form = formOf(declaration);
  const args = find(source, `${name}Args`);
  const secrets = secretsIn(source);
  const inputs = fieldsOf(membersOf(args, source), secrets);
  const names = new Set(form === "component" ? [] : inputs.map((field) => field.name));
  const outputs = declaration.members
    .filter(ts.isPropertyDeclaration)
    .filter((member) => !names.has(nameOf(member)) && !ts.isPrivateIdentifier(member.name));
  const text = commentOf(declaration);
  const common = { form, name, file, text, argsText: commentOf(args), inputs };
  const outputFields = fieldsOf(outputs, secrets);
  if (form === "provider") return { ...common, outputs: outputFields };
  if (form === "component") return { ...common, type: `cloudstack-storage:index:${name}`, outputs: outputFields };
  return { ...common, id: idIn(text), type: `pulumi-nodejs:dynamic/cloudstack-storage:${name}`, outputs: outputFields };
}

function formOf(declaration: ts.ClassDeclaration): Kind["form"] {
  const base = declaration.heritageClauses?.map((clause) => clause.getText()).join(" ") ?? "";
  if (base.includes("StorageResource")) return "resource";
  return base.includes("ComponentResource") ? "component" : "provider";
}

function callableOf(declaration: ts.FunctionDeclaration, name: string, file: string, source: ts.SourceFile): Callable {
  const argsName = declaration.parameters[0]?.type?.getText() ?? "";
  const args = find(source, argsName);
  const returned = plain(declaration.type);
  const result = returned.replace(/^Promise<(.*)>$/, "$1");
  const resultType = lookUp(source, result);
  return {
    name,
    file,
    text: commentOf(declaration),
    argsName,
    argsText: commentOf(args),
    inputs: fieldsOf(membersOf(args, source), secretsIn(source)),
    isAsync: result !== returned,
    result,
    results: resultType ? fieldsOf(membersOf(resultType, source), new Set()) : [],
  };
}

function shapeOf(declaration: Declaration, name: string): Shape {
  const text = commentOf(declaration);
  if (ts.isTypeAliasDeclaration(declaration))
    return { name, text, members: [], alias: plain(declaration.type), isInput: true };
  const source = declaration.getSourceFile();
  const members = membersOf(declaration, source);
  const isInput = members.some((member) => member.getText().includes("pulumi.Input<"));
  return { name, text, members: fieldsOf(members, new Set()), isInput };
}

function fieldsOf(members: readonly Member[], secrets: ReadonlySet<string>): Field[] {
  return members.map((member) => {
    const name = nameOf(member);
    const optional = member.questionToken !== undefined;
    const marked = markedText(commentOf(member));
    const secret = secrets.has(name) || callsSecret(marked.text);
    return { name, type: plain(member.type), optional, secret, ...marked };
  });
}

function nameOf(member: Member): string {
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
