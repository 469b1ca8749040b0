import { invalid } from "./cloudstack-error.ts";
import { decodeQuery } from "./query.ts";
import type { LabRequest } from "./system.ts";

/** The parameters of a form body; undefined if there is none, or none that can be read. JSON is not understood. */
export function formOf({ body, headers, method }: LabRequest): ReadonlyMap<string, string> | undefined {
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (method !== "POST" || type !== "application/x-www-form-urlencoded") return undefined;
  return decodeQuery(body.toString("utf8"));
}

/** The parameters of query and form body; the query wins. */
export function paramsOf(request: LabRequest): ReadonlyMap<string, string> {
  return new Map([...(formOf(request) ?? []), ...(request.query ?? [])]);
}

/** Those that belong to the log-in are found without regard to case. */
export function authParam(params: ReadonlyMap<string, string>, name: string): string | undefined {
  for (const [candidate, value] of params) if (candidate.toLowerCase() === name) return value;
  return undefined;
}

/** Refuses what the server does not take in any value: control characters other than line ends. */
export function assertPrintable(params: ReadonlyMap<string, string>): void {
  for (const [name, value] of params) {
    if ([...value].some(isControl)) {
      throw invalid(`Received value ${name} is invalid, contains illegal ASCII non-printable characters`);
    }
  }
}

function isControl(character: string): boolean {
  return (character < " " && character !== "\n" && character !== "\r") || character === "\u007f";
}
