import { z } from "zod";
import { SettingsError } from "./errors.ts";
import { normalizeEndpoint } from "./names.ts";
import { rememberSecret } from "./redact.ts";
import {
  type CommandSettingName,
  commandSettingKeys,
  ofLookup,
  type SettingKey,
  type SettingName,
  settingKeys,
  settingsNamespace,
  standaloneKey,
} from "./setting-keys.ts";

/** Reads one key of the provider's configuration, `namespace:key`. */
export interface SettingsSource {
  get(key: string): string | undefined;
}

/** How long to wait, how often to try again, how many connections to hold. */
export interface TransportSettings {
  readonly requestTimeoutSeconds: number;
  readonly operationTimeoutSeconds: number;
  readonly maxConnections: number;
  readonly retryBudget: number;
}

export interface TlsSettings {
  readonly caFile?: string;
  readonly caPem?: string;
  readonly insecure: boolean;
}

/** Where an endpoint is and how to connect to it. */
export interface ConnectionSettings {
  /** In the spelling of `normalizeEndpoint`. */
  readonly endpoint: string;
  readonly tls: TlsSettings;
  readonly transport: TransportSettings;
}

/** One system that the settings give access to. */
export interface SystemSettings extends ConnectionSettings {
  readonly aliases: readonly string[];
  readonly username: string;
  readonly password: string;
}

/** Apache CloudStack's API, whose requests are signed. */
export interface CloudStackSettings extends ConnectionSettings {
  readonly aliases: readonly string[];
  readonly apiKey: string;
  readonly secretKey: string;
}

/** Cloudian's management console, and the key that it shares with those who log users in. */
export interface CloudianSsoSettings {
  /** In the spelling of `normalizeEndpoint`. */
  readonly endpoint: string;
  readonly ssoKey: string;
}

/** What only commands look at of a HyperStore; each is undefined where no setting names it. */
export interface CloudianSides {
  readonly s3?: ConnectionSettings;
  readonly cmc?: ConnectionSettings;
  readonly ssoKey?: string;
}

/** A Dell ECS: the management API, and the S3 side of the same array. */
export interface EcsSettings extends SystemSettings {
  readonly s3: {
    /** Undefined where no setting names it. */
    readonly endpoint?: string;
    /** What users are told; `endpoint` where no setting differs. */
    readonly publicEndpoint?: string;
    readonly tls: TlsSettings;
  };
}

const endpoint = z.string().transform((text, context) => {
  const normalized = normalizeEndpoint(text);
  if (normalized !== undefined) return normalized;
  context.addIssue("must be an http or https URL without user, query or fragment");
  return z.NEVER;
});
const apiEndpoint = endpoint.refine(
  (text) => new URL(text).pathname !== "/",
  "must be the address of the API, with its path: …/client/api",
);
const aliases = z
  .string()
  .transform((text) => text.split(",").filter((part) => part.trim() !== ""))
  .pipe(z.array(endpoint));
const flag = z.enum(["true", "false"], { error: 'must be "true" or "false"' }).transform((text) => text === "true");
const positive = z.coerce.number({ error: "must be a number" }).positive("must be above 0");
const count = z.coerce
  .number({ error: "must be a number" })
  .int("must be a whole number")
  .min(0, "must not be below 0");

type AnyName = SettingName | CommandSettingName;

const allKeys = { ...settingKeys, ...commandSettingKeys };

/** For a whole run, explicit providers included: it is no access to any system. */
const adoptionVariable = "CLOUDSTACK_STORAGE_ADOPT";

/** Whose arguments are all that is read, by the value of `standaloneKey`. */
const standingAlone = new Map<string | undefined, string>([
  ["true", "the explicit Provider"],
  [ofLookup, "the look-up"],
]);

/**
 * The settings of one provider process. Nothing is looked at before somebody asks, because a preview needs no
 * credentials and `configure` must never throw. Whoever asks gets all problems of that system in one error.
 */
export class Settings {
  readonly #source: SettingsSource;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #alone: string | undefined;
  readonly #parsed = new Map<string, object>();

  constructor(source: SettingsSource, environment: NodeJS.ProcessEnv) {
    this.#source = source;
    this.#environment = environment;
    this.#alone = standingAlone.get(this.#configured(standaloneKey));
  }

  /** Cloudian HyperStore's Admin API. */
  cloudian(): SystemSettings {
    return this.#once("Cloudian", (reading) => systemOf(reading, "cloudian"));
  }

  /** Single sign-on to Cloudian's management console; only commands ask. */
  cloudianSso(): CloudianSsoSettings {
    return this.#once("Cloudian single sign-on", (reading) => ({
      endpoint: reading.required("cloudianCmcEndpoint", endpoint),
      ssoKey: reading.required("cloudianSsoKey", z.string()),
    }));
  }

  /** Cloudian's S3 service and management console, as far as they are named; only commands ask. */
  cloudianSides(): CloudianSides {
    return this.#once("Cloudian S3 and console", (reading) => {
      const transport = transportOf(reading);
      const s3 = reading.optional("endpoint", "cloudianS3Endpoint", endpoint);
      const cmc = reading.optional("endpoint", "cloudianCmcEndpoint", endpoint);
      return {
        ...(s3.endpoint === undefined ? {} : { s3: { endpoint: s3.endpoint, tls: tlsOf(reading, "s3"), transport } }),
        ...(cmc.endpoint === undefined
          ? {}
          : { cmc: { endpoint: cmc.endpoint, tls: tlsOf(reading, "cloudian"), transport } }),
        ...reading.optional("ssoKey", "cloudianSsoKey", z.string()),
      };
    });
  }

  /** Whether a setting is there at all, directly or by the name of a variable, whatever its value is. */
  isGiven(name: AnyName): boolean {
    const variable = this.#configured(`${name}Env`);
    return variable !== undefined || this.#text(name, []) !== undefined;
  }

  /** Dell ECS: management API and S3. */
  ecs(): EcsSettings {
    return this.#once("ECS", (reading) => {
      const system = systemOf(reading, "ecs");
      const own = reading.optional("endpoint", "ecsS3Endpoint", endpoint);
      const shown = reading.optional("publicEndpoint", "ecsPublicS3Endpoint", endpoint);
      const fallback = own.endpoint === undefined ? {} : { publicEndpoint: own.endpoint };
      return { ...system, s3: { ...own, ...fallback, ...shown, tls: tlsOf(reading, "ecsS3") } };
    });
  }

  /** The namespace of ECS objects that name none; a preview asks for it, which needs no credentials. */
  ecsNamespace(): string | undefined {
    return this.#once("ECS namespace", (reading) => reading.optional("namespace", "ecsNamespace", z.string()))
      .namespace;
  }

  /** Apache CloudStack's API. */
  cloudstack(): CloudStackSettings {
    return this.#once("CloudStack", (reading) => {
      const tls = tlsOf(reading, "cloudstack");
      return {
        endpoint: reading.required("cloudstackEndpoint", apiEndpoint),
        apiKey: reading.required("cloudstackApiKey", z.string()),
        secretKey: reading.required("cloudstackSecretKey", z.string()),
        aliases: reading.withDefault("cloudstackEndpointAliases", aliases, []),
        tls,
        transport: transportOf(reading),
      };
    });
  }

  /** How to connect to any S3 service that a resource names. */
  s3(): Omit<ConnectionSettings, "endpoint"> {
    return this.#once("S3", (reading) => ({ tls: tlsOf(reading, "s3"), transport: transportOf(reading) }));
  }

  /** The settings that concern every system. */
  transport(): TransportSettings {
    return this.#once("provider", transportOf);
  }

  /** Whether this run may take over what is identical to its declaration. */
  adoptsIdentical(): boolean {
    const mode = nonEmpty(this.#environment[adoptionVariable]);
    if (mode === undefined || mode === "identical") return mode !== undefined;
    throw new SettingsError(`${adoptionVariable} can only be "identical"; unset it to take over nothing.`);
  }

  /** Every check, diff and operation asks, so that settings are parsed once and not once a resource. */
  #once<T extends object>(system: string, read: (reading: Reading) => T): T {
    const known = this.#parsed.get(system);
    if (known) return known as T;
    const reading = new Reading((name, problems) => this.#text(name, problems), this.#alone);
    const settings = read(reading);
    reading.finish(system);
    if ("password" in settings) rememberSecret(String(settings.password));
    if ("secretKey" in settings) rememberSecret(String(settings.secretKey));
    if ("ssoKey" in settings) rememberSecret(String(settings.ssoKey));
    this.#parsed.set(system, settings);
    return settings;
  }

  #configured(key: string): string | undefined {
    return nonEmpty(this.#source.get(`${settingsNamespace}:${key}`));
  }

  #text(name: AnyName, problems: string[]): string | undefined {
    const key: SettingKey = allKeys[name];
    const direct = this.#configured(name);
    const variable = key.secret ? this.#configured(`${name}Env`) : undefined;
    if (direct !== undefined && variable !== undefined)
      problems.push(`${name} and ${name}Env are both given; give one.`);
    if (direct !== undefined) return direct;
    if (variable !== undefined) {
      const value = nonEmpty(this.#environment[variable]);
      if (value === undefined)
        problems.push(`${name}Env names the environment variable ${variable}, which is not set.`);
      return value;
    }
    return this.#alone ? undefined : nonEmpty(this.#environment[key.environment]);
  }
}

function systemOf(reading: Reading, prefix: "cloudian" | "ecs"): SystemSettings {
  const tls = tlsOf(reading, prefix);
  return {
    endpoint: reading.required(`${prefix}Endpoint`, endpoint),
    username: reading.required(`${prefix}Username`, z.string()),
    password: reading.required(`${prefix}Password`, z.string()),
    aliases: reading.withDefault(`${prefix}EndpointAliases`, aliases, []),
    tls,
    transport: transportOf(reading),
  };
}

function tlsOf(reading: Reading, prefix: "cloudian" | "ecs" | "ecsS3" | "cloudstack" | "s3"): TlsSettings {
  return {
    ...reading.optional("caFile", `${prefix}CaFile`, z.string()),
    ...reading.optional("caPem", `${prefix}CaPem`, z.string()),
    insecure: reading.withDefault(`${prefix}Insecure`, flag, false),
  };
}

function transportOf(reading: Reading): TransportSettings {
  return {
    requestTimeoutSeconds: reading.withDefault("requestTimeoutSeconds", positive, 30),
    operationTimeoutSeconds: reading.withDefault("operationTimeoutSeconds", positive, 300),
    maxConnections: reading.withDefault("maxConnections", count.min(1, "must be at least 1"), 16),
    retryBudget: reading.withDefault("retryBudget", count, 500),
  };
}

/** Reads one system's settings and collects what is wrong with them. */
class Reading {
  readonly #text: (name: AnyName, problems: string[]) => string | undefined;
  readonly #alone: string | undefined;
  readonly #problems: string[] = [];

  constructor(text: (name: AnyName, problems: string[]) => string | undefined, alone: string | undefined) {
    this.#text = text;
    this.#alone = alone;
  }

  required<T>(name: AnyName, schema: z.ZodType<T, string>): T {
    const before = this.#problems.length;
    const text = this.#text(name, this.#problems);
    if (text === undefined && this.#problems.length === before) this.#problems.push(missing(name, this.#alone));
    return text === undefined ? (undefined as T) : this.#parse(name, text, schema);
  }

  optional<K extends string, T>(member: K, name: AnyName, schema: z.ZodType<T, string>): { [P in K]?: T } {
    const text = this.#text(name, this.#problems);
    return text === undefined ? {} : ({ [member]: this.#parse(name, text, schema) } as { [P in K]?: T });
  }

  withDefault<T>(name: AnyName, schema: z.ZodType<T, unknown>, fallback: T): T {
    const text = this.#text(name, this.#problems);
    return text === undefined ? fallback : this.#parse(name, text, schema);
  }

  finish(system: string): void {
    if (this.#problems.length === 0) return;
    throw new SettingsError(
      `The ${system} settings are not complete (refresh and destroy see a change of configuration only with --run-program):\n${this.#problems.map((p) => `  - ${p}`).join("\n")}`,
    );
  }

  #parse<T>(name: AnyName, text: string, schema: z.ZodType<T, unknown>): T {
    const result = schema.safeParse(text);
    if (result.success) return result.data;
    // The value is not shown: somebody may have put a secret where it does not belong.
    for (const issue of result.error.issues) this.#problems.push(`${name}: ${issue.message}.`);
    return undefined as T;
  }
}

function missing(name: AnyName, alone: string | undefined): string {
  const key: SettingKey = allKeys[name];
  const config = `\`pulumi config set ${key.secret ? "--secret " : ""}${settingsNamespace}:${name}\``;
  if (Object.hasOwn(commandSettingKeys, name))
    return `${name} is missing (such as ${key.example}). Give it with ${config}, or in the environment as ${key.environment}.`;
  const argument = `as the argument ${name}${key.secret ? `, or by name as ${name}Env,` : ""} of`;
  if (alone)
    return `${name} is missing (such as ${key.example}). Give it ${argument} ${alone}; no other source is read beside it.`;
  return (
    `${name} is missing (such as ${key.example}). Give it with ` +
    `${config}, in the environment as ` +
    `${key.environment}, or ${argument} an explicit Provider.`
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
