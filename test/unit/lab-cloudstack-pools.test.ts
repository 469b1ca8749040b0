import { beforeEach, expect, test } from "vitest";
import { details, openCloudStack, type Params } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();

type Entity = Record<string, unknown>;

const fast = { jobSeconds: 0, jobPolls: 0, successAsText: false };
beforeEach(() => control.patch("cloudstack", { options: fast }));

const release = (text: string) => control.patch("cloudstack", { options: { release: text } });
const minio = { provider: "MinIO", ...details({ accesskey: "key", secretkey: "secret" }) };
const hyperstore = {
  accesskey: "sysadmin",
  secretkey: "public",
  validateSSL: "false",
  s3Url: "https://s3.example.test",
  iamUrl: "https://iam.example.test:16443",
};

const add = (params: Params = {}) =>
  api("addObjectStoragePool", { name: "pool", url: "https://minio.example.test", ...minio, ...params });

async function poolId(params: Params = {}): Promise<string> {
  const { status, value } = await add(params);
  expect(status).toBe(200);
  return (value["objectstore"] as { id: string }).id;
}

async function listed(object: string, command: string, params: Params = {}): Promise<Entity[]> {
  return ((await api(command, params)).value[object] ?? []) as Entity[];
}

async function makeBucket(objectstorageid: string, params: Params = {}): Promise<Entity> {
  const { value } = await api("createBucket", { name: "invoices", objectstorageid, quota: "1", ...params });
  return (await api("queryAsyncJobResult", { jobid: String(value["jobid"]) })).value;
}

const errortext = async (reply: Promise<{ status: number; value: Entity }>) => {
  const { status, value } = await reply;
  return [status, value["errortext"]];
};

test("a pool is added, listed without its details, and deleted", async () => {
  const reply = await add({ size: "10" });
  expect(reply.key).toBe("addobjectstoragepoolresponse");
  const pool = {
    id: expect.any(String),
    name: "pool",
    url: "https://minio.example.test",
    providername: "MinIO",
    storagetotal: 10_737_418_240,
    storageused: 0,
    storageallocated: 0,
    hasannotations: false,
  };
  expect(reply.value).toEqual({ objectstore: pool });
  expect(await listed("objectstore", "listObjectStoragePools", { name: "pool", provider: "MinIO" })).toEqual([pool]);
  expect(await listed("objectstore", "listObjectStoragePools", { provider: "Ceph" })).toEqual([]);
  const { id } = reply.value["objectstore"] as { id: string };
  expect((await api("deleteObjectStoragePool", { id })).value).toEqual({ success: true });
  expect(await api("listObjectStoragePools", { id })).toMatchObject({ status: 431 });
  await release("4.20.0.0");
  await add();
  expect((await listed("objectstore", "listObjectStoragePools"))[0]).not.toHaveProperty("storageallocated");
});

test("name and URL are unique, the URL is one, and the provider is known", async () => {
  await poolId();
  const other = { name: "other", url: "https://other.example.test" };
  expect(await errortext(add({ url: other.url }))).toEqual([431, expect.stringContaining("already exists")]);
  expect(await errortext(add({ name: other.name }))).toEqual([431, expect.stringContaining("already exists")]);
  for (const url of ["no url", "minio.example.test:9000"]) {
    expect(await errortext(add({ ...other, url }))).toEqual([431, expect.stringContaining("is not a valid URL")]);
  }
  expect(await errortext(add({ ...other, provider: "minio" }))).toEqual([
    431,
    expect.stringContaining("can't find object store provider"),
  ]);
});

test.each([
  ["4.19.0.0", ["MinIO"]],
  ["4.20.0.0", ["MinIO", "Ceph"]],
  ["4.22.0.0", ["MinIO", "Ceph", "Cloudian HyperStore"]],
  ["next", ["MinIO", "Ceph", "Cloudian HyperStore", "ECS"]],
])("release %s has the providers %j", async (text, expected) => {
  await release(text);
  const listing = await listed("dataStoreProvider", "listStorageProviders", { type: "object" });
  expect(listing.map(({ name }) => name)).toEqual(expected);
  const all = ["MinIO", "Ceph", "Cloudian HyperStore", "ECS"];
  const ecs = { mgmt_url: "https://ecs.example.test:4443", sa_user: "u", sa_password: "p" };
  for (const provider of all) {
    const own = details({ ...hyperstore, ...ecs });
    const reply = await add({ name: provider, url: `https://${all.indexOf(provider)}.example.test`, provider, ...own });
    expect([provider, reply.status]).toEqual([provider, expected.includes(provider) ? 200 : 431]);
  }
});

test("before 4.19 there are no pools", async () => {
  await release("4.18.2.0");
  expect(await add()).toMatchObject({ status: 401, key: "errorresponse" });
});

test("a pool whose storage does not answer is not added", async () => {
  const failure = [530, expect.stringContaining("Failed to add object store")];
  expect(await errortext(add({ "details[1].value": "" }))).toEqual(failure);
  await control.patch("cloudstack", { options: { objectPoolProbeFails: true } });
  expect(await errortext(add())).toEqual(failure);
  expect(await api("listObjectStoragePools")).toMatchObject({ value: {} });
});

test("an add may fail after the pool is there", async () => {
  await control.patch("cloudstack", { options: { failAfterInsert: 1 } });
  expect(await add()).toMatchObject({ status: 530 });
  expect(await listed("objectstore", "listObjectStoragePools")).toMatchObject([{ name: "pool" }]);
});

test("HyperStore is asked with the log-in that is given", async () => {
  const provider = { provider: "Cloudian HyperStore", url: "https://admin.example.test:19443" };
  expect(await add({ ...provider, ...details({ ...hyperstore, secretkey: "wrong" }) })).toMatchObject({ status: 530 });
  expect(await add({ ...provider, ...details(hyperstore) })).toMatchObject({ status: 200 });
});

test("a pool is renamed, resized and moved, as far as its storage answers", async () => {
  const id = await poolId();
  const reply = await api("updateObjectStoragePool", { id, name: "new", url: "https://new.example.test", size: "1" });
  expect(reply).toMatchObject({ key: "updateObjectStoragePool", value: { objectstore: { name: "new" } } });
  await control.patch("cloudstack", { options: { objectPoolProbeFails: true } });
  const refused = await api("updateObjectStoragePool", { id, name: "x", url: "https://x.example.test" });
  expect([refused.status, refused.key, refused.value["errortext"]]).toEqual([
    431,
    "updateObjectStoragePool",
    expect.stringContaining("Unable to access Object Storage"),
  ]);
  expect(await listed("objectstore", "listObjectStoragePools")).toMatchObject([
    { name: "new", url: "https://new.example.test", storagetotal: 1_073_741_824 },
  ]);
});

test("a bucket is made by a job and listed with its keys in the clear", async () => {
  const objectstorageid = await poolId();
  const { value } = await api("createBucket", { name: "invoices", objectstorageid, quota: "2", versioning: "true" });
  expect(value).toEqual({ jobid: expect.any(String), id: expect.any(String) });
  const { value: job } = await api("queryAsyncJobResult", { jobid: String(value["jobid"]) });
  expect(job).toMatchObject({ jobstatus: 1, jobresult: { bucket: { id: value["id"], state: "Created" } } });
  const [bucket = {}] = await listed("bucket", "listBuckets", { listall: "true" });
  expect(bucket).toMatchObject({
    name: "invoices",
    account: "admin",
    domainpath: "ROOT",
    objectstorageid,
    objectstore: "pool",
    provider: "MinIO",
    quota: 2,
    versioning: true,
    encryption: false,
    objectlocking: false,
    policy: "private",
    url: "https://minio.example.test/invoices",
    accesskey: expect.any(String),
    usersecretkey: expect.any(String),
  });
  await release("4.19.0.0");
  const [old = {}] = await listed("bucket", "listBuckets", { id: String(value["id"]) });
  expect([old["secretkey"], Object.hasOwn(old, "usersecretkey")]).toEqual([bucket["usersecretkey"], false]);
});

test("a quota is a duty from 4.21 on", async () => {
  const objectstorageid = await poolId();
  const create = () => api("createBucket", { name: "invoices", objectstorageid });
  expect(await errortext(create())).toEqual([431, expect.stringContaining("due to missing parameter quota")]);
  await release("4.20.0.0");
  expect(await create()).toMatchObject({ status: 200 });
});

test("HyperStore takes no quota, ECS no object lock: the job fails and the record goes", async () => {
  await release("next");
  const cloudian = await poolId({ provider: "Cloudian HyperStore", ...details(hyperstore) });
  const logIn = details({ mgmt_url: "https://ecs.example.test:4443", sa_user: "u", sa_password: "p" });
  const ecs = await poolId({ name: "ecs", url: "http://ecs.example.test:9020", provider: "ECS", ...logIn });
  const failure = { jobstatus: 2, jobresult: { errortext: expect.stringContaining("Failed to create bucket") } };
  expect(await makeBucket(cloudian)).toMatchObject(failure);
  expect(await makeBucket(ecs, { objectlocking: "true" })).toMatchObject(failure);
  expect(await api("listBuckets", { listall: "true" })).toMatchObject({ value: {} });
  expect(await makeBucket(cloudian, { quota: "0" })).toMatchObject({ jobstatus: 1 });
  expect(await makeBucket(ecs)).toMatchObject({
    jobstatus: 1,
    jobresult: { bucket: { url: "https://ecs.example.test:9020/invoices" } },
  });
});

test("a bucket's name keeps to the rules of S3, and its account to its limit", async () => {
  const objectstorageid = await poolId();
  for (const name of ["ab", "Invoices", "in..voices", "-invoices", "a".repeat(64)]) {
    const reply = api("createBucket", { name, objectstorageid, quota: "1" });
    expect(await errortext(reply)).toEqual([431, expect.stringContaining("Invalid Bucket Name")]);
  }
  await control.patch("cloudstack", { options: { bucketLimit: 1 } });
  expect(await makeBucket(objectstorageid)).toMatchObject({ jobstatus: 1 });
  expect(await api("createBucket", { name: "more", objectstorageid, quota: "1" })).toMatchObject({ status: 535 });
});

test("a pool with buckets stays, a bucket with objects, too", async () => {
  const id = await poolId();
  const { jobresult } = await makeBucket(id);
  const { id: bucket } = (jobresult as { bucket: { id: string } }).bucket;
  expect(await errortext(api("deleteObjectStoragePool", { id }))).toEqual([
    431,
    expect.stringContaining("with buckets"),
  ]);
  await control.patch("cloudstack", { buckets: { [bucket]: { empty: false } } });
  expect(await api("deleteBucket", { id: bucket })).toMatchObject({ status: 530 });
  await control.patch("cloudstack", { buckets: { [bucket]: { empty: true } } });
  expect((await api("deleteBucket", { id: bucket })).value).toEqual({ success: true });
  expect(await api("deleteObjectStoragePool", { id })).toMatchObject({ status: 200 });
});

test("an update of a bucket is done part by part", async () => {
  const cloudian = await poolId({ provider: "Cloudian HyperStore", ...details(hyperstore) });
  const { jobresult } = await makeBucket(cloudian, { quota: "0" });
  const { id } = (jobresult as { bucket: { id: string } }).bucket;
  const reply = api("updateBucket", { id, versioning: "true", policy: "public", quota: "5" });
  expect(await errortext(reply)).toEqual([530, expect.stringContaining("Error while updating bucket")]);
  expect(await listed("bucket", "listBuckets", { id })).toMatchObject([
    { versioning: true, policy: "public", quota: 0 },
  ]);
});

test("pools and buckets are made by hand, and shown without secrets", async () => {
  await control.patch("cloudstack", {
    objectPools: { p1: { name: "by-hand", provider: "Ceph", details: { accesskey: "key", secretkey: "hidden" } } },
    buckets: { b1: { name: "logs", poolId: "p1", secretKey: "hidden" } },
  });
  expect(await listed("bucket", "listBuckets", { listall: "true" })).toMatchObject([
    { id: "b1", name: "logs", objectstore: "by-hand", state: "Created", usersecretkey: "hidden" },
  ]);
  const text = await (await fetch(`${lab.addresses.control}/state`)).text();
  expect(text).not.toContain("hidden");
  await expect(control.patch("cloudstack", { buckets: { b2: {} } })).rejects.toThrow("give its poolId");
  await control.patch("cloudstack", { objectPools: { p1: null } });
  expect(await api("listBuckets", { listall: "true" })).toMatchObject({ value: {} });
});

test("secrets of pools are not recorded", async () => {
  await add({ ...details({ accesskey: "key", secretkey: "hidden-1", sa_password: "hidden-2" }) });
  expect(JSON.stringify(await control.requests("cloudstack"))).not.toContain("hidden");
});
