import { bucketNode } from "./bucket-tree.ts";
import type { LabClock } from "./clock.ts";
import { bucketList, bucketsOf, bucketUsage, readStoragePolicy } from "./cloudian-buckets.ts";
import type { Operation } from "./cloudian-call.ts";
import { CloudianCmc } from "./cloudian-cmc.ts";
import {
  createCredential,
  deleteCredential,
  importCredential,
  listActiveCredentials,
  listCredentials,
  readCredential,
  setCredentialStatus,
} from "./cloudian-credentials.ts";
import { CloudianDirectory } from "./cloudian-directory.ts";
import { Refused } from "./cloudian-documents.ts";
import { createGroup, deleteGroup, listGroups, readGroup, updateGroup } from "./cloudian-groups.ts";
import { deleteLimits, readLimits, setLimits } from "./cloudian-limits.ts";
import { patchedStore } from "./cloudian-patch.ts";
import { type CloudianStore, newStore } from "./cloudian-store.ts";
import { byteCount, usageReport } from "./cloudian-usage.ts";
import { createUser, deleteUser, listUsers, readUser, setPassword, updateUser } from "./cloudian-users.ts";
import { secretMask } from "./query.ts";
import { S3Service } from "./s3.ts";
import { cloudianS3Options } from "./s3-options.ts";
import { S3Store } from "./s3-store.ts";
import {
  type CertificateName,
  type LabReply,
  type LabRequest,
  notImplemented,
  type SimulatedSystem,
  type StatefulSystem,
} from "./system.ts";

type Method = "GET" | "PUT" | "POST" | "DELETE";

const routes = new Map<string, Partial<Record<Method, Operation>>>([
  ["/group", { GET: readGroup, PUT: createGroup, POST: updateGroup, DELETE: deleteGroup }],
  ["/group/list", { GET: listGroups }],
  ["/user", { GET: readUser, PUT: createUser, POST: updateUser, DELETE: deleteUser }],
  ["/user/list", { GET: listUsers }],
  ["/user/password", { POST: setPassword }],
  [
    "/user/credentials",
    { GET: readCredential, PUT: createCredential, POST: importCredential, DELETE: deleteCredential },
  ],
  ["/user/credentials/list", { GET: listCredentials }],
  ["/user/credentials/list/active", { GET: listActiveCredentials }],
  ["/user/credentials/status", { POST: setCredentialStatus }],
  ["/qos/limits", { GET: readLimits, POST: setLimits, DELETE: deleteLimits }],
  ["/system/bucketusage", { GET: bucketUsage }],
  ["/system/bucketlist", { GET: bucketList }],
  ["/system/bytecount", { GET: byteCount }],
  ["/usage", { GET: usageReport }],
  [
    "/system/version",
    { GET: ({ store }) => ({ status: 200, body: store.options.version, contentType: "text/plain" }) },
  ],
  ["/bppolicy", { GET: readStoragePolicy }],
]);

/** The resources of the real API. What lies below them and is not in the routes may exist there, but not here. */
const knownRoots = new Set(
  "billing bppolicy bucketops group monitor qos ratingPlan system tiering usage user whitelist".split(" "),
);

/** The Admin API of a Cloudian HyperStore. */
export class Cloudian implements SimulatedSystem, StatefulSystem {
  readonly name = "cloudian";
  /** The S3 service of the same system. */
  readonly s3: S3Service;
  /** Its management console. */
  readonly cmc: CloudianCmc;
  readonly #clock: LabClock;
  readonly #buckets = new S3Store();
  #store: CloudianStore = newStore(this.#buckets);

  constructor(clock: LabClock) {
    this.#clock = clock;
    const directory = () => new CloudianDirectory(this.#store, clock);
    this.s3 = new S3Service("cloudian-s3", {
      store: this.#buckets,
      get directory() {
        return directory();
      },
      clock,
      options: () => ({ ...cloudianS3Options, maxPage: this.#store.options.s3MaxPage }),
      certificate: () => this.certificate(),
    });
    this.cmc = new CloudianCmc({ store: () => this.#store, clock, certificate: () => this.certificate() });
  }

  handle(request: LabRequest): LabReply {
    if (!this.#authenticated(request)) return { status: 401, body: "" };
    const operations = routes.get(request.path);
    if (operations === undefined) return this.#unknownPath(request);
    const operation = Object.hasOwn(operations, request.method) ? operations[request.method as Method] : undefined;
    if (operation === undefined) return this.errorReply(405);
    try {
      if (request.query === undefined) throw new Refused(400, "the query is not percent-encoded UTF-8");
      return operation({ store: this.#store, clock: this.#clock, request, query: request.query });
    } catch (error) {
      if (error instanceof Refused) return this.errorReply(error.status, error.message);
      throw error;
    }
  }

  errorReply(status: number, reason = "the request failed"): LabReply {
    if (status === 401 || this.#store.options.errorBody === "empty") return { status, body: "" };
    const text = reason.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
    const body = `<html><head><title>Error ${status}</title></head><body><h2>HTTP ERROR ${status}</h2><p>Reason: ${text}</p></body></html>\n`;
    return { status, body, contentType: "text/html;charset=utf-8" };
  }

  /** A password that was changed meanwhile. */
  expired(): LabReply {
    return this.errorReply(401);
  }

  certificate(): CertificateName {
    return this.#store.options.certificate;
  }

  tree({ secrets }: { secrets: boolean }): Record<string, unknown> {
    const { options, groups, users, credentials, limits, passwords, storagePolicies, cmcSessions, s3 } = this.#store;
    const sessions = Map.groupBy(cmcSessions.values(), (key) => key);
    const owned = [...users].map(([key, user]) => [key, bucketsOf(s3, user)] as const);
    const hidden = (secret: string): string => (secrets ? secret : secretMask);
    return {
      options: { ...options, password: hidden(options.password), ssoKey: hidden(options.ssoKey) },
      groups: Object.fromEntries(groups),
      users: Object.fromEntries(users),
      credentials: Object.fromEntries(
        [...credentials].map(([key, credential]) => [key, { ...credential, secretKey: hidden(credential.secretKey) }]),
      ),
      limits: Object.fromEntries(limits),
      buckets: Object.fromEntries(owned.filter(([, buckets]) => buckets.length > 0)),
      passwords: Object.fromEntries([...passwords].map(([key, password]) => [key, hidden(password)])),
      storagePolicies: Object.fromEntries(storagePolicies),
      cmcSessions: Object.fromEntries([...sessions].map(([key, { length }]) => [key, length])),
      s3Buckets: Object.fromEntries(s3.buckets().map((bucket) => [bucket.name, bucketNode(bucket)])),
    };
  }

  patch(patch: Record<string, unknown>): void {
    const patched = patchedStore(this.#store, patch, this.#clock);
    this.#buckets.become(patched.s3);
    this.#store = { ...patched, s3: this.#buckets };
  }

  reset(): void {
    this.#buckets.clear();
    this.#store = newStore(this.#buckets);
  }

  #authenticated({ headers }: LabRequest): boolean {
    const { authentication, username, password } = this.#store.options;
    if (!authentication) return true;
    return headers.authorization === `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  }

  #unknownPath(request: LabRequest): LabReply {
    const root = request.path.split("/")[1] ?? "";
    return knownRoots.has(root) ? notImplemented(this.name, request) : this.errorReply(404, "there is no such path");
  }
}
