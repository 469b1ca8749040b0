import { beforeEach, describe, expect, test } from "vitest";
import { takeOver } from "../../provider/core/takeover.ts";
import { fails, says } from "./cloudstack-server.ts";
import { LEAST, storeStage, wrapped } from "./cloudstack-store-stage.ts";

const stage = storeStage();
const { cloud, inputs, lists, live } = stage;

const create = (more: object = {}) => stage.kind.create(inputs(more));
const notCompared = "Nobody can compare or change accessKeyId, secretAccessKey";
const believed = "it is taken to be as declared.";

beforeEach(() => lists(live({ id: "id-9", name: "other" }), live()));

describe("a store of this name that exists", () => {
  test("is a conflict that shows what can be compared, and is left alone", async () => {
    expect(await stage.messageOf(create())).toBe(
      `S3 secondary storage main exists already.
  storeName: live "main", declared "main" (equal)
  endpoint: live "https://s3.example.test:443", declared "https://s3.example.test:443" (equal)
  bucket: live "box", declared "box" (equal)
  useHttps: live true, declared true (equal)
Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; set adopt: true to take it over; choose another storeName; or delete the existing one.`,
    );
    expect(stage.changes()).toEqual([]);
  });

  test("that takes no new data differs from one that shall take some", async () => {
    lists(live({ readonly: true }));
    expect(await stage.messageOf(create({ readOnly: false }))).toContain(
      `readOnly: live true, declared false (differs)
Ways on: set adopt: true to take it over and change what differs;`,
    );
  });

  test("that takes new data, as every new one does, was not made so by anybody", async () => {
    expect(await stage.messageOf(create({ readOnly: true }))).toContain(
      `readOnly: live false, declared true (differs)
Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical`,
    );
  });

  test("is taken over where the program says so, and only its read-only mark is written", async () => {
    const more = {
      waitForTemplates: { set: "system", timeoutMinutes: 0.001 },
      verifyBucket: true,
      onDestroy: "readOnly",
    };
    stage.templates({
      id: "t",
      name: "systemvm",
      templatetype: "SYSTEM",
      downloaddetails: [{ datastoreId: "id-1", downloadState: "DOWNLOADED" }],
    });
    const { id, outs } = await create({ ...more, readOnly: true, requireStagingStores: true, adopt: true });
    expect(id).toBe("id-1");
    expect(stage.changes()).toEqual([{ command: "updateImageStore", id: "id-1", readonly: "true" }]);
    expect(outs).toMatchObject({ ...more, readOnly: true, adopt: true, url: "https://s3.example.test/box" });
    expect(stage.told).toEqual([
      `warning: S3 secondary storage main exists and is taken over. It will be changed: readOnly from false to true. ${notCompared}; ${believed}`,
    ]);
  });

  test("whose URL somebody else has chosen is believed to be the declared place", async () => {
    const url = "https://s3.example.test/some/where";
    lists(live({ name: "foreign", url }));
    const { id, outs } = await create({ storeName: "foreign", adopt: true });
    expect(id).toBe("id-1");
    expect(outs).toMatchObject({ endpoint: "https://s3.example.test:443", bucket: "box", url });
    expect(stage.told).toEqual([
      `warning: S3 secondary storage foreign exists and is taken over. ${notCompared}, endpoint, bucket; ${believed}`,
    ]);
  });

  test("in another place is not taken over", async () => {
    lists(live({ url: "https://s3.example.test/other" }));
    expect(await stage.messageOf(create({ adopt: true }))).toBe(
      'S3 secondary storage main exists and cannot become the declared one: bucket from "other" to "box". ' +
        "That cannot be changed under the same name; declare what exists, or choose another name.",
    );
  });

  test("is no longer free for the next resource of the run", async () => {
    lists();
    await create();
    expect(await stage.messageOf(create({ adopt: true }))).toBe(
      "S3 secondary storage main is declared by another resource of this run as well; give one of them another storeName.",
    );
  });

  test("is imported with the keys that somebody knows", async () => {
    const { accessKeyId, secretAccessKey } = LEAST;
    const known = { accessKeyId, secretAccessKey };
    const found = await takeOver(stage.handler, stage.settings(), "id-1", { known });
    expect(found.declared).toEqual(LEAST);
    expect(found).toMatchObject({ id: "id-1", secrets: ["secretAccessKey"] });
  });
});

describe("a name that another kind of store has", () => {
  /** There was no such store when it was looked for, and the name is taken nevertheless. */
  const taken = () => {
    cloud.answers["addImageStore"] = [fails(431, "The image data store with name main already exists")];
  };

  test("is refused with the provider that has it", async () => {
    taken();
    cloud.answers["listImageStores"] = [
      says("r", {}),
      says("r", { count: 1, imagestore: [live({ providername: "NFS" })] }),
    ];
    expect(await stage.messageOf(create({ adopt: true }))).toBe(
      "Store main exists, but with the provider NFS; nothing was added. Give another storeName.",
    );
  });

  test("is refused where a staging store has it", async () => {
    taken();
    lists();
    expect(await stage.messageOf(create({ adopt: true }))).toBe(
      "A staging store has the name main; nothing was added. Give another storeName.",
    );
    expect(cloud.asked.at(-1)?.params).toMatchObject({ command: "listSecondaryStagingStores", name: "main" });
  });

  test("is a conflict where nobody shows it", async () => {
    lists(live());
    const list = cloud.answers["listImageStores"] ?? [];
    cloud.answers["listImageStores"] = [...list, says("r", {})];
    stage.stagingStores();
    expect(await stage.messageOf(create({ adopt: true }))).toBe("S3 secondary storage main exists already.");
  });
});

test("an addition whose reply was lost is found again, and is ours", async () => {
  cloud.answers["listImageStores"] = [says("r", {}), says("r", { count: 1, imagestore: [live()] })];
  cloud.answers["addImageStore"] = [{ cut: true }];
  const { id, outs } = await create();
  expect(id).toBe("id-1");
  expect(outs).toMatchObject({ secretAccessKey: wrapped("Canary-store-1") });
  expect(stage.told).toEqual([
    "warning: The reply to the creation of S3 secondary storage main was lost. It exists as declared and is taken to be ours; nothing in this system proves who made it.",
  ]);
});
