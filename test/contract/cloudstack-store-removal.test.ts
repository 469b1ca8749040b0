import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, NOWHERE, START, store } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf } from "./support.ts";

describe("the removal of secondary storage", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  /** What a run has made or changed it does not delete, so that deletions have a process of their own. */
  let destroying: DynamicServer;
  let count = 0;
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, destroying] = await Promise.all([stage.warm(), stage.serve()]);
    await destroying.read(NOWHERE, store("none"));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.seedStaging();
    count += 1;
    name = `leaving-${count}`;
  });

  const made = async (more: Properties = {}, by: DynamicServer = server) => {
    const { id, properties } = await by.create(store(name, more));
    return { id, olds: plain(properties) };
  };
  const ADVICE =
    "Move what is on it, or delete what nobody needs any more, in CloudStack, and run the same command again";
  const WAYS = (id: string) =>
    `${ADVICE}, or keep the store without new data: onDestroy: "readOnly" with a pulumi up before it is removed or replaced, or, where its successor ` +
    `stands already, updateImageStore id=${id} readonly=true and pulumi state delete of the old resource.`;

  const LOOKS = (id: string) => [
    `GET listIsos imagestoreid=${id} isofilter=all listall=true`,
    `GET listSnapshots imagestoreid=${id} listall=true`,
    `GET listTemplates imagestoreid=${id} listall=true templatefilter=all`,
  ];

  type Blocker = {
    what: string;
    patch: (id: string) => object;
    said: string;
    volumes?: string[];
    holds: string;
  };
  const template = (id: string, more: object = {}) => ({ stores: { [id]: {} }, ...more });
  const BLOCKERS: Blocker[] = [
    {
      what: "a template of a user",
      patch: (id) => ({ templates: { t1: template(id, { name: "golden-image" }) } }),
      said: "Cannot delete image store with active Templates backup!",
      holds: "It holds 1 user template (golden-image). ",
    },
    {
      what: "an ISO of a user",
      patch: (id) => ({ templates: { t1: template(id, { name: "rescue.iso", format: "ISO" }) } }),
      said: "Cannot delete image store with active Templates backup!",
      holds: "It holds 1 user ISO (rescue.iso). ",
    },
    {
      what: "a snapshot",
      patch: (id) => ({ snapshots: { s1: { name: "nightly", storeId: id }, s2: { name: "weekly", storeId: id } } }),
      said: "Cannot delete image store with active snapshots backup!",
      holds: "It holds 2 snapshots (nightly, weekly). ",
    },
    {
      what: "an uploaded volume",
      patch: (id) => ({ volumes: { v1: { name: "data-disk", storeId: id } } }),
      said: "Cannot delete image store with active volumes backup!",
      volumes: ["GET listVolumes listall=true state=Uploaded"],
      holds:
        "The cloud has 1 uploaded volume (data-disk), and CloudStack does not tell which of them are on this store. ",
    },
  ];

  test.each(BLOCKERS)("is refused for $what, which is named", async ({ patch, said, volumes, holds }) => {
    const { id, olds } = await made();
    await stage.patch(patch(id));
    const { message, sent } = await stage.refusalOf(() => destroying.delete(id, olds));
    expect(message).toBe(
      `S3 secondary storage ${name} is not deleted: Could not delete secondary storage ${id}: ${stage.endpoint} answered 431, "${said}". ${holds}${WAYS(id)}`,
    );
    expect(sent[0]).toBe(`POST deleteImageStore id=${id}`);
    expect(sent.slice(1).sort()).toEqual([...LOOKS(id), ...(volumes ?? [])]);
    expect(await stage.storesNamed(name)).toHaveLength(1);
  });

  test("names ten of a kind, and nothing of other stores", async () => {
    const { id, olds } = await made();
    const other = "22222222-2222-4222-8222-222222222222";
    await stage.patch({ imageStores: { [other]: { name: "other", provider: "S3" } } });
    const numbered = Array.from({ length: 12 }, (_, n) => [`t${n}`, template(id, { name: `image-${n}` })]);
    await stage.patch({
      templates: {
        ...Object.fromEntries(numbered),
        iso: template(id, { name: "rescue.iso", format: "ISO" }),
        theirs: template(other, { name: "not-here" }),
      },
    });
    const { message } = await failureOf(destroying.delete(id, olds));
    expect(message).toContain(
      "It holds 12 user templates (image-0, image-1, image-2, image-3, image-4, image-5, image-6, image-7, image-8, image-9 and 2 more); 1 user ISO (rescue.iso). ",
    );
    expect(message).not.toContain("not-here");
  });

  test("names snapshots and templates at once, whichever CloudStack complains of", async () => {
    const { id, olds } = await made();
    const other = "22222222-2222-4222-8222-222222222222";
    await stage.patch({ imageStores: { [other]: { name: "other", provider: "S3" } } });
    await stage.patch({
      templates: { t1: template(id, { name: "golden-image" }) },
      snapshots: { s1: { name: "nightly", storeId: id }, s2: { name: "elsewhere", storeId: other } },
    });
    const first = await failureOf(destroying.delete(id, olds));
    expect(first.message).toContain("It holds 1 snapshot (nightly); 1 user template (golden-image). Move");
    await stage.patch({ snapshots: { s1: null } });
    expect((await failureOf(destroying.delete(id, olds))).message).toContain(
      "It holds 1 user template (golden-image). Move",
    );
    await stage.patch({ templates: { t1: null } });
    await destroying.delete(id, olds);
    expect(await stage.storesNamed(name)).toEqual([]);
  });

  test("does not blame system and built-in templates, which do not block", async () => {
    const { id, olds } = await made();
    await stage.patch({
      templates: {
        sys: template(id, { name: "system", type: "SYSTEM" }),
        builtin: template(id, { name: "builtin", type: "BUILTIN" }),
        mine: template(id, { name: "mine" }),
      },
    });
    const { message } = await failureOf(destroying.delete(id, olds));
    expect(message).toContain("It holds 1 user template (mine). ");
    await stage.patch({ templates: { mine: null } });
    await destroying.delete(id, olds);
    expect(await stage.storesNamed(name)).toEqual([]);
  });

  test("is refused in CloudStack's words alone where the names cannot be had", async () => {
    const { id, olds } = await made();
    await stage.patch({ templates: { t1: template(id) } });
    for (const command of ["listTemplates", "listIsos", "listSnapshots", "listVolumes"])
      await stage.fault({ kind: "status", status: 500, command, times: 99 });
    const impatient = await stage.serve({ retryBudget: "0" });
    const { message } = await failureOf(impatient.delete(id, olds));
    expect(message).toContain(`"Cannot delete image store with active Templates backup!". ${WAYS(id)}`);
  });

  test.each(["4.14.0.0", "4.18.0.0"])(
    "on %s, which cannot be asked for one store's, names what it can tell",
    async (release) => {
      await stage.options({ release });
      const old = await stage.serve();
      const { id, olds } = await made({}, old);
      await stage.patch({
        imageStores: { other: { name: "other", provider: "S3" } },
        templates: { t1: template(id, { name: "golden-image" }), t2: template("other", { name: "not-here" }) },
      });
      const { message } = await failureOf((await stage.serve()).delete(id, olds));
      expect(message).toContain("It holds 1 user template (golden-image). ");
    },
  );

  test("comes off once nothing blocks, in the same run", async () => {
    const { id, olds } = await made();
    await stage.patch({ snapshots: { s1: { name: "nightly", storeId: id } } });
    expect((await failureOf(destroying.delete(id, olds))).message).toContain("nightly");
    await stage.patch({ snapshots: { s1: null } });
    await destroying.delete(id, olds);
    expect(await stage.storesNamed(name)).toEqual([]);
  });

  test.each<LabFault["kind"]>(["reset-after-commit", "status-after-commit", "truncate", "reset-before-read", "status"])(
    "whose reply is lost (%s) is a removal",
    async (kind) => {
      const { id, olds } = await made();
      await stage.fault({ kind, command: "deleteImageStore" });
      await destroying.delete(id, olds);
      expect(await stage.storesNamed(name)).toEqual([]);
    },
  );

  describe("as readOnly", () => {
    test("keeps the store and all that is on it, without new data", async () => {
      const { id, olds } = await made({ onDestroy: "readOnly" });
      await stage.patch({ templates: { t1: template(id) } });
      const first = await stage.serve();
      expect(await stage.callsOf(() => first.delete(id, olds))).toEqual([
        ...START,
        "GET listImageStores",
        `POST updateImageStore id=${id} readonly=true`,
      ]);
      expect(await stage.storesNamed(name)).toMatchObject([{ id, readOnly: true, removed: false }]);
    });

    test("is done where the store is gone", async () => {
      const { id, olds } = await made({ onDestroy: "readOnly" });
      await stage.patch({ imageStores: { [id]: { removed: true } } });
      expect((await stage.callsOf(() => destroying.delete(id, olds))).at(-1)).toBe(`GET listImageStores id=${id}`);
    });

    test("is refused before the store is added by a release that knows no read-only stores", async () => {
      await stage.options({ release: "4.14.1.0" });
      const old = await stage.serve();
      for (const more of [{ onDestroy: "readOnly" }, { readOnly: true }]) {
        const { message, sent } = await stage.refusalOf(() => made(more, old));
        expect(message).toBe(
          `S3 secondary storage ${name} is not added: stores can be read-only from CloudStack 4.15 on, and this is 4.14.1.0. Remove readOnly and onDestroy: "readOnly".`,
        );
        expect(sent.filter((line) => line.startsWith("POST "))).toEqual([]);
      }
      // What a state says already is refused in words, too.
      const { id, olds } = await made({ readOnly: false }, old);
      const { message } = await failureOf((await stage.serve()).delete(id, { ...olds, onDestroy: "readOnly" }));
      expect(message).toContain(
        "(CloudStack 4.14.1.0) answered 401 to updateImageStore, which came with CloudStack 4.15.",
      );
      expect(await stage.storesNamed(name)).toHaveLength(1);
    });
  });

  test("of a store that this program still declares under another resource is left out, with a warning", async () => {
    const { id, olds } = await made();
    const moving = await stage.serve();
    expect((await moving.create(store(name, { adopt: true }))).id).toBe(id);
    await moving.delete(id, olds);
    expect(await stage.storesNamed(name)).toHaveLength(1);
    expect(moving.warnings.at(-1)).toContain("is not deleted: another resource of this run holds");
  });
});
