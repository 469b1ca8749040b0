import { z } from "zod";
import type { AnyHandler } from "./handler.ts";
import { rememberSecret } from "./redact.ts";
import { pick, type Values } from "./values.ts";
import { secretNames, toWire } from "./wire.ts";

/** Which properties of a kind are secret: those that always are, and those that the program has made so. */
export class Secrecy {
  readonly #handler: AnyHandler;

  constructor(handler: AnyHandler) {
    this.#handler = handler;
  }

  /**
   * What the program has made secret. Where the values decide what is a secret, `check` cannot see all of them, so that
   * what was given as one once stays one.
   */
  namesAfter(olds: Values, news: Values): string[] {
    return this.#handler.secretsIn ? [...new Set([...secretNames(olds), ...secretNames(news)])] : secretNames(news);
  }

  /** Properties that the state keeps encrypted and no message shows. */
  keysOf(values: Values): string[] {
    return [...this.#secretKeysOf(values), ...(this.#handler.confidential ?? [])];
  }

  #secretKeysOf(values: Values): string[] {
    const named = secretNames(values);
    const echoes = Object.entries(this.#handler.echoes ?? {}).flatMap(([output, inputs]) =>
      named.some((each) => inputs?.includes(each)) ? [output] : [],
    );
    return [...this.#handler.secrets, ...(this.#handler.secretsIn?.(values) ?? []), ...named, ...echoes];
  }

  /** Values as the engine takes them, secrets in its wrapping. */
  wired(values: Values): Values {
    return toWire(values, this.keysOf(values));
  }

  /** Keeps the secrets among the values out of every message of this process. */
  remember(values: Values): void {
    // The words of a choice are no secrets, and hiding them would hide every message.
    const keys = this.#secretKeysOf(values).filter((key) => !this.#isChoice(key));
    for (const value of Object.values(pick(values, keys)))
      for (const text of textsIn(value)) rememberSecret(text.toWellFormed());
    // What a check is about to refuse may be anything.
    for (const text of this.#handler.secretTexts?.(values) ?? [])
      if (typeof text === "string") rememberSecret(text.toWellFormed());
  }

  #isChoice(key: string): boolean {
    let schema: unknown = this.#handler.args.shape[key];
    while (schema instanceof z.ZodDefault || schema instanceof z.ZodExactOptional) schema = schema.unwrap();
    return schema instanceof z.ZodEnum;
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return Object.values(value ?? {}).flatMap(textsIn);
}
