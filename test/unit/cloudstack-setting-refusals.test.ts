import { describe, expect, test } from "vitest";
import { ApiFailure } from "../../provider/cloudstack/answers.ts";
import { NoAnswer, Refused } from "../../provider/core/errors.ts";
import { failureOf, settingStage, wrapped } from "./cloudstack-setting-stage.ts";

const stage = settingStage();

const NAME = "max.ssvm.count";
const HIDDEN = { __secrets: ["value"] };
const SYSTEM = "https://cloud.example.test:443/client/api";

const create = (settingName: string, more: object) => stage.kind.create({ settingName, ...more, __provider: "text" });
const messageOf = async (settingName: string, more: object) => (await failureOf(create(settingName, more))).message;
const writes = () => stage.sent.filter(([call]) => call === "write");

describe("before anything is written", () => {
  test("the peers of the connector's settings are looked at", async () => {
    stage.peers = new Refused("This HyperStore is too old.");
    expect(await messageOf("cloudian.admin.host", { value: "admin.example.test" })).toBe("This HyperStore is too old.");
    expect(stage.sent).toEqual([["peers", "cloudian.admin.host", "admin.example.test"]]);
  });

  test("a scope whose object is gone is an error that names it", async () => {
    stage.settings[`cluster:c1/${NAME}`] = "gone";
    expect(await messageOf(NAME, { value: "7", scope: { type: "cluster", id: "c1" } })).toBe(
      `Global setting cluster:c1/${NAME}: CloudStack says that the object which it applies to does not exist. Correct the scope, or remove the resource.`,
    );
    expect(writes()).toEqual([]);
  });

  test("a name that is not listed is an error, unless it is the value that is a secret", async () => {
    const text =
      "CloudStack lists no setting max.ssvm.cuont. Check the spelling, and whether a plugin that brings it is installed. " +
      "One of those that it hides (category Hidden) has to be given as a secret: pulumi.secret(…), or configuration set with --secret.";
    expect(await messageOf("max.ssvm.cuont", { value: "7" })).toBe(text);
    const other = { value: "7", onDestroy: "keep", __secrets: ["onDestroy"] };
    expect(await messageOf("max.ssvm.cuont", other)).toBe(text);
    expect(writes()).toEqual([]);
  });

  test.each(["Secure", "Hidden"])("a value in the clear is an error where CloudStack says %s", async (category) => {
    stage.settings[NAME] = { category };
    expect(await messageOf(NAME, { value: "Canary-clear-1" })).toBe(
      `Global setting ${NAME} is not written: CloudStack keeps it among its secrets (category ${category}), and the state would hold the value in the clear. Give it as a secret: pulumi.secret(…), or configuration set with --secret.`,
    );
    expect(writes()).toEqual([]);
  });

  test("members need a list that is there and can be read", async () => {
    expect(await messageOf("a.lsit", { members: ["a"] })).toBe(
      "CloudStack lists no setting a.lsit. Check the spelling, and whether a plugin that brings it is installed.",
    );
    stage.settings["a.list"] = { value: "x", category: "Secure" };
    expect(await messageOf("a.list", { members: ["a"] })).toBe(
      "Global setting a.list comes back in no readable form (category Secure), so that its members cannot be kept apart. Use value.",
    );
    expect(writes()).toEqual([]);
  });
});

describe("a write that fails", () => {
  const refused = new ApiFailure(`Could not set ${NAME}: refused.`, 431, "refused");
  const message = (reason: string) =>
    `CloudStack setting ${NAME} exists, but is not finished: ${reason} The next pulumi up goes on.`;
  const kept = {
    settingName: NAME,
    value: "5",
    previousValue: wrapped("5"),
    restartRequired: false,
    __category: "Advanced",
    __provider: "text",
    systemEndpoint: SYSTEM,
  };

  test.each([refused, new Refused(`Could not set ${NAME}: refused.`)])(
    "because it is refused leaves nothing to undo: %s",
    async (failure) => {
      stage.settings[NAME] = { value: "5" };
      stage.failure = failure;
      const { message: said, properties } = await failureOf(create(NAME, { value: "7" }));
      expect(said).toBe(message(`Could not set ${NAME}: refused.`));
      expect(properties).toEqual({ ...kept, __untouched: true });
    },
  );

  test("because there is no such setting, listed or hidden, leaves no trace", async () => {
    stage.failure = new Refused(`CloudStack has no setting ${NAME}.`);
    const failure = await failureOf(create(NAME, { value: "Canary-hidden-3", ...HIDDEN }));
    expect(failure.message).toBe(`CloudStack has no setting ${NAME}.`);
    expect(failure.properties).toBeUndefined();
  });

  test("without an answer may have changed it, and the state has what was there", async () => {
    stage.settings[NAME] = { value: "5" };
    stage.failure = new NoAnswer(`Could not set ${NAME}: no answer.`);
    const { message: said, properties } = await failureOf(create(NAME, { value: "7" }));
    expect(said).toBe(message(`Could not set ${NAME}: no answer.`));
    expect(properties).toEqual({ ...kept, __untouched: false });
  });

  test("of members leaves those that were there", async () => {
    stage.settings["a.list"] = { value: "x,b" };
    stage.failure = new ApiFailure("Could not set a.list: refused.", 431, "refused");
    const { properties } = await failureOf(create("a.list", { members: ["a", "b"] }));
    expect(properties).toMatchObject({ members: ["b"], addedMembers: [], __untouched: true });
    expect(properties).not.toHaveProperty("value");
  });

  test("of a secret that never came back shows no value of it", async () => {
    stage.settings[NAME] = { category: "Secure", value: "ENC(1)" };
    stage.failure = refused;
    const { properties } = await failureOf(create(NAME, { value: "Canary-secure-3", ...HIDDEN }));
    expect(properties).toMatchObject({ __category: "Secure", __untouched: true });
    expect(properties).not.toHaveProperty("value");
    expect(properties).not.toHaveProperty("previousValue");
  });

  test("shows neither a secret nor the one that was there before", async () => {
    stage.settings["cloudian.sso.key"] = { value: "Canary-before-1" };
    stage.failure = new NoAnswer("Could not change Canary-before-1 to Canary-after-1.");
    const { message: said, properties } = await failureOf(create("cloudian.sso.key", { value: "Canary-after-1" }));
    expect(said).toContain(": Could not change [secret] to [secret]. ");
    expect(properties).toMatchObject({ value: wrapped("Canary-before-1"), previousValue: wrapped("Canary-before-1") });
  });
});
