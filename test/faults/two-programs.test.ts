import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import { Rivalry, type Rivals, type Survivor } from "../harness/battery/interruption/rivalry.ts";
import {
  bucketQuota,
  ecsBucketTags,
  groupProperties,
  objectUserTagsAndLock,
  poolNameAndUrl,
  s3BucketTags,
  settingMembers,
  storeNameAndMode,
  userProperties,
} from "../harness/battery/interruption/rivals.ts";
import type { LiveEstate } from "../harness/battery/live-estate.ts";
import type { LabRequestRecord } from "../harness/lab.ts";
import { soak } from "../harness/soak.ts";

let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
});
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterAll(() => arena.close());

/** What a process sends before it has looked at anything: as if one program ran after the other. */
const startUp = /^(GET \/login|listCapabilities)$/;

/** The second program runs as a whole after this request of the first one's change was carried out. */
interface Moment {
  readonly request: string;
  readonly survivor: Survivor;
  /** Who finds something to repair at its next refresh and `up`, the first program coming first. */
  readonly repairs: readonly ("first" | "second")[];
}

const moment = (request: string, survivor: Survivor, ...repairs: Moment["repairs"]): Moment => ({
  request,
  survivor,
  repairs,
});

interface Scene {
  readonly what: string;
  readonly rivals: Rivals;
  /** What is there where the second one's change comes last. */
  readonly shown: object;
  readonly moments: readonly Moment[];
}

/** Among objects that differ by ids of their own. */
const one = (document: object) => expect.arrayContaining([["<uuid>", expect.objectContaining(document)]]);

const scenes: readonly Scene[] = [
  {
    what: "two properties of a Cloudian group",
    rivals: groupProperties,
    shown: { cloudian: { groups: { blue: { groupName: "Blue, later", active: "false", ldapGroup: "cn=by-hand" } } } },
    moments: [moment("GET /group", "first", "second"), moment("POST /group", "first, then second")],
  },
  {
    what: "two properties of a Cloudian user",
    rivals: userProperties,
    shown: {
      cloudian: { users: { "blue/ada": { fullName: "Ada, later", emailAddr: "later@example.test", phone: "+44 1" } } },
    },
    moments: [moment("GET /user", "first", "second"), moment("POST /user", "first, then second")],
  },
  {
    what: "tags and lock of an ECS object user",
    rivals: objectUserTagsAndLock,
    shown: { ecs: { users: { "ns1/ada": { locked: true, tags: { team: "green", first: "1" }, keys: [{}, {}] } } } },
    moments: [
      moment("GET /login", "second, then first"),
      moment("PUT /object/users/ada/tags", "first, then second"),
      moment("POST /object/users/ada/tags", "first, then second"),
    ],
  },
  {
    what: "the two limits of an ECS bucket",
    rivals: bucketQuota,
    shown: { ecs: { buckets: { "ns1/invoices": { blockSize: 7, notificationSize: 4, tags: { by: "hand" } } } } },
    moments: [
      moment("GET /login", "second, then first"),
      moment("GET /object/bucket/invoices/info", "first", "second"),
      moment("PUT /object/bucket/invoices/quota", "first, then second"),
    ],
  },
  {
    what: "the tags of an S3 bucket, which both declare: the last one's stay, and then each repairs the other's",
    rivals: s3BucketTags,
    shown: { cloudian: { s3Buckets: { invoices: { tags: { team: "red", second: "1" }, versioning: "enabled" } } } },
    moments: [moment("PUT /invoices/", "second", "first", "second")],
  },
  {
    what: "members of a list in a setting",
    rivals: settingMembers,
    shown: {
      cloudstack: {
        settings: {
          "secstorage.allowed.internal.sites": { value: "10.0.0.0/8,10.1.0.0/16,10.3.0.0/16,10.2.0.0/16,10.4.0.0/16" },
        },
      },
    },
    moments: [
      moment("listCapabilities", "second, then first"),
      moment("listConfigurations", "second, then first"),
      moment("listConfigurations", "first", "second"),
      moment("updateConfiguration", "first, then second"),
      moment("listConfigurations", "first, then second"),
    ],
  },
  {
    what: "mode and name of secondary storage: nothing is lost, but both declare the name",
    rivals: storeNameAndMode,
    shown: { cloudstack: { imageStores: one({ name: "renamed", readOnly: true }) } },
    moments: [
      moment("listCapabilities", "second, then first", "first", "second"),
      moment("listConfigurations", "second, then first", "first", "second"),
      moment("updateImageStore", "first, then second", "first", "second"),
    ],
  },
  {
    what: "URL and name of an object storage pool: nothing is lost, but both declare both",
    rivals: poolNameAndUrl,
    shown: { cloudstack: { objectPools: one({ name: "renamed", url: "https://moved.example.test:9000" }) } },
    moments: [
      moment("listCapabilities", "second, then first", "first", "second"),
      moment("listConfigurations", "second, then first", "first", "second"),
      moment("listObjectStoragePools", "second, then first", "first", "second"),
      moment("updateObjectStoragePool", "first, then second", "first", "second"),
    ],
  },
];

test.each(scenes)("$what", async ({ rivals, shown, moments }) => {
  const rivalry = new Rivalry(arena, rivals);
  const { requests, estates } = await rivalry.undisturbed();
  expect(requests.map(nameOf)).toEqual(moments.map(({ request }) => request));
  expect(estates["first, then second"]).toMatchObject(shown);
  for (const [k, { request, survivor, repairs }] of moments.entries()) {
    if (!soak && startUp.test(request)) continue;
    // The whole estate: neighbors and what somebody has set by hand are as in a run without a rival.
    expect(await rivalry.interleaved(requests, k), request).toEqual(estates[survivor]);
    expect(await rivalry.repairs(), request).toEqual(repairs);
  }
});

test("the tags of an ECS bucket, which both declare, and which take three requests: each tag is one of the two's", async () => {
  const rivalry = new Rivalry(arena, ecsBucketTags);
  const { requests, estates } = await rivalry.undisturbed();
  const moments: readonly (readonly [string, Record<string, string>, ...Moment["repairs"]])[] = [
    ["GET /login", { team: "green", first: "1" }, "second"],
    ["DELETE /object/bucket/invoices/tags", { team: "green", first: "1", second: "1" }, "first", "second"],
    ["PUT /object/bucket/invoices/tags", { team: "red", first: "1", second: "1" }, "first", "second"],
    ["POST /object/bucket/invoices/tags", { team: "red", second: "1" }, "first", "second"],
  ];
  expect(requests.map(nameOf)).toEqual(moments.map(([request]) => request));
  for (const [k, [request, tags, ...repairs]] of moments.entries()) {
    if (!soak && startUp.test(request)) continue;
    expect(await rivalry.interleaved(requests, k), request).toEqual(withTags(estates.first, tags));
    expect(await rivalry.repairs(), request).toEqual(repairs);
  }
});

function nameOf({ method, path, query, body }: LabRequestRecord): string {
  return String(query["command"] ?? body?.["command"] ?? `${method} ${path}`);
}

function withTags(estate: LiveEstate, tags: Record<string, string>): LiveEstate {
  const { buckets } = estate["ecs"] as { buckets: Record<string, object> };
  const invoices = { ...buckets["ns1/invoices"], tags };
  return { ...estate, ecs: { ...estate["ecs"], buckets: { ...buckets, "ns1/invoices": invoices } } };
}
