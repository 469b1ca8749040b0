import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type IncomingMessage, request as plain } from "node:http";
import { request as secure } from "node:https";
import { text } from "node:stream/consumers";

/** What a `curl` command asks for, as far as examples need it. */
export interface CurlRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** A file. */
  readonly ca?: string;
  /** Print the headers of the answer; leave out its body. */
  readonly showsHeaders: boolean;
  readonly hidesBody: boolean;
}

export interface CurlAnswer {
  readonly status: number;
  /** Lines such as `Date: …`. */
  readonly headers: string;
  readonly body: string;
}

const valued = new Set(["-X", "-d", "-u", "-su", "-H", "-o", "-D", "--cacert"]);

/** Reads the words behind `curl`; a text says what is not understood. */
export function curlRequest(words: readonly string[]): CurlRequest | string {
  const given = new Map<string, string[]>();
  let url: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (valued.has(word)) {
      at += 1;
      given.set(word, [...(given.get(word) ?? []), words[at] ?? ""]);
    } else if (/^https?:\/\/127\.0\.0\.1:/.test(word)) url = word;
    else if (word !== "-s") return `the check does not know ${word}`;
  }
  if (url === undefined) return "no address of the lab";
  const first = (...flags: string[]) => flags.flatMap((flag) => given.get(flag) ?? [])[0];
  const [body, user, ca] = [first("-d"), first("-u", "-su"), first("--cacert")];
  const logIn = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString("base64")}` };
  const headers = (given.get("-H") ?? []).map((line) => line.split(/:\s*/, 2) as [string, string]);
  return {
    url,
    method: first("-X") ?? (body === undefined ? "GET" : "POST"),
    headers: { ...logIn, ...Object.fromEntries(headers) },
    ...(body === undefined ? {} : { body }),
    ...(ca === undefined ? {} : { ca }),
    showsHeaders: first("-D") === "-",
    hidesBody: first("-o") === "/dev/null",
  };
}

/** Sends what `curl` would send. */
export async function answerTo({ url, method, headers, body, ca }: CurlRequest): Promise<CurlAnswer> {
  const options = { method, headers, ...(ca === undefined ? {} : { ca: readFileSync(ca) }) };
  const outgoing = (url.startsWith("https:") ? secure : plain)(url, options);
  outgoing.end(body);
  const [answer] = (await once(outgoing, "response")) as [IncomingMessage];
  const pairs = answer.rawHeaders.filter((_, index) => index % 2 === 0);
  const lines = pairs.map((name, index) => `${name}: ${answer.rawHeaders[2 * index + 1]}\r\n`);
  return { status: answer.statusCode ?? 0, headers: lines.join(""), body: await text(answer) };
}

/** In place of `curl`, which not every machine has, for blocks that a shell runs; a refused request ends with 22. */
export const curlFile = import.meta.filename;

if (import.meta.main) {
  const request = curlRequest(process.argv.slice(2));
  if (typeof request === "string") throw new Error(request);
  const { status, headers, body } = await answerTo(request);
  process.stdout.write(`${request.showsHeaders ? headers : ""}${request.hidesBody ? "" : body}`);
  process.exitCode = status < 400 ? 0 : 22;
}
