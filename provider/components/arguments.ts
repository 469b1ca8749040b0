import * as pulumi from "@pulumi/pulumi";

/** What is wrong with a value, as the end of a sentence that begins with the argument's name; undefined if nothing is. */
export type Rule<T> = (value: T) => string | undefined;

/** Travels beside the arguments of a child, whose check then refuses with this text. */
export interface Objection {
  readonly __refusal?: pulumi.Output<string | undefined>;
}

/**
 * Holds a component's arguments to rules. A plain value is refused at once, so that the error points at the program's
 * own line. One that is known later must not become a rejected output: a program of the Automation API ends as if
 * nothing had happened, and the engine deletes what the program had no time to declare. So the child that takes the
 * value is told, and refuses. No message shows a value, which may be a secret.
 */
export class Arguments {
  readonly #owner: string;
  readonly #objections = new Map<string, pulumi.Output<string | undefined>>();

  constructor(component: string, name: string) {
    this.#owner = `${component} ${name}`;
  }

  /** The value as given; to be followed by `objectionTo` where the child is made. */
  checked<T>(argument: string, value: pulumi.Input<T>, rule: Rule<T>): pulumi.Input<T> {
    const objection = (known: T) => {
      const reason = rule(known);
      return reason === undefined ? undefined : this.#sentence(argument, reason);
    };
    if (isPlain(value)) refuseWith(objection(value));
    else this.#objections.set(argument, pulumi.unsecret(pulumi.output(value).apply((known) => objection(known as T))));
    return value;
  }

  /** What a child gets along with these arguments. */
  objectionTo(...names: string[]): Objection {
    const objections = names.flatMap((name) => this.#objections.get(name) ?? []);
    if (objections.length === 0) return {};
    return { __refusal: pulumi.all(objections).apply((found) => found.find((each) => each !== undefined)) };
  }

  /** Warns where the component is declared, at preview already. */
  cautioned<T>(argument: string, value: pulumi.Input<T>, caution: Rule<T>, resource: pulumi.Resource): void {
    pulumi.output(value).apply((known) => {
      const reason = caution(known as T);
      if (reason !== undefined) pulumi.log.warn(this.#sentence(argument, reason), resource);
    });
  }

  refuse(argument: string, reason: string): never {
    throw new pulumi.RunError(this.#sentence(argument, reason));
  }

  #sentence(argument: string, reason: string): string {
    return `${this.#owner}: ${argument} ${reason}.`;
  }
}

/** Whether a value is known while the program runs. */
export function isPlain<T>(value: pulumi.Input<T>): value is T {
  return !pulumi.Output.isInstance(value) && !(value instanceof Promise);
}

/**
 * A value, or its default also where it only turns out to be absent: an output that another stack does not have. The
 * kinds have defaults of their own, which are not the component's.
 */
export function orDefault<T extends string | boolean>(
  value: pulumi.Input<T | undefined> | undefined,
  fallback: T,
): pulumi.Output<T> {
  return pulumi.output<T | undefined>(value).apply((known) => (known as T | undefined) ?? fallback);
}

/** The rule of a required text. */
export function notEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? undefined : "is required: a text that is not empty";
}

function refuseWith(sentence: string | undefined): void {
  if (sentence !== undefined) throw new pulumi.RunError(sentence);
}
