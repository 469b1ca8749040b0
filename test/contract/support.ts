import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Lab, type LabAddresses, startLab } from "../../lab/index.ts";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";
import { calls, LabControl, type LabFault } from "../harness/lab.ts";
import type { InitFailure, Properties, ProviderCallError } from "../harness/provider-client.ts";
import type { Sdk } from "../harness/sdks.ts";

/** What the engine sends for a value that is not known before the update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Frozen: the state of every stack holds these bytes. */
export const GROUP_TEXT = `exports.handler=()=>{const p="pulumi-cloudstack-storage";try{return require(p+"/dynamic").provider("CloudianGroup",1)}catch(e){if(e.code!="MODULE_NOT_FOUND"||!e.message.includes(p+"/dynamic'"))throw e;e=Error(p+" is not installed in this folder: run npm ci, or npm install "+p);e.stack="";throw e}}`;
export const USER_TEXT = `exports.handler=()=>{const p="pulumi-cloudstack-storage";try{return require(p+"/dynamic").provider("CloudianUser",1)}catch(e){if(e.code!="MODULE_NOT_FOUND"||!e.message.includes(p+"/dynamic'"))throw e;e=Error(p+" is not installed in this folder: run npm ci, or npm install "+p);e.stack="";throw e}}`;

/** A value as the engine wraps a secret one. */
export function secret(value: unknown): Properties {
  return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** Inputs of a group as `check` returns them. */
export function group(groupId: string, more: Properties = {}): Properties {
  const switches = { onDestroy: "delete", forceDestroy: false, adopt: false };
  return { __provider: GROUP_TEXT, groupId, ...switches, ...more };
}

/** Inputs of a user as `check` returns them. */
export function user(groupId: string, userId: string, more: Properties = {}): Properties {
  const defaults = { userType: "User", keyGeneration: 1, previousKeys: "keep", onDestroy: "delete", adopt: false };
  return { __provider: USER_TEXT, groupId, userId, ...defaults, ...more };
}

/** A key pair in the lab, by its access key id, and the state of a user whose managed pair it is. */
export const PAIR = {
  accessKeyId: "00a1b2c3d4e5f6071829",
  secretAccessKey: "Zm9v+YmFy/cXV4MDEyMzQ1Njc4OWFiY2RlZmdoaW",
};

/** One lab, and the provider processes that speak to it. */
export class Stage {
  readonly sdk: Sdk;
  readonly control: LabControl;
  readonly #lab: Lab;
  readonly #servers = new Set<DynamicServer>();

  constructor(sdk: Sdk, lab: Lab) {
    this.sdk = sdk;
    this.#lab = lab;
    this.control = new LabControl(lab.addresses.control);
  }

  static async open(sdk: Sdk, options: { tls?: boolean } = {}): Promise<Stage> {
    return new Stage(sdk, await startLab({ portBase: 0, ...options }));
  }

  get addresses(): LabAddresses {
    return this.#lab.addresses;
  }

  get endpoint(): string {
    return this.#lab.addresses.cloudian.endpoint;
  }

  get caPem(): string | undefined {
    return this.#lab.addresses.cloudian.caPem;
  }

  /** The stack configuration of a user of this lab. */
  config(more: Record<string, unknown> = {}): Properties {
    const settings = {
      cloudianEndpoint: this.endpoint,
      cloudianUsername: "sysadmin",
      cloudianPassword: secret("public"),
      ...more,
    };
    return Object.fromEntries(Object.entries(settings).map(([key, value]) => [`cloudstack-storage:${key}`, value]));
  }

  /** A provider process: one phase of one command. */
  async serve(settings: Record<string, unknown> = {}, env: Record<string, string> = {}): Promise<DynamicServer> {
    return await this.serveWith(this.config(settings), env);
  }

  async serveWith(config: Properties, env: Record<string, string> = {}): Promise<DynamicServer> {
    const server = await startDynamicServer({ sdk: this.sdk, config, env });
    this.#servers.add(server);
    return server;
  }

  /** The requests that some work sends, one line each. */
  async callsOf(work: () => Promise<unknown>): Promise<string[]> {
    await this.control.clearRequests();
    await work();
    return calls(await this.control.requests("cloudian"));
  }

  /** Arms one fault of the Admin API. */
  async fault(fault: Omit<LabFault, "system">): Promise<void> {
    await this.control.fault({ system: "cloudian", ...fault });
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers].map((server) => server.close()));
    await this.#lab.close();
  }
}

/** What a call that must fail tells the engine. */
export async function failureOf(call: Promise<unknown>): Promise<ProviderCallError> {
  try {
    await call;
  } catch (error) {
    return error as ProviderCallError;
  }
  throw new Error("the call was expected to fail, but it did not");
}

/** What a call that must end in a partial failure hands over. */
export async function partialFailureOf(call: Promise<unknown>): Promise<InitFailure> {
  const failure = await failureOf(call);
  if (failure.initFailure === undefined) throw new Error(`no partial failure, but: ${failure.message}`);
  return failure.initFailure;
}

export interface Stub {
  readonly endpoint: string;
  /** Request lines as they came, such as `GET /group?groupId=g`. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** A server that answers as a test says; for answers that the lab, which follows the reference, never gives. */
export async function startStub(
  answer: (request: {
    method: string;
    url: string;
    authorization: string;
    headers: IncomingHttpHeaders;
    body: string;
  }) => {
    status: number;
    body?: string;
    headers?: Record<string, string>;
  },
): Promise<Stub> {
  const seen: string[] = [];
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url = "" } = incoming;
    seen.push(`${method} ${url}`);
    const authorization = incoming.headers.authorization ?? "";
    const {
      status,
      body = "",
      headers,
    } = answer({ method, url, authorization, headers: incoming.headers, body: Buffer.concat(chunks).toString() });
    outgoing.writeHead(status, headers).end(body);
  };
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}
