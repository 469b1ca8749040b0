import { request as overHttp } from "node:http";
import { request as overHttps } from "node:https";

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A private authority beside the usual ones. */
  readonly ca?: string;
}

/** One request, without any of the provider's code; a second look at a system is worth little through the same eyes. */
export function send(method: string, url: string, { headers = {}, body, ca }: Sent = {}): Promise<Reply> {
  const start = url.startsWith("https:") ? overHttps : overHttp;
  return new Promise((resolve, reject) => {
    const call = start(url, { method, headers, timeout: 60_000, ...(ca === undefined ? {} : { ca }) }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      answer.on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
    });
    call.on("timeout", () => call.destroy(new Error(`${method} ${new URL(url).origin}: no answer in a minute`)));
    call.on("error", reject);
    call.end(body);
  });
}

/** The parsed body of a success; undefined where it is empty. What was asked is told without its query. */
export async function document(method: string, url: string, sent: Sent = {}): Promise<unknown> {
  const { status, text } = await send(method, url, sent);
  if (status >= 300) throw new Error(`${method} ${url.replace(/\?.*/, "")}: ${status}`);
  return text.trim() === "" ? undefined : JSON.parse(text);
}
