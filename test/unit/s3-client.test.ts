import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { KeyRefused } from "../../provider/s3/answers.ts";
import { refusal, s3Service } from "./s3-service.ts";

const service = s3Service();
afterEach(() => vi.unstubAllEnvs());

const NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';
const PAGE = "<!DOCTYPE html><html><body>Please log in</body></html>";
const VERSIONING = `<VersioningConfiguration ${NS}><Status>Enabled</Status></VersioningConfiguration>`;

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Error) => ({ name: error.name, message: error.message.replaceAll(service.endpoint, "ENDPOINT") }),
  );

describe("requests", () => {
  test("go to the path of the bucket, signed with version 4 for the region, the extra headers included", async () => {
    service.replies = [{ status: 200, body: VERSIONING }];
    const client = service.client({ region: "eu-x-1", headers: { "x-emc-namespace": "ns1" } });
    expect(await client.getVersioning("Some_Bucket")).toBe(true);
    expect(service.lines()).toEqual(["GET /Some_Bucket/?versioning="]);
    const { headers } = service.first();
    expect(headers["x-emc-namespace"]).toBe("ns1");
    expect(headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKLITERAL\/\d{8}\/eu-x-1\/s3\/aws4_request, SignedHeaders=\S*x-emc-namespace\S*, /,
    );
  });

  test("with a body carry Content-MD5 and none of the newer checksums", async () => {
    await service.client().putVersioning("box", true);
    await service.client().putPolicy("box", '{"Statement":[]}');
    service.replies = [{ status: 200, body: `<DeleteResult ${NS}/>` }];
    await service.client().deleteObjects("box", [{ key: "a<b", versionId: "v1" }]);
    expect(service.seen).toHaveLength(3);
    for (const { headers, body } of service.seen) {
      expect(headers["content-md5"]).toBe(createHash("md5").update(body).digest("base64"));
      expect(Object.keys(headers).filter((name) => name.includes("checksum"))).toEqual([]);
    }
    expect(service.seen[0]?.body).toContain("<Status>Enabled</Status>");
    expect(service.seen[1]?.body).toBe('{"Statement":[]}');
    expect(service.seen[2]?.body).toContain("<Key>a&lt;b</Key><VersionId>v1</VersionId>");
  });

  test("are sent whole, however long they are: none asks whether it may go on", async () => {
    await service.client().putPolicy("box", "x".repeat(3_000_000));
    expect(service.first().headers).not.toHaveProperty("expect");
    expect(service.first().body).toHaveLength(3_000_000);
  });

  test("of a service below a path keep that path once", async () => {
    service.replies = [{ status: 200, body: VERSIONING }];
    const connection = {
      endpoint: `${service.endpoint}/s3/api`,
      tls: { insecure: false },
      transport: { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget: 100 },
    };
    await service.client({ connection }).getVersioning("box");
    expect(service.lines()).toEqual(["GET /s3/api/box/?versioning="]);
  });

  test("heed neither the environment nor the files of the AWS tools", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-s3-client-"));
    const file = join(folder, "config");
    writeFileSync(
      file,
      "[default]\nuse_fips_endpoint = true\nregion = mars-1\nendpoint_url = http://127.0.0.1:1\n[broken",
    );
    for (const [name, value] of Object.entries({
      AWS_CONFIG_FILE: file,
      AWS_SHARED_CREDENTIALS_FILE: file,
      AWS_PROFILE: "nobody",
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1",
      AWS_REGION: "mars-1",
      AWS_ACCESS_KEY_ID: "AKOTHER",
      AWS_SECRET_ACCESS_KEY: "other",
      AWS_SESSION_TOKEN: "token",
      AWS_USE_FIPS_ENDPOINT: "true",
      AWS_USE_DUALSTACK_ENDPOINT: "garbage",
      AWS_MAX_ATTEMPTS: "garbage",
      AWS_RETRY_MODE: "garbage",
      AWS_DEFAULTS_MODE: "garbage",
      AWS_REQUEST_CHECKSUM_CALCULATION: "garbage",
      AWS_RESPONSE_CHECKSUM_VALIDATION: "garbage",
      AWS_S3_USE_ARN_REGION: "garbage",
      AWS_AUTH_SCHEME_PREFERENCE: "sigv4a",
    }))
      vi.stubEnv(name, value);
    try {
      service.replies = [{ status: 200, body: VERSIONING }];
      expect(await service.client().getVersioning("box")).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const { headers } = service.first();
    expect(headers.authorization).toContain("Credential=AKLITERAL/");
    expect(headers.authorization).toContain("/us-east-1/s3/");
    expect(headers).not.toHaveProperty("x-amz-security-token");
  });
});

describe("whether a bucket is there", () => {
  const head = async (...replies: (typeof service)["replies"]) => {
    service.seen = [];
    service.replies = replies;
    return await service.client().headBucket("box");
  };

  test("is what HEAD says where it says yes, else what the error document of a GET says", async () => {
    expect(await head({ status: 200 })).toBe("there");
    expect(service.lines()).toEqual(["HEAD /box/"]);
    expect(await head({ status: 404 }, refusal(404, "NoSuchBucket"))).toBe("absent");
    expect(service.lines()).toEqual(["HEAD /box/", "GET /box/?location="]);
    expect(await head({ status: 403 }, refusal(403, "AccessDenied"))).toBe("foreign");
    expect(await head({ status: 404 }, { status: 200, body: `<LocationConstraint ${NS}/>` })).toBe("there");
  });

  test("is not known from another server's 404, an empty answer, or a log-in page", async () => {
    const other = { status: 404, body: "<html><head/><body>404 page not found</body></html>" };
    expect((await failureOf(head({ status: 404 }, other)))?.name).toBe("S3Refusal");
    expect((await failureOf(head({ status: 404 }, { status: 404 })))?.name).toBe("S3Refusal");
    expect((await failureOf(head({ status: 404 }, { status: 200 })))?.name).toBe("UnexpectedAnswer");
    const login = { status: 200, headers: { "content-type": "text/html" } };
    expect(await failureOf(head(login, { status: 200, body: PAGE }))).toEqual({
      name: "UnexpectedAnswer",
      message:
        'Could not look for bucket box: ENDPOINT answered with an HTML page, "Please log in". Is there a proxy or another service at this address?',
    });
  });
});

describe("an answer that is no document of S3", () => {
  test.each([
    ["nothing", ""],
    [
      "the plain bucket, from a service that does not know the sub-resource",
      `<ListBucketResult ${NS}><Name>box</Name></ListBucketResult>`,
    ],
    ["half a document", `<?xml version="1.0"?><VersioningConfiguration ${NS}><Status>Enab`],
    ["JSON", '{"Status":"Enabled"}'],
    ["a page", PAGE],
  ])("never reads as 'nothing is set': %s", async (_name, body) => {
    const client = service.client();
    service.always = () => ({ status: 200, body });
    const reads: [string, () => Promise<unknown>][] = [
      ["versioning", () => client.getVersioning("box")],
      ["policy", () => client.getPolicy("box")],
      ["cors", () => client.getCors("box")],
      ["tags", () => client.getTags("box")],
      ["list", () => client.listVersions("box")],
    ];
    for (const [name, read] of reads) {
      if (name === "policy" && body.startsWith("{")) continue;
      expect((await failureOf(read()))?.name).toBe("UnexpectedAnswer");
    }
  });

  test("a document without the setting does", async () => {
    service.replies = [
      { status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>\n<VersioningConfiguration ${NS}/>\n` },
    ];
    expect(await service.client().getVersioning("box")).toBe(false);
    service.replies = [
      refusal(404, "NoSuchBucketPolicy"),
      refusal(404, "NoSuchCORSConfiguration"),
      refusal(404, "NoSuchTagSet"),
    ];
    expect(await service.client().getPolicy("box")).toBeUndefined();
    expect(await service.client().getCors("box")).toEqual([]);
    expect(await service.client().getTags("box")).toEqual({});
  });
});

test("a sub-resource is deleted only where a GET has just shown it", async () => {
  const client = service.client();
  service.replies = [
    refusal(404, "NoSuchBucketPolicy"),
    refusal(404, "NoSuchCORSConfiguration"),
    { status: 200, body: `<Tagging ${NS}><TagSet/></Tagging>` },
  ];
  await client.deletePolicy("box");
  await client.deleteCors("box");
  await client.deleteTags("box");
  service.replies = [{ status: 200, body: `<ListBucketResult ${NS}></ListBucketResult>` }];
  expect((await failureOf(client.deleteTags("box")))?.name).toBe("UnexpectedAnswer");
  expect(service.lines().filter((line) => line.startsWith("DELETE"))).toEqual([]);
  service.replies = [{ status: 200, body: '{"Statement":[]}' }, { status: 204 }];
  await client.deletePolicy("box");
  expect(service.lines().slice(-2)).toEqual(["GET /box/?policy=", "DELETE /box/?policy="]);
});

describe("attempts", () => {
  test("a read is repeated after 503 and after a lost reply, signed anew", async () => {
    service.replies = [refusal(503, "InternalError"), { status: 200, cut: true }, { status: 200, body: VERSIONING }];
    expect(await service.client().getVersioning("box")).toBe(true);
    const ids = service.seen.map(({ headers }) => headers["amz-sdk-invocation-id"]);
    expect(new Set(ids).size).toBe(3);
  });

  test("an error inside of a 200 is one", async () => {
    service.replies = [
      { ...refusal(503, "InternalError"), status: 200 },
      { status: 200, body: VERSIONING },
    ];
    expect(await service.client().getVersioning("box")).toBe(true);
  });

  test("a creation is never repeated where it may have been carried out", async () => {
    for (const reply of [{ status: 200, cut: true }, refusal(500, "InternalError"), { status: 200, body: PAGE }]) {
      service.seen = [];
      service.replies = [reply];
      expect((await failureOf(service.client().createBucket("box")))?.name).toBe("OutcomeUnknown");
      expect(service.lines()).toEqual(["PUT /box/"]);
    }
  });

  test("and is where the service says that it did nothing", async () => {
    service.replies = [refusal(503, "SlowDown"), { status: 200 }];
    expect(await service.client().createBucket("box", { "x-gmt-policyid": "p1" })).toBe("created");
    expect(service.seen.map(({ headers }) => headers["x-gmt-policyid"])).toEqual(["p1", "p1"]);
    expect(service.seen[0]?.headers.authorization).toContain(";x-gmt-policyid");
  });

  test("what a service does not offer is asked for once", async () => {
    service.replies = [refusal(501, "NotImplemented", "Not here")];
    expect(await failureOf(service.client().putCors("box", []))).toEqual({
      name: "S3Refusal",
      message:
        'Could not write the CORS rules of bucket box: ENDPOINT answered 501 NotImplemented, "Not here". This service does not offer it; remove it from the program.',
    });
    expect(service.seen).toHaveLength(1);
  });
});

describe("refusals", () => {
  const refused = (status: number, code: string, message = "") => {
    service.replies = [refusal(status, code, message)];
    return failureOf(service.client().getTags("box"));
  };

  test("of a key are told from others, and name the key but not its secret", async () => {
    expect(await refused(403, "InvalidAccessKeyId", "unknown")).toEqual({
      name: "KeyRefused",
      message:
        'Could not read the tags of bucket box: ENDPOINT answered 403 InvalidAccessKeyId, "unknown". It does not know access key id AKLITERAL; a new key may take a while until every node knows it.',
    });
    expect(await refused(403, "SignatureDoesNotMatch", "you used Canary-s3-secret")).toEqual({
      name: "KeyRefused",
      message:
        'Could not read the tags of bucket box: ENDPOINT answered 403 SignatureDoesNotMatch, "you used [secret]". The secret access key is not that of access key id AKLITERAL, or a proxy changes requests on their way.',
    });
    expect((await refused(403, "AccessDenied"))?.name).toBe("KeyRefused");
    service.replies = [{ status: 403 }];
    await expect(service.client().getTags("box")).rejects.toBeInstanceOf(KeyRefused);
  });

  test("of other kinds say what to do", async () => {
    expect((await refused(403, "RequestTimeTooSkewed"))?.message).toContain("The clocks of this machine");
    expect((await refused(301, "PermanentRedirect"))?.message).toContain("signed for region us-east-1");
    expect((await refused(400, "AuthorizationHeaderMalformed"))?.message).toContain("signed for region us-east-1");
    service.replies = [{ status: 302, headers: { location: "https://elsewhere.example" } }];
    expect((await failureOf(service.client().getTags("box")))?.message).toContain("It redirects");
    expect((await refused(404, "NoSuchBucket"))?.message).toContain("Run pulumi up --refresh");
    expect((await refused(418, "Teapot", "short"))?.message).toBe(
      'Could not read the tags of bucket box: ENDPOINT answered 418 Teapot, "short".',
    );
  });

  test.each([
    { body: "<Error><Code>Tea", said: ', "Tea"', advice: "whether something on the way changes the answers" },
    { body: "", said: "", advice: "what the system's own log says" },
  ])("that name no code (body: '$body') say what to do all the same", async ({ body, said, advice }) => {
    service.replies = [{ status: 409, body }];
    expect((await failureOf(service.client().getTags("box")))?.message).toBe(
      `Could not read the tags of bucket box: ENDPOINT answered 409${said}. Run the same command again; if it stays so, see ${advice}.`,
    );
  });

  test("a clock that is wrong once is wrong the next time, too", async () => {
    const hour = new Date(Date.now() + 3_600_000).toUTCString();
    service.replies = [
      { ...refusal(403, "RequestTimeTooSkewed"), headers: { date: hour } },
      { status: 200, body: VERSIONING },
    ];
    const client = service.client();
    await failureOf(client.getVersioning("box"));
    await client.getVersioning("box");
    const [first = "", second = ""] = service.seen.map(({ headers }) => String(headers["x-amz-date"]).slice(0, 11));
    expect(second).toBe(first);
  });
});

test("a bucket is created, exists, is deleted, is gone, or is not empty", async () => {
  const client = service.client();
  service.replies = [{ status: 200 }, refusal(409, "BucketAlreadyOwnedByYou"), refusal(409, "BucketAlreadyExists")];
  expect([await client.createBucket("b1"), await client.createBucket("b1"), await client.createBucket("b1")]).toEqual([
    "created",
    "exists",
    "exists",
  ]);
  service.replies = [
    { status: 204 },
    refusal(404, "NoSuchBucket"),
    refusal(409, "BucketNotEmpty", "There is something."),
  ];
  expect(await client.deleteBucket("b1")).toBe("deleted");
  expect(await client.deleteBucket("b1")).toBe("deleted");
  expect(await client.deleteBucket("b1")).toEqual({ notEmpty: '409 BucketNotEmpty, "There is something."' });
  service.replies = [{ status: 404, body: PAGE }];
  expect((await failureOf(client.deleteBucket("b1")))?.name).toBe("S3Refusal");
});

describe("the date of a bucket", () => {
  const list = (name: string, token: string) => ({
    status: 200,
    headers: { date: "Mon, 01 Jan 2024 00:00:10 GMT" },
    body: `<ListAllMyBucketsResult ${NS}><Buckets><Bucket><Name>${name}</Name><CreationDate>2024-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets>${token}</ListAllMyBucketsResult>`,
  });

  test("is looked for on every page", async () => {
    service.replies = [list("other", "<ContinuationToken>more</ContinuationToken>"), list("box", "")];
    expect(await service.client().creationDate("box")).toEqual({ createdMs: 1704067200000, nowMs: 1704067210000 });
    expect(service.lines()).toEqual(["GET /?x-id=ListBuckets", "GET /?x-id=ListBuckets&continuation-token=more"]);
  });

  test("is unknown to a key that may not list buckets; any other refusal is an error", async () => {
    service.replies = [refusal(403, "AccessDenied"), refusal(403, "InvalidAccessKeyId")];
    expect(await service.client().creationDate("box")).toBeUndefined();
    expect((await failureOf(service.client().creationDate("box")))?.name).toBe("KeyRefused");
  });

  test("is unknown where the list does not hold it, also where it repeats itself", async () => {
    service.always = () => list("other", "<ContinuationToken>more</ContinuationToken>");
    expect(await service.client().creationDate("box")).toBeUndefined();
    expect(service.seen).toHaveLength(2);
  });
});

test("keys of a list are decoded where the service says that it has encoded them", async () => {
  const entry = (key: string, latest: boolean) =>
    `<Version><Key>${key}</Key><VersionId>v1</VersionId><IsLatest>${latest}</IsLatest></Version>`;
  const result = (more: string) =>
    `<ListVersionsResult ${NS}><IsTruncated>true</IsTruncated><NextKeyMarker>a%2Bb</NextKeyMarker><NextVersionIdMarker>v9</NextVersionIdMarker>${more}</ListVersionsResult>`;
  service.replies = [
    { status: 200, body: result(`<EncodingType>url</EncodingType>${entry("a%2Bb+c%01", true)}`) },
    {
      status: 200,
      body: result(`${entry("a%2Bb+c", false)}<DeleteMarker><Key> d </Key><IsLatest>true</IsLatest></DeleteMarker>`),
    },
  ];
  const client = service.client();
  expect(await client.listVersions("box")).toEqual({
    entries: [{ key: "a+b c\u0001", versionId: "v1", isMarker: false, isLatest: true }],
    next: { key: "a+b", id: "v9" },
  });
  expect(await client.listVersions("box", { key: "a+b", id: "v9" })).toEqual({
    entries: [
      { key: "a%2Bb+c", versionId: "v1", isMarker: false, isLatest: false },
      { key: " d ", versionId: "null", isMarker: true, isLatest: true },
    ],
    next: { key: "a%2Bb", id: "v9" },
  });
  expect(service.lines()[1]).toBe("GET /box/?versions=&encoding-type=url&key-marker=a%2Bb&version-id-marker=v9");
});
