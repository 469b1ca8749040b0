import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Callable, type Field, type Kind, readSurface, type Shape } from "./surface.ts";

export const referenceFolder = resolve(import.meta.dirname, "../../docs/reference");

const HEAD =
  "<!-- Written by test/harness/reference.ts from the doc comments in provider/. Edit those, then: npm run reference -->";

/** The reference as it should be: text by file name, made from the doc comments of what the package exports. */
export function referencePages(): Map<string, string> {
  const { kinds, functions, shapes } = readSurface();
  return new Map([
    ...kinds.map((kind) => [`${dashed(kind.name)}.md`, page(kind, shapes)] as const),
    ...functions.map((callable) => [`${dashed(callable.name)}.md`, functionPage(callable, shapes)] as const),
  ]);
}

/** The files in docs/reference that are not what `referencePages` makes, missing and left-over ones too. */
export function outdatedPages(): string[] {
  const wanted = referencePages();
  const present = new Map(readdirSync(referenceFolder).map((file) => [file, textOf(file)]));
  const names = new Set([...wanted.keys(), ...present.keys()]);
  return [...names].filter((file) => wanted.get(file) !== present.get(file)).sort();
}

function textOf(file: string): string {
  return readFileSync(join(referenceFolder, file), "utf8");
}

function page(kind: Kind, shapes: readonly Shape[]): string {
  const used = shapesIn([...kind.inputs, ...kind.outputs], shapes);
  return joined([
    HEAD,
    `# ${kind.name}`,
    kind.text,
    factTable(factsOf(kind)),
    "## Inputs",
    kind.argsText,
    ...kind.inputs.flatMap((field) => input(field, used)),
    ...(kind.outputs.length > 0 ? ["## Outputs", outputsIntro(kind), outputTable(kind.outputs, used)] : []),
    ...shapeSections(used),
  ]);
}

function functionPage(callable: Callable, shapes: readonly Shape[]): string {
  const { name, text, argsName, argsText, inputs, isAsync, result, results } = callable;
  const used = shapesIn([...inputs, ...results], shapes);
  const argument = `args${inputs.every(({ optional }) => optional) ? "?" : ""}: ${argsName}`;
  return joined([
    HEAD,
    `# ${name}`,
    text,
    factTable([["call", `\`${name}(${argument}): ${isAsync ? `Promise<${result}>` : result}\``]]),
    "## Arguments",
    argsText,
    ...inputs.flatMap((field) => input(field, used)),
    ...(results.length > 0 ? ["## Result", resultTable(results, used)] : []),
    ...shapeSections(used),
  ]);
}

function joined(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function outputsIntro({ form }: Kind): string {
  return form === "component" ? "" : "Every input is an output, too. Beside them:";
}

function factsOf({ id, type }: Kind): string[][] {
  return [...(id === undefined ? [] : [["id", id]]), ...(type === undefined ? [] : [["type token", `\`${type}\``]])];
}

function factTable(facts: readonly string[][]): string {
  const rows = facts.map(([fact, value]) => `| ${fact} | ${value} |`);
  return rows.length === 0 ? "" : ["| | |", "| --- | --- |", ...rows].join("\n");
}

function input(field: Field, shapes: readonly Shape[]): string[] {
  const marks = [
    linked(field.type, shapes),
    field.optional ? "optional" : "required",
    ...(field.secret ? ["secret"] : []),
    ...(field.initial === undefined ? [] : [`default: ${field.initial}`]),
    ...(field.serverInitial === undefined ? [] : [`server default: ${field.serverInitial}`]),
    ...(field.replaces === undefined ? [] : [`replaces: ${field.replaces}`]),
  ];
  const removing = field.removing === undefined ? "" : `Removing it: ${field.removing}.`;
  return [`### \`${field.name}\``, marks.join(" · "), field.text, removing];
}

function resultTable(fields: readonly Field[], shapes: readonly Shape[]): string {
  const rows = fields.map(({ name, type, text }) => [`\`${name}\``, linked(type, shapes), text]);
  return table([["member", "type", "meaning"], ...rows]);
}

function outputTable(fields: readonly Field[], shapes: readonly Shape[]): string {
  const rows = fields.map(({ name, secret, type, text }) => [
    `\`${name}\`${secret ? " (secret)" : ""}`,
    linked(type, shapes),
    text,
  ]);
  return table([["output", "type", "meaning"], ...rows]);
}

/** What a program may leave out is usual, and so is what an answer always holds. */
function memberTable({ members, isInput }: Shape, shapes: readonly Shape[]): string {
  const exception = isInput ? " (required)" : " (optional)";
  const rows = members.map((member) => [
    `\`${member.name}\`${member.optional === isInput ? "" : exception}`,
    linked(member.type, shapes),
    [member.text, ...defaultsOf(member)].join(" "),
    ...(isInput ? [member.removing ?? ""] : []),
  ]);
  return table([["member", "type", "meaning", ...(isInput ? ["removing it"] : [])], ...rows]);
}

function defaultsOf({ initial, serverInitial }: Field): string[] {
  return [
    ...(initial === undefined ? [] : [`Default: ${initial}.`]),
    ...(serverInitial === undefined ? [] : [`Server default: ${serverInitial}.`]),
  ];
}

function table([head = [], ...rows]: readonly string[][]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function shapeSections(used: readonly Shape[]): string[] {
  return used.length > 0 ? ["## Shapes", ...used.flatMap((shape) => shapeSection(shape, used))] : [];
}

function shapeSection(shape: Shape, shapes: readonly Shape[]): string[] {
  const body = shape.alias === undefined ? memberTable(shape, shapes) : linked(shape.alias, shapes);
  return [`### Shape \`${shape.name}\``, shape.text, body];
}

/** The shapes that the fields use, and those that these use, in the order of their declaration. */
function shapesIn(fields: readonly Field[], shapes: readonly Shape[]): Shape[] {
  const used = new Set<Shape>();
  const add = (type: string): void => {
    for (const shape of shapes) {
      if (used.has(shape) || !wordsOf(type).includes(shape.name)) continue;
      used.add(shape);
      for (const inner of [shape.alias ?? "", ...shape.members.map((member) => member.type)]) add(inner);
    }
  };
  for (const field of fields) add(field.type);
  return shapes.filter((shape) => used.has(shape));
}

function linked(type: string, shapes: readonly Shape[]): string {
  const links = shapes
    .filter((shape) => wordsOf(type).includes(shape.name))
    .map(({ name }) => `[${name}](#shape-${name.toLowerCase()})`);
  if (links.length === 1 && /^\w+$/.test(type)) return links.join("");
  return `\`${type}\`${links.length === 0 ? "" : ` (${links.join(", ")})`}`;
}

function wordsOf(type: string): string[] {
  return type.match(/\w+/g) ?? [];
}

function dashed(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

function main(): void {
  if (process.argv.includes("--update")) {
    mkdirSync(referenceFolder, { recursive: true });
    for (const [file, text] of referencePages()) writeFileSync(join(referenceFolder, file), text);
  }
  const outdated = outdatedPages();
  if (outdated.length > 0) console.error(`Not what the doc comments say: ${outdated.join(", ")}`);
  process.exitCode = outdated.length === 0 ? 0 : 1;
}

if (process.argv[1] === import.meta.filename) main();
