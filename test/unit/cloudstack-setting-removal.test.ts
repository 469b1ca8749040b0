import { describe, expect, test } from "vitest";
import { NoAnswer } from "../../provider/core/errors.ts";
import { failureOf, settingStage } from "./cloudstack-setting-stage.ts";

const stage = settingStage();

const NAME = "max.ssvm.count";
const IN_STORE = `imageStore:i1/${NAME}`;
const inStore = (more: Record<string, unknown>) =>
  stage.recorded(NAME, { scope: { type: "imageStore", id: "i1" }, ...more });

const remove = (more: Record<string, unknown> = {}, settingName = NAME) =>
  stage.kind.delete(settingName, stage.recorded(settingName, more));
const callsOf = async (more: Record<string, unknown> = {}, settingName = NAME) => {
  await remove(more, settingName);
  return stage.sent;
};

describe("a destroy", () => {
  test.each([
    ["resets without a word", {}, [["reset", NAME]]],
    ["resets", { onDestroy: "reset" }, [["reset", NAME]]],
    ["restores what was there", { onDestroy: "restore" }, [["write", NAME, "5"]]],
    ["restores that there was nothing", { onDestroy: "restore", previousValue: "" }, [["write", NAME, ""]]],
    ["keeps", { onDestroy: "keep" }, []],
    ["has nothing to undo where nothing was written", { __untouched: true }, []],
    ["has nothing to restore where nothing was written", { __untouched: true, onDestroy: "restore" }, []],
  ])("%s", async (_what, more, calls) => {
    expect(await callsOf(more)).toEqual(calls);
    expect(stage.told).toEqual([]);
  });

  test.each([
    ["cloudian.admin.password", {}],
    ["some.secret.key", {}],
    [NAME, { __category: "Secure" }],
    [NAME, { __category: "Hidden" }],
  ])("keeps without a word what holds a secret: %s %j", async (name, more) => {
    expect(await callsOf(more, name)).toEqual([]);
    expect(await callsOf({ ...more, onDestroy: "reset" }, name)).toEqual([["reset", name]]);
  });

  test("cannot restore what was never readable", async () => {
    const { message } = await failureOf(remove({ onDestroy: "restore", previousValue: undefined }));
    expect(message).toBe(
      `Global setting ${NAME} is not restored: CloudStack never returned a readable value of it. Set onDestroy to "keep" or "reset" with a pulumi up first.`,
    );
    expect(stage.sent).toEqual([]);
  });

  test("that fails shows neither the secret nor the one that it was to restore", async () => {
    stage.failure = new NoAnswer("Could not change Canary-after-2 to Canary-before-2.");
    const secrets = { value: "Canary-after-2", previousValue: "Canary-before-2", onDestroy: "restore" };
    const { message } = await failureOf(remove(secrets, "cloudian.sso.key"));
    expect(message).toBe("Could not change [secret] to [secret].");
  });

  test("in a scope changes nothing but what is there", async () => {
    await stage.kind.delete(IN_STORE, inStore({}));
    expect(stage.sent).toEqual([["reset", IN_STORE]]);
  });

  test("in a scope restores a value that the scope had of its own", async () => {
    stage.settings[IN_STORE] = { value: "7", initial: "1" };
    await stage.kind.delete(IN_STORE, inStore({ onDestroy: "restore" }));
    expect(stage.sent).toEqual([
      ["reset", IN_STORE],
      ["read", IN_STORE],
      ["write", IN_STORE, "5"],
    ]);
  });

  test("in a scope pins no value that the scope had inherited, and tells of the restart all the same", async () => {
    stage.settings[IN_STORE] = { value: "7", initial: "5" };
    await stage.kind.delete(IN_STORE, inStore({ onDestroy: "restore", restartRequired: true }));
    expect(stage.sent).toEqual([
      ["reset", IN_STORE],
      ["read", IN_STORE],
    ]);
    expect(stage.told).toEqual([
      `warning: Setting ${NAME} takes effect after a restart of all management servers, which no API can do.`,
    ]);
  });

  test("in a scope of a release that cannot reset writes what was in effect, with a warning", async () => {
    stage.release = "4.17.2.0";
    await stage.kind.delete(IN_STORE, inStore({ onDestroy: "restore" }));
    expect(stage.sent).toEqual([["write", IN_STORE, "5"]]);
    expect(stage.told).toEqual([
      `warning: Global setting ${IN_STORE}: CloudStack 4.17.2.0 cannot reset settings (4.18 can); what was in effect there before is written, even if it was that of the whole cloud.`,
    ]);
  });

  test.each(["reset", "restore"])("in a scope that is gone is done (%s)", async (onDestroy) => {
    stage.settings[`zone:z1/${NAME}`] = "gone";
    const recorded = stage.recorded(NAME, { scope: { type: "zone", id: "z1" }, onDestroy });
    await expect(stage.kind.delete(`zone:z1/${NAME}`, recorded)).resolves.toBeUndefined();
  });
});

describe("a destroy of members", () => {
  const list = { value: undefined, members: ["a", "b", "x"], addedMembers: ["a", "b"] };

  test.each([undefined, "reset", "restore"])(
    "takes out those that were added, and no others (%s)",
    async (onDestroy) => {
      stage.settings[NAME] = { value: "x,a,y,b" };
      expect(await callsOf({ ...list, onDestroy })).toEqual([
        ["read", NAME],
        ["write", NAME, "x,y"],
      ]);
    },
  );

  test("keeps them where it is told to", async () => {
    stage.settings[NAME] = { value: "x,a,y,b" };
    expect(await callsOf({ ...list, onDestroy: "keep" })).toEqual([]);
  });
});

describe("where the change acts after a restart only", () => {
  const advice = (name: string) =>
    `warning: Setting ${name} takes effect after a restart of all management servers, which no API can do.`;

  test.each(["reset", "restore"])("a destroy says so (%s)", async (onDestroy) => {
    await remove({ restartRequired: true, onDestroy }, `restart.at.${onDestroy}`);
    expect(stage.told).toEqual([advice(`restart.at.${onDestroy}`)]);
  });

  test.each(["reset", "restore"])("a destroy says so where nothing tells (%s)", async (onDestroy) => {
    await remove({ restartRequired: undefined, onDestroy }, `imported.for.${onDestroy}`);
    expect(stage.told).toEqual([advice(`imported.for.${onDestroy}`)]);
  });

  test("the connector is switched off at once", async () => {
    await remove({ restartRequired: true }, "cloudian.connector.enabled");
    expect(stage.sent).toEqual([["reset", "cloudian.connector.enabled"]]);
    expect(stage.told).toEqual([]);
  });
});

describe("a release that cannot reset settings", () => {
  const told = (name: string, release: string) =>
    `warning: Global setting ${name}: CloudStack ${release} cannot reset settings (4.18 can); what was there before is written.`;

  test("gets what was there before, with a warning", async () => {
    stage.release = "4.17.2.0";
    expect(await callsOf({}, "old.release")).toEqual([["write", "old.release", "5"]]);
    expect(stage.told).toEqual([told("old.release", "4.17.2.0")]);
  });

  test("is said to need a restart as well where it does", async () => {
    stage.release = "4.9.3.0";
    await remove({ restartRequired: true }, "old.release.restart");
    expect(stage.told).toEqual([
      told("old.release.restart", "4.9.3.0"),
      "warning: Setting old.release.restart takes effect after a restart of all management servers, which no API can do.",
    ]);
  });

  test("has the connector switched off, whatever was there before", async () => {
    stage.release = "4.17.2.0";
    const previousValue = "true";
    expect(await callsOf({ previousValue }, "cloudian.connector.enabled")).toEqual([
      ["write", "cloudian.connector.enabled", "false"],
    ]);
  });

  test("is left alone where what was there before is not known", async () => {
    stage.release = "4.17.2.0";
    const { message } = await failureOf(remove({ previousValue: undefined }));
    expect(message).toBe(
      `Global setting ${NAME} is not reset: CloudStack 4.17.2.0 has no command for that (it came with 4.18), and what was there before is not known. Set onDestroy to "keep" with a pulumi up first.`,
    );
    expect(stage.sent).toEqual([]);
    expect(stage.told).toEqual([]);
  });

  test("is one before 4.18, which can", async () => {
    stage.release = "4.18.0.0";
    expect(await callsOf()).toEqual([["reset", NAME]]);
  });
});
