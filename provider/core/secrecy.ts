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

  keysOf(values: Values): string[] {
    return [...this.#handler.secrets, ...secretNames(values)];
  }

  /** Values as the engine takes them, secrets in its wrapping. */
  wired(values: Values): Values {
    return toWire(values, this.keysOf(values));
  }

  /** Keeps the secrets among the values out of every message of this process. */
  remember(values: Values): void {
    // The words of a choice are no secrets, and hiding them would hide every message.
    const choices = [...this.#handler.local, ...this.#handler.fixed];
    const keys = this.keysOf(values).filter((key) => !choices.includes(key));
    for (const value of Object.values(pick(values, keys))) for (const text of textsIn(value)) rememberSecret(text);
  }
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
