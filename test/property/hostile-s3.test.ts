import fc from "fast-check";
import { expect, test } from "vitest";
import { StorageError } from "../../provider/core/errors.ts";
import { answeringServer, type Reply, type Seen } from "./answering.ts";
import { bucketName } from "./bucket-inputs.ts";
import { kinds, type Properties, password, quotation, TEXT, unsendable, unwrapped, wild } from "./support.ts";

const server = answeringServer();
const settings = { retryBudget: "0", operationTimeoutSeconds: "5" };

const declared = (more: Properties = {}): Properties => ({
  ...TEXT,
  endpoint: server.endpoint,
  accessKeyId: "key-of-plain",
  secretAccessKey: "Zq9~secret-1",
  region: "us-east-1",
  pathStyle: true,
  bucketName: "box",
  forceDestroy: false,
  adopt: false,
  ...more,
});
const EVERYTHING = { versioning: true, policy: "public", cors: [], tags: {} };
const SET = { policy: "public", cors: [{ allowedMethods: ["GET"], allowedOrigins: ["*"] }], tags: { a: "b" } };
const NOTHING = { versioning: false, policy: "private", cors: [], tags: {} };

function expectTyped(error: unknown): void {
  if (!(error instanceof StorageError)) throw error;
  expect(error.message).not.toContain("unexpected failure");
  expect(error.message.length).toBeLessThan(2500);
  expect(error.message).not.toContain("Zq9~");
  expect("code" in error || "id" in error || "details" in error).toBe(false);
}

const errorDocument = (code: string, message = "refused") =>
  `<?xml version="1.0"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
const OWN_CODES = [
  "NoSuchBucket",
  "AccessDenied",
  "NoSuchKey",
  "InvalidAccessKeyId",
  "NotImplemented",
  "InternalError",
];
const PAGES = [
  "",
  "<html><body>NoSuchBucket</body></html>",
  '{"Code":"NoSuchBucket"}',
  "NoSuchBucket",
  "<Error>NoSuchBucket",
];

const subResource = (root: string, members: readonly string[], noneCode: string) =>
  fc.oneof(
    fc
      .array(fc.constantFrom(...members), { maxLength: 2 })
      .map((parts) => ({ status: 200, body: `<${root}>${parts.join("")}</${root}>` })),
    fc
      .constantFrom(...PAGES, `<${root}/>`, `<${root}>`, "<Other/>", "\u0000", errorDocument("InternalError"))
      .map((body) => ({
        status: 200,
        body,
      })),
    fc.record({
      status: fc.constantFrom(301, 400, 404, 405, 500, 501),
      body: fc.constantFrom(...PAGES, errorDocument(noneCode), ...OWN_CODES.map((code) => errorDocument(code))),
    }),
  );
const aspects = fc.record({
  versioning: subResource(
    "VersioningConfiguration",
    ["<Status>Enabled</Status>", "<Status>Suspended</Status>", "<Status/>", "<Other>1</Other>"],
    "NoSuchVersioning",
  ),
  cors: subResource(
    "CORSConfiguration",
    [
      "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>",
      "<CORSRule><AllowedMethod>PATCH</AllowedMethod><MaxAgeSeconds>x</MaxAgeSeconds></CORSRule>",
      "<CORSRule/>",
      "text",
    ],
    "NoSuchCORSConfiguration",
  ),
  tagging: subResource(
    "Tagging",
    [
      "<TagSet><Tag><Key>tier</Key><Value>gold</Value></Tag></TagSet>",
      "<TagSet><Tag><Key>__proto__</Key></Tag><Tag><Value>1</Value></Tag></TagSet>",
      "<TagSet/>",
      "<Tag/>",
    ],
    "NoSuchTagSet",
  ),
  policy: fc.oneof(
    fc.record({
      status: fc.constant(200),
      body: fc.oneof(
        fc.constantFrom(
          ...PAGES,
          "{}",
          "[]",
          "null",
          '{"Statement":[]}',
          '{"Statement":{}}',
          '{"Statement":[1,null,"x",{"Principal":5}]}',
        ),
        fc.json(),
      ),
    }),
    fc.record({
      status: fc.constantFrom(400, 404, 405, 500),
      body: fc.constantFrom(...PAGES, errorDocument("NoSuchBucketPolicy"), errorDocument("MethodNotAllowed")),
    }),
  ),
});
type Aspect = "versioning" | "cors" | "tagging" | "policy";

const aspectOf = ({ url }: Seen): Aspect | undefined =>
  (["versioning", "cors", "tagging", "policy"] as const).find((name) => url.includes(`?${name}`));

test("no answer about a bucket that is there yields a crash or a gone object: a typed error or a valid state", async () => {
  let valid = 0;
  const managed = fc.subarray(Object.keys(EVERYTHING), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(aspects, managed, async (replies, keys) => {
      server.answer = (request) => {
        const aspect = aspectOf(request);
        return aspect === undefined ? { status: 200, body: "" } : replies[aspect];
      };
      const { s3Bucket } = kinds(settings);
      const given = Object.fromEntries(Object.entries(EVERYTHING).filter(([key]) => keys.includes(key)));
      try {
        const live = await s3Bucket.read("box@host", { ...declared(given), systemEndpoint: server.endpoint });
        valid += 1;
        expect(live.id).toBe("box@host");
        expect(unsendable(live.props)).toEqual([]);
        expect(unsendable(live.inputs)).toEqual([]);
        const inputs = unwrapped(live.inputs as Properties);
        expect(
          Object.keys(inputs)
            .filter((key) => key in EVERYTHING)
            .sort(),
        ).toEqual([...keys].sort());
        const { failures = [] } = await s3Bucket.check({}, { ...inputs, ...TEXT });
        // What is live may be nothing that a program could declare: then it is shown, and differs.
        const paths = failures.map(({ reason }) => reason.split(/[:.]/)[0]);
        expect(paths.filter((path) => !["policy", "cors", "tags"].includes(path ?? ""))).toEqual([]);
      } catch (error) {
        expectTyped(error);
      }
    }),
    { numRuns: 300 },
  );
  expect(valid).toBeGreaterThan(5);
});

test("a bucket is gone only where S3 says so of it; of anything else it is an error", async () => {
  let gone = 0;
  const own = fc
    .constantFrom("NoSuchBucket", "NoSuchBucket", ...OWN_CODES)
    .map((code) => ({ code, body: errorDocument(code) }));
  const foreign = fc.constantFrom(...PAGES).map((body) => ({ code: "", body }));
  const location = fc.record({
    status: fc.constantFrom(400, 403, 404, 404, 404, 404, 405, 500, 503),
    said: fc.oneof(own, foreign),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(301, 400, 403, 404, 404, 405, 500, 503),
      location,
      async (status, { status: why, said }) => {
        server.answer = ({ method }) => (method === "HEAD" ? { status, body: "" } : { status: why, body: said.body });
        const isAbsent = status < 500 && why === 404 && said.code === "NoSuchBucket";
        const { s3Bucket } = kinds(settings);
        try {
          expect(await s3Bucket.read("box@host", { ...declared(), systemEndpoint: server.endpoint })).toEqual({});
          gone += 1;
          expect({ status, why, said, isAbsent }).toMatchObject({ isAbsent: true });
        } catch (error) {
          expectTyped(error);
          expect({ status, why, said, isAbsent }).toMatchObject({ isAbsent: false });
        }
      },
    ),
    {
      numRuns: 100,
      examples: [[404, { status: 404, said: { code: "NoSuchBucket", body: errorDocument("NoSuchBucket") } }]],
    },
  );
  expect(gone).toBeGreaterThan(0);
});

test("a sub-resource is deleted only where a look has just returned one, and the bucket never with it", async () => {
  let deletions = 0;
  await fc.assert(
    fc.asyncProperty(aspects, fc.constantFrom("policy", "cors", "tags" as const), async (replies, changed) => {
      server.seen = [];
      server.answer = (request) => {
        const aspect = aspectOf(request);
        return aspect !== undefined && request.method === "GET" ? replies[aspect] : { status: 200, body: "" };
      };
      const { s3Bucket } = kinds(settings);
      const olds = { ...declared({ [changed]: SET[changed] }), systemEndpoint: server.endpoint };
      const update = s3Bucket.update("box@host", olds, declared({ [changed]: NOTHING[changed] }));
      await update.catch(expectTypedOrPartial);
      const lines = server.seen.map((request) => `${request.method} ${aspectOf(request) ?? "bucket"}`);
      const deleted = lines.flatMap((line, index) =>
        line.startsWith("DELETE ") ? [{ aspect: line.slice(7), before: lines[index - 1] }] : [],
      );
      deletions += deleted.length;
      for (const { aspect, before } of deleted) {
        expect(before).toBe(`GET ${aspect}`);
        const { status, body } = replies[aspect as Aspect];
        expect({ status, body: /<CORSRule|<Tag>|^\{.*Statement/.test(body.trim()) }).toEqual({
          status: 200,
          body: true,
        });
      }
    }),
    { numRuns: 200 },
  );
  expect(deletions).toBeGreaterThan(1);
});

/** An update that breaks off tells what is true by then. */
function expectTypedOrPartial(error: unknown): void {
  if (!(error instanceof StorageError)) throw error;
  expect(error.message).not.toContain("unexpected failure");
  if ("properties" in error) expect(error).toMatchObject({ id: "box@host", properties: { bucketName: "box" } });
}

test("without forceDestroy nothing but the bucket itself is ever asked to go, whatever the service answers", async () => {
  const reply = fc.record({
    status: fc.constantFrom(200, 204, 301, 400, 403, 404, 409, 500),
    body: fc.constantFrom(
      ...PAGES,
      errorDocument("BucketNotEmpty"),
      errorDocument("NoSuchBucket"),
      errorDocument("AccessDenied"),
      "<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>",
    ),
  });
  await fc.assert(
    fc.asyncProperty(reply, reply, async (first, other) => {
      server.seen = [];
      server.answer = ({ method }) => (method === "DELETE" ? first : other);
      const removal = kinds(settings).s3Bucket.delete("box@host", { ...declared(), systemEndpoint: server.endpoint });
      // With 204 there is no body, whatever is written.
      const isDone = first.status === 204 || (first.status === 200 && !first.body.includes("</Error>"));
      const isGone = isDone || (first.status === 404 && first.body === errorDocument("NoSuchBucket"));
      await removal.then(
        () => expect({ first, isGone }).toMatchObject({ isGone: true }),
        (error: unknown) => expectTyped(error),
      );
      const writes = server.seen.filter(({ method }) => method !== "GET" && method !== "HEAD");
      expect(writes.map(({ method, url }) => `${method} ${url.replace(/\?.*/, "")}`)).toEqual(["DELETE /box/"]);
    }),
    { numRuns: 100 },
  );
});

/** By hand, so that what the SDK's own encoder gets wrong is not undone by its twin. */
const decodedXml = (text: string) =>
  text
    .replace(/&#x([0-9a-f]+);/gi, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");

test("a bucket's name and tags are refused by check, or arrive at the service as exactly that text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(bucketName, wild), wild, async (name, written) => {
      const { s3Bucket } = kinds(settings);
      const { inputs, failures } = await s3Bucket.check(
        {},
        declared({ bucketName: name, tags: { [written]: written } }),
      );
      if ((failures ?? []).length > 0) return;
      server.seen = [];
      server.answer = ({ method }) => (method === "HEAD" ? { status: 404, body: "" } : { status: 200, body: "" });
      const made = await s3Bucket.create({ ...unwrapped(inputs as Properties), ...TEXT });
      expect(made.id).toBe(`${name}@${server.endpoint.slice(7)}`);
      expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
        `HEAD /${name}/`,
        `PUT /${name}/`,
        `PUT /${name}/?tagging=`,
      ]);
      const [, key = "", value = ""] =
        /<Key>([^<]*)<\/Key><Value>([^<]*)<\/Value>/.exec(server.seen[2]?.body ?? "") ?? [];
      expect([decodedXml(key), decodedXml(value)]).toEqual([written, written]);
    }),
    { numRuns: 100 },
  );
});

/** At this one the SDK speaks up on stderr. */
const isOneRegion = (region: string) => region !== "*";

test("a key id and a region of any text arrive in the signature, or are an error in words", async () => {
  await fc.assert(
    fc.asyncProperty(wild, wild.filter(isOneRegion), async (accessKeyId, region) => {
      const { s3Bucket } = kinds(settings);
      const { inputs, failures } = await s3Bucket.check({}, declared({ accessKeyId, region }));
      if ((failures ?? []).length > 0) return;
      server.seen = [];
      server.answer = ({ method }) => ({ status: method === "HEAD" ? 404 : 200, body: "" });
      try {
        await s3Bucket.create({ ...unwrapped(inputs as Properties), ...TEXT });
        expect(server.seen[0]?.headers.authorization).toContain(`Credential=${accessKeyId}/`);
        expect(server.seen[0]?.headers.authorization).toContain(`/${region}/s3/aws4_request`);
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        expect(error.message).toContain("look for bucket box");
      }
    }),
    { numRuns: 40 },
  );
});

test("a secret access key is in no error, however the service quotes it", async () => {
  const wrapped = fc.constantFrom<(text: string) => Reply>(
    (text) => ({ status: 400, body: text }),
    (text) => ({ status: 500, body: errorDocument("InternalError", text) }),
    (text) => ({
      status: 403,
      body: errorDocument("SignatureDoesNotMatch", `<![CDATA[${text.replaceAll("]]>", "")}]]>`),
    }),
    (text) => ({
      status: 409,
      body: errorDocument("OperationAborted", text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")),
    }),
    (text) => ({ status: 200, body: `<html>${text}</html>` }),
  );
  await fc.assert(
    fc.asyncProperty(password, quotation, wrapped, async (secret, quoted, wrap) => {
      server.answer = ({ method }) => (method === "HEAD" ? { status: 404, body: "" } : wrap(quoted(secret)));
      const news = declared({ secretAccessKey: secret, bucketName: "plain-bucket" });
      const message = await kinds(settings)
        .s3Bucket.create(news)
        .then(
          () => "",
          (error: Error) => `${error.message} ${error.stack}`,
        );
      expect(message).toContain("bucket plain-bucket");
      expect(message).not.toContain("Zq9");
      expect(message).not.toContain(Buffer.from(secret).toString("base64"));
    }),
    { numRuns: 100 },
  );
});
