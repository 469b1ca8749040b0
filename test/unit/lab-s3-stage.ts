import { S3Client, type S3ClientConfig, S3ServiceException } from "@aws-sdk/client-s3";
import { afterAll, beforeEach } from "vitest";
import { LabClock } from "../../lab/clock.ts";
import { Faults } from "../../lab/faults.ts";
import { Recorder } from "../../lab/recorder.ts";
import { S3Service } from "../../lab/s3.ts";
import { cloudianS3Options, ecsS3Options, type S3Options } from "../../lab/s3-options.ts";
import { type S3Directory, type S3Identity, S3Store } from "../../lab/s3-store.ts";
import { Listener } from "../../lab/server.ts";

/** The keys of two users in one namespace, and of one in another. */
export const secrets = { alice: "alice/secret+1", bob: "bob-secret", carol: "carol-secret" } as const;

export type User = keyof typeof secrets;

/** One S3 service on a socket, new before each test. */
export class S3Stage {
  readonly clock = new LabClock();
  readonly recorder = new Recorder();
  readonly store = new S3Store();
  /** Changes to what the directory says. */
  hooks: Partial<S3Directory> = {};
  options: S3Options;
  endpoint = "";
  readonly #initial: S3Options;
  readonly #listener: Listener;
  readonly #clients: S3Client[] = [];

  constructor(name: "ecs-s3" | "cloudian-s3") {
    this.#initial = name === "ecs-s3" ? ecsS3Options : cloudianS3Options;
    this.options = this.#initial;
    const stage = this;
    const service = new S3Service(name, {
      store: this.store,
      clock: this.clock,
      get directory(): S3Directory {
        return { identity, knowsPrincipal: (_, principal) => principal in secrets, ...stage.hooks };
      },
      options: () => this.options,
      certificate: () => "ca",
    });
    this.#listener = new Listener(service, { clock: this.clock, recorder: this.recorder, faults: new Faults() });
  }

  async open(): Promise<void> {
    this.endpoint = await this.#listener.open(0);
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.#listener.close();
  }

  reset(): void {
    this.store.clear();
    this.clock.reset();
    this.recorder.clear();
    this.hooks = {};
    this.options = this.#initial;
  }

  /** A client of a user; the SDK's own defaults apply, but for one attempt and the path style. */
  client(user: User, config: S3ClientConfig = {}): S3Client {
    const client = new S3Client({
      endpoint: this.endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: { accessKeyId: user, secretAccessKey: secrets[user] },
      ...config,
    });
    this.#clients.push(client);
    return client;
  }

  /** An unsigned request that names the namespace. */
  anonymous(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.endpoint}${path}`, { ...init, headers: { "x-emc-namespace": "ns1", ...init.headers } });
  }
}

export function openS3(name: "ecs-s3" | "cloudian-s3" = "ecs-s3"): S3Stage {
  const stage = new S3Stage(name);
  const opened = stage.open();
  beforeEach(async () => {
    await opened;
    stage.reset();
  });
  afterAll(() => stage.close());
  return stage;
}

/** The code and status with which a call was refused. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof S3ServiceException) return `${error.$metadata.httpStatusCode} ${error.name}`;
    throw error;
  }
  return "not refused";
}

function identity(accessKeyId: string): S3Identity | undefined {
  const user = (Object.keys(secrets) as User[]).find((name) => name === accessKeyId);
  if (user === undefined) return undefined;
  const namespace = user === "carol" ? "ns2" : "ns1";
  return { accessKeyId, owner: user, displayName: user, namespace, secrets: [secrets[user]] };
}
