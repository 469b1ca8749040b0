import type { Seizure } from "./front.ts";

const rows = 101;

/** Every page says that there is another one, which `token` names. What is no list is left as it is. */
export function endlessPages(token: (page: number) => string): Seizure {
  let page = 0;
  return async (outgoing, original) => {
    page += 1;
    const { status, headers, body = "" } = await original();
    const groupId = /^\/user\/list\?.*\bgroupId=([^&]+)/.exec(outgoing.req.url ?? "")?.[1];
    const text = body.trimStart().startsWith("<")
      ? endlessXml(body, token(page))
      : groupId === undefined
        ? endlessJson(body, token(page), page)
        : crowded(groupId, token(page));
    const { "content-length": _, ...kept } = headers ?? {};
    outgoing.writeHead(status, kept).end(outgoing.req.method === "HEAD" ? undefined : text);
  };
}

/** The lists of S3. */
function endlessXml(body: string, token: string): string {
  const more = `<IsTruncated>true</IsTruncated><NextKeyMarker>${token}</NextKeyMarker><NextVersionIdMarker>${token}</NextVersionIdMarker><NextUploadIdMarker>${token}</NextUploadIdMarker>`;
  return body
    .replace("<IsTruncated>false</IsTruncated>", more)
    .replace("</ListAllMyBucketsResult>", `<ContinuationToken>${token}</ContinuationToken></ListAllMyBucketsResult>`);
}

/** Cloudian's list of users has one row too many; ECS names a marker; CloudStack counts more than it shows. */
function endlessJson(body: string, token: string, page: number): string {
  let document: unknown;
  try {
    document = JSON.parse(body);
  } catch {
    return body;
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) return body;
  const [[name = "", inner] = []] = Object.entries(document);
  if (!name.endsWith("response")) return JSON.stringify({ ...document, NextMarker: token });
  const more = Object.entries(inner ?? {}).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.map((item) => ({ ...item, id: `${token}-${page}` })) : value,
  ]);
  return JSON.stringify({ [name]: { ...Object.fromEntries(more), count: 1_000_000 } });
}

function crowded(groupId: string, token: string): string {
  return JSON.stringify(Array.from({ length: rows }, (_, index) => ({ groupId, userId: `${token}-${index}` })));
}
