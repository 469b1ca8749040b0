import { Refused } from "../core/errors.ts";
import { ApiFailure, type Item, textIn } from "./answers.ts";
import type { CloudStackApi, Parameters } from "./api.ts";
import { SharedList } from "./shared-list.ts";

export type ScopeType = "zone" | "cluster" | "storage" | "account" | "domain" | "imageStore";

export interface Scope {
  readonly type: ScopeType;
  readonly id: string;
}

/** A setting as CloudStack lists it; `value` is `""` where there is none. */
export interface Configuration {
  readonly name: string;
  readonly value: string;
  readonly category: string;
  readonly isDynamic: boolean;
}

/** CloudStack's calls on settings (reference: CloudStack API, 6.1 and 6.2). */
export class ConfigurationCalls {
  readonly #api: CloudStackApi;
  readonly #shared = new Map<string, SharedList<Configuration>>();

  constructor(api: CloudStackApi) {
    this.#api = api;
  }

  /** Undefined for an unknown name and for the category Hidden, which CloudStack never lists. */
  async find(name: string, scope: Scope | undefined): Promise<Configuration | undefined> {
    const found = await this.#list({ name, ...scopeParameter(scope, "imagestoreuuid") }, `read setting ${name}`);
    // The search is for a part of the name.
    return found.find((each) => each.name === name);
  }

  /** From the one list of a scope that all reads of a run share. */
  async known(name: string, scope: Scope | undefined): Promise<Configuration | undefined> {
    const parameters = scopeParameter(scope, "imagestoreuuid");
    const key = JSON.stringify(parameters);
    const list = this.#shared.get(key) ?? new SharedList(() => this.#list(parameters, "list settings"));
    this.#shared.set(key, list);
    return (await list.read()).find((each) => each.name === name);
  }

  async write(name: string, value: string, scope: Scope | undefined): Promise<void> {
    this.#shared.clear();
    const parameters = { name, value, ...scopeParameter(scope, "imagestoreuuid") };
    await this.#change({ what: `set ${name}`, command: "updateConfiguration", parameters }, name);
  }

  async reset(name: string, scope: Scope | undefined): Promise<void> {
    this.#shared.clear();
    // This command alone spells it so.
    const parameters = { name, ...scopeParameter(scope, "imagestoreid") };
    await this.#change({ what: `reset setting ${name}`, command: "resetConfiguration", parameters }, name);
  }

  async #change(call: { what: string; command: string; parameters: Parameters }, name: string): Promise<void> {
    try {
      await this.#api.order({ ...call, effect: "repeatable" });
    } catch (error) {
      if (error instanceof ApiFailure && error.status === 431 && error.text.includes("doesn't exist"))
        throw new Refused(
          `CloudStack (${(await this.#api.release()).text}) has no setting ${name}. Check the spelling, and whether a plugin that brings it is installed.`,
        );
      throw error;
    }
  }

  async #list(parameters: Parameters, what: string): Promise<Configuration[]> {
    const items = await this.#api.list({ what, command: "listConfigurations", parameters }, "configuration");
    return items.map(configurationOf);
  }
}

function scopeParameter(scope: Scope | undefined, imageStore: string): Parameters {
  if (!scope) return {};
  return { [scope.type === "imageStore" ? imageStore : `${scope.type.toLowerCase()}id`]: scope.id };
}

function configurationOf(item: Item): Configuration {
  return {
    name: textIn(item, "name") ?? "",
    value: textIn(item, "value") ?? "",
    category: textIn(item, "category") ?? "",
    isDynamic: textIn(item, "isdynamic") === "true",
  };
}
