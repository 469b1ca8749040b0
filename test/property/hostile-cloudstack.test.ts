import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { PartialFailure, StorageError } from "../../provider/core/errors.ts";
import { answeringServer, type Reply, type Seen } from "./answering.ts";
import { type Kinds, kinds, type Properties, quotation, TEXT, unsendable } from "./support.ts";

const server = answeringServer();

let runs = 0;
/** Every run is a process of its own: what is asked once a process goes with the key. */
function process(more: Record<string, string> = {}): Kinds {
  runs += 1;
  return kinds({
    cloudstackEndpoint: `${server.endpoint}/client/api`,
    cloudstackApiKey: `key-${runs}`,
    cloudstackSecretKey: "Zq9~secret-of-the-api",
    retryBudget: "0",
    operationTimeoutSeconds: "5",
    ...more,
  });
}

/** The parameters of a call, which a GET has in its query and a POST in its body. */
function parametersOf({ url, body }: Seen): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(body === "" ? url.split("?")[1] : body));
}

function enveloped(command: string, content: unknown): Reply {
  return { status: 200, body: JSON.stringify({ [`${command.toLowerCase()}response`]: content }) };
}

/** What every process asks first; the rest is answered as a test says. */
function answering(rest: (command: string, parameters: Record<string, string>) => Reply): (request: Seen) => Reply {
  return (request) => {
    const parameters = parametersOf(request);
    const { command = "" } = parameters;
    if (command === "listCapabilities") return enveloped(command, { capability: { cloudstackversion: "4.22.0.0" } });
    if (parameters["name"] === "encode.api.response") return enveloped(command, {});
    return rest(command, parameters);
  };
}

/** What a confused server may put in a place. */
const value = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "true",
      "TRUE",
      true,
      false,
      "S3",
      "i-1",
      0,
      1,
      "1",
      -1,
      1.5,
      null,
      "",
      [],
      {},
      "nfs:/",
      "%",
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
/** A list of such documents, whose count may be anything. */
const listOf = (name: string, item: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 6, arbitrary: item.map((only): unknown => ({ count: 1, [name]: [only] })) },
    {
      weight: 2,
      arbitrary: fc.tuple(value, fc.array(item, { maxLength: 3 })).map(([count, items]) => ({ count, [name]: items })),
    },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(name, "count", "page"), value) },
    { weight: 1, arbitrary: fc.jsonValue() },
  );

const S3_URL = "https://s3.example.test/secondary";
const lists: Record<string, fc.Arbitrary<unknown>> = {
  listImageStores: listOf(
    "imagestore",
    document({ id: "i-1", name: "main", providername: "S3", url: S3_URL, protocol: "https", readonly: false }, [
      "endpoint",
      "bucket",
      "zonename",
    ]),
  ),
  listSecondaryStagingStores: listOf(
    "imagestore",
    document({ id: "i-1", name: "nfs://h/x", url: "nfs://h/x", zoneid: "z", providername: "NFS" }),
  ),
  listObjectStoragePools: listOf(
    "objectstore",
    document({ id: "i-1", name: "main", url: "https://minio.example.test", providername: "MinIO" }),
  ),
  listConfigurations: listOf(
    "configuration",
    document({ name: "cloudian.admin.password", value: "Zq9~password-before", category: "Advanced", isdynamic: true }, [
      "id",
    ]),
  ),
};

const switches = { verifyBucket: false, requireStagingStores: false, onDestroy: "delete", adopt: false };
const key = { accessKeyId: "AKIA1", secretAccessKey: "Zq9~secret-of-the-bucket" };
/** Inputs of each kind, as `check` returns them, and under which id. */
const CASES = {
  store: {
    id: "i-1",
    inputs: {
      storeName: "main",
      endpoint: "https://s3.example.test:443",
      bucket: "secondary",
      ...key,
      useHttps: true,
      ...switches,
    },
    change: { readOnly: true },
  },
  staging: { id: "i-1", inputs: { zoneId: "z", server: "h", path: "/x", adopt: false }, change: { adopt: true } },
  pool: {
    id: "i-1",
    inputs: {
      poolName: "main",
      url: "https://minio.example.test",
      providerName: "MinIO",
      s3: { accessKeyId: "k", secretAccessKey: "Zq9~secret-of-the-pool" },
      adopt: false,
    },
    change: { poolName: "renamed" },
  },
  setting: {
    id: "cloudian.admin.password",
    inputs: { settingName: "cloudian.admin.password", value: "Zq9~password-after", onDestroy: "reset" },
    change: { value: "Zq9~password-later" },
  },
} as const;
type Name = keyof typeof CASES;
const NAMES = Object.keys(CASES) as Name[];

const oldsOf = (name: Name): Properties => ({
  ...CASES[name].inputs,
  ...TEXT,
  systemEndpoint: `${server.endpoint}/client/api`,
});

function expectTyped(error: unknown): void {
  if (!(error instanceof StorageError)) throw error;
  expect(error.message).not.toContain("unexpected failure");
  expect(error.message).not.toBe("");
  expect(error.message.length).toBeLessThan(3000);
  expect(`${error.message} ${error.stack}`).not.toContain("Zq9~");
  if (!(error instanceof PartialFailure)) {
    expect("code" in error || "id" in error || "details" in error).toBe(false);
    return;
  }
  expect(error.id).not.toBe("");
  expect(unsendable(error.properties)).toEqual([]);
  expect(error.reasons.join()).not.toContain("Zq9~");
}

function expectQuietWarnings(): void {
  const warnings = vi.mocked(console.error).mock.calls;
  expect(JSON.stringify(warnings)).not.toContain("Zq9~");
  vi.mocked(console.error).mockClear();
}

test("no list of CloudStack yields a crash, a gone object or an impossible state: a typed error or a valid state", async () => {
  let valid = 0;
  await fc.assert(
    fc.asyncProperty(fc.record(lists), fc.boolean(), async (answers, alone) => {
      server.answer = answering((command) => enveloped(command, answers[command] ?? {}));
      const own = process();
      for (const name of NAMES) {
        const { id } = CASES[name];
        try {
          const live = await own[name].read(id, alone ? TEXT : oldsOf(name));
          valid += 1;
          expect(live.id).toBe(id);
          expect(unsendable(live.props)).toEqual([]);
          expect(unsendable(live.inputs)).toEqual([]);
        } catch (error) {
          expectTyped(error);
        }
      }
      expectQuietWarnings();
    }),
    { numRuns: 150 },
  );
  expect(valid).toBeGreaterThan(100);
});

const ABSENT = "Invalid parameter id value=i-1 due to incorrect long value format, or entity does not exist";
const refusal = fc.record({
  status: fc.constantFrom(400, 401, 403, 404, 410, 430, 431, 432, 500, 503, 530, 531, 200),
  code: fc.constantFrom(431, 431, 530, 401, "431", 404, 9999),
  form: fc.constantFrom("own", "own", "own", "bare", "two", "html", "text", "empty", "torn"),
  text: fc.constantFrom(ABSENT, ABSENT, "not found", "entity", ""),
});

function bodyOf({ form, code, text }: { form: string; code: number | string; text: string }): string {
  const error = { uuidList: [], errorcode: code, cserrorcode: 4350, errortext: text };
  if (form === "own") return JSON.stringify({ listresponse: error });
  if (form === "bare") return JSON.stringify(error);
  if (form === "two") return JSON.stringify({ listresponse: error, other: {} });
  if (form === "html") return `<html><body>${text}</body></html>`;
  if (form === "torn") return JSON.stringify({ listresponse: error }).slice(0, -2);
  return form === "empty" ? "" : text;
}

test("an object is gone only where CloudStack itself says that its id does not exist", async () => {
  let gone = 0;
  await fc.assert(
    fc.asyncProperty(refusal, async (refused) => {
      const { status, form, code, text } = refused;
      const isOwn = form === "own" && ![200, 401, 403, 404, 410, 500, 503].includes(status);
      const isAbsent = isOwn && Number(code) === 431 && text === ABSENT;
      server.answer = answering((command, { id }) =>
        id === undefined ? enveloped(command, {}) : { status, body: bodyOf(refused) },
      );
      const own = process();
      for (const name of ["store", "staging", "pool"] as const) {
        try {
          expect(await own[name].read("i-1", oldsOf(name))).toEqual({});
          gone += 1;
          expect({ ...refused, isAbsent }).toMatchObject({ isAbsent: true });
        } catch (error) {
          expectTyped(error);
          expect({ ...refused, isAbsent }).toMatchObject({ isAbsent: false });
        }
      }
    }),
    { numRuns: 200, examples: [[{ status: 431, code: 431, form: "own", text: ABSENT }]] },
  );
  // The example alone is three; some twenty are expected.
  expect(gone).toBeGreaterThan(2);
});

/** A secret that a call of the kind sends, or signs with; of others its process knows nothing. */
function echoTo(name: Name): fc.Arbitrary<string> {
  const secrets = JSON.stringify(CASES[name].inputs).match(/Zq9~[a-z-]+/g) ?? [];
  const known = fc.constantFrom("Zq9~secret-of-the-api", ...secrets);
  return fc.tuple(known, quotation).map(([secret, quoted]) => quoted(secret));
}

const objects = ["imagestore", "secondarystorage", "objectstore", "configuration"];
/** What may come back instead of an answer, or as one; a secret that was sent may be in it. */
const replyTo = (name: Name): fc.Arbitrary<Reply> =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom(401, 429, 430, 431, 432, 500, 503, 530, 531), echoTo(name), fc.boolean())
      .map(([status, text, own]) => ({
        status,
        body: own ? JSON.stringify({ errorresponse: { errorcode: status, errortext: text } }) : text,
        headers: { "retry-after": "3600" },
      })),
    fc
      .tuple(fc.constantFrom(...objects), document({ id: "i-1", name: "main", providername: "S3", zoneid: "z" }))
      .map(([name, item]) => enveloped("x", { [name]: item })),
    fc
      .dictionary(fc.constantFrom("success", "displaytext", "jobid", "jobstatus", "jobresult", ...objects), value)
      .map((content) => enveloped("x", content)),
    fc.constantFrom(enveloped("x", { success: "true" }), enveloped("x", { success: false, displaytext: "no" })),
    fc
      .tuple(fc.constantFrom(200, 302, 404, 502), fc.constantFrom("", "{", "<html>", "null", "[]", "{}"))
      .map(([status, body]) => ({ status, body })),
  );

/** Whether an answer can be taken for "done", or for "there is no such thing". */
function mayMeanDone({ status, body }: Reply): boolean {
  if (status === 431) return body.includes("entity does not exist");
  if (status !== 200) return false;
  try {
    const [content, ...others] = Object.values(JSON.parse(body) as object);
    if (others.length > 0 || typeof content !== "object" || content === null || Array.isArray(content)) return false;
    return "jobid" in content || !("success" in content) || String(content.success).toLowerCase() === "true";
  } catch {
    return false;
  }
}

test("whatever CloudStack answers to a change, it ends: with a valid state, or an error in words without a secret", async () => {
  const done = { create: 0, update: 0, delete: 0 };
  const empty = fc.constant<unknown>({});
  const looks = fc.record({
    listImageStores: fc.oneof(empty, lists["listImageStores"] as fc.Arbitrary<unknown>),
    listSecondaryStagingStores: fc.oneof(empty, lists["listSecondaryStagingStores"] as fc.Arbitrary<unknown>),
    listObjectStoragePools: fc.oneof(empty, lists["listObjectStoragePools"] as fc.Arbitrary<unknown>),
    listConfigurations: lists["listConfigurations"] as fc.Arbitrary<unknown>,
    listStorageProviders: fc.constant<unknown>({ count: 1, dataStoreProvider: [{ name: "S3" }] }),
  });
  const calls = fc
    .constantFrom(...NAMES)
    .chain((name) => fc.record({ name: fc.constant(name), answers: looks, change: replyTo(name) }));
  await fc.assert(
    fc.asyncProperty(calls, async ({ name, answers, change }) => {
      const known: Record<string, unknown> = answers;
      server.answer = answering((command) => (command in known ? enveloped(command, known[command]) : change));
      const { id, inputs, change: changed } = CASES[name];
      for (const work of ["create", "update", "delete"] as const) {
        server.seen = [];
        const kind = process()[name];
        const started = performance.now();
        try {
          if (work === "create") {
            const made = await kind.create({ ...inputs, ...TEXT });
            expect(made.id).toMatch(/./);
            expect(unsendable(made.outs)).toEqual([]);
          } else if (work === "update") {
            const { outs } = await kind.update(id, oldsOf(name), { ...inputs, ...changed, ...TEXT });
            expect(unsendable(outs)).toEqual([]);
          } else {
            await kind.delete(id, oldsOf(name));
            expect({ name, change, isDone: mayMeanDone(change) }).toMatchObject({ isDone: true });
          }
          done[work] += 1;
        } catch (error) {
          expectTyped(error);
        }
        expect(performance.now() - started).toBeLessThan(10_000);
      }
      expectQuietWarnings();
    }),
    { numRuns: 150 },
  );
  // Of some fifteen that are expected of each.
  expect(Math.min(...Object.values(done))).toBeGreaterThan(0);
});
