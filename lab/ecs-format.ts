import type { IncomingHttpHeaders } from "node:http";
import { XMLBuilder, XMLParser, XMLValidator } from "fast-xml-parser";
import { EcsRefused } from "./ecs-error.ts";
import { isObject } from "./errors.ts";
import type { LabReply } from "./system.ts";

export type Format = "json" | "xml";

/** Lists that XML wraps in an element of their own; all others are repeated elements. */
const wrapped: Record<string, string> = { TagSet: "Tag", tags: "tag" };

const parser = new XMLParser({ parseTagValue: false, removeNSPrefix: true, ignoreAttributes: true });
const builder = new XMLBuilder({});

/** JSON by the `Accept` header or the `.json` at the end of the path, XML else. */
export function wantedFormat(headers: IncomingHttpHeaders, path: string): Format {
  if (path.endsWith(".json")) return "json";
  const json = (headers.accept ?? "").indexOf("application/json");
  const xml = (headers.accept ?? "").indexOf("xml");
  return json >= 0 && (xml < 0 || json < xml) ? "json" : "xml";
}

/**
 * A document as the client wants it: bare in JSON, below its root in XML.
 * @param xml - the members in XML, where they differ
 */
export function documentReply(
  format: Format,
  status: number,
  root: string,
  members: Record<string, unknown>,
  xml: Record<string, unknown> = members,
): LabReply {
  if (format === "json") return { status, body: JSON.stringify(members), contentType: "application/json" };
  const body = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${builder.build({ [root]: xmlForm(xml) })}`;
  return { status, body, contentType: "application/xml" };
}

function xmlForm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(xmlForm);
  if (!isObject(value)) return String(value);
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return Object.fromEntries(
    members.map(([name, member]) => {
      const item = Array.isArray(member) ? wrapped[name] : undefined;
      return [name, item === undefined ? xmlForm(member) : { [item]: xmlForm(member) }];
    }),
  );
}

/**
 * The members of a request body; none where there is no body.
 * @param root - the name of the XML root; undefined: any
 * @param wrappedInput - whether JSON may be wrapped in that name
 */
export function parseBody(
  body: Buffer,
  headers: IncomingHttpHeaders,
  root: string | undefined,
  wrappedInput: boolean,
): Record<string, unknown> {
  if (body.length === 0) return {};
  const type = headers["content-type"] ?? "";
  if (type.includes("json")) {
    const members = jsonMembers(body);
    const inner = wrappedInput && root !== undefined ? members[root] : undefined;
    return isObject(inner) ? inner : members;
  }
  if (type.includes("xml")) return xmlMembers(body, root);
  throw new EcsRefused(415, 1003, `Media type ${type === "" ? "is missing" : "is not supported"}`);
}

/** A JSON text in place of an object is no error: clients send the text `{}` where they have nothing to say. */
function jsonMembers(body: Buffer): Record<string, unknown> {
  const value = parsedJson(body);
  if (typeof value === "string") return {};
  if (!isObject(value)) throw new EcsRefused(400, 1013, "The body is not a JSON object");
  return value;
}

export function parsedJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new EcsRefused(400, 1013, "The body is not JSON");
  }
}

function xmlMembers(body: Buffer, root: string | undefined): Record<string, unknown> {
  const text = body.toString("utf8");
  if (XMLValidator.validate(text) !== true) throw new EcsRefused(400, 1013, "The body is not well-formed XML");
  const document: unknown = parser.parse(text);
  const roots = isObject(document) ? Object.entries(document).filter(([name]) => !name.startsWith("?")) : [];
  const [name, members] = roots[0] ?? [];
  if (root !== undefined && name !== root) throw new EcsRefused(400, 1013, `The root element is not ${root}`);
  return isObject(members) ? members : {};
}
