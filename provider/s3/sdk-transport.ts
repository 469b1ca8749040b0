import { transportTo } from "../core/connections.ts";
import type { ConnectionSettings } from "../core/settings.ts";
import type { Attempt, Headers, Outgoing, Purpose, Transport } from "../core/transport.ts";

/** Travels through the SDK in the options of one attempt; what came of it is left here. */
export interface Exchange {
  readonly purpose: Purpose;
  readonly attempt: number;
  outcome?: Attempt;
}

/** Of the options of a request the SDK knows its own handlers' only, but hands on all of them. */
export interface SendOptions {
  readonly exchange: Exchange;
  readonly requestTimeout?: number;
}

/** A signed request, as the SDK hands it over. */
export interface SignedRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** Sends the SDK's requests through the transport of every other client: its deadline, limits, TLS and proxy rules. */
export class SdkTransport {
  readonly #transport: Transport;
  readonly #basePath: string;

  constructor(settings: ConnectionSettings, settingPrefix: string) {
    this.#transport = transportTo(settings, settingPrefix);
    this.#basePath = new URL(settings.endpoint).pathname.replace(/\/$/, "");
  }

  async send(request: SignedRequest, { exchange }: SendOptions): Promise<{ response: SdkResponse }> {
    const outcome = await this.#transport.attempt(exchange.purpose, this.#outgoing(request), exchange.attempt);
    exchange.outcome = outcome;
    // The SDK decorates what it is thrown, so the error itself stays with the exchange.
    if (!outcome.answer) throw new Error("no answer");
    const { status, headers, body } = outcome.answer;
    return { response: { statusCode: status, headers: flat(headers), body: Buffer.from(body) } };
  }

  #outgoing({ method, protocol, hostname, port, path, query, headers, body }: SignedRequest): Outgoing {
    return {
      method,
      path: path.slice(this.#basePath.length),
      query: encodedQuery(query ?? {}),
      headers,
      origin: `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`,
      ...(typeof body === "string" || body instanceof Uint8Array ? { body } : {}),
    };
  }
}

/** As the signature has it: RFC 3986, every name with its `=`. */
function encodedQuery(query: Readonly<Record<string, string | string[] | null>>): string {
  return Object.entries(query)
    .flatMap(([name, value]) => [value ?? ""].flat().map((each) => `${encoded(name)}=${encoded(each)}`))
    .join("&");
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function flat(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
  );
}
