import { lookup } from "node:dns/promises";
import { request } from "node:http";
import { request as requestTls } from "node:https";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { brokenLogIn } from "./proxy.ts";

/** What looks at a network get along with: a time for each step, and an end of them all. */
export interface Patience {
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/** A step failed; `code` as the operating system names it, `TIMEOUT` where nothing came in time. */
export interface ProbeFailure {
  readonly failure: string;
}

/** Whether a host is an IP address, without brackets, so that there is nothing to resolve. */
export function isAddress(host: string): boolean {
  return isIP(host) !== 0;
}

/** The addresses of a host name as this machine's resolver has them. */
export async function addressesOf(host: string, patience: Patience): Promise<readonly string[] | ProbeFailure> {
  const asked = lookup(host, { all: true }).then(
    (found) => found.map(({ address }) => address),
    (error: NodeJS.ErrnoException) => ({ failure: error.code ?? error.message }),
  );
  // A resolver cannot be interrupted.
  return await Promise.race([asked, timeOut(patience)]);
}

/** Opens a connection to a port and leaves it to the caller. */
export function openPort(host: string, port: number, patience: Patience): Promise<Socket | ProbeFailure> {
  return opened(() => connect({ host, port }), "connect", patience);
}

/** A connection to a target through a proxy, which the caller ends. */
export async function openTunnel(
  proxy: URL,
  target: string,
  { milliseconds, signal }: Patience,
): Promise<Socket | ProbeFailure> {
  const logIn = logInOf(proxy);
  if (logIn === undefined) return { failure: `the address of the proxy ${brokenLogIn}` };
  const headers = {
    host: target,
    ...(logIn === ":" ? {} : { "proxy-authorization": `Basic ${Buffer.from(logIn).toString("base64")}` }),
  };
  const asking = (proxy.protocol === "https:" ? requestTls : request)(proxy.origin, {
    method: "CONNECT",
    path: target,
    headers,
    agent: false,
    signal: AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]),
  });
  return await new Promise((resolve) => {
    asking.once("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket as Socket);
      socket.destroy();
      resolve({ failure: `the proxy answers ${statusCode}` });
    });
    asking.on("error", (error) => resolve({ failure: failureOf(error) }));
    asking.end();
  });
}

/** `name:password`, one `:` where there is none; undefined where it cannot be decoded. */
function logInOf({ username, password }: URL): string | undefined {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return undefined;
  }
}

/** Whether what listens at a port answers a request without TLS in the words of HTTP. */
export async function speaksPlainHttp(host: string, port: number, patience: Patience): Promise<boolean> {
  const socket = await openPort(host, port, patience);
  if ("failure" in socket) return false;
  const first = new Promise<string>((resolve) => {
    socket.once("data", (data) => resolve(data.toString("latin1")));
    socket.once("close", () => resolve(""));
    socket.write(`HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
  const said = await Promise.race([first, timeOut(patience)]);
  socket.destroy();
  return typeof said === "string" && said.startsWith("HTTP/");
}

/** Whether what listens at a port answers the beginning of a TLS handshake. */
export async function speaksTls(host: string, port: number, patience: Patience): Promise<boolean> {
  const socket = await opened(() => connectTls({ host, port, rejectUnauthorized: false }), "secureConnect", patience);
  if ("failure" in socket) return false;
  socket.destroy();
  return true;
}

/** The socket once it says that it is ready; it is destroyed where it does not. */
export async function opened<Connection extends Socket>(
  open: () => Connection,
  ready: "connect" | "secureConnect",
  patience: Patience,
): Promise<Connection | ProbeFailure> {
  const socket = open();
  const outcome = new Promise<Connection | ProbeFailure>((resolve) => {
    socket.once(ready, () => resolve(socket));
    socket.on("error", (error) => resolve({ failure: failureOf(error) }));
    socket.once("close", () => resolve({ failure: "CLOSED" }));
  });
  const result = await Promise.race([outcome, timeOut(patience)]);
  if ("failure" in result) socket.destroy();
  return result;
}

function failureOf(error: Error): string {
  if (error.name === "AbortError") return "TIMEOUT";
  return "code" in error && typeof error.code === "string" ? error.code : error.message;
}

function timeOut({ milliseconds, signal }: Patience): Promise<ProbeFailure> {
  return new Promise((resolve) => {
    const out = () => resolve({ failure: "TIMEOUT" });
    const timer = setTimeout(out, milliseconds);
    timer.unref();
    if (signal.aborted) out();
    signal.addEventListener("abort", out, { once: true });
  });
}
