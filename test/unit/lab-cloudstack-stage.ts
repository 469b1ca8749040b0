import { createHmac } from "node:crypto";
import { afterAll, beforeEach, expect } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";

export type Params = Readonly<Record<string, string>>;

export interface ApiReply {
  readonly status: number;
  /** The one key of the envelope. */
  readonly key: string;
  /** What is inside. */
  readonly value: Record<string, unknown>;
  readonly text: string;
  readonly headers: Headers;
}

export interface Signer {
  readonly apiKey: string;
  readonly secretKey: string;
}

export interface ApiCall {
  /** A POST with version 3, an expiry in ten minutes and the keys of the administrator. */
  (command: string, params?: Params): Promise<ApiReply>;
  get(command: string, params?: Params): Promise<ApiReply>;
  /** As another user. */
  as(signer: Signer): (command: string, params?: Params) => Promise<ApiReply>;
  /** Sends these parameters and a signature over them, nothing else. */
  exactly(params: Params, signer?: Signer): Promise<ApiReply>;
}

/** A lab for the tests of one file, new before each of them. */
export async function openCloudStack(): Promise<{ lab: Lab; control: LabControl; api: ApiCall }> {
  const lab = await startLab({ portBase: 0 });
  const control = new LabControl(lab.addresses.control);
  beforeEach(() => control.reset());
  afterAll(() => lab.close());
  return { lab, control, api: apiCall(lab) };
}

function apiCall({ addresses: { cloudstack } }: Lab): ApiCall {
  const { endpoint } = cloudstack;
  const exactly = (params: Params, signer: Signer = cloudstack) => post(endpoint, signed(params, signer));
  const as =
    (signer: Signer) =>
    (command: string, params: Params = {}) =>
      exactly({ ...usual(command, signer.apiKey), ...params }, signer);
  const get = async (command: string, params: Params = {}) => {
    const query = signed({ ...usual(command, cloudstack.apiKey), ...params }, cloudstack);
    return replyOf(await fetch(`${endpoint}?${new URLSearchParams(query)}`));
  };
  return Object.assign(as(cloudstack), { get, as, exactly });
}

function usual(command: string, apikey: string): Params {
  return { command, response: "json", apikey, signatureversion: "3", expires: expiry(600) };
}

/** So many seconds from now, in the form that all servers take. */
export function expiry(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z/, "+0000");
}

export async function post(endpoint: string, params: Params, headers: Params = {}): Promise<ApiReply> {
  return replyOf(await fetch(endpoint, { method: "POST", body: new URLSearchParams(params), headers }));
}

export function signed(params: Params, { secretKey }: Signer): Params {
  const names = Object.keys(params).sort();
  const text = names.map((name) => `${name}=${percentEncoded(params[name] ?? "")}`).join("&");
  return { ...params, signature: createHmac("sha1", secretKey).update(text.toLowerCase()).digest("base64") };
}

/** Byte by byte, so that it owes nothing to a library's idea of what stays. */
function percentEncoded(text: string): string {
  const encode = (byte: number) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9.*_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
  };
  return [...Buffer.from(text)].map(encode).join("");
}

async function replyOf(response: Response): Promise<ApiReply> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") && text !== "";
  const [[key, value] = ["", {}]] = Object.entries(
    (isJson ? JSON.parse(text) : {}) as Record<string, ApiReply["value"]>,
  );
  return { status: response.status, key, value, text, headers: response.headers };
}

/** The parameters of a `details` map. */
export function details(map: Params): Params {
  const pairs = Object.entries(map).flatMap(([key, value], index) => [
    [`details[${index}].key`, key],
    [`details[${index}].value`, value],
  ]);
  return Object.fromEntries(pairs);
}

/** The store that an answer shows, under either of its names. */
export function storeOf({ value }: ApiReply): Record<string, unknown> {
  return (value["imagestore"] ?? value["secondarystorage"] ?? {}) as Record<string, unknown>;
}

export function idOf(reply: ApiReply): string {
  return String(storeOf(reply)["id"]);
}

/** Matches an error of this status whose text has this in it. */
export function refusal(text: string | RegExp, status = 431): object {
  return { status, value: { errorcode: status, errortext: expect.stringMatching(text) } };
}
