import { describe, expect, test } from "vitest";
import { ApiFailure } from "../../provider/cloudstack/answers.ts";
import { NoAnswer, Refused } from "../../provider/core/errors.ts";
import { failureOf, settingStage, wrapped } from "./cloudstack-setting-stage.ts";

const stage = settingStage();

const NAME = "max.ssvm.count";
const SYSTEM = "https://cloud.example.test:443/client/api";
const HIDDEN = { __secrets: ["value"] };

const update = (news: object, more: Record<string, unknown> = {}) =>
  stage.kind.update(NAME, stage.recorded(NAME, more), { settingName: NAME, ...news, __provider: "text" });

describe("an update", () => {
  test("writes the new value, once its peers are looked at, and keeps what was there first", async () => {
    expect(await update({ value: "8" }, { restartRequired: true, __untouched: true })).toEqual({
      outs: {
        settingName: NAME,
        value: "8",
        previousValue: wrapped("5"),
        restartRequired: true,
        __category: "Advanced",
        systemEndpoint: SYSTEM,
      },
    });
    expect(stage.sent).toEqual([
      ["peers", NAME, "8"],
      ["write", NAME, "8"],
    ]);
  });

  test("that the connector's peers forbid writes nothing", async () => {
    stage.peers = new Refused("There is an object storage pool.");
    const { message } = await failureOf(update({ value: "8" }));
    expect(message).toBe("There is an object storage pool.");
    expect(stage.sent).toEqual([["peers", NAME, "8"]]);
  });

  test("of onDestroy alone sends nothing", async () => {
    expect(await update({ value: "7", onDestroy: "restore" })).toMatchObject({ outs: { onDestroy: "restore" } });
    expect(stage.sent).toEqual([]);
  });

  test("from members to a value writes the value, and what was added is not ours any more", async () => {
    const { outs } = await update({ value: "8" }, { value: undefined, members: ["a"], addedMembers: ["a"] });
    expect(outs).toMatchObject({ value: "8", previousValue: wrapped("5") });
    expect(outs).not.toHaveProperty("addedMembers");
    expect(stage.sent.at(-1)).toEqual(["write", NAME, "8"]);
  });

  test.each([
    [
      "takes out what the value had added",
      { value: "x,a,b", previousValue: "x" },
      ["a"],
      [
        ["read", NAME],
        ["write", NAME, "x,a"],
      ],
    ],
    [
      "takes out nothing that nobody knows to be ours",
      { value: "x,a,b", previousValue: undefined },
      [],
      [["read", NAME]],
    ],
    [
      "takes out nothing that was never written",
      { value: "x,a,b", previousValue: "x", __untouched: true },
      [],
      [["read", NAME]],
    ],
  ])("from a value to members %s", async (_what, olds, addedMembers, calls) => {
    stage.settings[NAME] = { value: "x,a,b" };
    const { outs } = await update({ members: ["a"] }, olds);
    expect(outs).toMatchObject({ members: ["a"], addedMembers });
    expect(stage.sent.filter(([how]) => how !== "peers").slice(0, calls.length)).toEqual(calls);
  });

  test("of members adds and takes out, and keeps what was there first", async () => {
    stage.settings[NAME] = { value: "x,a" };
    const { outs } = await update({ members: ["b"] }, { value: undefined, members: ["a"], addedMembers: ["a"] });
    expect(outs).toEqual({
      settingName: NAME,
      members: ["b"],
      addedMembers: ["b"],
      previousValue: wrapped("5"),
      restartRequired: false,
      __category: "Advanced",
      systemEndpoint: SYSTEM,
    });
    expect(stage.sent).toContainEqual(["write", NAME, "x,b"]);
  });

  test("of an imported setting, of which little is recorded, takes it to need a restart and to be no secret", async () => {
    const name = "imported.setting";
    const olds = { settingName: name, value: "7", systemEndpoint: SYSTEM };
    const { outs } = await stage.kind.update(name, olds, { settingName: name, value: "8", __provider: "text" });
    expect(outs).toMatchObject({ value: "8", restartRequired: true, __category: "" });
    expect(outs).not.toHaveProperty("previousValue");
    expect(stage.told).toEqual([
      `warning: Setting ${name} takes effect after a restart of all management servers, which no API can do.`,
    ]);
  });

  test.each(["Secure", "Hidden"])("of a value of the category %s needs a secret", async (__category) => {
    expect((await failureOf(update({ value: "Canary-update-1" }, { __category }))).message).toBe(
      `Global setting ${NAME} is not written: CloudStack keeps it among its secrets (category ${__category}), and the state would hold the value in the clear. Give it as a secret: pulumi.secret(…), or configuration set with --secret.`,
    );
    expect(stage.sent).toEqual([]);
    const { outs } = await update({ value: "Canary-update-2", ...HIDDEN }, { __category });
    expect(outs).toMatchObject({ value: wrapped("Canary-update-2"), __category });
    expect(stage.sent.at(-1)).toEqual(["write", NAME, "Canary-update-2"]);
  });

  test("needs something to write", async () => {
    expect((await failureOf(update({}))).message).toBe(`Global setting ${NAME} needs value or members.`);
  });

  test("that is refused has changed nothing", async () => {
    stage.failure = new ApiFailure(`Could not set ${NAME}: refused.`, 431, "refused");
    const failure = await failureOf(update({ value: "8" }, { __untouched: true }));
    expect(failure.message).toBe(`Could not set ${NAME}: refused.`);
    expect(failure.properties).toBeUndefined();
  });

  test("without an answer may have changed the setting, so that a destroy has something to undo", async () => {
    stage.failure = new NoAnswer(`Could not set ${NAME}: no answer.`);
    const failure = await failureOf(update({ value: "8" }, { __untouched: true }));
    expect(failure.message).toBe(`Could not set ${NAME}: no answer.`);
    expect(failure.properties).toMatchObject({ value: "7", previousValue: wrapped("5"), __untouched: false });
  });
});
