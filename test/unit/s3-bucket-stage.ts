import { beforeEach, vi } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { bucketHandler } from "../../provider/s3/bucket.handler.ts";
import { type Reply, refusal, s3Service } from "./s3-service.ts";

type Properties = Record<string, unknown>;

/** The kind as the provider process has it, and a service that says what a test tells it to say. */
export function bucketStage() {
  const service = s3Service();
  const stage = {
    service,
    kind: open(),
    /** What the process has printed, warnings and news. */
    told: [] as string[],
    id: () => `box@${service.endpoint.replace("http://", "")}`,
    /** As `check` returns them, and the engine hands them on. */
    inputs: (more: Properties = {}): Properties => ({
      endpoint: service.endpoint,
      accessKeyId: "AKLITERAL",
      secretAccessKey: "Canary-s3-secret",
      region: "us-east-1",
      pathStyle: true,
      bucketName: "box",
      forceDestroy: false,
      adopt: false,
      __provider: "text",
      ...more,
    }),
    recorded: (more: Properties = {}) => stage.inputs({ systemEndpoint: service.endpoint, ...more }),
    /** The whole message, the address of the service replaced. */
    messageOf: (work: Promise<unknown>) =>
      work.then(
        () => "no error",
        ({ message }: Error) => message.replaceAll(service.endpoint, "ENDPOINT").replaceAll(stage.id(), "ID"),
      ),
  };
  beforeEach(() => {
    stage.kind = open();
    stage.told = [];
    vi.spyOn(console, "error").mockImplementation((text) => stage.told.push(String(text)));
  });
  return stage;
}

function open(): Lifecycle {
  const kind = new Lifecycle(anyHandler(bucketHandler), new Ledger());
  kind.configure({ config: { get: () => undefined } } as never);
  return kind;
}

/** A list of buckets with this one, made in the second in which the service answers. */
export function listWith(name: string): Reply {
  return {
    status: 200,
    headers: { date: "Mon, 01 Jan 2024 00:00:10 GMT" },
    body: `<ListAllMyBucketsResult><Buckets><Bucket><Name>${name}</Name><CreationDate>2024-01-01T00:00:10.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>`,
  };
}

export const noObjectLock = refusal(404, "ObjectLockConfigurationNotFoundError");
