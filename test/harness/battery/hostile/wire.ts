/** One request, read from its bytes by the rules of RFC 9112 alone. */
export interface WireRequest {
  readonly method: string;
  /** As sent. */
  readonly target: string;
  readonly path: string;
  readonly parameters: readonly (readonly [string, string])[];
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const requestLine = /^(GET|PUT|POST|DELETE|HEAD) (\/[!-~]*) HTTP\/1\.1$/;
const headerLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t -~]*)$/;

/** Every request of a connection; throws where the bytes are no row of requests. */
export function requestsIn(bytes: Buffer): WireRequest[] {
  const requests: WireRequest[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf("\r\n\r\n", at);
    if (end < 0) throw new Error("A request has no end of its headers.");
    const [line = "", ...lines] = bytes.subarray(at, end).toString("latin1").split("\r\n");
    const [, method = "", target = ""] = requestLine.exec(line) ?? fail(`no request line: ${line}`);
    const headers = lines.map((text) => {
      const [, name = "", value = ""] = headerLine.exec(text) ?? fail(`no header: ${text}`);
      return [name.toLowerCase(), value] as const;
    });
    const length = Number(headers.find(([name]) => name === "content-length")?.[1] ?? 0);
    const body = bytes.subarray(end + 4, end + 4 + length);
    if (body.length < length) throw new Error("A request is shorter than it says.");
    const [path = "", query = ""] = splitOnce(target, "?");
    requests.push({
      method,
      target,
      path: decoded(path),
      parameters: pairsIn(query),
      headers,
      body: body.toString("utf8"),
    });
    at = end + 4 + length;
  }
  return requests;
}

/** Every text that a request carries, whatever carries it; names that only a document has are told apart. */
export function textsOf(request: WireRequest): { texts: string[]; names: string[] } {
  const { path, parameters, headers, body } = request;
  const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
  const inBody = body === "" ? { texts: [], names: [] } : bodyOf(body, type);
  return {
    texts: [
      ...segmentsOf(path),
      ...parameters.map(([, value]) => value),
      ...headers.map(([, value]) => value),
      ...inBody.texts,
    ],
    names: [...parameters.map(([name]) => name), ...inBody.names],
  };
}

/** Any row of segments: an id may hold a slash. */
function segmentsOf(path: string): string[] {
  const parts = path.split("/");
  return parts.flatMap((_part, from) =>
    parts.slice(from).map((_each, index) => parts.slice(from, from + index + 1).join("/")),
  );
}

function bodyOf(body: string, type: string): { texts: string[]; names: string[] } {
  if (type.includes("x-www-form-urlencoded")) {
    const pairs = pairsIn(body);
    return { texts: pairs.map(([, value]) => value), names: pairs.map(([name]) => name) };
  }
  if (body.startsWith("<")) return xmlOf(body);
  return jsonOf(JSON.parse(body));
}

function jsonOf(value: unknown): { texts: string[]; names: string[] } {
  if (typeof value !== "object" || value === null) return { texts: [String(value)], names: [] };
  const members = Object.entries(value);
  const inside = members.map(([, member]) => jsonOf(member));
  return {
    texts: inside.flatMap(({ texts }) => texts),
    names: [...(Array.isArray(value) ? [] : members.map(([name]) => name)), ...inside.flatMap(({ names }) => names)],
  };
}

const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Elements without attributes but a namespace, as these services take them. */
function xmlOf(body: string): { texts: string[]; names: string[] } {
  const names: string[] = [];
  const texts: string[] = [];
  const open: string[] = [];
  const token = /<\?xml[^>]*\?>|<(\/?)([A-Za-z]+)(?: xmlns="[^"<]*")?(\/?)>|([^<]+)/y;
  while (token.lastIndex < body.length) {
    const at = token.lastIndex;
    const [, isEnd, name, isEmpty, text] = token.exec(body) ?? fail(`no XML at ${body.slice(at, at + 40)}`);
    if (text !== undefined) texts.push(text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, reference));
    else if (name !== undefined && isEnd === "/") {
      if (open.pop() !== name) fail(`</${name}> ends nothing`);
    } else if (name !== undefined) {
      names.push(name);
      if (isEmpty === "/") texts.push("");
      else open.push(name);
    }
  }
  if (open.length > 0) fail(`<${open.join("><")}> has no end`);
  return { texts, names };
}

function reference(all: string, hex?: string, decimal?: string, name?: string): string {
  if (name !== undefined) return named[name] ?? fail(`no entity: ${all}`);
  return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
}

function pairsIn(query: string): [string, string][] {
  if (query === "") return [];
  return query.split("&").map((pair) => splitOnce(pair, "=").map(decoded) as [string, string]);
}

/** Percent-encoding by hand, and in a query nothing else: a plus that means a blank would be another value to some. */
function decoded(text: string): string {
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, "latin1"));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function fail(what: string): never {
  throw new Error(`On the wire there is ${what}`);
}

/** Every header that any of the systems is sent. */
export const headerNames: ReadonlySet<string> = new Set(
  (
    "accept amz-sdk-invocation-id amz-sdk-request authorization connection content-length content-md5 content-type host " +
    "user-agent x-amz-content-sha256 x-amz-date x-amz-user-agent x-emc-namespace x-gmt-policyid x-sds-auth-token"
  ).split(" "),
);

/** Every parameter, member and element that any of the systems is sent, the first of numbered ones. */
export const memberNames: ReadonlySet<string> = new Set(
  (
    "AWS Action AllowedHeader AllowedMethod AllowedOrigin CORSConfiguration CORSRule CreateBucketConfiguration Effect " +
    "ExposeHeader Key LocationConstraint MaxAgeSeconds NotAction NotResource Principal Resource Sid Statement Status Tag " +
    "TagSet Tagging Value Version VersioningConfiguration active address1 address2 apikey blockSize city command cors " +
    "country details[0].key details[0].value emailAddr expires fullName groupId groupName head_type hlDataKBytesIn " +
    "hlDataKBytesOut hlRequestRate hlStorageQuotaCount hlStorageQuotaKBytes id isLocked isRootAccountOnly " +
    "is_encryption_enabled is_stale_allowed ldapEnabled ldapGroup ldapMatchAttribute ldapSearch ldapSearchUserBase " +
    "ldapServerURL ldapUserDNTemplate location name namespace notificationSize owner page pagesize password period phone " +
    "policy provider readonly response retention s3endpointshttp s3endpointshttps s3websiteendpoints scope secretkey signature " +
    "signatureversion size state systemvmtype tagging tags type url user userId userType value versioning vpool website " +
    "wlDataKBytesIn wlDataKBytesOut wlRequestRate wlStorageQuotaCount wlStorageQuotaKBytes x-id zip zoneid"
  ).split(" "),
);
