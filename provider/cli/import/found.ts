import type { Takeover } from "../../core/takeover.ts";
import type { Values } from "../../core/values.ts";

/** How an object gets under Pulumi. */
export type Way =
  /** Its state is written into the import file. */
  | "import"
  /** The program declares it, and `create` takes it over: what no call returns has to come from the configuration. */
  | "adopt"
  | "none";

/** One object of a live system, and what can be done with it. */
export interface Found {
  readonly kind: string;
  /** As people know it, and unique among its kind: `blue/ada`, `invoices`. */
  readonly name: string;
  /** What its name in the program is made of. */
  readonly stem: string;
  readonly id: string;
  readonly way: Way;
  /** Why it cannot be imported, or not at all. */
  readonly reason?: string;
  /** The resource of the stack that holds it already. */
  readonly heldBy?: string;
  /** It could not be read this time, and perhaps the next. */
  readonly unread?: boolean;
  readonly takeover?: Takeover;
  /** Arguments that the program takes from elsewhere instead of saying them. */
  readonly instead: Values;
  /** What no call returns, as far as the kind has it. */
  readonly notReturned: readonly string[];
}

/** The program takes the value from another of its resources. */
export class OutputOf {
  readonly kind: string;
  readonly id: string;
  readonly output: string;

  constructor(kind: string, id: string, output: string) {
    this.kind = kind;
    this.id = id;
    this.output = output;
  }
}

type ConfigType = "text" | "url" | "secret" | "boolean";

/** The program takes the value from its configuration, under the resource's name and this one. */
export class FromConfig {
  readonly suffix: string;
  readonly type: ConfigType;

  constructor(suffix: string, type: ConfigType) {
    this.suffix = suffix;
    this.type = type;
  }
}

/** What is found and cannot be looked at, or not be taken over at all. */
export function leftAlone(kind: string, name: string, reason: string): Found {
  return { kind, name, stem: name, id: name, way: "none", reason, instead: {}, notReturned: [] };
}
