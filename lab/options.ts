/** What one switch of a simulated system may hold. */
export interface OptionRule<T> {
  readonly initial: T;
  /** Completes "must be …". */
  readonly expected: string;
  accepts(value: unknown): value is T;
}

type OptionRules = Record<string, OptionRule<unknown>>;

export type OptionsOf<R extends OptionRules> = { -readonly [K in keyof R]: R[K]["initial"] };

export function initialValues<R extends OptionRules>(rules: R): OptionsOf<R> {
  const entries = Object.entries(rules).map(([name, rule]) => [name, rule.initial]);
  return Object.fromEntries(entries) as OptionsOf<R>;
}

/** The options with one of them set, or back at its initial value for null; a text that tells why not. */
export function withValue<R extends OptionRules>(
  rules: R,
  options: OptionsOf<R>,
  name: string,
  value: unknown,
): OptionsOf<R> | string {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (rule === undefined) return `There is no option "${name}": use ${Object.keys(rules).join(", ")}.`;
  if (value !== null && !rule.accepts(value)) return `Option "${name}" must be ${rule.expected}.`;
  return { ...options, [name]: value ?? rule.initial };
}

export function flag(initial: boolean): OptionRule<boolean> {
  return { initial, expected: "true or false", accepts: (value) => typeof value === "boolean" };
}

export function text(initial: string): OptionRule<string> {
  return { initial, expected: "a text", accepts: (value) => typeof value === "string" };
}

export function whole(initial: number, least: number): OptionRule<number> {
  return {
    initial,
    expected: `a whole number, at least ${least}`,
    accepts: (value): value is number => typeof value === "number" && Number.isInteger(value) && value >= least,
  };
}

export function choice<const T extends string | number>(initial: NoInfer<T>, ...allowed: readonly T[]): OptionRule<T> {
  return {
    initial,
    expected: `one of ${allowed.join(", ")}`,
    accepts: (value): value is T => allowed.some((candidate) => candidate === value),
  };
}
