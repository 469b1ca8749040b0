import { XMLParser, XMLValidator } from "fast-xml-parser";
import { isObject } from "./errors.ts";
import { S3Refused } from "./s3-error.ts";
import type { LabReply } from "./system.ts";

/** What an element holds: a text, elements by name (a list where a name repeats), or nothing. */
export type XmlContent = string | number | boolean | XmlElements;

export interface XmlElements {
  readonly [name: string]: XmlContent | readonly XmlContent[] | undefined;
}

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  // Numeric character references are decoded only with these.
  htmlEntities: true,
});

/** A document of the service; members that are undefined are left out. */
export function xmlReply(
  root: string,
  content: XmlContent,
  headers: Readonly<Record<string, string>> = {},
): LabReply & { body: string } {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${inner(content)}</${root}>`;
  return { status: 200, body, contentType: "application/xml", headers };
}

/** A document whose elements stand in the order given, whatever their names. */
export function element(name: string, content: XmlContent | readonly XmlContent[]): string {
  if (Array.isArray(content)) return content.map((item) => element(name, item)).join("");
  return `<${name}>${inner(content as XmlContent)}</${name}>`;
}

/** Already serialized elements as the content of a document. */
export function rawXmlReply(root: string, elements: string): LabReply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${elements}</${root}>`;
  return { status: 200, body, contentType: "application/xml" };
}

export function errorDocument(elements: XmlElements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("Error", elements)}`;
}

/** The content of the root element, which must have this name. */
export function parseXml(body: Buffer, root: string): XmlReader {
  const text = body.toString("utf8");
  // A document type could define entities that grow without end; no client of S3 sends one.
  if (text.includes("<!DOCTYPE") || XMLValidator.validate(text) !== true) throw malformed();
  let document: unknown;
  try {
    document = parser.parse(text);
  } catch {
    throw malformed();
  }
  if (!isObject(document) || !Object.hasOwn(document, root)) throw malformed();
  return new XmlReader(document[root]);
}

/** Reads one element of a request's body; whatever does not fit is refused as malformed. */
export class XmlReader {
  readonly #members: Record<string, unknown>;

  constructor(content: unknown) {
    if (!isObject(content) && !(typeof content === "string" && content.trim() === "")) throw malformed();
    this.#members = isObject(content) ? content : {};
  }

  optionalText(name: string): string | undefined {
    const texts = this.texts(name);
    if (texts.length > 1) throw malformed();
    return texts[0];
  }

  text(name: string): string {
    const text = this.optionalText(name);
    if (text === undefined) throw malformed();
    return text;
  }

  texts(name: string): string[] {
    return this.#all(name).map((item) => {
      if (typeof item !== "string") throw malformed();
      return item;
    });
  }

  elements(name: string): XmlReader[] {
    return this.#all(name).map((item) => new XmlReader(item));
  }

  #all(name: string): unknown[] {
    const value = Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
    if (value === undefined) return [];
    return Array.isArray(value) ? value : [value];
  }
}

export function malformed(): S3Refused {
  return new S3Refused("MalformedXML", "The XML you provided was not well-formed or did not validate.");
}

function inner(content: XmlContent): string {
  if (typeof content !== "object") return escaped(String(content));
  return Object.entries(content)
    .map(([name, value]) => (value === undefined ? "" : element(name, value)))
    .join("");
}

/** Characters that XML 1.0 cannot hold are written as references, as S3 does; a strict parser will object. */
function escaped(text: string): string {
  return text.replace(/[&<>"\p{Cc}]/gu, (character) => {
    const named = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[character];
    return named ?? `&#x${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()};`;
  });
}
