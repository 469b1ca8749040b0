import { z } from "zod";
import { Refused } from "../core/errors.ts";
import { documentOf, flag, listOf } from "./answers.ts";
import type { EcsApi } from "./api.ts";
import { namespacePath } from "./buckets.ts";

export interface ReplicationGroup {
  readonly urn: string;
  readonly name: string;
}

/** The management user whom the settings name. */
export interface Caller {
  readonly name: string;
  /** Empty for a user of the whole system. */
  readonly namespace: string;
  /** `SYSTEM_ADMIN` and such. */
  readonly roles: readonly string[];
  /** Releases before 4 do not tell. */
  readonly mustResetPassword: boolean | undefined;
  readonly passwordHasExpired: boolean | undefined;
  /** As the array writes it; empty where it tells none. */
  readonly passwordExpiryDay: string;
}

export interface NamespaceInfo {
  readonly encryptsByDefault: boolean;
  /** URN of the replication group of buckets that name none; empty where there is none. */
  readonly replicationGroup: string;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const callerSchema = z.looseObject({
  common_name: text,
  namespace: text,
  roles: listOf(z.string()),
  user_must_reset_password: flag.nullish(),
  user_password_has_expired: flag.nullish(),
  password_expiry_day: z
    .union([z.string(), z.number()])
    .nullish()
    .transform((value) => String(value ?? "")),
});
const groupsSchema = z.looseObject({ data_service_vpool: listOf(z.looseObject({ id: z.string(), name: z.string() })) });
const namespaceSchema = z.looseObject({
  is_encryption_enabled: flag.nullish().transform((value) => value ?? false),
  default_data_services_vpool: text,
});

/** What does not change while a process runs, asked for once. */
export class Lookups {
  readonly #api: EcsApi;
  #groups: Promise<ReplicationGroup[]> | undefined;
  readonly #namespaces = new Map<string, Promise<NamespaceInfo>>();

  constructor(api: EcsApi) {
    this.#api = api;
  }

  /** Who the log-in is, as the array sees it. */
  async caller(): Promise<Caller> {
    const what = "read who the ECS management user is";
    const answer = await this.#api.ask({ what, method: "GET", path: "/user/whoami", effect: "read" });
    if (answer.error) throw this.#api.refusal(what, answer);
    const user = documentOf(answer, what, "user", callerSchema);
    return {
      name: user.common_name,
      namespace: user.namespace,
      roles: user.roles,
      mustResetPassword: user.user_must_reset_password ?? undefined,
      passwordHasExpired: user.user_password_has_expired ?? undefined,
      passwordExpiryDay: user.password_expiry_day,
    };
  }

  async replicationGroups(): Promise<ReplicationGroup[]> {
    this.#groups ??= this.#readGroups();
    return await forgetting(this.#groups, () => {
      this.#groups = undefined;
    });
  }

  /** The replication group of this name or URN. */
  async replicationGroup(nameOrUrn: string): Promise<ReplicationGroup> {
    const groups = await this.replicationGroups();
    const found = groups.find((group) => group.urn === nameOrUrn) ?? groups.find((group) => group.name === nameOrUrn);
    if (found) return found;
    throw new Refused(
      `There is no ECS replication group ${nameOrUrn}; the array at ${this.#api.endpoint} has ${groups.map((group) => `${group.name} (${group.urn})`).join(", ") || "none"}.`,
    );
  }

  /** Whether buckets of the namespace are encrypted that do not say. */
  async encryptsByDefault(namespace: string): Promise<boolean> {
    return (await this.namespace(namespace)).encryptsByDefault;
  }

  async namespace(name: string): Promise<NamespaceInfo> {
    const asked = this.#namespaces.get(name) ?? this.#readNamespace(name);
    this.#namespaces.set(name, asked);
    return await forgetting(asked, () => this.#namespaces.delete(name));
  }

  async #readGroups(): Promise<ReplicationGroup[]> {
    const what = "list the ECS replication groups";
    const path = "/vdc/data-service/vpools";
    const answer = await this.#api.ask({ what, method: "GET", path, effect: "read" });
    if (answer.error) throw this.#api.refusal(what, answer);
    const { data_service_vpool: groups } = documentOf(answer, what, "data_service_vpools", groupsSchema);
    return groups.map(({ id, name }) => ({ urn: id, name }));
  }

  async #readNamespace(namespace: string): Promise<NamespaceInfo> {
    const what = `read ECS namespace ${namespace}`;
    const answer = await this.#api.ask({ what, method: "GET", path: namespacePath(namespace), effect: "read" });
    if (answer.error) throw this.#api.refusal(what, answer, "Check namespace and the setting ecsNamespace.");
    const found = documentOf(answer, what, "namespace", namespaceSchema);
    return {
      encryptsByDefault: found.is_encryption_enabled,
      replicationGroup: found.default_data_services_vpool,
    };
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
