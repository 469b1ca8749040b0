/** A request as the lab's control API shows it. */
export interface LabRequestRecord {
  readonly system: string;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly status: number | string;
  readonly at: string;
  readonly headers: readonly string[];
  readonly body?: Readonly<Record<string, unknown>>;
  readonly destructive?: true;
}

export interface LabFault {
  readonly system: "cloudian" | "cloudian-s3" | "cloudian-cmc" | "ecs" | "ecs-s3" | "cloudstack";
  readonly kind:
    | "refuse"
    | "reset-before-read"
    | "reset-after-commit"
    | "reset-in-body"
    | "status"
    | "status-after-commit"
    | "html"
    | "redirect"
    | "expired"
    | "hang"
    | "truncate"
    | "wrong-length"
    | "delay";
  readonly method?: string;
  readonly path?: string;
  readonly command?: string;
  readonly times?: number;
  readonly after?: number;
  readonly status?: number;
  readonly retryAfter?: number;
  readonly retryAfterForm?: "seconds" | "date";
  readonly location?: string;
  readonly delayMs?: number;
}

export type ArmedLabFault = LabFault & { readonly matched: number; readonly fired: number };

type Documents = Record<string, Record<string, unknown>>;

/** The simulated HyperStore, as `GET /state` shows it. */
export interface CloudianLabState {
  readonly options: Record<string, unknown>;
  readonly groups: Documents;
  readonly users: Documents;
  readonly credentials: Documents;
  readonly limits: Record<string, Record<string, number>>;
  readonly buckets: Record<string, Record<string, unknown>[]>;
  readonly passwords: Record<string, string>;
  readonly storagePolicies: Record<string, string>;
  readonly s3Buckets: Documents;
}

/** The simulated ECS, as `GET /state` shows it. */
export interface EcsLabState {
  readonly options: Record<string, unknown>;
  readonly namespaces: Documents;
  readonly replicationGroups: Record<string, string>;
  readonly users: Record<string, EcsLabUser>;
  readonly buckets: Record<string, EcsLabBucket>;
  readonly sessions: {
    readonly live: number;
    readonly logins: number;
    readonly failures: number;
    readonly locked: boolean;
  };
}

/** An object user of the simulated ECS, with its two places for keys. */
export interface EcsLabUser {
  readonly created: string;
  readonly locked: boolean;
  readonly tags: Record<string, string>;
  readonly keys: readonly ({
    readonly secret: string;
    readonly created: string;
    readonly expires: string | null;
  } | null)[];
}

/** A bucket of the simulated ECS: its S3 side and what the management API keeps of it. */
export interface EcsLabBucket {
  readonly owner: string;
  readonly created: string;
  readonly versioning: "never" | "enabled" | "suspended";
  readonly policy: unknown;
  readonly cors: unknown;
  readonly tags: Record<string, string>;
  readonly objectLock: boolean;
  readonly readOnly: boolean;
  readonly counts: Record<"objects" | "versions" | "markers" | "uploads" | "bytes", number>;
  readonly objects: Record<string, { readonly versionId: string; readonly marker: boolean }[]>;
  readonly uploads: Record<string, { readonly key: string }>;
  readonly vpool: string;
  readonly encrypted: boolean;
  readonly blockSize: number;
  readonly notificationSize: number;
  readonly staleAllowed: boolean;
  readonly locked: boolean;
  readonly retention: number;
  readonly emptying: string | null;
}

/** The simulated CloudStack, as `GET /state` shows it; its other members are documents by id, too. */
export interface CloudStackLabState {
  readonly options: Record<string, unknown>;
  readonly imageStores: Record<string, CloudStackLabStore>;
  readonly jobs: Record<string, { readonly command: string; readonly status: number }>;
  readonly [section: string]: Record<string, unknown>;
}

/** Secondary storage, or a staging store; those that were deleted stay, as in the database. */
export interface CloudStackLabStore {
  readonly name: string;
  readonly url: string | null;
  readonly protocol: string;
  readonly provider: string;
  readonly role: "Image" | "ImageCache";
  readonly scope: "REGION" | "ZONE";
  readonly zoneId: string | null;
  readonly readOnly: boolean;
  readonly details: Record<string, string>;
  readonly removed: boolean;
}

/** Everything that a lab holds. */
export interface LabState {
  readonly cloudian: CloudianLabState;
  readonly ecs: EcsLabState;
  readonly cloudstack: CloudStackLabState;
}

/** Thin client of a lab's control API, for tests. */
export class LabControl {
  readonly #url: string;

  constructor(controlUrl: string) {
    this.#url = controlUrl;
  }

  async requests(system?: LabFault["system"]): Promise<LabRequestRecord[]> {
    const query = system === undefined ? "" : `?system=${system}`;
    return (await this.#call("GET", `/requests${query}`)) as LabRequestRecord[];
  }

  async clearRequests(): Promise<void> {
    await this.#call("DELETE", "/requests");
  }

  /** With its secrets: tests compare them. */
  async state(): Promise<LabState> {
    return (await this.#call("GET", "/state?secrets=true")) as LabState;
  }

  async patch(system: "cloudian" | "ecs" | "cloudstack", patch: object): Promise<void> {
    await this.#call("PATCH", `/state/${system}`, patch);
  }

  async fault(fault: LabFault): Promise<void> {
    await this.#call("POST", "/faults", fault);
  }

  async faults(): Promise<ArmedLabFault[]> {
    return (await this.#call("GET", "/faults")) as ArmedLabFault[];
  }

  async clearFaults(): Promise<void> {
    await this.#call("DELETE", "/faults");
  }

  async advance(seconds: number): Promise<void> {
    await this.#call("POST", "/clock", { advanceSeconds: seconds });
  }

  async reset(): Promise<void> {
    await this.#call("POST", "/reset");
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} of the lab's control API: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }
}

/** One line per request, such as `GET /user?groupId=g&userId=u`, with the query in the order of its names. */
export function calls(requests: readonly LabRequestRecord[]): string[] {
  return requests.map(({ method, path, query }) => {
    const pairs = Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1));
    const text = pairs.map(([name, value]) => `${name}=${value}`).join("&");
    return text === "" ? `${method} ${path}` : `${method} ${path}?${text}`;
  });
}

export interface AdminReply {
  readonly status: number;
  readonly text: string;
  readonly contentType: string | null;
  /** The parsed body, whatever its content type says. */
  json(): unknown;
}

/** Calls an Admin API as `curl` would, without any of the provider's code. */
export type AdminCall = (method: string, target: string, body?: object | string) => Promise<AdminReply>;

export function adminApi(endpoint: string, logIn = "sysadmin:public"): AdminCall {
  const authorization = `Basic ${Buffer.from(logIn).toString("base64")}`;
  return async (method, target, body) => {
    const response = await fetch(`${endpoint}${target}`, {
      method,
      headers: logIn === "" ? {} : { authorization },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      contentType: response.headers.get("content-type"),
      json: () => JSON.parse(text),
    };
  };
}
