import { describe, expect, test } from "vitest";
import { notComparedIn } from "../../provider/cli/drift/not-compared.ts";
import { failureOf, settingStage, wrapped } from "./cloudstack-setting-stage.ts";

const stage = settingStage();

const NAME = "max.ssvm.count";
const SYSTEM = "https://cloud.example.test:443/client/api";
const SCOPE = { type: "zone", id: "z1" };
const HIDDEN = { __secrets: ["value"] };

const read = (more: Record<string, unknown> = {}, id = NAME) => stage.kind.read(id, stage.recorded(NAME, more));

describe("a read", () => {
  test("shows what is there now, and keeps what was there first", async () => {
    stage.settings[NAME] = { value: "9", isDynamic: false };
    expect(await read({ onDestroy: "keep", __untouched: true })).toEqual({
      id: NAME,
      inputs: { settingName: NAME, value: "9", onDestroy: "keep" },
      props: {
        settingName: NAME,
        value: "9",
        onDestroy: "keep",
        previousValue: wrapped("5"),
        restartRequired: true,
        __category: "Advanced",
        __untouched: true,
        systemEndpoint: SYSTEM,
      },
    });
    expect(stage.sent).toEqual([["list", NAME]]);
  });

  test("of nothing but an id shows the setting, in its scope if it names one", async () => {
    stage.settings = { [NAME]: { value: "9" }, [`zone:z1/${NAME}`]: { value: "3" } };
    expect((await stage.kind.read(NAME, {})).inputs).toEqual({ settingName: NAME, value: "9" });
    const inputs = { settingName: NAME, value: "3", scope: SCOPE };
    expect((await stage.kind.read(`zone:z1/${NAME}`, {})).inputs).toEqual(inputs);
  });

  test.each([`zone/${NAME}`, `zone:/${NAME}`, `host:h1/${NAME}`, `:z1/${NAME}`, `/${NAME}`])(
    "of %s, which is no id, is an error and not the value of the whole cloud",
    async (id) => {
      stage.settings[NAME] = { value: "9" };
      expect((await failureOf(stage.kind.read(id, {}))).message).toBe(
        `${id} is no id of a global setting: that is its name, or scopeType:uuid/settingName.`,
      );
      expect(stage.sent).toEqual([]);
    },
  );

  test("shows of a list those of our members that are there, in whatever order and with whatever blanks", async () => {
    stage.settings[NAME] = { value: "x, c,a" };
    const { inputs, props } = await read({ value: undefined, members: ["a", "b", "c"], addedMembers: ["b", "c"] });
    expect(inputs).toEqual({ settingName: NAME, members: ["a", "c"] });
    expect(props).toMatchObject({ addedMembers: ["b", "c"] });
    expect(props).not.toHaveProperty("value");
  });

  test.each([
    ["2", "2.0", "2"],
    ["-3", "-3.0", "-3"],
    ["0.85", "0.85", "0.85"],
    ["0.0001", "1.0E-4", "0.0001"],
    ["0.123456789", "0.12345679", "0.123456789"],
    ["2", "2.5", "2.5"],
    ["4.1", "4.10", "4.10"],
    ["2", "3", "3"],
    ["16777216", "16777217", "16777217"],
    ["", "0.0", "0.0"],
    [undefined, "2.0", "2.0"],
  ])("of a number that was recorded as %j and is shown as %j says %j", async (value, shown, seen) => {
    stage.settings[`zone:z1/${NAME}`] = { value: shown };
    const { inputs } = await read({ scope: SCOPE, value, onDestroy: "keep" }, `zone:z1/${NAME}`);
    expect(inputs).toEqual({
      settingName: NAME,
      scope: SCOPE,
      onDestroy: "keep",
      ...(value === undefined ? {} : { value: seen }),
    });
  });

  test("of a setting of the whole cloud shows the text as it is", async () => {
    stage.settings[NAME] = { value: "7.0" };
    expect((await read({ value: "7" })).inputs).toEqual({ settingName: NAME, value: "7.0" });
  });

  test("of a setting that its scope does not show any more names the scope", async () => {
    expect((await failureOf(read({ scope: SCOPE }, `zone:z1/${NAME}`))).message).toBe(
      `${SYSTEM} has no setting ${NAME} of the scope zone any more; has a plugin been removed, or does an upgrade want another scope? Remove the resource from the program, and from the state with pulumi state delete.`,
    );
  });

  test("in a scope that is gone says that the setting is gone", async () => {
    stage.settings[`zone:z1/${NAME}`] = "gone";
    expect(await read({ scope: SCOPE }, `zone:z1/${NAME}`)).toEqual({});
  });

  test("of a setting that is not listed any more is an error, and never gone", async () => {
    const message = `${SYSTEM} has no setting ${NAME} any more; has a plugin been removed? Remove the resource from the program, and from the state with pulumi state delete.`;
    expect((await failureOf(read())).message).toBe(message);
    expect((await failureOf(stage.kind.read(NAME, {}))).message).toBe(message);
  });

  test("of one that is never listed shows what was written last, as a secret, and compares nothing", async () => {
    const { inputs, props } = await read({
      value: "Canary-hidden-2",
      __category: "Hidden",
      previousValue: undefined,
      ...HIDDEN,
    });
    expect(inputs).toEqual({ settingName: NAME, value: wrapped("Canary-hidden-2"), ...HIDDEN });
    expect(props).toEqual({ ...inputs, restartRequired: true, __category: "Hidden", systemEndpoint: SYSTEM });
  });

  test("of one that has become a secret in the cloud hides what was recorded in the clear", async () => {
    stage.settings[NAME] = { value: "ENC(1)", category: "Secure" };
    const { inputs, props } = await read({ value: "Canary-secure-7" });
    expect(inputs).toEqual({ settingName: NAME, value: wrapped("Canary-secure-7") });
    expect(props).toMatchObject({ value: wrapped("Canary-secure-7"), previousValue: wrapped("5") });
  });

  test("of one that comes back encrypted shows what was written last, too", async () => {
    stage.settings[NAME] = { value: "ENC(1)", category: "Secure" };
    const { inputs } = await read({ value: "Canary-secure-4", __category: "Secure", ...HIDDEN });
    expect(inputs).toEqual({ settingName: NAME, value: wrapped("Canary-secure-4"), ...HIDDEN });
    expect((await stage.kind.read(NAME, {})).inputs).toEqual({ settingName: NAME });
  });
});

describe("a difference", () => {
  const diff = (news: object) =>
    stage.kind.diff(NAME, stage.recorded(NAME), { settingName: NAME, value: "7", ...news, __provider: "text" });

  test("of spelling is none", async () => {
    expect(await diff({})).toEqual({ changes: false });
    expect(await diff({ value: " 7 " })).toEqual({ changes: false });
  });

  test.each([{ value: "8" }, { onDestroy: "keep" }, { value: null, members: ["7"] }])(
    "is an update: %j",
    async (news) => {
      expect(await diff(news)).toEqual({ replaces: [] });
    },
  );

  test.each([
    ["settingName", { settingName: "other.name" }],
    ["scope", { scope: SCOPE }],
  ])("of %s is another setting, and replaces", async (property, news) => {
    expect(await diff(news)).toEqual({ replaces: [property] });
  });
});

test.each([
  ["Secure", [{ property: "value", reason: "notReturned" }]],
  ["Hidden", [{ property: "value", reason: "notReturned" }]],
  ["Advanced", []],
])("a look for drift says what it cannot compare: the value of the category %s", (__category, properties) => {
  const { settingName, value, ...outputs } = stage.recorded(NAME, { __category });
  const recorded = { inputs: { settingName, value }, outputs };
  expect(notComparedIn("GlobalSetting", recorded as never, undefined, new Set())).toEqual(properties);
});
