/** Text that is TypeScript already. */
export class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Where usual formatters begin a new line. */
const width = 80;

/** A value as TypeScript, laid out as usual formatters do; `column` is where it begins, `after` what has to fit behind it. */
export function sourceOf(value: unknown, indent: number, column: number, after = 1): string {
  if (value instanceof Code) return value.text;
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return arraySource(value, indent, column, after);
  if (typeof value === "object" && value !== null) return objectSource(Object.entries(value), indent);
  return String(value);
}

function objectSource(members: [string, unknown][], indent: number): string {
  if (members.length === 0) return "{}";
  const lines = members.map(([key, value]) => memberSource(nameOf(key), value, indent + 2));
  return `{\n${lines.join("")}${" ".repeat(indent)}}`;
}

function memberSource(name: string, value: unknown, indent: number): string {
  const start = indent + name.length + 2;
  const text = sourceOf(value, indent, start);
  const isTooLong = typeof value === "string" && start + text.length + 1 > width && name.length > 2;
  const separator = isTooLong ? `\n${" ".repeat(indent + 2)}` : " ";
  return `${" ".repeat(indent)}${name}:${separator}${text},\n`;
}

function arraySource(items: unknown[], indent: number, column: number, after: number): string {
  if (items.length === 0) return "[]";
  const line = `[${items.map((item) => sourceOf(item, indent, column)).join(", ")}]`;
  if (!line.includes("\n") && column + line.length + after <= width) return line;
  const pad = " ".repeat(indent + 2);
  const lines = items.map((item) => `${pad}${sourceOf(item, indent + 2, indent + 2)},\n`);
  return `[\n${lines.join("")}${" ".repeat(indent)}]`;
}

/** In the quotes that need fewer escapes. */
export function quoted(text: string): string {
  const json = JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  const count = (mark: string) => text.split(mark).length - 1;
  if (count('"') <= count("'")) return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function nameOf(key: string): string {
  return /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key) ? key : quoted(key);
}
