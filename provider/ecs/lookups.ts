import { z } from "zod";
import { Refused } from "../core/errors.ts";
import { documentOf, flag, listOf } from "./answers.ts";
import type { EcsApi } from "./api.ts";
import { namespacePath } from "./buckets.ts";

export interface ReplicationGroup {
  readonly urn: string;
  readonly name: string;
}

const groupsSchema = z.looseObject({ data_service_vpool: listOf(z.looseObject({ id: z.string(), name: z.string() })) });
const namespaceSchema = z.looseObject({ is_encryption_enabled: flag.nullish().transform((value) => value ?? false) });

/** What does not change while a process runs, asked for once. */
export class Lookups {
  readonly #api: EcsApi;
  #groups: Promise<ReplicationGroup[]> | undefined;
  readonly #encrypts = new Map<string, Promise<boolean>>();

  constructor(api: EcsApi) {
    this.#api = api;
  }

  /** The replication group of this name or URN. */
  async replicationGroup(nameOrUrn: string): Promise<ReplicationGroup> {
    this.#groups ??= this.#readGroups();
    const groups = await forgetting(this.#groups, () => {
      this.#groups = undefined;
    });
    const found = groups.find((group) => group.urn === nameOrUrn) ?? groups.find((group) => group.name === nameOrUrn);
    if (found) return found;
    throw new Refused(
      `There is no ECS replication group ${nameOrUrn}; the array at ${this.#api.endpoint} has ${groups.map((group) => `${group.name} (${group.urn})`).join(", ") || "none"}.`,
    );
  }

  /** Whether buckets of the namespace are encrypted that do not say. */
  async encryptsByDefault(namespace: string): Promise<boolean> {
    const asked = this.#encrypts.get(namespace) ?? this.#readEncryption(namespace);
    this.#encrypts.set(namespace, asked);
    return await forgetting(asked, () => this.#encrypts.delete(namespace));
  }

  async #readGroups(): Promise<ReplicationGroup[]> {
    const what = "list the ECS replication groups";
    const path = "/vdc/data-service/vpools";
    const answer = await this.#api.ask({ what, method: "GET", path, effect: "read" });
    if (answer.error) throw this.#api.refusal(what, answer);
    const { data_service_vpool: groups } = documentOf(answer, what, "data_service_vpools", groupsSchema);
    return groups.map(({ id, name }) => ({ urn: id, name }));
  }

  async #readEncryption(namespace: string): Promise<boolean> {
    const what = `read ECS namespace ${namespace}`;
    const answer = await this.#api.ask({ what, method: "GET", path: namespacePath(namespace), effect: "read" });
    if (answer.error) throw this.#api.refusal(what, answer, "Check namespace and the setting ecsNamespace.");
    return documentOf(answer, what, "namespace", namespaceSchema).is_encryption_enabled;
  }
}

/** A failure is not remembered: the next resource asks again. */
async function forgetting<T>(asked: Promise<T>, forget: () => void): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    forget();
    throw error;
  }
}
