import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeEach, expect, test, vi } from "vitest";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { bucketHandler } from "../../provider/s3/bucket.handler.ts";
import { calls } from "../harness/lab.ts";
import { type Kind, type Properties, TEXT, unwrapped } from "../property/support.ts";
import { openLab } from "./lab-stage.ts";

const { lab, control } = await openLab();
const endpoint = lab.addresses.cloudian.s3Endpoint;
const host = endpoint.replace("http://", "");
const byHand = new S3Client({
  endpoint,
  region: "us-east-1",
  forcePathStyle: true,
  credentials: { accessKeyId: "key", secretAccessKey: "secret-of-key" },
});
afterAll(() => byHand.destroy());

let kind: Kind;
let warnings: string[];
/** Another provider process, which remembers nothing. */
const process = () => {
  const lifecycle = new Lifecycle(anyHandler(bucketHandler), new Ledger()) as Kind & Lifecycle;
  lifecycle.configure({ config: { get: () => undefined } } as never);
  return lifecycle;
};

beforeEach(async () => {
  await control.patch("cloudian", {
    groups: { g: {} },
    users: { "g/u": { canonicalUserId: "c0ffee" }, "g/v": {} },
    credentials: {
      key: { groupId: "g", userId: "u", secretKey: "secret-of-key" },
      other: { groupId: "g", userId: "v", secretKey: "secret-of-other" },
    },
  });
  kind = process();
  warnings = [];
  vi.spyOn(console, "error").mockImplementation((text) => warnings.push(String(text)));
});

const ALL = {
  versioning: true,
  policy: "public",
  cors: [{ allowedMethods: ["GET"], allowedOrigins: ["https://cloud.example.test"] }],
  tags: { tier: "gold" },
};
const NONE = { versioning: false, policy: "private", cors: [], tags: {} };

const inputs = (more: Properties = {}): Properties => ({
  ...TEXT,
  endpoint,
  accessKeyId: "key",
  secretAccessKey: "secret-of-key",
  region: "us-east-1",
  pathStyle: true,
  bucketName: "box",
  forceDestroy: false,
  adopt: false,
  ...more,
});
const create = async (more: Properties = {}) => {
  const { id, outs } = await kind.create(inputs(more));
  return { id, outs: { ...unwrapped(outs as Properties), ...TEXT } as Properties };
};
const read = async (id: string, outs: Properties) => {
  const { inputs: live } = await kind.read(id, outs);
  return live === undefined ? undefined : unwrapped(live as Properties);
};
const callsOf = async (work: () => Promise<unknown>) => {
  await control.clearRequests();
  await work();
  return calls(await control.requests("cloudian-s3")).map((line) =>
    line.replace(/[?&]x-id=\w+/, "").replace(/(uploadId=).*/, "$1…"),
  );
};
const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => "no error",
    (error: Error) => error.message,
  );
const made = async () => (await control.state()).cloudian.s3Buckets;

test("is made with one look, one creation and one call for each aspect, and read with one more than it manages", async () => {
  let box = { id: "", outs: {} as Properties };
  expect(
    await callsOf(async () => {
      box = await create(ALL);
    }),
  ).toEqual([
    "HEAD /box/",
    "PUT /box/",
    "PUT /box/?versioning=",
    "PUT /box/?cors=",
    "PUT /box/?tagging=",
    "PUT /box/?policy=",
  ]);
  expect(box.id).toBe(`box@${host}`);
  expect(box.outs).toEqual({ ...inputs(ALL), systemEndpoint: endpoint });
  const reading = await callsOf(async () => expect(await read(box.id, box.outs)).toEqual(withoutText(inputs(ALL))));
  expect(reading.toSorted()).toEqual([
    "GET /box/?cors=",
    "GET /box/?policy=",
    "GET /box/?tagging=",
    "GET /box/?versioning=",
    "HEAD /box/",
  ]);
  expect(await callsOf(() => process().delete(box.id, box.outs))).toEqual(["DELETE /box/"]);
  expect(await made()).toEqual({});
});

test("what is unmanaged is neither read nor written, and what a new bucket has anyway is not written", async () => {
  let box = { id: "", outs: {} as Properties };
  const creation = await callsOf(async () => {
    box = await create(NONE);
  });
  expect(creation).toEqual(["HEAD /box/", "PUT /box/"]);
  const unmanaged = await read(box.id, { ...inputs(), systemEndpoint: endpoint });
  expect(unmanaged).toEqual(withoutText(inputs()));
  expect(await callsOf(() => read(box.id, { ...inputs(), systemEndpoint: endpoint }))).toEqual(["HEAD /box/"]);
});

test("everything is turned off again, each after a look; a suspension is worth a warning at preview", async () => {
  const box = await create(ALL);
  expect(await callsOf(() => kind.update(box.id, box.outs, inputs(NONE)))).toEqual([
    "GET /box/?policy=",
    "DELETE /box/?policy=",
    "PUT /box/?versioning=",
    "GET /box/?cors=",
    "DELETE /box/?cors=",
    "GET /box/?tagging=",
    "DELETE /box/?tagging=",
  ]);
  expect(await read(box.id, { ...box.outs, ...NONE })).toMatchObject(NONE);
  await process().check(box.outs, inputs(NONE));
  expect(warnings).toEqual([
    "warning: Versioning of S3 bucket box is suspended, not removed: versions that exist stay and take space, new ones are not kept.",
  ]);
});

test("a bucket that never had versions is not suspended where versioning is declared later", async () => {
  const box = await create();
  expect(await callsOf(() => kind.update(box.id, box.outs, inputs({ versioning: false })))).toEqual([
    "GET /box/?versioning=",
  ]);
});

test("new keys are an update without a request, another spelling of the endpoint no change, another name another bucket", async () => {
  const box = await create();
  const keys = { accessKeyId: "new", secretAccessKey: "secret-of-new" };
  expect(await callsOf(() => kind.update(box.id, box.outs, inputs(keys)))).toEqual([]);
  const respelled = inputs({ endpoint: ` ${endpoint.toUpperCase()}/ ` });
  const checked = await process().check(box.outs, respelled);
  expect(checked.failures).toEqual([]);
  expect(await kind.diff(box.id, box.outs, unwrapped(checked.inputs as Properties))).toEqual({ changes: false });
  expect(await kind.diff(box.id, box.outs, inputs({ endpoint: "https://s3.example.test" }))).toEqual({
    replaces: ["endpoint"],
  });
  expect(await kind.diff(box.id, box.outs, inputs({ bucketName: "box-2" }))).toEqual({ replaces: ["bucketName"] });
});

test("a bucket that exists is a conflict, and taken over where the program says so", async () => {
  await byHand.send(new CreateBucketCommand({ Bucket: "box" }));
  const refused = await messageOf(kind.create(inputs(ALL)));
  expect(refused).toContain(`S3 bucket box@${host} exists already.`);
  expect(refused).toContain('policy: live "private", declared "public" (differs)');
  const box = await create({ ...ALL, adopt: true });
  expect(await read(box.id, box.outs)).toMatchObject(ALL);
  expect(warnings[0]).toContain("exists and is taken over. It will be changed: versioning from false to true");
});

test("somebody else's bucket, and one with object lock, are refused in words", async () => {
  await byHand.send(new CreateBucketCommand({ Bucket: "box" }));
  const stranger = { accessKeyId: "other", secretAccessKey: "secret-of-other", adopt: true };
  expect(await messageOf(kind.create(inputs(stranger)))).toBe(
    `Could not create S3 bucket box@${host}: the service has a bucket of that name, and access key id other has no access to it; ` +
      "it is probably somebody else's. Choose another bucketName, or give the keys of its owner.",
  );
  await byHand.send(new CreateBucketCommand({ Bucket: "locked", ObjectLockEnabledForBucket: true }));
  expect(await messageOf(kind.create(inputs({ bucketName: "locked", adopt: true })))).toContain("has object lock");
});

test("a lost reply to the creation is answered by looking: the bucket is ours by its age", async () => {
  await control.fault({ system: "cloudian-s3", kind: "reset-after-commit", method: "PUT", path: "/box/", times: 1 });
  const creation = await callsOf(() => create({ tags: { tier: "gold" } }));
  expect(creation.filter((line) => line === "PUT /box/")).toHaveLength(1);
  expect(creation).toContain("GET /");
  expect(creation.at(-1)).toBe("PUT /box/?tagging=");
  expect(warnings).toEqual([]);
});

test("gone is what the service says: absent reads as gone and deletes at once", async () => {
  const box = await create();
  await control.patch("cloudian", { s3Buckets: { box: null } });
  expect(await callsOf(async () => expect(await read(box.id, box.outs)).toBeUndefined())).toEqual([
    "HEAD /box/",
    "GET /box/?location=",
  ]);
  expect(await callsOf(() => kind.delete(box.id, box.outs))).toEqual(["DELETE /box/"]);
});

test("a bucket that is not empty is kept, with the service's words and the numbers, and emptied where asked", async () => {
  const box = await create({ versioning: true });
  for (const Key of ["a", "a", "b/c d+e"]) await byHand.send(new PutObjectCommand({ Bucket: "box", Key, Body: "x" }));
  await byHand.send(new DeleteObjectCommand({ Bucket: "box", Key: "a" }));
  await byHand.send(new CreateMultipartUploadCommand({ Bucket: "box", Key: "half" }));
  expect(await messageOf(process().delete(box.id, box.outs))).toBe(
    `S3 bucket box@${host} is not deleted, because it is not empty: ${endpoint} answered 409 BucketNotEmpty, "The bucket you ` +
      'tried to delete is not empty.". It holds 1 object, 2 old versions, 1 delete marker and 1 unfinished upload. forceDestroy: true ' +
      "would delete all of it; switch it on with a pulumi up first (destroy reads the state, not the program).",
  );
  expect(await callsOf(() => process().delete(box.id, { ...box.outs, forceDestroy: true }))).toEqual([
    "DELETE /box/",
    "GET /box/?object-lock=",
    "GET /box/?encoding-type=url&versions=",
    "POST /box/?delete=",
    "GET /box/?encoding-type=url&versions=",
    "GET /box/?uploads=",
    "DELETE /box/half?uploadId=…",
    "GET /box/?uploads=",
    "DELETE /box/",
  ]);
  expect(await made()).toEqual({});
});

test("a bucket with object lock is not emptied", async () => {
  const box = await create();
  await control.patch("cloudian", { s3Buckets: { box: { objectLock: true, objects: { a: "x" } } } });
  expect(await messageOf(process().delete(box.id, { ...box.outs, forceDestroy: true }))).toBe(
    `S3 bucket box@${host} is not emptied: it has object lock, which this provider does not manage. Nothing was deleted. ` +
      "Delete with another tool what may go once its retention has passed.",
  );
  expect((await made())["box"]).toMatchObject({ counts: { objects: 1 } });
});

test("under another address of the same service the bucket is not deleted as the old one", async () => {
  const box = await create({ forceDestroy: true });
  await byHand.send(new PutBucketVersioningCommand({ Bucket: "box", VersioningConfiguration: { Status: "Enabled" } }));
  await byHand.send(new PutObjectCommand({ Bucket: "box", Key: "a", Body: "x" }));
  kind = process();
  const elsewhere = endpoint.replace("127.0.0.1", "localhost");
  // As the engine does: it has the inputs checked before anything is made.
  await kind.check({}, inputs({ endpoint: elsewhere, adopt: true }));
  const moved = await create({ endpoint: elsewhere, adopt: true });
  expect(moved.id).not.toBe(box.id);
  await kind.delete(box.id, box.outs);
  expect(warnings.at(-1)).toBe(
    `warning: S3 bucket ${box.id} is not deleted: S3 bucket box at ${elsewhere}, which this program declares, has the same name and date, so that it is taken to be the same one.`,
  );
  expect((await made())["box"]).toMatchObject({ counts: { objects: 1 } });
});

test("a storage policy goes with the creation, and is refused for a bucket that exists", async () => {
  const storagePolicy = "p-1";
  await control.patch("cloudian", { storagePolicies: { [storagePolicy]: "gold" } });
  const box = await create({ storagePolicy });
  expect(box.outs["storagePolicy"]).toBe(storagePolicy);
  const record = (await control.requests("cloudian-s3")).find(({ method }) => method === "PUT");
  expect(record?.headers).toContain("x-gmt-policyid");
  const { storagePolicy: _policy, ...without } = box.outs;
  expect(await messageOf(kind.update(box.id, without, inputs({ storagePolicy })))).toBe(
    `S3 bucket box@${host} cannot be given a storagePolicy: HyperStore takes it when a bucket is made, and no S3 call tells or ` +
      "changes it. Leave it out, also where the bucket was made with it: it keeps what it has. For another one give the new bucket " +
      "another bucketName. Nothing was changed.",
  );
  expect((await process().check(box.outs, inputs({ storagePolicy: "other" }))).failures).toHaveLength(1);
});

test("a storage policy that is declared no more stays with the bucket", async () => {
  await control.patch("cloudian", { storagePolicies: { "p-1": "gold" } });
  const box = await create({ storagePolicy: "p-1" });
  expect(await callsOf(() => kind.update(box.id, box.outs, inputs()))).toEqual([]);
});

test("without keys in the state it says why it cannot be read", async () => {
  expect(await messageOf(kind.read(`box@${host}`, { ...TEXT }))).toContain("An id holds no keys");
});

/** As `check` returns them; the engine adds the text. */
function withoutText({ __provider: _text, ...rest }: Properties): Properties {
  return rest;
}
