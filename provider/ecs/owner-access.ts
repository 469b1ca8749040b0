import { Refused, SettingsError } from "../core/errors.ts";
import type { EcsSettings } from "../core/settings.ts";
import { KeyRefused } from "../s3/answers.ts";
import { S3Client } from "../s3/client.ts";
import { KeyPatience } from "../s3/new-keys.ts";
import { named, type UserCalls, type UserKey } from "./users.ts";

/** How long a key that the nodes refuse is waited for. */
export type Patience = "none" | "for new keys";

/** ECS ignores the region, but a signature needs one. */
const region = "us-east-1";

/** Nothing of the S3 side of a bucket can be seen or changed, for a reason that lies with its owner. */
export class OwnerUnusable extends Refused {
  /** In a sentence: "its owner is locked". */
  readonly reason: string;

  constructor(message: string, reason: string) {
    super(message);
    this.reason = reason;
  }
}

/** The S3 side of an array as the owner of a bucket sees it: with the owner's key, looked up once a process. */
export class OwnerAccess {
  readonly #settings: EcsSettings;
  readonly #users: UserCalls;
  readonly #clients = new Map<string, Promise<S3Client[]>>();

  constructor(settings: EcsSettings, users: UserCalls) {
    this.#settings = settings;
    this.#users = users;
  }

  /** Does S3 work as this owner; waits where the nodes do not know the key yet. */
  async as<T>(
    owner: UserKey,
    what: string,
    work: (s3: S3Client) => Promise<T>,
    patience: Patience = "for new keys",
  ): Promise<T> {
    const waiting = new KeyPatience(patience);
    for (let asked = patience === "none"; ; asked = true) {
      const refused = await this.#attempt(owner, what, work);
      if (!(refused instanceof KeyRefused)) return refused.result;
      if (!asked && (await this.#users.info(owner))?.locked)
        throw new OwnerUnusable(
          `Could not ${what}: this goes through S3 with the key of ${named(owner)}, and that user is locked.`,
          "its owner is locked",
        );
      const text = `ECS nodes do not accept the key of ${named(owner)} yet; a new key can take two minutes.`;
      if (!refused.mayBeNew || !(await waiting.next(text)))
        throw new Refused(
          `Could not ${what}: the S3 side of ECS does not accept the key of ${named(owner)}. ${refused.message} Is the user ` +
            `locked, or does ${this.#settings.s3.endpoint} belong to another array than ${this.#settings.endpoint}?`,
        );
      // It may have been rotated since it was looked up.
      this.#clients.delete(nameOf(owner));
    }
  }

  /** With each readable key in turn: one of two may have been made a moment ago. */
  async #attempt<T>(
    owner: UserKey,
    what: string,
    work: (s3: S3Client) => Promise<T>,
  ): Promise<{ result: T } | KeyRefused> {
    let refused: KeyRefused | undefined;
    for (const s3 of await this.#clientsOf(owner, what)) {
      try {
        return { result: await work(s3) };
      } catch (error) {
        if (!(error instanceof KeyRefused)) throw error;
        refused = error;
      }
    }
    return refused as KeyRefused;
  }

  async #clientsOf(owner: UserKey, what: string): Promise<S3Client[]> {
    const key = nameOf(owner);
    const asked = this.#clients.get(key) ?? this.#connect(owner, what);
    this.#clients.set(key, asked);
    try {
      return await asked;
    } catch (error) {
      this.#clients.delete(key);
      throw error;
    }
  }

  async #connect(owner: UserKey, what: string): Promise<S3Client[]> {
    const { s3, transport } = this.#settings;
    const { endpoint } = s3;
    if (endpoint === undefined)
      throw new SettingsError(
        `Could not ${what}: this goes through S3, and ecsS3Endpoint is missing (such as https://ecs.example.com:9021). Give it ` +
          `with pulumi config set cloudstack-storage:ecsS3Endpoint, in the environment as ECS_S3_ENDPOINT, or as an argument of the Provider.`,
      );
    const keys = await this.#users.findKeys(owner);
    if (!keys)
      throw new OwnerUnusable(
        `Could not ${what}: this goes through S3 with the key of the bucket's owner, and the array has no object user ` +
          `${nameOf(owner)} (declare it as an EcsObjectUser, or give the bucket another owner).`,
        "its owner is no object user of the array",
      );
    const secrets = keys.flatMap((key) => (key.secret === undefined ? [] : [key.secret]));
    if (secrets.length === 0)
      throw new OwnerUnusable(
        `Could not ${what}: this goes through S3 with the key of the bucket's owner, and ${named(owner)} has no key that can be ` +
          `read: either it has none (declare the user as an EcsObjectUser), or the array hides keys. With hidden keys, versioning ` +
          `before release 4, cors and emptying cannot be managed here.`,
        "its owner has no key that can be read",
      );
    const connection = { endpoint, tls: s3.tls, transport };
    const headers = { "x-emc-namespace": owner.namespace };
    return secrets.map(
      (secretAccessKey) =>
        new S3Client({
          connection,
          settingPrefix: "ecsS3",
          accessKeyId: owner.userName,
          secretAccessKey,
          region,
          pathStyle: true,
          headers,
        }),
    );
  }
}

function nameOf(owner: UserKey): string {
  return `${owner.namespace}/${owner.userName}`;
}
