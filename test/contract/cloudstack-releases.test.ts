import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CloudStackStage, pool, setting, store } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf } from "./support.ts";

const RELEASES = ["4.11.3.0", "4.14.0.0", "4.15.2.0", "4.18.1.0", "4.19.1.0", "4.20.0.0", "4.22.0.0", "next"] as const;
const since = (release: string, first: number) => release === "next" || Number(release.split(".")[1]) >= first;

// A process learns its release once, so that each has its own.
describe("the kinds on the releases of CloudStack", () => {
  let stage: CloudStackStage;
  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.seedStaging();
  });

  test.each(RELEASES)("%s: a store is added, read and deleted", async (release) => {
    await stage.options({ release });
    const [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    const { id, properties } = await server.create(store("main"));
    const olds = plain(properties);
    expect((await server.read(id, olds)).id).toBe(id);
    await destroying.delete(id, olds);
    expect(await stage.storesNamed("main")).toEqual([]);
  });

  test.each(RELEASES)("%s: readOnly from 4.15 on, a new name from 4.20 on", async (release) => {
    await stage.options({ release });
    const server = await stage.serve();
    const { id, properties } = await server.create(store("main"));
    const olds = plain(properties);
    const readOnly = await stage.refusalOf(() => server.update(id, olds, store("main", { readOnly: true })));
    if (since(release, 15)) expect(await stage.storesNamed("main")).toMatchObject([{ readOnly: true }]);
    else
      expect(readOnly.message).toBe(
        `Could not change secondary storage ${id}: ${stage.endpoint} (CloudStack ${release}) answered 401 to updateImageStore, which came with CloudStack 4.15. Remove what needs it from the program, or upgrade CloudStack.`,
      );
    const renamed = await stage.refusalOf(() => server.update(id, olds, store("other")));
    if (since(release, 20)) {
      expect(renamed.message).toBe("no error");
      expect(await stage.storesNamed("other")).toMatchObject([{ id }]);
    } else {
      expect(renamed).toEqual({
        message: `S3 secondary storage ${id} cannot be renamed to other: CloudStack renames stores from 4.20 on, and this is ${release}. Declare its old storeName.`,
        sent: [],
      });
      expect(await stage.storesNamed("main")).toMatchObject([{ id }]);
    }
  });

  test.each(RELEASES)("%s: a setting is written, and goes back to what it was", async (release) => {
    await stage.options({ release });
    const [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    const name = "secstorage.session.max";
    await stage.patch({ settings: { [name]: "60" } });
    const { id, properties } = await server.create(setting(name, { value: "70" }));
    expect(await stage.liveValue(name)).toBe("70");
    const sent = await stage.callsOf(() => destroying.delete(id, plain(properties)));
    if (since(release, 18)) {
      expect(sent.at(-1)).toBe(`POST resetConfiguration name=${name}`);
      expect(await stage.liveValue(name)).toBe("50");
    } else {
      // There is no reset yet, so that it gets what was there before.
      expect(sent.at(-1)).toBe(`POST updateConfiguration name=${name} value=60`);
      expect(await stage.liveValue(name)).toBe("60");
      expect(destroying.warnings).toContain(
        `Global setting ${name}: CloudStack ${release} cannot reset settings (4.18 can); what was there before is written.`,
      );
    }
  });

  test.each(RELEASES)("%s: object storage pools from 4.19 on", async (release) => {
    await stage.options({ release });
    const server = await stage.serve();
    const { message } = await stage.refusalOf(() => server.create(pool("objects")));
    if (since(release, 19)) expect(await stage.poolsNamed("objects")).toHaveLength(1);
    else {
      expect(message).toContain(`(CloudStack ${release}) answered 401 to `);
      expect(message).toContain("which came with CloudStack 4.19.");
    }
  });

  test.each([
    ["MinIO", "s3", 19],
    ["Ceph", "s3", 20],
    ["Cloudian HyperStore", "cloudian", 21],
  ] as const)("the provider %s from its release on", async (providerName, own, first) => {
    const details = {
      s3: { s3: { accessKeyId: "a", secretAccessKey: "Canary-of-pool" } },
      cloudian: {
        cloudian: {
          username: "sysadmin",
          password: "public",
          s3Url: "https://s3.example.test",
          iamUrl: "https://iam.example.test",
          validateSsl: false,
        },
      },
    }[own];
    const { s3: _minio, ...rest } = pool("objects");
    await stage.options({ release: `4.${first - 1}.0.0` });
    const before = await stage.serve();
    const { message } = await stage.refusalOf(() => before.create({ ...rest, providerName, ...details }));
    expect(message).toContain(first === 19 ? "which came with CloudStack 4.19" : "has no object storage provider");
    expect(message).not.toContain("Canary");
    await stage.options({ release: `4.${first}.0.0` });
    const there = await stage.serve();
    expect((await there.create({ ...rest, providerName, ...details })).id).not.toBe("");
  });

  test("a release that says nothing we can read is taken for new enough, and answers for itself", async () => {
    await stage.options({ release: "4.14.0.0-vendor7" });
    const server = await stage.serve();
    const { id, properties } = await server.create(store("main"));
    const { message } = await failureOf(server.update(id, plain(properties), store("main", { readOnly: true })));
    expect(message).toContain("(CloudStack 4.14.0.0-vendor7) answered 401 to updateImageStore, which came with");
  });
});
