import type { Connected } from "../core/handler.ts";
import { withoutDefaultPort } from "../core/names.ts";
import type { EcsSettings, Settings } from "../core/settings.ts";
import { EcsApi, sharedWith } from "./api.ts";
import { BucketCalls } from "./buckets.ts";
import { Lookups } from "./lookups.ts";
import { OwnedBuckets } from "./owned-buckets.ts";
import { OwnerAccess } from "./owner-access.ts";
import { settingPrefix } from "./prefix.ts";
import { UserCalls } from "./users.ts";
import { Versioning } from "./versioning.ts";

/** One array as this process knows it, for all of its kinds: log-in, calls, and what was looked up once. */
export class EcsClient implements Connected {
  readonly endpoint: string;
  readonly aliases: readonly string[];
  readonly settingPrefix = settingPrefix;
  readonly users: UserCalls;
  readonly buckets: BucketCalls;
  readonly lookups: Lookups;
  readonly owned: OwnedBuckets;
  readonly owners: OwnerAccess;
  readonly versioning: Versioning;
  /** Whether this run may take over what a killed one has left unfinished. */
  readonly takesUnfinished: () => boolean;
  readonly #shown: string | undefined;

  constructor(settings: EcsSettings, takesUnfinished: () => boolean) {
    this.takesUnfinished = takesUnfinished;
    this.endpoint = settings.endpoint;
    this.aliases = settings.aliases;
    const api = new EcsApi(settings);
    this.users = new UserCalls(api);
    this.buckets = new BucketCalls(api);
    this.lookups = new Lookups(api);
    this.owned = new OwnedBuckets((namespace) => this.buckets.owners(namespace));
    this.owners = new OwnerAccess(settings, this.users);
    this.versioning = new Versioning(this.buckets, this.owners);
    const shown = settings.s3.publicEndpoint;
    this.#shown = shown === undefined ? undefined : withoutDefaultPort(shown);
  }

  static of(settings: Settings): EcsClient {
    return sharedWith(settings.ecs(), (system) => new EcsClient(system, () => settings.adoptsIdentical()));
  }

  /** The output `s3Endpoint`; nothing where no setting names one. */
  shownEndpoint(): { s3Endpoint?: string } {
    return this.#shown === undefined ? {} : { s3Endpoint: this.#shown };
  }
}
