import { isLoopback } from "./names.ts";

/** The proxy that requests to an endpoint go through, as `dispatcherFor` has it; undefined for none. */
export function proxyFor(endpoint: string): URL | undefined {
  const url = new URL(endpoint);
  if (isLoopback(endpoint) || isExempt(url)) return undefined;
  const plain = variable("http_proxy");
  const proxy = url.protocol === "https:" ? (variable("https_proxy") ?? plain) : plain;
  return proxy === undefined ? undefined : (URL.parse(proxy) ?? undefined);
}

/** What is wrong with a log-in of a proxy that cannot be decoded, as the end of a sentence. */
export const brokenLogIn = "has a % in its log-in that begins no escape; write it as %25";

/** The lower-case spelling goes before the other, even if it is empty. */
function variable(name: string): string | undefined {
  return (process.env[name] ?? process.env[name.toUpperCase()]) || undefined;
}

/** Entries of NO_PROXY are `host`, `.host`, `*.host` or `*`, with or without a port. */
function isExempt({ hostname, port, protocol }: URL): boolean {
  const host = withoutBrackets(hostname).replace(/(?<=.)\.$/, "");
  const own = Number(port) || (protocol === "https:" ? 443 : 80);
  return (variable("no_proxy") ?? "").split(/[,\s]+/).some((entry) => {
    const [, name = entry, only] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
    if (only !== undefined && Number(only) !== own) return false;
    const wanted = withoutBrackets(name.toLowerCase()).replace(/^\*?\.|(?<=.)\.$/g, "");
    return wanted === "*" || (!entry.startsWith("*") && host === wanted) || host.endsWith(`.${wanted}`);
  });
}

/** An IPv6 address as sockets take it. */
export function withoutBrackets(host: string): string {
  return host.replace(/^\[(.+)\]$/, "$1");
}
