import type { Answer } from "./cloudstack-answer.ts";
import type { Call } from "./cloudstack-call.ts";
import type { ApiError } from "./cloudstack-error.ts";
import type { CloudStackOptions } from "./cloudstack-options.ts";
import { pageOf } from "./cloudstack-paging.ts";
import { javaEncoded } from "./cloudstack-signature.ts";
import { isObject } from "./errors.ts";
import type { LabReply } from "./system.ts";

/** How answers are written: as JSON only for those who ask for it. */
export interface Form {
  readonly json: boolean;
  readonly options: CloudStackOptions;
}

/** What stands inside the envelope. */
export function membersOf(call: Call, answer: Exclude<Answer, { kind: "job" }>): object {
  switch (answer.kind) {
    case "object":
      return { [answer.name]: answer.value };
    case "list": {
      if (answer.items.length === 0) return {};
      const page = pageOf(call, answer.items);
      const count = answer.items.length;
      return page.length === 0 ? { count } : { count, [answer.name]: page };
    }
    case "success": {
      const { success = true, displaytext } = answer;
      const flag = call.store.options.successAsText ? String(success) : success;
      return { success: flag, ...(displaytext === undefined ? {} : { displaytext }) };
    }
    case "raw":
      return answer.value;
  }
}

export function successReply(form: Form, key: string, members: object): LabReply {
  const value = form.options.encodeResponse ? encoded(members) : members;
  return form.options.emptyAnswers
    ? { status: 200, body: "", contentType: types.json }
    : written(form, 200, key, value);
}

export function failureReply(form: Form, key: string, { status, csErrorCode, message }: ApiError): LabReply {
  const codes = { errorcode: status, ...(csErrorCode === undefined ? {} : { cserrorcode: csErrorCode }) };
  const reply = written(form, status, key, { uuidList: [], ...codes, errortext: message });
  return { ...reply, headers: { "x-description": message.replaceAll(/[^\x20-\x7e]/g, "?") } };
}

const types = { json: "application/json; charset=UTF-8", xml: "text/xml; charset=UTF-8" };

function written({ json, options }: Form, status: number, key: string, value: unknown): LabReply {
  if (json) return { status, body: JSON.stringify({ [key]: value }), contentType: types.json };
  const open = `${key} cloud-stack-version="${options.release}"`;
  const body = `<?xml version="1.0" encoding="UTF-8"?><${open}>${xmlOf(value)}</${key}>`;
  return { status, body, contentType: types.xml };
}

function xmlOf(value: unknown): string {
  if (!isObject(value)) return String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const elements = Object.entries(value).flatMap(([name, member]) =>
    (Array.isArray(member) ? member : [member]).map((item) => `<${name}>${xmlOf(item)}</${name}>`),
  );
  return elements.join("");
}

function encoded(value: unknown): unknown {
  if (typeof value === "string") return javaEncoded(value);
  if (Array.isArray(value)) return value.map(encoded);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, encoded(member)]));
}
