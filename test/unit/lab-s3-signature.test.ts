import { createHash, createHmac } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  type S3ClientConfig,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { openS3, refusal, secrets } from "./lab-s3-stage.ts";

const stage = openS3();
const Bucket = "bucket-1";

interface Shape {
  method?: string;
  path?: string;
  query?: Record<string, string>;
  body?: string | Buffer;
  headers?: Record<string, string>;
  secret?: string;
  date?: string;
  presignedFor?: number;
}

interface SignedRequest {
  readonly url: string;
  readonly init: RequestInit;
  readonly key: Buffer;
  readonly scope: string;
  readonly date: string;
  readonly signature: string;
}

const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
const timestamp = (time: number) => new Date(time).toISOString().replace(/[:-]|\.\d+/g, "");
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Signature Version 4 by the letter of its description, so that it depends on no library. */
function sign(shape: Shape): SignedRequest {
  const { method = "GET", path = "/bucket-1/k", body, secret = secrets.alice, presignedFor } = shape;
  const date = shape.date ?? timestamp(Date.now());
  const scope = `${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const presigned = presignedFor !== undefined;
  const headers: Record<string, string> = {
    host: new URL(stage.endpoint).host,
    ...(presigned ? {} : { "x-amz-date": date, "x-amz-content-sha256": sha256(body ?? "") }),
    ...shape.headers,
  };
  const names = Object.keys(headers).sort();
  const query: Record<string, string> = {
    ...shape.query,
    ...(presigned
      ? {
          "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
          "X-Amz-Credential": `alice/${scope}`,
          "X-Amz-Date": date,
          "X-Amz-Expires": String(presignedFor),
          "X-Amz-SignedHeaders": names.join(";"),
        }
      : {}),
  };
  const canonicalQuery = Object.keys(query)
    .sort()
    .map((name) => `${encode(name)}=${encode(query[name] ?? "")}`)
    .join("&");
  const canonicalHeaders = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const hash = presigned ? "UNSIGNED-PAYLOAD" : (headers["x-amz-content-sha256"] ?? "");
  const canonical = [method, path, canonicalQuery, canonicalHeaders, names.join(";"), hash].join("\n");
  const key = scope.split("/").reduce<Buffer>((last, part) => hmac(last, part), Buffer.from(`AWS4${secret}`));
  const signature = hmac(key, ["AWS4-HMAC-SHA256", date, scope, sha256(canonical)].join("\n")).toString("hex");
  const { host: _, ...sent } = headers;
  const credential = `AWS4-HMAC-SHA256 Credential=alice/${scope},SignedHeaders=${names.join(";")},Signature=${signature}`;
  const url = `${stage.endpoint}${path}?${canonicalQuery}${presigned ? `&X-Amz-Signature=${signature}` : ""}`;
  const init = {
    method,
    headers: presigned ? sent : { ...sent, authorization: credential },
    ...(body === undefined ? {} : { body }),
  };
  return { url, init: init as RequestInit, key, scope, date, signature };
}

async function answer({ url, init }: Pick<SignedRequest, "url" | "init">): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  return `${response.status} ${/<Code>(\w+)/.exec(text)?.[1] ?? text}`;
}

async function withObject(): Promise<void> {
  const alice = stage.client("alice");
  await alice.send(new CreateBucketCommand({ Bucket }));
  await alice.send(new PutObjectCommand({ Bucket, Key: "k", Body: "hello" }));
}

describe("the SDK's signature", () => {
  const list = (config: S3ClientConfig) => refusal(stage.client("alice", config).send(new ListBucketsCommand({})));

  it("must be made with the right key, at the right time", async () => {
    expect(await list({})).toBe("not refused");
    expect(await list({ credentials: { accessKeyId: "alice", secretAccessKey: "wrong" } })).toBe(
      "403 SignatureDoesNotMatch",
    );
    expect(await list({ credentials: { accessKeyId: "nobody", secretAccessKey: "x" } })).toBe("403 InvalidAccessKeyId");
    expect(await list({ systemClockOffset: -3_600_000 })).toBe("403 RequestTimeTooSkewed");
    expect(await list({ systemClockOffset: 840_000 })).toBe("not refused");
    stage.clock.apply({ advanceSeconds: 3600 });
    expect(await list({})).toBe("403 RequestTimeTooSkewed");
    expect(await list({ systemClockOffset: 3_600_000 })).toBe("not refused");
  });

  it("may be for any region, unless one is set", async () => {
    expect(await list({ region: "auto" })).toBe("not refused");
    stage.options = { ...stage.options, region: "us-east-1" };
    expect(await list({ region: "auto" })).toBe("400 AuthorizationHeaderMalformed");
    expect(await list({})).toBe("not refused");
  });

  it("is good with each of two secrets, and with none while the nodes know none", async () => {
    const alice = { accessKeyId: "alice", owner: "alice", displayName: "alice", namespace: "ns1" };
    stage.hooks = { identity: () => ({ ...alice, secrets: ["old", "new"] }) };
    for (const secretAccessKey of ["old", "new"]) {
      expect(await list({ credentials: { accessKeyId: "alice", secretAccessKey } })).toBe("not refused");
    }
    stage.hooks = { identity: () => ({ ...alice, secrets: [] }) };
    expect(await list({})).toBe("403 InvalidAccessKeyId");
  });
});

describe("a signature by the book", () => {
  it("passes, and covers method, path, query, headers and body", async () => {
    await withObject();
    expect(await answer(sign({}))).toBe("200 hello");
    const changed = sign({ headers: { "x-amz-meta-a": "1" } });
    expect(await answer(changed)).toBe("200 hello");
    const meta = { ...(changed.init.headers as Record<string, string>), "x-amz-meta-a": "2" };
    expect(await answer({ url: changed.url, init: { headers: meta } })).toBe("403 SignatureDoesNotMatch");
    const { url, init } = sign({});
    expect(await answer({ url: url.replace("/k?", "/l?"), init })).toBe("403 SignatureDoesNotMatch");
    expect(await answer({ url: `${url}versionId=null`, init })).toBe("403 SignatureDoesNotMatch");
    expect(await answer({ url, init: { ...init, method: "DELETE" } })).toBe("403 SignatureDoesNotMatch");
    const put = sign({ method: "PUT", body: "mine" });
    expect(await answer({ url: put.url, init: { ...put.init, body: "else" } })).toBe("400 XAmzContentSHA256Mismatch");
    expect(await answer(put)).toBe("200 ");
  });

  it("must cover what the service reads", async () => {
    await withObject();
    const { url, init } = sign({});
    const headers = init.headers as Record<string, string>;
    expect(await answer({ url, init: { headers: { ...headers, "x-emc-namespace": "ns1" } } })).toBe("403 AccessDenied");
    expect(await answer(sign({ headers: { "x-emc-namespace": "ns1" } }))).toBe("200 hello");
    const { "x-amz-content-sha256": _, ...rest } = headers;
    expect(await answer({ url, init: { headers: rest } })).toBe("400 InvalidRequest");
    const broken = { ...headers, authorization: "AWS4-HMAC-SHA256 Credential=alice" };
    expect(await answer({ url, init: { headers: broken } })).toBe("400 AuthorizationHeaderMalformed");
  });

  it("in a query is good for a while", async () => {
    await withObject();
    expect(await answer(sign({ presignedFor: 60 }))).toBe("200 hello");
    expect(await answer(sign({ presignedFor: 60, method: "PUT", body: "new" }))).toBe("200 ");
    const type = { "response-content-type": "text/x" };
    const named = sign({ presignedFor: 60, query: type });
    expect((await fetch(named.url)).headers.get("content-type")).toBe("text/x");
    expect(await answer(sign({ presignedFor: 60, secret: "wrong" }))).toBe("403 SignatureDoesNotMatch");
    const past = timestamp(Date.now() - 61_000);
    expect(await answer(sign({ presignedFor: 60, date: past }))).toBe("403 AccessDenied");
    expect(await answer(sign({ presignedFor: 3600, date: past }))).toBe("200 new");
    expect(await answer(sign({ presignedFor: 604_801 }))).toBe("400 AuthorizationQueryParametersError");
    const future = timestamp(Date.now() + 3_600_000);
    expect(await answer(sign({ presignedFor: 60, date: future }))).toBe("403 AccessDenied");
    const queries = stage.recorder.list().map(({ query }) => query["X-Amz-Signature"]);
    expect(new Set(queries)).toEqual(new Set([undefined, "[secret]"]));
  });
});

/** With the examples that the S3 documentation gives for it. */
describe("a signature of version 2", () => {
  const exampleKey = "AKIAIOSFODNN7EXAMPLE";
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  const date = "Tue, 27 Mar 2007 19:36:42 +0000";
  const authorization = `AWS ${exampleKey}:bWq2s1WEIj+Ydj0vQ697zp+IXMU=`;
  const path = "/johnsmith/photos/puppy.jpg";

  function prepare(now: string): string {
    const identity = {
      accessKeyId: exampleKey,
      owner: "john",
      displayName: "john",
      namespace: "ns1",
      secrets: [secret],
    };
    stage.hooks = { identity: (id) => (id === exampleKey ? identity : undefined) };
    stage.store.create({ namespace: "ns1", name: "johnsmith", owner: "john", created: 0 });
    stage.clock.apply({ now });
    return `${stage.endpoint}${path}`;
  }

  it("in a header passes, and covers path and time", async () => {
    const url = prepare("2007-03-27T19:40:00Z");
    expect(await answer({ url, init: { headers: { date, authorization } } })).toBe("404 NoSuchKey");
    expect(await answer({ url: `${url}2`, init: { headers: { date, authorization } } })).toBe(
      "403 SignatureDoesNotMatch",
    );
    expect(await answer({ url: `${url}?versionId=1`, init: { headers: { date, authorization } } })).toBe(
      "403 SignatureDoesNotMatch",
    );
    const later = date.replace("42", "43");
    expect(await answer({ url, init: { headers: { date: later, authorization } } })).toBe("403 SignatureDoesNotMatch");
    const emc = { date, authorization, "x-emc-namespace": "ns1" };
    expect(await answer({ url, init: { headers: emc } })).toBe("403 SignatureDoesNotMatch");
    stage.clock.apply({ advanceSeconds: 900 });
    expect(await answer({ url, init: { headers: { date, authorization } } })).toBe("403 RequestTimeTooSkewed");
  });

  it("in a query passes until it expires", async () => {
    const url = prepare("2007-03-29T03:40:00Z");
    const query = `?AWSAccessKeyId=${exampleKey}&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620`;
    expect(await answer({ url: url + query, init: {} })).toBe("404 NoSuchKey");
    expect(await answer({ url: url + query.replace("620", "621"), init: {} })).toBe("403 SignatureDoesNotMatch");
    stage.clock.apply({ now: "2007-03-29T03:40:21Z" });
    expect(await answer({ url: url + query, init: {} })).toBe("403 AccessDenied");
  });

  it("can be refused altogether", async () => {
    const url = prepare("2007-03-27T19:40:00Z");
    stage.options = { ...stage.options, signatureV2: false };
    expect(await answer({ url, init: { headers: { date, authorization } } })).toBe("400 InvalidRequest");
  });
});

describe("a body", () => {
  const streaming = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

  /** The body framed and signed chunk by chunk. */
  function chunked(
    chunks: string[],
    spoil: (body: string) => string = (body) => body,
  ): Pick<SignedRequest, "url" | "init"> {
    const length = String(chunks.join("").length);
    const headers = {
      "x-amz-content-sha256": streaming,
      "x-amz-decoded-content-length": length,
      "content-encoding": "aws-chunked,gzip",
    };
    const request = sign({ method: "PUT", headers });
    let previous = request.signature;
    const framed = [...chunks, ""].map((chunk) => {
      const text = ["AWS4-HMAC-SHA256-PAYLOAD", request.date, request.scope, previous, sha256(""), sha256(chunk)].join(
        "\n",
      );
      previous = hmac(request.key, text).toString("hex");
      return `${chunk.length.toString(16)};chunk-signature=${previous}\r\n${chunk}\r\n`;
    });
    return { url: request.url, init: { ...request.init, body: spoil(framed.join("")) } };
  }

  it("may come in signed chunks", async () => {
    await withObject();
    expect(await answer(chunked(["hello ", "world"]))).toBe("200 ");
    const stored = stage.store.bucket("ns1", Bucket)?.objects.get("k")?.[0];
    expect([stored?.body.toString(), stored?.headers["content-encoding"]]).toEqual(["hello world", "gzip"]);
    expect(await answer(chunked(["hello"], (body) => body.replace("hello", "hullo")))).toBe(
      "403 SignatureDoesNotMatch",
    );
    expect(await answer(chunked(["hello"], (body) => body.slice(0, 20)))).toBe("400 IncompleteBody");
  });

  it("may come in chunks with a checksum behind them", async () => {
    await withObject();
    const send = (checksum: string, body = "5\r\nhello\r\n0\r\n") => {
      const headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "5",
        "x-amz-trailer": "x-amz-checksum-crc32",
      };
      return answer(sign({ method: "PUT", headers, body: `${body}x-amz-checksum-crc32:${checksum}\r\n\r\n` }));
    };
    expect(await send("NhCmhg==")).toBe("200 ");
    expect(await send("AAAAAA==")).toBe("400 BadDigest");
    expect(await send("NhCmhg==", "4\r\nhell\r\n0\r\n")).toBe("400 IncompleteBody");
  });

  it.each([
    ["content-md5", "XUFAKrxLKna5cZ2REBfFkg=="],
    ["x-amz-checksum-crc32", "NhCmhg=="],
    ["x-amz-checksum-crc32c", "mnG7TA=="],
    ["x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="],
    ["x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="],
  ])("is compared with %s", async (name, value) => {
    await withObject();
    const put = (body: string) => answer(sign({ method: "PUT", headers: { [name]: value }, body }));
    expect(await put("hello")).toBe("200 ");
    expect(await put("hullo")).toBe("400 BadDigest");
  });

  it("that deletes many must have a checksum, the right one", async () => {
    await withObject();
    const body = "<Delete><Object><Key>k</Key></Object></Delete>";
    const md5 = createHash("md5").update(body).digest("base64");
    const remove = (headers: Record<string, string>) =>
      answer(sign({ method: "POST", path: "/bucket-1", query: { delete: "" }, body, headers }));
    expect(await remove({})).toBe("400 InvalidRequest");
    expect(await remove({ "content-md5": "XUFAKrxLKna5cZ2REBfFkg==" })).toBe("400 BadDigest");
    expect(await remove({ "content-md5": "short" })).toBe("400 InvalidDigest");
    expect(await remove({ "x-amz-checksum-crc32": "AAAAAA==" })).toBe("400 BadDigest");
    expect(stage.store.bucket("ns1", Bucket)?.objects.size).toBe(1);
    expect(await remove({ "content-md5": md5 })).toMatch(/^200/);
    expect(stage.store.bucket("ns1", Bucket)?.objects.size).toBe(0);
    const sdk = new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "k" }] } });
    expect(await refusal(stage.client("alice").send(sdk))).toBe("not refused");
    expect(await refusal(stage.client("alice").send(new GetObjectCommand({ Bucket, Key: "k" })))).toBe("404 NoSuchKey");
  });
});
