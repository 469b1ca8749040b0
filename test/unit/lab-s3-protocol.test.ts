import { connect } from "node:net";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, it } from "vitest";
import { openS3, refusal } from "./lab-s3-stage.ts";

const stage = openS3();
const Bucket = "bucket-1";
const everything =
  '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":["bucket-1","bucket-1/*"]}]}';

/** A bucket in which everybody may do everything that a policy can give. */
beforeEach(async () => {
  const bucket = stage.store.create({ namespace: "ns1", name: Bucket, owner: "alice", created: 0 });
  if (bucket) bucket.policy = everything;
  await stage.client("alice").send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello" }));
});

/** The pieces in which the answer to a request text arrives, until the connection ends. */
async function pieces(text: string): Promise<string[]> {
  const { hostname, port } = new URL(stage.endpoint);
  const socket = connect(Number(port), hostname);
  const seen: string[] = [];
  socket.setEncoding("latin1");
  socket.write(text);
  for await (const piece of socket) seen.push(String(piece));
  return seen;
}

const closing = "Host: x\r\nx-emc-namespace: ns1\r\nConnection: close\r\n";

describe("on the wire", () => {
  it("head and body leave at once", async () => {
    const [answer = "", ...more] = await pieces(`GET /bucket-1/k HTTP/1.1\r\n${closing}\r\n`);
    expect(more).toEqual([]);
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n.*Content-Length: 5\r\n.*\r\n\r\nhello$/is);
  });

  it("HEAD tells the length and sends nothing, in refusals as well", async () => {
    const [found = ""] = await pieces(`HEAD /bucket-1/k HTTP/1.1\r\n${closing}\r\n`);
    expect(found).toMatch(/^HTTP\/1.1 200 OK\r\n.*Content-Length: 5\r\n.*\r\n\r\n$/is);
    const [missing = ""] = await pieces(`HEAD /bucket-1/absent HTTP/1.1\r\n${closing}\r\n`);
    expect(missing).toMatch(/^HTTP\/1.1 404 Not Found\r\n.*\r\n\r\n$/s);
    const head = await stage.client("alice").send(new HeadObjectCommand({ Bucket, Key: "k" }));
    expect(head.ContentLength).toBe(5);
  });

  it("bodies in chunks of HTTP are read", async () => {
    const put = `PUT /bucket-1/c HTTP/1.1\r\n${closing}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`;
    expect((await pieces(put))[0]).toMatch(/^HTTP\/1.1 200 OK\r\n/);
    expect(stage.store.bucket("ns1", Bucket)?.objects.get("c")?.[0]?.body.toString()).toBe("abcde");
  });

  it("what is deleted answers without a length", async () => {
    const [answer = ""] = await pieces(`DELETE /bucket-1/k HTTP/1.1\r\n${closing}\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 204 No Content\r\n/);
    expect(answer.toLowerCase()).not.toContain("content-length");
  });

  it("refusals are documents of S3", async () => {
    const response = await stage.anonymous("/bucket-1/no%26where");
    expect(response.headers.get("content-type")).toBe("application/xml");
    const id = response.headers.get("x-amz-request-id");
    expect(await response.text()).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Resource>/bucket-1/no%26where</Resource><RequestId>${id}</RequestId></Error>`,
    );
    expect((await stage.anonymous("/bucket-1/%zz")).status).toBe(400);
    expect((await stage.anonymous("/bucket-1?prefix=%zz")).status).toBe(400);
  });
});

describe("what the lab does not implement", () => {
  it.each([
    ["GET", "/bucket-1?encryption"],
    ["DELETE", "/bucket-1?encryption"],
    ["DELETE", "/bucket-1?ownershipControls="],
    ["GET", "/bucket-1?lifecycle"],
    ["PUT", "/bucket-1?acl"],
    ["PUT", "/bucket-1?object-lock"],
    ["DELETE", "/bucket-1?brand-new"],
    ["POST", "/bucket-1"],
    ["GET", "/bucket-1/k?tagging"],
    ["DELETE", "/bucket-1/k?retention"],
    ["GET", "/bucket-1/k?partNumber=1"],
    ["PUT", "/"],
    ["PATCH", "/bucket-1/k"],
  ])("is refused: %s %s", async (method, path) => {
    const response = await stage.anonymous(path, { method });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain("<Code>NotImplemented</Code>");
    expect(stage.store.bucket("ns1", Bucket)?.objects.size).toBe(1);
    expect(stage.recorder.list().at(-1)).toMatchObject({ method, status: 501 });
  });

  it.each([
    { "x-amz-acl": "public-read" },
    { "x-amz-copy-source-if-match": "x" },
    { "x-amz-server-side-encryption": "AES256" },
  ])("is refused: PUT with %j", async (headers) => {
    const init = { method: "PUT", headers: headers as Record<string, string>, body: "x" };
    expect((await stage.anonymous("/bucket-1/k", init)).status).toBe(501);
  });

  it("does not include parameters without a meaning", async () => {
    const listed = await stage.anonymous(
      "/bucket-1?list-type=2&metadata=true&prefix=&delimiter=&x-id=ListObjectsV2&other=1",
    );
    expect(listed.status).toBe(200);
    expect((await stage.anonymous("/bucket-1/k?x-id=GetObject&foo=bar")).status).toBe(200);
  });
});

describe("a body of XML", () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${"bcdefghij"
    .split("")
    .map((name, index) => `<!ENTITY ${name} "${`&${"abcdefghij"[index]};`.repeat(10)}">`)
    .join("")}]><CORSConfiguration><CORSRule><AllowedOrigin>&j;</AllowedOrigin></CORSRule></CORSConfiguration>`;

  it.each([
    ["a bomb of entities", bomb],
    ["not XML", "hello"],
    ["nothing", ""],
    ["unclosed", "<CORSConfiguration><CORSRule>"],
    ["another document", "<Tagging/>"],
    ["without rules", "<CORSConfiguration/>"],
    ["of texts", "<CORSConfiguration>text</CORSConfiguration>"],
    ["with names of JavaScript", "<CORSConfiguration><__proto__>x</__proto__></CORSConfiguration>"],
  ])("is refused as malformed: %s", async (_, body) => {
    const response = await stage.anonymous("/bucket-1?cors", { method: "PUT", body });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("<Code>MalformedXML</Code>");
  });

  it("may have a prefix, a declaration and no namespace", async () => {
    const body =
      '<?xml version="1.0"?>\n<s3:CORSConfiguration xmlns:s3="http://s3.amazonaws.com/doc/2006-03-01/">\n <s3:CORSRule> <s3:AllowedOrigin>*</s3:AllowedOrigin>\n<s3:AllowedMethod>GET</s3:AllowedMethod></s3:CORSRule></s3:CORSConfiguration>';
    expect((await stage.anonymous("/bucket-1?cors", { method: "PUT", body })).status).toBe(200);
    const origin = { headers: { origin: "https://any.example.com" } };
    expect((await stage.anonymous("/bucket-1/k", origin)).headers.get("access-control-allow-origin")).toBe("*");
  });
});

describe("what would break the head of an answer", () => {
  it.each([
    ["DELETE", "/bucket-1/k?versionId=%0d%0aset-cookie:x", "", 400],
    ["DELETE", "/bucket-1/k?versionId=%F0%9F%98%80", "", 400],
    [
      "PUT",
      "/bucket-1?cors",
      "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><ExposeHeader>a&#10;b</ExposeHeader></CORSRule></CORSConfiguration>",
      400,
    ],
  ])("is refused: %s %s", async (method, path, body, status) => {
    const response = await stage.anonymous(path, { method, ...(body === "" ? {} : { body }) });
    expect(response.status).toBe(status);
  });

  it("is refused in the name of a download", async () => {
    const get = (ResponseContentDisposition: string) =>
      refusal(stage.client("alice").send(new GetObjectCommand({ Bucket, Key: "k", ResponseContentDisposition })));
    expect(await get("attachment; filename=a.txt")).toBe("not refused");
    expect(await get('attachment; filename="\u{1F600}"')).toBe("400 InvalidArgument");
    expect(await get("a\nb")).toBe("400 InvalidArgument");
    const headers = { "content-disposition": "attachment; filename=\u00fc" };
    expect((await stage.anonymous("/bucket-1/d", { method: "PUT", body: "x", headers })).status).toBe(400);
    const meta = { "x-amz-meta-name": "\u00fc" };
    expect((await stage.anonymous("/bucket-1/m", { method: "PUT", body: "x", headers: meta })).status).toBe(200);
    expect((await stage.anonymous("/bucket-1/m")).headers.get("x-amz-meta-name")).toBe("\u00fc");
  });
});

describe("ECS' own headers", () => {
  const remove = (value: string | undefined) => {
    const client = stage.client("alice");
    if (value !== undefined) {
      client.middlewareStack.add(
        (next) => (args) => {
          (args.request as { headers: Record<string, string> }).headers["x-emc-empty-bucket"] = value;
          return next(args);
        },
        { step: "build" },
      );
    }
    return refusal(client.send(new DeleteBucketCommand({ Bucket })));
  };

  it("start the emptying of a bucket where the system offers it", async () => {
    expect(await remove("true")).toBe("409 BucketNotEmpty");
    const emptied: string[] = [];
    stage.hooks = { emptyBucket: ({ name }) => emptied.push(name) };
    expect(await remove(undefined)).toBe("409 BucketNotEmpty");
    expect(emptied).toEqual([]);
    expect(await remove("true")).toBe("not refused");
    expect(emptied).toEqual([Bucket]);
  });

  it("reach the system when a bucket is created", async () => {
    stage.hooks = { newAttributes: ({ owner }, headers) => ({ owner, stale: headers["x-emc-is-stale-allowed"] }) };
    const client = stage.client("alice");
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers["x-emc-is-stale-allowed"] = "true";
        return next(args);
      },
      { step: "build" },
    );
    await client.send(new CreateBucketCommand({ Bucket: "bucket-2" }));
    expect(stage.store.bucket("ns1", "bucket-2")?.attributes).toEqual({ owner: "alice", stale: "true" });
  });
});
