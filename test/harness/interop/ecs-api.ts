import { request } from "node:https";

interface EcsAddress {
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
  readonly caPem: string;
}

/** Calls ECS' management API without any of the provider's code; throws where the answer is no success. */
export type EcsCall = (method: string, path: string, body?: object) => Promise<unknown>;

/** Logs in, and calls with the token that came. */
export async function ecsApi({ endpoint, username, password, caPem }: EcsAddress): Promise<EcsCall> {
  const send = (method: string, path: string, headers: Record<string, string>, body?: object) =>
    new Promise<{ status: number; token: string; text: string }>((resolve, reject) => {
      const json = { accept: "application/json", "content-type": "application/json" };
      const call = request(`${endpoint}${path}`, { method, ca: caPem, headers: { ...json, ...headers } }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        const { statusCode: status = 0, headers: answered } = answer;
        answer.on("end", () => resolve({ status, token: String(answered["x-sds-auth-token"] ?? ""), text }));
      });
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  const { token, status } = await send("GET", "/login", { authorization: `Basic ${basic}` });
  if (token === "") throw new Error(`GET /login of ECS: ${status} without a token`);
  return async (method, path, body) => {
    const answer = await send(method, path, { "x-sds-auth-token": token }, body);
    if (answer.status >= 300) throw new Error(`${method} ${path} of ECS: ${answer.status} ${answer.text}`);
    return answer.text === "" ? undefined : JSON.parse(answer.text);
  };
}
