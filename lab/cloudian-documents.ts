/** The request is answered with this status; the reason goes into the error page and never holds a value. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

interface FieldRule<T> {
  /** What the field holds when nobody has set it. */
  readonly initial: T;
  /** The stored form; undefined for a value that does not fit. */
  parse(value: unknown): T | undefined;
}

type FieldRules = Record<string, FieldRule<unknown>>;

type DocumentOf<R extends FieldRules> = { [K in keyof R]: R[K] extends FieldRule<infer T> ? T : never };

const optionalText: FieldRule<string | null> = { initial: null, parse: parseText };
const shortText: FieldRule<string> = { initial: "", parse: parseText };
const active: FieldRule<"true" | "false"> = {
  initial: "true",
  parse: (value) => {
    const lower = String(value).toLowerCase();
    return lower === "true" || lower === "false" ? lower : undefined;
  },
};
const flag: FieldRule<boolean> = {
  initial: false,
  parse: (value) =>
    value === true || value === "true" ? true : value === false || value === "false" ? false : undefined,
};
const endpoints: FieldRule<string[]> = {
  initial: ["ALL"],
  parse: (value) =>
    Array.isArray(value) && value.every((item): item is string => typeof item === "string") ? [...value] : undefined,
};
export const userTypes = ["User", "GroupAdmin", "SystemAdmin"] as const;
export type UserType = (typeof userTypes)[number];
const userType: FieldRule<UserType> = {
  initial: "User",
  parse: (value) => userTypes.find((name) => name === value),
};

export const groupFields = {
  groupName: shortText,
  active,
  ldapEnabled: flag,
  ldapGroup: optionalText,
  ldapServerURL: optionalText,
  ldapUserDNTemplate: optionalText,
  ldapSearch: optionalText,
  ldapSearchUserBase: optionalText,
  ldapMatchAttribute: optionalText,
  s3endpointshttp: endpoints,
  s3endpointshttps: endpoints,
  s3websiteendpoints: endpoints,
};

export const endpointFields = ["s3endpointshttp", "s3endpointshttps", "s3websiteendpoints"] as const;

export const userFields = {
  userType,
  fullName: optionalText,
  emailAddr: optionalText,
  active,
  address1: optionalText,
  address2: optionalText,
  city: optionalText,
  state: optionalText,
  zip: optionalText,
  country: optionalText,
  phone: optionalText,
  website: optionalText,
  ldapEnabled: flag,
};

export type GroupFields = DocumentOf<typeof groupFields>;
export type UserFields = DocumentOf<typeof userFields>;

/**
 * The fields of a document after a write: those named in `input`, the others from `base`, or initial where there is no
 * base. Null means the initial value. Fields that the rules do not know are ignored, as the real system ignores them.
 */
export function buildFields<R extends FieldRules>(
  rules: R,
  input: Record<string, unknown>,
  base?: DocumentOf<R>,
): DocumentOf<R> {
  const entries = Object.entries(rules).map(([name, rule]) => {
    if (!Object.hasOwn(input, name)) return [name, base === undefined ? rule.initial : base[name]];
    const value = input[name] === null ? rule.initial : rule.parse(input[name]);
    if (value === undefined) throw new Refused(400, `${name} does not have an acceptable value`);
    return [name, value];
  });
  return structuredClone(Object.fromEntries(entries)) as DocumentOf<R>;
}

function parseText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
