import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

export const systemNames = ["cloudian", "ecs", "cloudstack"] as const;
export type SystemName = (typeof systemNames)[number];

/** What a system needs to be looked at, by the names that the provider's settings have in the environment. */
const required: Readonly<Record<SystemName, readonly string[]>> = {
  cloudian: ["CLOUDIAN_ENDPOINT", "CLOUDIAN_USERNAME", "CLOUDIAN_PASSWORD"],
  ecs: ["ECS_ENDPOINT", "ECS_USERNAME", "ECS_PASSWORD", "ECS_NAMESPACE"],
  cloudstack: ["CLOUDSTACK_API_URL", "CLOUDSTACK_API_KEY", "CLOUDSTACK_SECRET_KEY"],
};

export class Environment {
  readonly #values: NodeJS.ProcessEnv;
  /** Of every run of this machine. */
  readonly family: string;
  /** Of this run alone: everything that it makes begins so. */
  readonly prefix: string;

  constructor(values: NodeJS.ProcessEnv) {
    this.#values = values;
    this.family = this.optional("CLOUDSTACK_STORAGE_LIVE_PREFIX") ?? "pulumi-live";
    if (!/^[a-z][a-z0-9-]{2,29}$/.test(this.family))
      throw new Error("CLOUDSTACK_STORAGE_LIVE_PREFIX must be 3 to 30 lower-case letters, digits and hyphens.");
    this.prefix = `${this.family}-${randomBytes(4).toString("hex")}`;
  }

  /** The systems to test: those that are named, else those that have an endpoint. Throws where there is none. */
  systems(): SystemName[] {
    const named = this.optional("CLOUDSTACK_STORAGE_LIVE_SYSTEMS")
      ?.split(",")
      .map((name) => name.trim());
    const unknown = named?.filter((name) => !systemNames.some((each) => each === name)) ?? [];
    if (unknown.length > 0) throw new Error(`There is no system ${unknown.join(", ")}: ${systemNames.join(", ")}.`);
    const chosen = systemNames.filter((name) =>
      named ? named.includes(name) : this.optional(required[name][0] ?? "") !== undefined,
    );
    if (chosen.length === 0) throw new Error(`No system is named, so nothing would be tested. Set\n${this.#ways()}`);
    const missing = chosen.flatMap((name) => required[name]).filter((name) => this.optional(name) === undefined);
    if (missing.length > 0) throw new Error(`These settings are missing: ${missing.join(", ")}.`);
    return chosen;
  }

  optional(name: string): string | undefined {
    const value = this.#values[name];
    return value === undefined || value === "" ? undefined : value;
  }

  get(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw new Error(`${name} is missing.`);
    return value;
  }

  /** The private authority of an endpoint: `ECS` for `ECS_CA_PEM` or `ECS_CA_FILE`. */
  authority(system: string): { ca?: string } {
    const file = this.optional(`${system}_CA_FILE`);
    const ca = this.optional(`${system}_CA_PEM`) ?? (file === undefined ? undefined : readFileSync(file, "utf8"));
    return ca === undefined ? {} : { ca };
  }

  /** The settings of the provider itself, and how to reach the systems. */
  settings(): Record<string, string> {
    const ours = /^((CLOUDIAN|ECS|CLOUDSTACK|S3)_|https?_proxy$|no_proxy$)/i;
    return Object.fromEntries(
      Object.entries(this.#values).flatMap(([name, value]) =>
        ours.test(name) && !name.startsWith("CLOUDSTACK_STORAGE_LIVE_") && value !== undefined ? [[name, value]] : [],
      ),
    );
  }

  #ways(): string {
    return systemNames.map((name) => `  ${name}: ${required[name].join(", ")}`).join("\n");
  }
}
