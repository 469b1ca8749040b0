import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { afterAll, beforeEach } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";

export interface EcsReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  json(): unknown;
}

export interface EcsCall {
  /** JSON both ways with a token of the stage, which is new after each reset. */
  (method: string, target: string, body?: object | string): Promise<EcsReply>;
  /** Nothing but what is given. */
  bare(method: string, target: string, headers?: Record<string, string>, body?: string): Promise<EcsReply>;
  logIn(password?: string, user?: string): Promise<EcsReply>;
}

/** A lab for the tests of one file, new before each of them. */
export async function openEcs(): Promise<{ lab: Lab; control: LabControl; call: EcsCall }> {
  const lab = await startLab({ portBase: 0 });
  const control = new LabControl(lab.addresses.control);
  beforeEach(() => control.reset());
  afterAll(() => lab.close());
  return { lab, control, call: ecsCall(lab) };
}

function ecsCall({ addresses: { ecs } }: Lab): EcsCall {
  let token = "";
  const bare: EcsCall["bare"] = (method, target, headers = {}, body = "") =>
    new Promise((resolve, reject) => {
      const length = body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) };
      const options = { method, headers: { ...headers, ...length }, ca: ecs.caPem, agent: false };
      const outgoing = request(`${ecs.endpoint}${target}`, options, (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: reply.statusCode ?? 0, headers: reply.headers, text, json: () => JSON.parse(text) });
        });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  const logIn: EcsCall["logIn"] = (password = ecs.password, user = ecs.username) =>
    bare("GET", "/login", { authorization: basic(user, password), accept: "application/json" });
  const call = async (method: string, target: string, body?: object | string): Promise<EcsReply> => {
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const type = text === undefined ? {} : { "content-type": "application/json" };
    const send = () => bare(method, target, { "x-sds-auth-token": token, accept: "application/json", ...type }, text);
    if (token !== "") {
      const reply = await send();
      if (reply.status !== 401) return reply;
    }
    token = tokenOf(await logIn());
    return send();
  };
  return Object.assign(call, { bare, logIn });
}

export function tokenOf(reply: EcsReply): string {
  const token = reply.headers["x-sds-auth-token"];
  return typeof token === "string" ? token : "";
}

export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}
