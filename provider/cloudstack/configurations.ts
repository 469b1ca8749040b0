import { Refused } from "../core/errors.ts";
import { saysAbsent } from "./absence.ts";
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
  /** What a reset brings back, `""` for no value at all; undefined where the release does not tell. */
  readonly initial: string | undefined;
}

/** CloudStack's calls on settings (reference: CloudStack API, 6.1 and 6.2). */
export class ConfigurationCalls {
  readonly #api: CloudStackApi;
  readonly #shared = new Map<string, SharedList<Configuration>>();

  constructor(api: CloudStackApi) {
    this.#api = api;
  }

  /**
   * `unlisted` is an unknown name, or one of the category Hidden, which CloudStack never lists; `gone` says that what the
   * setting applied to does not exist any more.
   */
  async find(name: string, scope: Scope | undefined): Promise<Configuration | "unlisted" | "gone"> {
    const parameters = { name, ...scopeParameter(scope, "imagestoreuuid") };
    return await named(name, scope, () => this.#list(parameters, `read setting ${name}`));
  }

  /** Every setting of the whole cloud that CloudStack lists, from the one list that all reads of a run share. */
  async list(): Promise<Configuration[]> {
    return await this.#sharedOf(undefined).read();
  }

  /** Those of the whole cloud whose names begin so, such as `cloudian.`. */
  async family(prefix: string): Promise<Configuration[]> {
    const found = await this.#list({ name: prefix }, `read the settings ${prefix}*`);
    return found.filter(({ name }) => name.startsWith(prefix));
  }

  /** From the one list of a scope that all reads of a run share. */
  async known(name: string, scope: Scope | undefined): Promise<Configuration | "unlisted" | "gone"> {
    return await named(name, scope, () => this.#sharedOf(scope).read());
  }

  /** `gone`: what the setting applied to does not exist any more. */
  async write(name: string, value: string, scope: Scope | undefined): Promise<"written" | "gone"> {
    const parameters = { name, value, ...scopeParameter(scope, "imagestoreuuid") };
    return await this.#change({ what: `set ${name}`, command: "updateConfiguration", parameters }, name, scope);
  }

  async reset(name: string, scope: Scope | undefined): Promise<"written" | "gone"> {
    // This command alone spells it so.
    const parameters = { name, ...scopeParameter(scope, "imagestoreid") };
    return await this.#change(
      { what: `reset setting ${name}`, command: "resetConfiguration", parameters },
      name,
      scope,
    );
  }

  async #change(
    call: { what: string; command: string; parameters: Parameters },
    name: string,
    scope: Scope | undefined,
  ): Promise<"written" | "gone"> {
    this.#shared.clear();
    try {
      await this.#api.order({ ...call, effect: "repeatable" });
      return "written";
    } catch (error) {
      if (scope && saysAbsent(error)) return "gone";
      if (error instanceof ApiFailure && error.status === 431 && error.text.includes("doesn't exist"))
        throw new Refused(
          `CloudStack (${(await this.#api.release()).text}) has no setting ${name}. Check the spelling, and whether a plugin that brings it is installed.`,
        );
      throw error;
    } finally {
      this.#shared.clear();
    }
  }

  #sharedOf(scope: Scope | undefined): SharedList<Configuration> {
    const parameters = scopeParameter(scope, "imagestoreuuid");
    const key = JSON.stringify(parameters);
    const list = this.#shared.get(key) ?? new SharedList(() => this.#list(parameters, "list settings"));
    this.#shared.set(key, list);
    return list;
  }

  async #list(parameters: Parameters, what: string): Promise<Configuration[]> {
    const items = await this.#api.list({ what, command: "listConfigurations", parameters }, "configuration");
    return items.map(configurationOf);
  }
}

async function named(
  name: string,
  scope: Scope | undefined,
  list: () => Promise<Configuration[]>,
): Promise<Configuration | "unlisted" | "gone"> {
  try {
    // The search is for a part of the name.
    return (await list()).find((each) => each.name === name) ?? "unlisted";
  } catch (error) {
    if (scope && saysAbsent(error)) return "gone";
    throw error;
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
    // A value that is null is left out, so that another field of the same releases has to tell.
    initial: item["type"] === undefined ? undefined : (textIn(item, "defaultvalue") ?? ""),
  };
}
