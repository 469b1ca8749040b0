import { beforeEach, describe, expect, test } from "vitest";
import { Refused, SettingsError } from "../../provider/core/errors.ts";
import type { BucketInfo } from "../../provider/ecs/bucket-info.ts";
import { liveState, shownUrls } from "../../provider/ecs/bucket-state.ts";
import type { EcsClient } from "../../provider/ecs/client.ts";
import { OwnerUnusable } from "../../provider/ecs/owner-access.ts";

const BOX = { namespace: "ns1", bucketName: "box" };
const RG1 = "urn:storageos:ReplicationGroupInfo:1:global";
const RG2 = "urn:storageos:ReplicationGroupInfo:2:global";
const GROUPS = [
  { urn: RG1, name: "rg1" },
  { urn: RG2, name: "rg2" },
];
const NOON = Date.parse("2026-03-04T12:00:00.400Z");

const INFO: BucketInfo = {
  owner: "ada",
  vpool: RG1,
  encrypted: true,
  quota: { hard: 5, notify: undefined },
  retentionSeconds: 60,
  accessDuringOutage: false,
  tags: { tier: "gold" },
  versioning: undefined,
  objectLock: false,
  emptying: false,
  created: NOON,
  ageMs: 1500,
};

let info: BucketInfo | undefined;
let shown: string | undefined;
let asked: string[];
/** What reading through S3 comes to. */
let s3: () => unknown;

beforeEach(() => {
  info = INFO;
  shown = "https://objects.example:443";
  asked = [];
  s3 = () => [];
});

const client = {
  buckets: {
    info: async () => info,
    policy: async () => {
      asked.push("policy");
      return undefined;
    },
  },
  versioning: {
    read: async () => {
      asked.push("versioning");
      return s3() !== false;
    },
  },
  owners: {
    as: async () => {
      asked.push("cors");
      return s3();
    },
  },
  lookups: {
    replicationGroup: async (name: string) => {
      asked.push(`group ${name}`);
      return GROUPS.find((group) => group.urn === name || group.name === name);
    },
  },
  shownEndpoint: () => (shown === undefined ? {} : { s3Endpoint: shown }),
} as unknown as EcsClient;

const read = async (wanted?: object) => (await liveState(client, BOX, wanted))?.state;

describe("the live state of a bucket", () => {
  test("is what the array shows, in the form of the arguments", async () => {
    expect(await read({ owner: "ada" })).toEqual({
      ...BOX,
      owner: "ada",
      encryption: true,
      encrypted: true,
      replicationGroup: RG1,
      quotaGiB: 5,
      notifyAtGiB: "none",
      retentionSeconds: 60,
      accessDuringOutage: false,
      tags: { tier: "gold" },
      objectLock: false,
      created: "2026-03-04T12:00:00Z",
      s3Endpoint: "https://objects.example:443",
      publicUrl: "https://objects.example:443/box",
    });
    expect(asked).toEqual([]);
    expect(await liveState(client, BOX, {})).toMatchObject({ ageMs: 1500 });
  });

  test("of a bucket that is not there is none", async () => {
    info = undefined;
    expect(await liveState(client, BOX, {})).toBeUndefined();
  });

  test("asks for what is managed only, and for everything in a look-up by id", async () => {
    await read({ policy: "private", cors: [] });
    expect(asked).toEqual(["policy", "cors"]);
    asked = [];
    expect(await read(undefined)).toMatchObject({ policy: "private", versioning: true, cors: [] });
    expect(asked).toEqual(["policy", "versioning", "cors"]);
  });

  test("takes versioning from the info, where the release says it there", async () => {
    info = { ...INFO, versioning: false };
    expect(await read({ versioning: true })).toMatchObject({ versioning: false });
    expect(asked).toEqual([]);
  });

  test.each([new Refused("no readable key"), new SettingsError("no ecsS3Endpoint")])(
    "leaves out of a look-up by id what only S3 can tell and does not: %s",
    async (error) => {
      s3 = () => {
        throw error;
      };
      const state = await read(undefined);
      expect(Object.keys(state ?? {})).not.toContain("cors");
      expect(Object.keys(state ?? {})).not.toContain("versioning");
      await expect(read({ cors: [] })).rejects.toBe(error);
      await expect(read({ versioning: true })).rejects.toBe(error);
    },
  );

  test("keeps what is recorded where the reason lies with the owner, and leaves it out where nothing is", async () => {
    s3 = () => {
      throw new OwnerUnusable("no readable key", "its owner has no key");
    };
    const cors = [{ allowedMethods: ["GET"], allowedOrigins: ["*"] }];
    expect(await read({ cors, versioning: true })).toMatchObject({ cors, versioning: true });
    const found = await liveState(client, BOX, { cors: [], versioning: true }, {});
    expect(Object.keys(found?.state ?? {})).not.toContain("cors");
    expect(Object.keys(found?.state ?? {})).not.toContain("versioning");
  });

  test("never leaves out what an error keeps from being seen", async () => {
    s3 = () => {
      throw new Error("503");
    };
    await expect(read(undefined)).rejects.toThrow("503");
  });
});

describe("the date of creation", () => {
  test.each([
    {
      what: "as recorded, up to five seconds before the array's",
      recorded: "2026-03-04T11:59:56Z",
      shown: "2026-03-04T11:59:56Z",
    },
    {
      what: "as recorded, up to five seconds after the array's",
      recorded: "2026-03-04T12:00:05Z",
      shown: "2026-03-04T12:00:05Z",
    },
    { what: "the array's beyond that", recorded: "2026-03-04T12:00:06Z", shown: "2026-03-04T12:00:00Z" },
    {
      what: "the array's where another bucket has taken the place",
      recorded: "2025-03-04T12:00:00Z",
      shown: "2026-03-04T12:00:00Z",
    },
    { what: "the array's where nothing is recorded", recorded: undefined, shown: "2026-03-04T12:00:00Z" },
    { what: "the array's where nonsense is recorded", recorded: "yesterday", shown: "2026-03-04T12:00:00Z" },
  ])("is $what", async ({ recorded, shown: expected }) => {
    expect((await read(recorded === undefined ? {} : { created: recorded }))?.created).toBe(expected);
  });

  test("is the recorded one, or none, where the array does not tell", async () => {
    info = { ...INFO, created: undefined };
    expect(await read({ created: "2026-01-01T00:00:00Z" })).toMatchObject({ created: "2026-01-01T00:00:00Z" });
    expect(Object.keys((await read({})) ?? {})).not.toContain("created");
  });
});

describe("the replication group", () => {
  test.each([
    { what: "its URN, where that is recorded", recorded: RG1, group: RG1, forms: undefined, sent: [] },
    {
      what: "its name, where that is recorded",
      recorded: "rg1",
      group: "rg1",
      forms: [RG1, "rg1"],
      sent: [`group ${RG1}`],
    },
    {
      what: "the live one's name, where another name is recorded",
      recorded: "rg2",
      group: "rg1",
      forms: [RG1, "rg1"],
      sent: [`group ${RG1}`],
    },
    {
      what: "the live one's URN, where another URN is recorded",
      recorded: RG2,
      group: RG1,
      forms: [RG1, "rg1"],
      sent: [`group ${RG1}`],
    },
  ])("is shown as $what", async ({ recorded, group, forms, sent }) => {
    const state = await read({ replicationGroup: recorded });
    expect(state?.replicationGroup).toBe(group);
    expect(state?.__replicationGroupForms).toEqual(forms);
    expect(asked).toEqual(sent);
  });

  test("keeps its recorded forms where nothing has changed, and has none where it is unmanaged", async () => {
    const forms = [RG1, "rg1"];
    expect(await read({ replicationGroup: RG1, __replicationGroupForms: forms })).toMatchObject({
      __replicationGroupForms: forms,
    });
    expect(Object.keys((await read({ __replicationGroupForms: forms })) ?? {})).not.toContain(
      "__replicationGroupForms",
    );
  });
});

describe("a replication group that the answer leaves out", () => {
  beforeEach(() => {
    info = { ...INFO, vpool: "" };
  });

  test("is as recorded, and none where none is: never an empty one", async () => {
    const forms = [RG1, "rg1"];
    const recorded = { replicationGroup: "rg1", __replicationGroupForms: forms };
    expect(await read(recorded)).toMatchObject(recorded);
    for (const wanted of [{}, undefined])
      expect(Object.keys((await read(wanted)) ?? {})).not.toContain("replicationGroup");
    expect(asked).not.toContain("group rg1");
  });

  test("is not taken to be the declared one of a bucket that is found", async () => {
    const found = await liveState(client, BOX, { replicationGroup: "rg1" }, {});
    expect(Object.keys(found?.state ?? {})).not.toContain("replicationGroup");
  });
});

describe("the URLs", () => {
  test("encode a name that DNS does not allow, and are none where no endpoint is set", () => {
    expect(shownUrls(client, "Under_Score.x")).toEqual({
      s3Endpoint: "https://objects.example:443",
      publicUrl: "https://objects.example:443/Under_Score.x",
    });
    shown = undefined;
    expect(shownUrls(client, "box")).toEqual({});
  });
});
