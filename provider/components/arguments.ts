import * as pulumi from "@pulumi/pulumi";

/** What is wrong with a value, as the end of a sentence that begins with the argument's name; undefined if nothing is. */
export type Rule<T> = (value: T) => string | undefined;

/**
 * Holds a component's argument to a rule: at once where it is plain, so that the error points at the program's own line,
 * else as soon as it is known. No message shows the value, which may be a secret.
 */
export class Arguments {
  readonly #owner: string;

  constructor(component: string, name: string) {
    this.#owner = `${component} ${name}`;
  }

  checked<T>(argument: string, value: pulumi.Input<T>, rule: Rule<T>): pulumi.Input<T> {
    if (isPlain(value)) return this.#require(argument, value, rule);
    return pulumi.output(value).apply((known) => this.#require(argument, known as T, rule));
  }

  /** Warns where the component is declared, at preview already. */
  cautioned<T>(argument: string, value: pulumi.Input<T>, caution: Rule<T>, resource: pulumi.Resource): pulumi.Input<T> {
    const warn = (known: T) => {
      const reason = caution(known);
      if (reason !== undefined) pulumi.log.warn(`${this.#owner}: ${argument} ${reason}.`, resource);
      return known;
    };
    return isPlain(value) ? warn(value) : pulumi.output(value).apply((known) => warn(known as T));
  }

  refuse(argument: string, reason: string): never {
    throw new pulumi.RunError(`${this.#owner}: ${argument} ${reason}.`);
  }

  #require<T>(argument: string, value: T, rule: Rule<T>): T {
    const reason = rule(value);
    return reason === undefined ? value : this.refuse(argument, reason);
  }
}

/** Whether a value is known while the program runs. */
export function isPlain<T>(value: pulumi.Input<T>): value is T {
  return !pulumi.Output.isInstance(value) && !(value instanceof Promise);
}

/** The rule of a required text. */
export function notEmpty(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? undefined : "is required: a text that is not empty";
}
