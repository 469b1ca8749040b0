import { handlerOf } from "../../handlers.ts";
import { type Found, FromConfig, OutputOf } from "./found.ts";
import { namesFor, type ResourceName } from "./names.ts";
import { Code, quoted, sourceOf } from "./source-text.ts";

/** A configuration value that the program needs. */
export interface NeededConfig {
  readonly key: string;
  readonly secret: boolean;
}

export interface Program {
  readonly text: string;
  readonly config: readonly NeededConfig[];
  readonly names: ReadonlyMap<Found, ResourceName>;
}

const opening = `// What exists already, as "cloudstack-storage import" has found it. Import this
// file from the program's entry point, then change it as you like.
`;
const protection = `//
// Nothing here is deleted by Pulumi as long as it says "protect: true".
`;

/** The program that declares the objects that can be taken over; `used` are names of other resources of the stack. */
export function programOf(objects: readonly Found[], used: readonly string[], protect: boolean): Program {
  const names = namesFor(objects, used);
  const writer = new Writer(names, protect);
  const statements = objects.map((object) => writer.statement(object));
  const kinds = [...new Set(objects.map(({ kind }) => kind))].sort();
  const needsConfig = writer.config.size > 0;
  const imports =
    (needsConfig ? `import * as pulumi from "@pulumi/pulumi";\n` : "") + importLine(kinds, "pulumi-cloudstack-storage");
  const head = `${opening}${protect ? protection : ""}\n${imports}`;
  const parts = [head, ...(needsConfig ? ["const config = new pulumi.Config();\n"] : []), ...statements];
  return { text: parts.join("\n"), config: [...writer.config.values()], names };
}

function importLine(names: readonly string[], from: string): string {
  const line = `import { ${names.join(", ")} } from "${from}";\n`;
  if (line.length <= 81) return line;
  return `import {\n${names.map((name) => `  ${name},\n`).join("")}} from "${from}";\n`;
}

class Writer {
  readonly config = new Map<string, NeededConfig>();
  readonly #names: ReadonlyMap<Found, ResourceName>;
  readonly #byId: ReadonlyMap<string, Found>;
  readonly #used: ReadonlySet<string>;
  readonly #protect: boolean;

  constructor(names: ReadonlyMap<Found, ResourceName>, protect: boolean) {
    this.#names = names;
    this.#protect = protect;
    const objects = [...names.keys()];
    this.#byId = new Map(objects.map((object) => [keyOf(object.kind, object.id), object]));
    this.#used = new Set(objects.flatMap(({ instead }) => referencesIn(instead)));
  }

  statement(object: Found): string {
    const { logical, variable } = this.#nameOf(object);
    const args = this.#argsOf(object, logical);
    const options = this.#optionsOf(object);
    const holder = this.#used.has(keyOf(object.kind, object.id)) ? `const ${variable} = ` : "";
    const call = `${holder}new ${object.kind}(`;
    if (options === undefined) return `${call}${quoted(logical)}, ${sourceOf(args, 0, 0)});\n`;
    const lines = [quoted(logical), sourceOf(args, 2, 2), options].map((argument) => `  ${argument},\n`);
    return `${call}\n${lines.join("")});\n`;
  }

  #argsOf({ kind, takeover, instead }: Found, logical: string): Record<string, unknown> {
    const given = {
      ...takeover?.declared,
      ...this.#written(instead, logical),
    };
    const order = Object.keys(handlerOf(kind)?.args.shape ?? {});
    return Object.fromEntries(Object.entries(given).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
  }

  #written(values: Readonly<Record<string, unknown>>, logical: string): Record<string, unknown> {
    return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, this.#expression(value, logical)]));
  }

  #expression(value: unknown, logical: string): unknown {
    if (value instanceof OutputOf) return this.#reference(value);
    if (value instanceof FromConfig) return this.#configured(value, logical);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return this.#written(value as Record<string, unknown>, logical);
    return value;
  }

  #reference({ kind, id, output }: OutputOf): Code {
    const target = this.#byId.get(keyOf(kind, id));
    if (!target) throw new Error(`${kind} ${id} is not among the objects of the program.`);
    return new Code(`${this.#nameOf(target).variable}.${output}`);
  }

  #configured({ suffix, type }: FromConfig, logical: string): Code {
    const key = `${logical}-${suffix}`;
    this.config.set(key, { key, secret: type === "secret" });
    const method = { text: "require", url: "require", secret: "requireSecret", boolean: "requireBoolean" }[type];
    return new Code(`config.${method}(${quoted(key)})`);
  }

  #optionsOf({ takeover }: Found): string | undefined {
    const ignored = takeover?.ignored ?? [];
    const members = [
      ...(this.#protect ? ["protect: true"] : []),
      ...(ignored.length > 0 ? [`ignoreChanges: [${ignored.map(quoted).join(", ")}]`] : []),
    ];
    return members.length === 0 ? undefined : `{ ${members.join(", ")} }`;
  }

  #nameOf(object: Found): ResourceName {
    return this.#names.get(object) as ResourceName;
  }
}

function referencesIn(value: unknown): string[] {
  if (value instanceof OutputOf) return [keyOf(value.kind, value.id)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(referencesIn) : [];
}

function keyOf(kind: string, id: string): string {
  return `${kind} ${id}`;
}
