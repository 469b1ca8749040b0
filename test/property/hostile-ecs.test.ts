import fc from "fast-check";
import { expect, test } from "vitest";
import { StorageError } from "../../provider/core/errors.ts";
import { answeringServer, type Reply } from "./answering.ts";
import { kinds, type Properties, quotation, TEXT, unsendable, unwrapped, wild } from "./support.ts";

const server = answeringServer();

const settings = (more: Record<string, string> = {}) => ({
  ecsEndpoint: server.endpoint,
  ecsUsername: "pulumi",
  ecsPassword: "Zq9~login",
  ecsNamespace: "ns1",
  ecsS3Endpoint: server.endpoint,
  retryBudget: "0",
  // Too short to wait for a key that nodes do not know.
  operationTimeoutSeconds: "5",
  ...more,
});

const token = { "X-SDS-AUTH-TOKEN": "token-of-the-answering-server" };
const loggedIn: Reply = { status: 200, body: JSON.stringify({ user: "pulumi" }), headers: token };
const json = (body: unknown): Reply => ({ status: 200, body: JSON.stringify(body) });

/** What a confused array may put in a place. */
const value = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "true",
      "false",
      "TRUE",
      true,
      false,
      "ns1",
      "box",
      1,
      "1",
      "-1",
      null,
      -1,
      1.5,
      "",
      [],
      {},
      { toString: 1 },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
/** A usual document with some members that are not; or something else altogether. */
const document = (usual: Properties, others: readonly string[] = []) => {
  const names = fc.constantFrom(...Object.keys(usual), ...others, "__proto__", "constructor", "newField");
  return fc.oneof(
    {
      weight: 8,
      arbitrary: fc.dictionary(names, value, { maxKeys: 2 }).map((odd): unknown => ({ ...usual, ...odd })),
    },
    { weight: 1, arbitrary: fc.dictionary(names, value) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
};

const userDocument = document({ name: "ada", locked: false, created: "Wed Feb 25 11:16:48 UTC 2015", tag: [] }, [
  "tags",
]);
const keysDocument = document(
  {
    secret_key_1: "Zq9~secret-1",
    secret_key_1_exist: true,
    key_timestamp_1: "2026-01-01 00:00:00.000",
    key_expiry_timestamp_1: "",
    secret_key_2: "",
    secret_key_2_exist: false,
    key_timestamp_2: "",
  },
  ["key_expiry_timestamp_2"],
);
const bucketDocument = document(
  {
    name: "box",
    owner: "ada",
    vpool: "urn:storageos:ReplicationGroupInfo:1:global",
    created: "2026-01-01T00:00:00Z",
    block_size: 5,
    notification_size: "-1",
    is_encryption_enabled: "true",
    is_stale_allowed: false,
    retention: 0,
    default_retention: "0",
    TagSet: [{ Key: "tier", Value: "gold" }],
  },
  ["tags", "versioning_status", "is_object_lock_enabled", "is_empty_bucket_in_progress"],
);
const groupsDocument = document({
  data_service_vpool: [{ id: "urn:storageos:ReplicationGroupInfo:1:global", name: "rg1" }],
});
const versioningDocument = document({ Status: "Enabled" });
const policyText = fc.oneof(
  fc.constantFrom("", "{}", "null", "[]", "text", '"text"', "<a/>", '{"Statement":[]}', '{"Statement":"x"}'),
  fc.constantFrom('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"box/*"}]}'),
  fc.json(),
);
const corsXml = fc.constantFrom(
  "",
  "<html/>",
  "<CORSConfiguration/>",
  "<CORSConfiguration><CORSRule><AllowedMethod>PATCH</AllowedMethod></CORSRule></CORSConfiguration>",
  "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>",
  "<CORSConfiguration><CORSRule><MaxAgeSeconds>x</MaxAgeSeconds></CORSRule></CORSConfiguration>",
  "<CORSConfiguration><CORSRule></CORSConfiguration>",
);

const userOlds = () => ({
  ...TEXT,
  namespace: "ns1",
  userName: "ada",
  locked: false,
  tags: {},
  keyGeneration: 1,
  accessKeyId: "ada",
  secretAccessKey: "Zq9~secret-1",
  systemEndpoint: server.endpoint,
});
const bucketOlds = () => ({
  ...TEXT,
  namespace: "ns1",
  bucketName: "box",
  owner: "ada",
  replicationGroup: "rg1",
  encryption: true,
  versioning: true,
  quotaGiB: 5,
  notifyAtGiB: "none",
  policy: "private",
  tags: {},
  retentionSeconds: 0,
  accessDuringOutage: false,
  cors: [],
  systemEndpoint: server.endpoint,
});

/** What is live may be nothing that a program could declare: then it is shown, and differs. */
const mayDiffer = [
  "keyGeneration",
  "tags",
  "policy",
  "cors",
  "owner",
  "retentionSeconds",
  "quotaGiB",
  "notifyAtGiB",
  "replicationGroup",
];

function expectTyped(error: unknown): void {
  if (!(error instanceof StorageError)) throw error;
  expect(error.message).not.toContain("unexpected failure");
  expect(error.message.length).toBeLessThan(2500);
  expect(error.message).not.toContain("Zq9~");
  expect("code" in error || "id" in error || "details" in error).toBe(false);
}

test("no document of the array yields a crash, a gone object or an impossible state: a typed error or a valid state", async () => {
  let valid = 0;
  const arbitraries = [
    userDocument,
    keysDocument,
    bucketDocument,
    groupsDocument,
    versioningDocument,
    policyText,
    corsXml,
    fc.boolean(),
  ] as const;
  await fc.assert(
    fc.asyncProperty(...arbitraries, async (user, keys, bucket, groups, versioning, policy, cors, alone) => {
      server.answer = ({ url }) => {
        if (url === "/login") return loggedIn;
        if (url.startsWith("/object/users/")) return json(user);
        if (url.startsWith("/object/user-secret-keys/")) return json(keys);
        if (url.startsWith("/vdc/")) return json(groups);
        if (url.startsWith("/object/bucket/box/info")) return json(bucket);
        if (url.startsWith("/object/bucket/box/policy")) return { status: 200, body: policy };
        if (url.startsWith("/object/bucket/box/versioning")) return json(versioning);
        return { status: 200, body: cors };
      };
      const { ecsUser, ecsBucket } = kinds(settings());
      for (const [kind, id, olds] of [
        [ecsUser, "ns1/ada", userOlds()],
        [ecsBucket, "ns1/box", bucketOlds()],
      ] as const) {
        try {
          const live = await kind.read(id, alone ? TEXT : olds);
          valid += 1;
          expect(live.id).toBe(id);
          expect(unsendable(live.props)).toEqual([]);
          expect(unsendable(live.inputs)).toEqual([]);
          const inputs = unwrapped(live.inputs as Properties);
          expect(inputs["namespace"]).toBe("ns1");
          const { failures = [] } = await kind.check({}, { ...inputs, ...TEXT });
          const paths = failures.map(({ reason }) => reason.split(/[:.]/)[0]);
          expect(paths.filter((path) => !mayDiffer.includes(path ?? ""))).toEqual([]);
        } catch (error) {
          expectTyped(error);
        }
      }
    }),
    { numRuns: 250 },
  );
  expect(valid).toBeGreaterThan(40);
});

const DETAILS = [
  "",
  "no such bucket box",
  "Unable to find 'ns1.box'",
  "no such namespace ns1",
  "mailbox",
  "the id in the URL",
];
const refusal = fc.record({
  status: fc.constantFrom(400, 403, 404, 405, 409, 410, 500, 501, 503),
  form: fc.constantFrom("json", "wrapped", "xml", "html", "text", "empty", "other json"),
  code: fc.constantFrom(1004, 2000, 1007, 4000, 1002, "1004", 404, 0, ""),
  details: fc.constantFrom(...DETAILS),
  namespaceIsThere: fc.boolean(),
});

function bodyOf(form: string, code: number | string, details: string): string {
  const error = { code, description: "refused", details, retryable: false };
  if (form === "json") return JSON.stringify(error);
  if (form === "wrapped") return JSON.stringify({ error });
  if (form === "xml") return `<?xml version="1.0"?><error><code>${code}</code><details>${details}</details></error>`;
  if (form === "html") return `<html><body>${details} was not found</body></html>`;
  if (form === "text") return `not found: ${details}`;
  return form === "empty" ? "" : JSON.stringify({ message: details, status: code });
}

test("a refusal of the array means gone only where it says so of this object; of anything else it is an error", async () => {
  let gone = 0;
  await fc.assert(
    fc.asyncProperty(refusal, async ({ status, form, code, details, namespaceIsThere }) => {
      // The array's codes begin at 1000; a gateway may repeat its status.
      const own = ["json", "wrapped", "xml"].includes(form) && Number(code) >= 1000;
      const refused: Reply = { status, body: bodyOf(form, code, details) };
      server.answer = ({ url }) => {
        if (url === "/login") return loggedIn;
        if (!url.startsWith("/object/namespaces/")) return refused;
        return namespaceIsThere ? json({ name: "ns1" }) : { status: 400, body: bodyOf("json", 1004, "ns1") };
      };
      const { ecsUser, ecsBucket } = kinds(settings());
      for (const [kind, id, olds, isAbsent] of [
        [ecsUser, "ns1/ada", userOlds(), own && status === 404],
        [
          ecsBucket,
          "ns1/box",
          bucketOlds(),
          own && (status === 404 || (status === 400 && Number(code) === 1004 && namespaceIsThere)),
        ],
      ] as const) {
        try {
          expect(await kind.read(id, olds)).toEqual({});
          gone += 1;
          expect({ status, form, code, details, isAbsent }).toMatchObject({ isAbsent: true });
        } catch (error) {
          expectTyped(error);
          expect({ status, form, code, details, isAbsent }).toMatchObject({ isAbsent: false });
        }
      }
    }),
    {
      numRuns: 250,
      examples: [
        [{ status: 404, form: "json", code: 1004, details: "no such bucket box", namespaceIsThere: true }],
        [{ status: 404, form: "xml", code: 4000, details: "", namespaceIsThere: true }],
        [{ status: 400, form: "wrapped", code: 1004, details: "no such bucket box", namespaceIsThere: true }],
      ],
    },
  );
  // The examples alone are five; some fifteen are expected.
  expect(gone).toBeGreaterThan(4);
});

test("no list of buckets that is not understood, or names one of the user's, lets the user be deleted", async () => {
  let runs = 0;
  const row = fc.record({ name: value, owner: value }, { requiredKeys: [] });
  const list = fc.oneof(
    fc.record({ object_bucket: fc.array(row, { minLength: 1, maxLength: 3 }) }),
    fc.record({ object_bucket: fc.jsonValue().filter((json) => json !== null && json !== "" && !isEmptyList(json)) }),
    fc.constant({ object_bucket: [{ name: "b", owner: "ada" }] }),
    fc.dictionary(fc.constantFrom("message", "code", "NextMarker"), value),
    fc.jsonValue().filter((json) => typeof json !== "object" || json === null || Array.isArray(json)),
  );
  await fc.assert(
    fc.asyncProperty(list, async (body) => {
      runs += 1;
      server.seen = [];
      server.answer = ({ url }) => (url === "/login" ? loggedIn : json(body));
      // Every run is a process of its own: a list is good for a while.
      const { ecsUser } = kinds(settings({ ecsUsername: `pulumi-${runs}` }));
      const rows = (body as { object_bucket?: unknown } | null)?.object_bucket;
      const isUnderstood =
        Array.isArray(rows) &&
        rows.every(
          (each) =>
            typeof each?.name === "string" && typeof each?.owner === "string" && each.owner.toLowerCase() !== "ada",
        );
      const removal = ecsUser.delete("ns1/ada", userOlds());
      if (isUnderstood) return await removal;
      await expect(removal).rejects.toBeInstanceOf(StorageError);
      expect(server.seen.filter(({ method }) => method !== "GET")).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** By hand, so that what the client's own encoder gets wrong is not undone by its twin. */
function arrived(url: string): { segments: string[]; query: Record<string, string> } {
  const [path = "", query = ""] = url.split("?");
  const pairs = query.split("&").map((pair) => pair.split("=").map(decodeURIComponent));
  return { segments: path.split("/").slice(1).map(decodeURIComponent), query: Object.fromEntries(pairs) };
}

test("a user's name is refused by check, or arrives as exactly that text, in path, query and body", async () => {
  const legal = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(..."aZ0!#$&'()*+,-./:;=?@_~ %") });
  await fc.assert(
    fc.asyncProperty(fc.oneof(wild, legal), fc.constantFrom("ns1", "a_b-C"), async (userName, namespace) => {
      const { ecsUser } = kinds(settings());
      const { inputs, failures } = await ecsUser.check({}, { userName, namespace, ...TEXT });
      if ((failures ?? []).length > 0) return;
      expect(inputs).toMatchObject({ userName, namespace });
      server.seen = [];
      server.answer = ({ method, url }) => {
        if (url === "/login") return loggedIn;
        return method === "GET" ? { status: 404, body: bodyOf("json", 2000, "") } : json(null);
      };
      expect(await ecsUser.read(`${namespace}/${userName}`, { ...unwrapped(inputs as Properties), ...TEXT })).toEqual(
        {},
      );
      const made = await ecsUser.create({ ...unwrapped(inputs as Properties), ...TEXT });
      expect(made.id).toBe(`${namespace}/${userName}`);
      const requests = server.seen.filter(({ url }) => url !== "/login");
      expect(arrived(requests[0]?.url ?? "")).toEqual({
        segments: ["object", "users", userName, "info"],
        query: { namespace },
      });
      expect(JSON.parse(requests[1]?.body ?? "")).toEqual({ user: userName, namespace });
      expect(arrived(requests[2]?.url ?? "").segments).toEqual(["object", "user-secret-keys", userName]);
      expect(JSON.parse(requests[2]?.body ?? "")).toMatchObject({
        namespace,
        secretkey: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
      });
    }),
    { numRuns: 100 },
  );
});

test("names, owner and tags of a bucket are refused by check, or arrive as exactly that text", async () => {
  const legal = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(..."aZ09._- /") });
  await fc.assert(
    fc.asyncProperty(fc.oneof(wild, legal), wild, wild, async (bucketName, owner, written) => {
      const { ecsBucket } = kinds(settings());
      const declared = { bucketName, owner, namespace: "ns1", allowNonDnsName: true, encryption: false };
      const valid = await ecsBucket.check({}, { ...declared, ...TEXT });
      if ((valid.failures ?? []).length > 0) return;
      const tagged = await ecsBucket.check({}, { ...declared, tags: { [written]: written }, ...TEXT });
      const inputs = (tagged.failures ?? []).length > 0 ? valid.inputs : tagged.inputs;
      server.seen = [];
      server.answer = ({ url }) => {
        if (url === "/login") return loggedIn;
        return url.includes("/info") ? { status: 404, body: bodyOf("json", 1004, "") } : json({ name: bucketName });
      };
      const made = await ecsBucket.create({ ...unwrapped(inputs as Properties), ...TEXT });
      expect(await ecsBucket.read(made.id, { ...unwrapped(made.outs as Properties), ...TEXT })).toEqual({});
      const requests = server.seen.filter(({ url }) => url !== "/login");
      const body = JSON.parse(requests[0]?.body ?? "") as Properties;
      expect(body).toMatchObject({ name: bucketName, namespace: "ns1", owner });
      if ("tags" in inputs) expect(body["TagSet"]).toEqual([{ Key: written, Value: written }]);
      const reading = arrived(requests.at(-1)?.url ?? "");
      expect(reading).toEqual({ segments: ["object", "bucket", bucketName, "info"], query: { namespace: "ns1" } });
    }),
    { numRuns: 100 },
  );
});

const canary = fc.string({ minLength: 6, maxLength: 40, unit: "grapheme-ascii" }).map((middle) => `Zq9~${middle}~`);

test("neither a user's secret key nor the token is in any error, however the array quotes it", async () => {
  await fc.assert(
    fc.asyncProperty(canary, quotation, fc.constantFrom(400, 403, 409, 500), async (secret, quoted, status) => {
      server.seen = [];
      const pushed = () =>
        server.seen.map(({ body }) => /"secretkey":"(\w{40})"/.exec(body)?.[1]).find(Boolean) ?? secret;
      server.answer = ({ method, url }) => {
        if (url === "/login") return loggedIn;
        const keys = { secret_key_1: secret, secret_key_1_exist: true, key_timestamp_1: "t" };
        if (method === "GET" && url.startsWith("/object/user-secret-keys/")) return json(keys);
        return { status, body: quoted(`${pushed()} ${token["X-SDS-AUTH-TOKEN"]}`) };
      };
      const { ecsUser } = kinds(settings());
      const olds = { ...userOlds(), userName: "plain-user", accessKeyId: "plain-user", secretAccessKey: secret };
      const news = { ...TEXT, namespace: "ns1", userName: "plain-user", keyGeneration: 2 };
      const message = await ecsUser.update("ns1/plain-user", olds, news).then(
        () => "",
        (error: Error) => `${error.message} ${error.stack} ${JSON.stringify((error as { reasons?: unknown }).reasons)}`,
      );
      expect(message).toContain("ECS object user ns1/plain-user");
      for (const shown of ["Zq9", pushed(), token["X-SDS-AUTH-TOKEN"], Buffer.from(secret).toString("base64")])
        expect(message).not.toContain(shown);
    }),
    { numRuns: 100 },
  );
});

test("the management password is in no error, however the array quotes it at the log-in", async () => {
  await fc.assert(
    fc.asyncProperty(canary, quotation, fc.constantFrom(200, 302, 401, 403, 500), async (secret, quoted, status) => {
      const basic = Buffer.from(`plain:${secret}`).toString("base64");
      server.answer = () => ({ status, body: `${quoted(secret)} ${basic}` });
      const { ecsUser } = kinds(settings({ ecsUsername: "plain", ecsPassword: secret }));
      const message = await ecsUser.read("ns1/plain-user", TEXT).then(
        () => "",
        (error: Error) => `${error.message} ${error.stack}`,
      );
      expect(message).toContain("Could not log in to ECS as plain");
      for (const shown of ["Zq9", basic, Buffer.from(secret).toString("base64")]) expect(message).not.toContain(shown);
    }),
    { numRuns: 100 },
  );
});
