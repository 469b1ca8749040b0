import { createRequire } from "node:module";
import { type Client, credentials, type ServiceError } from "@grpc/grpc-js";
import type * as providerMessages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as statusMessages from "@pulumi/pulumi/proto/status_pb.js";

/** Resource properties as the engine sends them: plain JSON, with Pulumi's wrapper objects for secrets left as they are. */
export type Properties = Record<string, unknown>;

export interface CheckResult {
  inputs: Properties;
  failures: { property: string; reason: string }[];
}

export interface DiffResult {
  changes: "UNKNOWN" | "NONE" | "SOME";
  replaces: string[];
  deleteBeforeReplace: boolean;
}

export interface ReadResult {
  /** Empty: the object is gone. */
  id: string;
  properties: Properties;
  /** Undefined when the provider returned none. */
  inputs: Properties | undefined;
}

export interface InitFailure {
  id: string;
  properties: Properties;
  reasons: string[];
}

/** What the engine gets when a provider method throws. */
export class ProviderCallError extends Error {
  override readonly name = "ProviderCallError";
  readonly code: number;
  /** Present when the error says "created or updated, but not completely". */
  readonly initFailure: InitFailure | undefined;

  constructor(message: string, code: number, initFailure: InitFailure | undefined) {
    super(message);
    this.code = code;
    this.initFailure = initFailure;
  }
}

type Struct = NonNullable<ReturnType<providerMessages.DeleteRequest["getProperties"]>>;

const CHANGES = ["UNKNOWN", "NONE", "SOME"] as const;

interface Stubs {
  messages: typeof providerMessages;
  status: typeof statusMessages;
  Struct: { fromJavaScript(value: Properties): Struct };
  client: Client;
}

/** Speaks to a provider process through the stubs of one SDK. */
export class ProviderClient {
  readonly #stubs: Stubs;

  constructor(sdkFolder: string, address: string) {
    const load = createRequire(`${sdkFolder}/package.json`);
    const grpc = load("./proto/provider_grpc_pb.js") as typeof import("@pulumi/pulumi/proto/provider_grpc_pb.js");
    const struct = load("google-protobuf/google/protobuf/struct_pb.js") as Pick<Stubs, "Struct">;
    this.#stubs = {
      messages: load("./proto/provider_pb.js") as typeof providerMessages,
      status: load("./proto/status_pb.js") as typeof statusMessages,
      Struct: struct.Struct,
      client: new grpc.ResourceProviderClient(address, credentials.createInsecure(), {
        "grpc.max_receive_message_length": -1,
      }),
    };
  }

  async configure(config: Properties): Promise<void> {
    const request = new this.#stubs.messages.ConfigureRequest();
    request.setArgs(this.#struct(config)).setAcceptsecrets(true).setAcceptresources(true);
    await this.#call("configure", request);
  }

  async check(olds: Properties, news: Properties): Promise<CheckResult> {
    const request = new this.#stubs.messages.CheckRequest();
    request.setOlds(this.#struct(olds)).setNews(this.#struct(news));
    const response = await this.#call<providerMessages.CheckResponse>("check", request);
    const failures = response.getFailuresList().map((f) => ({ property: f.getProperty(), reason: f.getReason() }));
    return { inputs: plain(response.getInputs()), failures };
  }

  async diff(id: string, olds: Properties, news: Properties): Promise<DiffResult> {
    const request = new this.#stubs.messages.DiffRequest();
    request.setId(id).setOlds(this.#struct(olds)).setNews(this.#struct(news));
    const response = await this.#call<providerMessages.DiffResponse>("diff", request);
    const changes = CHANGES[response.getChanges()] ?? "UNKNOWN";
    return { changes, replaces: response.getReplacesList(), deleteBeforeReplace: response.getDeletebeforereplace() };
  }

  async create(properties: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new this.#stubs.messages.CreateRequest();
    request.setProperties(this.#struct(properties));
    const response = await this.#call<providerMessages.CreateResponse>("create", request);
    return { id: response.getId(), properties: plain(response.getProperties()) };
  }

  /** `properties` are the old outputs (refresh); with `inputs` alone it is what the engine sends for `.get`. */
  async read(id: string, properties?: Properties, inputs?: Properties): Promise<ReadResult> {
    const request = new this.#stubs.messages.ReadRequest();
    request.setId(id);
    if (properties !== undefined) request.setProperties(this.#struct(properties));
    if (inputs !== undefined) request.setInputs(this.#struct(inputs));
    const response = await this.#call<providerMessages.ReadResponse>("read", request);
    const liveInputs = response.hasInputs() ? plain(response.getInputs()) : undefined;
    return { id: response.getId(), properties: plain(response.getProperties()), inputs: liveInputs };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new this.#stubs.messages.UpdateRequest();
    request.setId(id).setOlds(this.#struct(olds)).setNews(this.#struct(news));
    return plain((await this.#call<providerMessages.UpdateResponse>("update", request)).getProperties());
  }

  async delete(id: string, properties: Properties): Promise<void> {
    const request = new this.#stubs.messages.DeleteRequest();
    request.setId(id).setProperties(this.#struct(properties));
    await this.#call("delete", request);
  }

  disconnect(): void {
    this.#stubs.client.close();
  }

  #struct(properties: Properties): Struct {
    return this.#stubs.Struct.fromJavaScript(properties);
  }

  #call<Response>(method: string, request: object): Promise<Response> {
    type Send = (request: object, done: (error: ServiceError | null, response: Response) => void) => void;
    const client = this.#stubs.client as unknown as Record<string, Send>;
    return new Promise((resolve, reject) => {
      client[method]?.(request, (error, response) => {
        if (error === null) resolve(response);
        else reject(new ProviderCallError(error.details, error.code, this.#initFailure(error)));
      });
    });
  }

  #initFailure(error: ServiceError): InitFailure | undefined {
    const [packed] = error.metadata.get("grpc-status-details-bin");
    if (!Buffer.isBuffer(packed)) return undefined;
    const { messages, status } = this.#stubs;
    for (const any of status.Status.deserializeBinary(packed).getDetailsList()) {
      const detail = any.unpack(
        messages.ErrorResourceInitFailed.deserializeBinary,
        "pulumirpc.ErrorResourceInitFailed",
      );
      if (detail === null) continue;
      return { id: detail.getId(), properties: plain(detail.getProperties()), reasons: detail.getReasonsList() };
    }
    return undefined;
  }
}

function plain(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}
