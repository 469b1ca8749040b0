import type { LabClock } from "./clock.ts";
import type { Call, Operation } from "./ecs-call.ts";
import { EcsDirectory } from "./ecs-directory.ts";
import { settleEmptying } from "./ecs-empty.ts";
import { type EcsErrorCode, EcsRefused, errorDocument } from "./ecs-error.ts";
import { documentReply, type Format, wantedFormat } from "./ecs-format.ts";
import type { EcsOptions } from "./ecs-options.ts";
import { patchedEcs } from "./ecs-patch.ts";
import { routeOf } from "./ecs-routes.ts";
import { authenticate, endToken, logIn, logOut, redirectToLogin, whoAmI } from "./ecs-session.ts";
import { type EcsStore, newStore } from "./ecs-store.ts";
import { ecsTree } from "./ecs-tree.ts";
import { S3Service } from "./s3.ts";
import { S3Refused } from "./s3-error.ts";
import { ecsS3Options, type S3Options } from "./s3-options.ts";
import { S3Store } from "./s3-store.ts";
import {
  type CertificateName,
  type LabReply,
  type LabRequest,
  notImplemented,
  type SimulatedSystem,
  type StatefulSystem,
} from "./system.ts";

/** The management API of a Dell ECS. */
export class Ecs implements SimulatedSystem, StatefulSystem {
  readonly name = "ecs";
  /** The S3 service of the same array. */
  readonly s3: S3Service;
  readonly #clock: LabClock;
  readonly #buckets = new S3Store();
  #store: EcsStore = newStore();

  constructor(clock: LabClock) {
    this.#clock = clock;
    const directory = () => new EcsDirectory({ store: this.#store, buckets: this.#buckets, clock });
    this.s3 = new S3Service("ecs-s3", {
      store: this.#buckets,
      get directory() {
        return directory();
      },
      clock,
      options: () => s3Options(this.#store.options),
      certificate: () => this.certificate(),
    });
  }

  handle(request: LabRequest): LabReply {
    const format = this.#format(request);
    try {
      return this.#answer(request, format);
    } catch (error) {
      if (error instanceof S3Refused && error.code === "NotImplemented") return notImplemented(this.name, request);
      if (!(error instanceof EcsRefused)) throw error;
      if (error.status === 401 && request.path !== "/login" && this.#store.options.expiredAnswer === "302") {
        return redirectToLogin();
      }
      return documentReply(format, error.status, "error", error.document());
    }
  }

  errorReply(status: number): LabReply {
    return documentReply("xml", status, "error", errorDocument(failureCodes.get(status) ?? 7000, "The request failed"));
  }

  /** A log-in brings no token that could have run out. */
  expired(request: LabRequest): LabReply {
    endToken(this.#store, request);
    return this.handle(request);
  }

  certificate(): CertificateName {
    return this.#store.options.certificate;
  }

  tree(options: { secrets: boolean }): Record<string, unknown> {
    settleEmptying(this.#store, this.#buckets, this.#clock.now());
    return ecsTree(this.#store, this.#buckets, this.#clock.now(), options.secrets);
  }

  patch(patch: Record<string, unknown>): void {
    const parts = { store: this.#store, buckets: this.#buckets, clock: this.#clock };
    const changed = patchedEcs(parts, patch);
    this.#store = changed.store;
    this.#buckets.become(changed.buckets);
  }

  reset(): void {
    this.#store = newStore();
    this.#buckets.clear();
  }

  #format({ headers, path }: LabRequest): Format {
    return this.#store.options.format === "xml" ? "xml" : wantedFormat(headers, path);
  }

  #answer(request: LabRequest, format: Format): LabReply {
    const segments = decodedSegments(request.path);
    if (request.query === undefined) throw new EcsRefused(400, 1002, "The query is not percent-encoded UTF-8");
    const { query } = request;
    settleEmptying(this.#store, this.#buckets, this.#clock.now());
    const parts = { store: this.#store, buckets: this.#buckets, clock: this.#clock, request, query, format };
    const call = { ...parts, params: [] };
    const open = openOperations.get(`${request.method} /${segments.join("/")}`);
    if (open !== undefined) return open(call);
    authenticate(call);
    return this.#routed(call, segments);
  }

  #routed(call: Call, segments: readonly string[]): LabReply {
    const route = routeOf(call.request.method, segments);
    if (route === "lab") return notImplemented(this.name, call.request);
    if (route === "path") throw new EcsRefused(404, 1019, "There is no such path");
    if (route === "method") throw new EcsRefused(405, 1007, "The path does not have this method");
    const { role } = this.#store.options;
    if (!route.roles.includes(role)) throw new EcsRefused(403, 3000, `Insufficient permissions for role ${role}`);
    if (needsNewPassword(this.#store.options) && route.operation !== whoAmI)
      throw new EcsRefused(403, 3000, "The password of the user must be reset first");
    return route.operation({ ...call, params: route.params });
  }
}

/** Older releases know no such state. */
function needsNewPassword({ release, userMustResetPassword, passwordHasExpired }: EcsOptions): boolean {
  return release === "4.x" && (userMustResetPassword || passwordHasExpired);
}

const failureCodes = new Map<number, EcsErrorCode>([
  [401, 4000],
  [403, 3000],
  [404, 1019],
  [503, 6000],
]);

function s3Options({
  multiDelete,
  anonymousNamespace,
  existingOwnBucketStatus,
  s3MaxPage: maxPage,
}: EcsOptions): S3Options {
  const namespace = anonymousNamespace === "" ? undefined : anonymousNamespace;
  return { ...ecsS3Options, multiDelete, anonymousNamespace: namespace, existingOwnBucketStatus, maxPage };
}

/** What needs no token. */
const openOperations = new Map<string, Operation>([
  ["GET /login", logIn],
  ["GET /logout", logOut],
]);

/** The segments of a path, decoded one by one; `.json` at the end asks for JSON and is no part of the last one. */
function decodedSegments(path: string): string[] {
  const raw = path.replace(/\.json$/, "").replace(/^\//, "");
  try {
    return raw.split("/").map(decodeURIComponent);
  } catch {
    throw new EcsRefused(400, 1002, "The path is not percent-encoded UTF-8");
  }
}
