import type { Values } from "./values.ts";

/** The key under which the engine finds the text that loads the provider. */
export const providerKey = "__provider";

/** Says that the object's name was derived, not given. */
export const derivedKey = "__derived";

/** The derived name of an object that somebody has renamed by hand: from the refresh that saw it to the next update. */
export const derivedNameKey = "__derivedName";

/** Names the inputs that the program has made secret: the server hands their plain values over without saying so. */
export const secretsKey = "__secrets";

/** The derived name, on its way from the class to `check`. */
export const defaultNameKey = "__defaultName";

/**
 * What a component has found wrong with arguments that were known late. A rejected output would not stop the engine: an
 * inline program ends as if it were complete, and the engine deletes what it had no time to declare. A failed check does.
 */
export const refusalKey = "__refusal";

/** Stands for what is not known before the update; the SDKs and the engine have agreed on it. */
export const unknownMarker = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const markKey = "4dabf18193072939515e22adb298388d";

/** The engine's mark of a secret, by the same agreement. */
export const secretMark = { [markKey]: "1b47061264138c4ac30d75fd1eb44270" } as const;

/**
 * Values as the dynamic provider server can carry them, secrets in the engine's own wrapping: without it the state of
 * an imported resource shows them. Anything that the server would choke on after the object was made (undefined, a
 * Date, a bigint, not-a-number) becomes text or is left out.
 */
export function toWire(values: Values, secrets: readonly string[]): Values {
  const plain = JSON.parse(
    JSON.stringify(values, (_key, value) => (typeof value === "bigint" ? `${value}` : value)),
  ) as Values;
  for (const key of secrets)
    if (plain[key] !== undefined && plain[key] !== unknownMarker) plain[key] = secretOf(plain[key]);
  return plain;
}

function secretOf(value: unknown): unknown {
  return isMarked(value) ? value : { ...secretMark, value };
}

function isMarked(value: unknown): boolean {
  return (value as Values | null)?.[markKey] === secretMark[markKey];
}

/** The inputs of the kind, without what travels beside them. */
export function inputsOf(values: Values): Values {
  const {
    [providerKey]: _text,
    [defaultNameKey]: _defaultName,
    [derivedKey]: _derived,
    [derivedNameKey]: _derivedName,
    [secretsKey]: _secrets,
    [refusalKey]: _refusal,
    ...inputs
  } = values;
  return inputs;
}

/** What is kept beside the inputs of the kind. */
export function hiddenOf(values: Values): Values {
  const secrets = secretNames(values);
  return {
    ...(values[derivedKey] === true ? { [derivedKey]: true } : {}),
    ...(secrets.length > 0 ? { [secretsKey]: secrets } : {}),
  };
}

/** The inputs that the program has made secret. */
export function secretNames(values: Values): string[] {
  const names = values[secretsKey];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}
