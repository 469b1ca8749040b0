import { beforeEach, describe, expect, test } from "vitest";
import { capabilities, fails, says } from "./cloudstack-server.ts";
import { LEAST, SWITCHES, storeStage, wrapped } from "./cloudstack-store-stage.ts";

const stage = storeStage();
const { cloud, inputs, lists, live, recorded } = stage;

const onRelease = (text: string) => {
  cloud.answers["listCapabilities"] = [capabilities(text)];
};
beforeEach(() => lists(live()));

describe("read", () => {
  const read = async (olds: object) => await stage.kind.read("id-1", { ...olds });

  test("shows what is live, and carries over the details that no call returns", async () => {
    lists(live({ name: "by-hand", url: "https://moved.example.test/crate", readonly: true }));
    const details = { s3Signer: "v4", connectionTimeoutMs: 1, useTcpKeepAlive: true };
    const { inputs: shown, props } = await read(recorded({ ...details, readOnly: false }));
    expect(shown).toEqual({
      ...LEAST,
      ...SWITCHES,
      ...details,
      storeName: "by-hand",
      endpoint: "https://moved.example.test:443",
      bucket: "crate",
      readOnly: true,
      verifyBucket: false,
      secretAccessKey: wrapped("Canary-store-1"),
    });
    expect(props).toMatchObject({ protocol: "https", url: "https://moved.example.test/crate" });
  });

  test("of nothing but an id shows everything that CloudStack shows", async () => {
    expect((await stage.kind.read("id-1", {})).inputs).toEqual({
      storeName: "main",
      endpoint: "https://s3.example.test:443",
      bucket: "box",
      useHttps: true,
      readOnly: false,
    });
  });

  test("of a store that somebody has renamed by hand keeps its derived name in mind", async () => {
    lists(live({ name: "by-hand" }));
    expect((await read(recorded({ __derived: true }))).inputs).toMatchObject({
      storeName: "by-hand",
      __derivedName: "main",
    });
  });

  test("finds nothing where CloudStack says that there is no such store", async () => {
    cloud.answers["listImageStores"] = [says("r", {}), fails(431, "entity does not exist")];
    expect(await read(recorded())).toEqual({});
  });

  test("believes endpoint and bucket of a store whose URL tells neither", async () => {
    const url = "https://s3.example.test/some/where";
    lists(live({ url }));
    expect((await read(recorded({ url }))).inputs).toMatchObject({
      endpoint: "https://s3.example.test:443",
      bucket: "box",
    });
  });

  test.each([
    [{ protocol: "https" }, false, true],
    [{ protocol: "http" }, true, false],
    [{ protocol: undefined }, true, true],
    [{ protocol: undefined }, false, false],
  ])("of a store that shows %j, and was recorded with useHttps: %s, shows %s", async (more, before, now) => {
    lists(live(more));
    expect((await read(recorded({ useHttps: before }))).inputs).toMatchObject({ useHttps: now });
  });

  test("takes TLS for granted where nothing tells", async () => {
    lists(live({ protocol: undefined, url: undefined }));
    const { props, inputs: shown } = await stage.kind.read("id-1", {});
    expect(shown).toEqual({ storeName: "main", useHttps: true, readOnly: false });
    expect(Object.keys(props ?? {})).not.toContain("protocol");
  });

  test("keeps in mind which templates were waited for", async () => {
    expect((await read(recorded({ __awaitedTemplates: "system" }))).props).toMatchObject({
      __awaitedTemplates: "system",
    });
  });
});

describe("update", () => {
  const update = (news: object, olds: object = {}) => stage.kind.update("id-1", recorded(olds), inputs(news));

  test.each([
    [{ readOnly: true }, {}, { readonly: "true" }],
    [{ readOnly: false }, { readOnly: true }, { readonly: "false" }],
    [{ storeName: "new" }, { readOnly: true }, { name: "new" }],
    [{ storeName: "new", readOnly: true }, { readOnly: false }, { name: "new", readonly: "true" }],
  ])("to %j from %j sends what changes, in one command", async (news, olds, sent) => {
    lists();
    stage.stagingStores();
    const { outs } = await update(news, olds);
    expect(stage.changes()).toEqual([{ command: "updateImageStore", id: "id-1", ...sent }]);
    expect(outs).toMatchObject({ ...news, protocol: "https", url: "https://s3.example.test/box" });
  });

  test.each([
    [{ readOnly: true }, { readOnly: true }],
    [{}, { readOnly: true }],
    [{ verifyBucket: true, requireStagingStores: true, onDestroy: "readOnly", adopt: true }, {}],
  ])("to %j from %j asks nobody", async (news, olds) => {
    const { outs } = await update(news, olds);
    expect(cloud.commands()).toEqual([]);
    expect(outs).toEqual({
      ...LEAST,
      ...SWITCHES,
      verifyBucket: false,
      ...news,
      secretAccessKey: wrapped("Canary-store-1"),
      protocol: "https",
      url: "https://s3.example.test/box",
      systemEndpoint: cloud.endpoint,
    });
  });

  test.each([
    [{}, "https"],
    [{ endpoint: "http://s3.example.test:9000", useHttps: false }, "http"],
  ])("fills in the protocol, and makes up no URL, where a state shows neither: %j", async (more, protocol) => {
    const { protocol: _protocol, url: _url, ...olds } = recorded(more);
    expect((await stage.kind.update("id-1", olds, inputs(more))).outs).toMatchObject({ protocol, url: "" });
  });

  test("keeps a protocol and a URL that somebody else has chosen", async () => {
    const chosen = { protocol: "s3", url: "https://s3.example.test/some/where" };
    expect((await update({}, chosen)).outs).toMatchObject(chosen);
  });

  describe("of the name", () => {
    test("is refused before 4.20", async () => {
      onRelease("4.19.3.0");
      expect(await stage.messageOf(update({ storeName: "new" }))).toBe(
        "S3 secondary storage id-1 cannot be renamed to new: CloudStack renames stores from 4.20 on, and this is 4.19.3.0. Declare its old storeName.",
      );
      expect(stage.changes()).toEqual([]);
    });

    test("is one command from 4.20 on", async () => {
      onRelease("4.20.0.0");
      lists();
      stage.stagingStores();
      await update({ storeName: "new" });
      expect(stage.changes()).toHaveLength(1);
    });

    test("is refused where another store has it, of whatever role", async () => {
      const text = (id: string) => `S3 secondary storage id-1 is not renamed: store ${id} has the name new.`;
      stage.stagingStores({ id: "s-2", name: "new", zoneid: "z-1" });
      expect(await stage.messageOf(update({ storeName: "new" }))).toBe(text("s-2"));
      expect(cloud.asked.at(-1)?.params).toMatchObject({ command: "listSecondaryStagingStores", name: "new" });
      lists(live({ id: "id-2", name: "new" }));
      expect(await stage.messageOf(update({ storeName: "new" }))).toBe(text("id-2"));
      expect(stage.changes()).toEqual([]);
    });

    test("is none where the store has it already", async () => {
      lists(live({ name: "new" }));
      await update({ storeName: "new" });
      expect(stage.changes()).toHaveLength(1);
    });
  });
});
