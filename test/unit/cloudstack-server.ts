import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { CloudStackApi } from "../../provider/cloudstack/api.ts";

export interface Asked {
  readonly method: string;
  /** As it came, the query included. */
  readonly url: string;
  readonly body: string;
  /** Of query or form. */
  readonly params: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection ends without an answer. */
  readonly cut?: true;
}

/** A management server that answers as a test says, for what the lab, which follows the reference, never says. */
export interface CloudStackServer {
  endpoint: string;
  asked: Asked[];
  /** The next answers to each command; its last one goes on. */
  answers: Record<string, Reply[]>;
  /** Those to the question that every process asks once: whether values are URL-encoded. It is not among what was asked. */
  encoding: Reply[];
  /** Another provider process. */
  api(transport?: object): CloudStackApi;
  /** The commands that were asked, `listCapabilities` included. */
  commands(): string[];
}

const encodingSetting = "encode.api.response";

export const keys = { apiKey: "Test-Api_Key.001", secretKey: "Canary-Secret/Key+001" };

/** What is inside an envelope of this key. */
export function says(key: string, content: object, status = 200): Reply {
  return { status, body: JSON.stringify({ [key]: content }) };
}

export function fails(status: number, errortext: string, key = "somecommandresponse"): Reply {
  return says(key, { uuidList: [], errorcode: status, cserrorcode: 4350, errortext }, status);
}

export const capabilities = (cloudstackversion: string) =>
  says("listcapabilitiesresponse", { capability: { cloudstackversion } });

export function cloudStackServer(): CloudStackServer {
  const server = createServer((incoming, outgoing) => void serve(incoming, outgoing));
  const state: CloudStackServer = {
    endpoint: "",
    asked: [],
    answers: {},
    encoding: [],
    api: (transport = {}) =>
      new CloudStackApi({
        endpoint: state.endpoint,
        ...keys,
        aliases: [],
        tls: { insecure: false },
        transport: {
          requestTimeoutSeconds: 5,
          operationTimeoutSeconds: 10,
          maxConnections: 4,
          retryBudget: 100,
          ...transport,
        },
      }),
    commands: () => state.asked.map(({ params }) => params["command"] ?? ""),
  };
  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url = "" } = incoming;
    const body = Buffer.concat(chunks).toString();
    const carrier = body === "" ? (url.split("?")[1] ?? "") : body;
    const asked = { method, url, body, params: Object.fromEntries(new URLSearchParams(carrier)) };
    const isProbe = asked.params["name"] === encodingSetting;
    if (!isProbe) state.asked.push(asked);
    const given = isProbe ? state.encoding : (state.answers[asked.params["command"] ?? ""] ?? []);
    const { status = 200, body: text = "", headers, cut } = (given.length > 1 ? given.shift() : given[0]) ?? {};
    if (cut) incoming.socket.destroy();
    else outgoing.writeHead(status, { "content-type": "application/json; charset=UTF-8", ...headers }).end(text);
  };
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    state.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client/api`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    state.asked = [];
    state.answers = { listCapabilities: [capabilities("4.22.0.0")] };
    state.encoding = [says("listconfigurationsresponse", {})];
  });
  return state;
}

/** The error of some work, which has to fail. */
export async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("it was expected to fail, but it did not");
}
