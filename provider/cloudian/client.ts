import { z } from "zod";
import { BasicAuthentication } from "../core/basic.ts";
import { connectionTo } from "../core/connections.ts";
import { Refused, UnexpectedAnswer } from "../core/errors.ts";
import type { Connected } from "../core/handler.ts";
import { type Call, HttpClient } from "../core/http.ts";
import { rememberSecret } from "../core/redact.ts";
import type { Settings } from "../core/settings.ts";
import {
  type Creation,
  creationOf,
  type Deletion,
  type Document,
  deletionOf,
  documentSchema,
  type KeyPair,
  keySchema,
  parse,
  parseMade,
  saidIn,
  usageSchema,
} from "./answers.ts";
import { limitParameters, limitsFrom, type PlainLimits } from "./limits.ts";

const settingPrefix = "cloudian";
const pageSize = 100;

/** Whose limits: one user's, a whole group's (`userId` `*`), or the default of a group's users (`ALL`). */
export interface LimitScope {
  readonly groupId: string;
  readonly userId: string;
}

export interface UserKey {
  readonly groupId: string;
  readonly userId: string;
}

/**
 * Cloudian HyperStore's Admin API, one method a call. PUT creates and POST updates; "not there" is 204 for a read,
 * 400 for most other calls (reference: Cloudian Admin API, 0.3 and 1.6).
 */
export class CloudianClient implements Connected {
  readonly endpoint: string;
  readonly aliases: readonly string[];
  readonly settingPrefix: string = settingPrefix;
  readonly #http: HttpClient;

  /** Whether this run may take over what a killed one has left unfinished. */
  readonly takesUnfinished: () => boolean;

  constructor(settings: Settings) {
    const system = settings.cloudian();
    this.takesUnfinished = () => settings.adoptsIdentical();
    this.endpoint = system.endpoint;
    this.aliases = system.aliases;
    this.#http = connectionTo(
      system,
      settingPrefix,
      () => new HttpClient(system, settingPrefix, new BasicAuthentication(system, settingPrefix)),
    );
  }

  /** As the system says it: `8.1 Compiled: 2023-11-11 16:30`. */
  async version(): Promise<string> {
    const what = "read the version of HyperStore";
    const call = { what, method: "GET", path: "/system/version", effect: "read", answers: [200] } as const;
    return (await this.#http.send(call)).body.trim();
  }

  /** The ids of all groups; without any group the answer is empty. */
  async listGroupIds(): Promise<string[]> {
    const what = "list the Cloudian groups";
    const call = { what, method: "GET", path: "/group/list", effect: "read", answers: [200] } as const;
    const answer = await this.#http.send(call);
    if (answer.body.trim() === "") return [];
    return parse(answer, what, z.array(z.looseObject({ groupId: z.string().min(1) }))).map(({ groupId }) => groupId);
  }

  async getGroup(groupId: string): Promise<Document | undefined> {
    return await this.#getDocument(`read Cloudian group ${groupId}`, "/group", { groupId });
  }

  async putGroup(group: Document): Promise<Creation> {
    const what = `create Cloudian group ${group["groupId"]}`;
    const answer = await this.#http.send({
      what,
      method: "PUT",
      path: "/group",
      json: group,
      effect: "once",
      answers: [200, 400, 409],
    });
    return creationOf(answer);
  }

  async postGroup(group: Document): Promise<void> {
    const what = `change Cloudian group ${group["groupId"]}`;
    await this.#http.send({ what, method: "POST", path: "/group", json: group, effect: "repeatable", answers: [200] });
  }

  async deleteGroup(groupId: string): Promise<Deletion> {
    return await this.#delete(`delete Cloudian group ${groupId}`, "/group", { groupId });
  }

  /** The ids of every user of the group, suspended ones too. The call cannot tell an unknown group from an empty one. */
  async listUserIds(groupId: string): Promise<string[]> {
    const what = `list the users of Cloudian group ${groupId}`;
    const rowSchema = z.array(z.looseObject({ userId: z.string().min(1), groupId: z.literal(groupId) }));
    const ids: string[] = [];
    const offsets = new Set<string>();
    for (let offset: string | undefined; ; ) {
      const page = { limit: `${pageSize}`, ...(offset === undefined ? {} : { offset }) };
      const answer = await this.#http.send({
        what,
        method: "GET",
        path: "/user/list",
        query: { groupId, userType: "all", userStatus: "all", ...page },
        effect: "read",
        answers: [200],
      });
      const rows = answer.body.trim() === "" ? [] : parse(answer, what, rowSchema);
      ids.push(...rows.slice(0, pageSize).map((row) => row.userId));
      // One row more than asked for is the first row of the next page.
      offset = rows[pageSize]?.userId;
      if (offset === undefined) return ids;
      if (offsets.has(offset)) throw new UnexpectedAnswer(`Could not ${what}: the pages do not end.`, 200);
      offsets.add(offset);
    }
  }

  async getUser(user: UserKey): Promise<Document | undefined> {
    return await this.#getDocument(`read ${named(user)}`, "/user", query(user));
  }

  async putUser(user: Document & UserKey): Promise<Creation> {
    const what = `create ${named(user)}`;
    const answer = await this.#http.send({
      what,
      method: "PUT",
      path: "/user",
      json: user,
      effect: "once",
      answers: [200, 400, 409],
    });
    if (answer.status !== 200) return creationOf(answer);
    return { ...creationOf(answer), document: parseMade(answer, what, documentSchema) };
  }

  async postUser(user: Document & UserKey): Promise<void> {
    await this.#http.send({
      what: `change ${named(user)}`,
      method: "POST",
      path: "/user",
      json: user,
      effect: "repeatable",
      answers: [200],
    });
  }

  async deleteUser(user: UserKey): Promise<Deletion> {
    return await this.#delete(`delete ${named(user)}`, "/user", query(user));
  }

  async setPassword(user: UserKey, password: string): Promise<void> {
    const what = `set the password of ${named(user)}`;
    const call = {
      what,
      method: "POST",
      path: "/user/password",
      query: query(user),
      secretQuery: { password },
    } as const;
    const answer = await this.#http.send({ ...call, effect: "repeatable", answers: [200, 204] });
    if (answer.status === 204) throw goneError(user);
  }

  /** Refuses beforehand what a later call with a secret in its URL would refuse. */
  requireSecretChannel(what: string): void {
    this.#http.refuseOverheardSecrets(what);
  }

  /** The user's root key pairs, oldest first, and the system's clock; IAM users' pairs are not among them. */
  async listKeys(user: UserKey): Promise<{ keys: KeyPair[]; now: number | undefined }> {
    const what = `list the keys of ${named(user)}`;
    const call = {
      what,
      method: "GET",
      path: "/user/credentials/list",
      query: { ...query(user), isRootAccountOnly: "true" },
    } as const;
    const answer = await this.#http.send({ ...call, effect: "read", answers: [200, 204, 400] });
    if (answer.status === 400) throw goneError(user);
    const keys = answer.status === 204 ? [] : parse(answer, what, z.array(keySchema));
    for (const key of keys) rememberSecret(key.secretKey);
    return {
      keys: keys.sort((a, b) => a.createDate - b.createDate || (a.accessKey < b.accessKey ? -1 : 1)),
      now: answer.date,
    };
  }

  async makeKey(user: UserKey): Promise<KeyPair | "maximum reached"> {
    const what = `make a key pair for ${named(user)}`;
    const call = { what, method: "PUT", path: "/user/credentials", query: query(user) } as const;
    const answer = await this.#http.send({ ...call, effect: "once", answers: [200, 403] });
    if (answer.status === 403) return "maximum reached";
    const key = parseMade(answer, what, keySchema);
    rememberSecret(key.secretKey);
    return key;
  }

  async importKey(
    user: UserKey,
    accessKey: string,
    secretKey: string,
  ): Promise<"imported" | "maximum reached" | "taken"> {
    const what = `restore key pair ${accessKey} of ${named(user)}`;
    const call = {
      what,
      method: "POST",
      path: "/user/credentials",
      query: { ...query(user), accessKey },
      secretQuery: { secretKey },
    } as const;
    const answer = await this.#http.send({ ...call, effect: "repeatable", answers: [200, 403, 409] });
    return answer.status === 200 ? "imported" : answer.status === 403 ? "maximum reached" : "taken";
  }

  async activateKey(accessKey: string): Promise<void> {
    const call = { method: "POST", path: "/user/credentials/status", query: { accessKey, isActive: "true" } } as const;
    await this.#http.send({ what: `switch key pair ${accessKey} on`, ...call, effect: "repeatable", answers: [200] });
  }

  async deleteKey(accessKey: string): Promise<void> {
    const what = `delete key pair ${accessKey}`;
    const path = "/user/credentials";
    const gone = await this.#http.send({
      what,
      method: "DELETE",
      path,
      query: { accessKey },
      effect: "repeatable",
      answers: [200, 204, 400],
    });
    if (gone.status !== 400) return;
    const still = await this.#http.send({
      what,
      method: "GET",
      path,
      query: { accessKey },
      effect: "read",
      answers: [200, 204],
    });
    if (still.status === 200)
      throw new UnexpectedAnswer(`Could not ${what}: ${this.endpoint} answered 400 and still has it.`, 400);
  }

  async getLimits(scope: LimitScope): Promise<PlainLimits> {
    const what = `read the limits of ${namedScope(scope)}`;
    const answer = await this.#http.send({
      what,
      method: "GET",
      path: "/qos/limits",
      query: query(scope),
      effect: "read",
      answers: [200],
    });
    return limitsFrom(parse(answer, what, z.unknown()), what);
  }

  async setLimits(scope: LimitScope, limits: PlainLimits): Promise<void> {
    const what = `set the limits of ${namedScope(scope)}`;
    const call = {
      what,
      method: "POST",
      path: "/qos/limits",
      query: { ...query(scope), ...limitParameters(limits) },
    } as const;
    const answer = await this.#http.send({ ...call, effect: "repeatable", answers: [200, 503] });
    if (answer.status === 200) return;
    throw new UnexpectedAnswer(
      `Could not ${what}: ${this.endpoint} answered ${saidIn(answer)}. HyperStore answers 503 here while its quality-of-service ` +
        `feature is off: switch it on in the CMC, or remove the limits from the program. If it was only busy, run pulumi up again.`,
      503,
    );
  }

  /** Buckets by user, or "unknown" where the system does not know the group or user. */
  async bucketsByUser(groupId: string, userId?: string): Promise<Map<string, string[]> | "unknown"> {
    const what = `list the buckets of Cloudian ${userId === undefined ? `group ${groupId}` : `user ${groupId}/${userId}`}`;
    const asked = { groupId, ...(userId === undefined ? {} : { userId }) };
    const answer = await this.#http.send({
      what,
      method: "GET",
      path: "/system/bucketusage",
      query: asked,
      effect: "read",
      answers: [200, 400],
    });
    if (answer.status === 400) return "unknown";
    const buckets = new Map<string, string[]>();
    for (const row of parse(answer, what, usageSchema)) {
      const names = row.buckets.map((bucket) => bucket.bucketName);
      buckets.set(row.userId, [...(buckets.get(row.userId) ?? []), ...names]);
    }
    return buckets;
  }

  async #getDocument(what: string, path: string, asked: Record<string, string>): Promise<Document | undefined> {
    const answer = await this.#http.send({
      what,
      method: "GET",
      path,
      query: asked,
      effect: "read",
      answers: [200, 204],
    });
    if (answer.status === 204) return undefined;
    const document = parse(answer, what, documentSchema);
    if (Object.entries(asked).every(([field, id]) => document[field] === id)) return document;
    throw new UnexpectedAnswer(`Could not ${what}: the answer is about another object.`, answer.status);
  }

  async #delete(what: string, path: Call["path"], asked: Record<string, string>): Promise<Deletion> {
    const answer = await this.#http.send({
      what,
      method: "DELETE",
      path,
      query: asked,
      effect: "repeatable",
      answers: [200, 204, 400, 409],
    });
    return deletionOf(answer);
  }
}

/** For a user that an update needs and that was deleted by hand since the last refresh. */
export function goneError(user: UserKey): Refused {
  return new Refused(`${named(user)} no longer exists. Run pulumi up --refresh to make it anew.`);
}

function query(user: UserKey): Record<string, string> {
  return { groupId: user.groupId, userId: user.userId };
}

function named(user: UserKey): string {
  return `Cloudian user ${user.groupId}/${user.userId}`;
}

function namedScope(scope: LimitScope): string {
  if (scope.userId === "*") return `Cloudian group ${scope.groupId}`;
  return scope.userId === "ALL" ? `the users of Cloudian group ${scope.groupId}` : named(scope);
}
