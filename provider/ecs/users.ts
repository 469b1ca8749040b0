import { z } from "zod";
import { UnexpectedAnswer } from "../core/errors.ts";
import { rememberSecret } from "../core/redact.ts";
import { documentOf, type EcsAnswer, flag, listOf } from "./answers.ts";
import { type EcsApi, segment } from "./api.ts";

export interface UserKey {
  readonly namespace: string;
  readonly userName: string;
}

export interface UserInfo {
  readonly locked: boolean;
  readonly tags: Record<string, string>;
  /** By the array's own clock. */
  readonly ageMs: number | undefined;
}

/** One of the two places for a key. */
export interface KeySlot {
  /** Undefined where the array hides keys. */
  readonly secret: string | undefined;
  /** When the key was made, as the array writes it. */
  readonly created: string;
  /** When it ends; empty for never. */
  readonly expires: string;
}

const tagSchema = z.looseObject({ name: z.string(), value: z.string().nullish() });
const infoSchema = z.looseObject({
  namespace: z.string().nullish(),
  locked: flag,
  created: z.string().nullish(),
  tag: listOf(tagSchema).optional(),
  tags: listOf(tagSchema).optional(),
});
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const keysSchema = z.looseObject({
  secret_key_1: text,
  secret_key_1_exist: flag.nullish(),
  key_timestamp_1: text,
  key_expiry_timestamp_1: text,
  secret_key_2: text,
  secret_key_2_exist: flag.nullish(),
  key_timestamp_2: text,
  key_expiry_timestamp_2: text,
});
const rowSchema = z.looseObject({ userid: z.string(), namespace: z.string() });
const pageSchema = z.looseObject({
  blobuser: listOf(rowSchema),
  NextMarker: text,
});

type UserRow = z.output<typeof rowSchema>;

/** Object users and their keys, one method a call (reference: ECS management API, 3 and 4). */
export class UserCalls {
  readonly #api: EcsApi;

  constructor(api: EcsApi) {
    this.#api = api;
  }

  async create(user: UserKey, tags: Record<string, string> | undefined): Promise<EcsAnswer> {
    return await this.#api.ask({
      what: `create ${named(user)}`,
      method: "POST",
      path: "/object/users",
      json: { user: user.userName, namespace: user.namespace, ...(tags === undefined ? {} : { tags: tagList(tags) }) },
      effect: "once",
    });
  }

  /** Undefined where the array says that the namespace has no such user. */
  async info(user: UserKey): Promise<UserInfo | undefined> {
    const what = `read ${named(user)}`;
    const path = `/object/users/${segment(user.userName)}/info`;
    const query = { namespace: user.namespace };
    const answer = await this.#api.ask({ what, method: "GET", path, query, effect: "read" });
    if (saysAbsent(answer)) return undefined;
    if (answer.error) throw this.#api.refusal(what, answer);
    const info = documentOf(answer, what, "user", infoSchema);
    // Where names are unique over all namespaces, the array may show the user of another one.
    if (info.namespace && info.namespace !== user.namespace) return undefined;
    const created = Date.parse(info.created ?? "");
    return {
      locked: info.locked,
      tags: Object.fromEntries((info.tag ?? info.tags ?? []).map(({ name, value }) => [name, value ?? ""])),
      ageMs: answer.date === undefined || Number.isNaN(created) ? undefined : answer.date - created,
    };
  }

  /** The namespaces that have a user of this name. */
  async namespacesOf(userName: string): Promise<string[]> {
    const rows = await this.#rows(`look for object users called ${userName}`, "/object/users", { userid: userName });
    return rows.filter((row) => row.userid.toLowerCase() === userName.toLowerCase()).map((row) => row.namespace);
  }

  /** The names of every object user of the namespace. */
  async list(namespace: string): Promise<string[]> {
    const what = `list the object users of ECS namespace ${namespace}`;
    const rows = await this.#rows(what, `/object/users/${segment(namespace)}`, {});
    return rows.filter((row) => row.namespace === namespace).map((row) => row.userid);
  }

  async #rows(what: string, path: `/${string}`, asked: Record<string, string>): Promise<UserRow[]> {
    const found: UserRow[] = [];
    const seen = new Set<string>();
    for (let marker = ""; ; ) {
      const query = { ...asked, ...(marker === "" ? {} : { marker }) };
      const answer = await this.#api.ask({ what, method: "GET", path, query, effect: "read" });
      if (answer.error) throw this.#api.refusal(what, answer);
      const page = documentOf(answer, what, "users", pageSchema);
      found.push(...page.blobuser);
      marker = page.NextMarker;
      if (marker === "") return found;
      if (seen.has(marker)) throw new UnexpectedAnswer(`Could not ${what}: the pages do not end.`, 200);
      seen.add(marker);
    }
  }

  async setLocked(user: UserKey, isLocked: boolean): Promise<void> {
    await this.#api.order({
      what: `${isLocked ? "lock" : "unlock"} ${named(user)}`,
      method: "PUT",
      path: "/object/users/lock",
      json: { user: user.userName, namespace: user.namespace, isLocked },
      effect: "repeatable",
    });
  }

  /** POST adds, PUT changes values of tags that exist, DELETE removes tags that exist. */
  async writeTags(user: UserKey, method: "POST" | "PUT" | "DELETE", tags: Record<string, string>): Promise<EcsAnswer> {
    return await this.#api.ask({
      what: `change the tags of ${named(user)}`,
      method,
      path: `/object/users/${segment(user.userName)}/tags`,
      query: { namespace: user.namespace },
      json: { tags: tagList(tags) },
      effect: "repeatable",
    });
  }

  async deactivate(user: UserKey): Promise<EcsAnswer> {
    return await this.#api.ask({
      what: `delete ${named(user)}`,
      method: "POST",
      path: "/object/users/deactivate",
      json: { user: user.userName, namespace: user.namespace },
      effect: "repeatable",
    });
  }

  /** The places that hold a key. */
  async keys(user: UserKey): Promise<KeySlot[]> {
    const keys = await this.findKeys(user);
    if (!keys)
      throw new UnexpectedAnswer(`Could not read the keys of ${named(user)}: the array has no such user.`, 404);
    return keys;
  }

  /** Undefined where the array says that the namespace has no such user. */
  async findKeys(user: UserKey): Promise<KeySlot[] | undefined> {
    const what = `read the keys of ${named(user)}`;
    const path = `/object/user-secret-keys/${segment(user.userName)}/${segment(user.namespace)}`;
    const answer = await this.#api.ask({ what, method: "GET", path, effect: "read" });
    if (saysAbsent(answer)) return undefined;
    if (answer.error) throw this.#api.refusal(what, answer);
    const keys = documentOf(answer, what, "user_secret_keys", keysSchema);
    return [
      slot(keys.secret_key_1, keys.secret_key_1_exist, keys.key_timestamp_1, keys.key_expiry_timestamp_1),
      slot(keys.secret_key_2, keys.secret_key_2_exist, keys.key_timestamp_2, keys.key_expiry_timestamp_2),
    ].filter((found) => found !== undefined);
  }

  /** Pushes a key that is known here; the answer's own copy of it is not needed. */
  async pushKey(user: UserKey, secret: string, previousExpiryMinutes: number | undefined): Promise<EcsAnswer> {
    return await this.#api.ask({
      what: `set a key of ${named(user)}`,
      method: "POST",
      path: `/object/user-secret-keys/${segment(user.userName)}`,
      json: {
        namespace: user.namespace,
        secretkey: secret,
        ...(previousExpiryMinutes === undefined
          ? {}
          : { existing_key_expiry_time_mins: String(previousExpiryMinutes) }),
      },
      effect: "once",
    });
  }

  refusal(what: string, answer: EcsAnswer): UnexpectedAnswer {
    return this.#api.refusal(what, answer);
  }
}

export function named(user: UserKey): string {
  return `ECS object user ${user.namespace}/${user.userName}`;
}

/** For a user it is 404, with the array's own words; a 404 of something on the way has none (reference: 1.6). */
export function saysAbsent(answer: EcsAnswer): boolean {
  return answer.status === 404 && answer.error?.code !== undefined;
}

function tagList(tags: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(tags).map(([name, value]) => ({ name, value }));
}

/** Releases before 3.2 do not say whether there is a key; an empty text then says that there is none. */
function slot(
  secret: string,
  exists: boolean | null | undefined,
  created: string,
  expires: string,
): KeySlot | undefined {
  if (!(exists ?? secret !== "")) return undefined;
  if (secret !== "") rememberSecret(secret);
  return { secret: secret === "" ? undefined : secret, created, expires };
}
