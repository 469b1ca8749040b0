import { describe, expect, test } from "vitest";
import { settingStage, wrapped } from "./cloudstack-setting-stage.ts";

const stage = settingStage();

const NAME = "max.ssvm.count";
const HIDDEN = { __secrets: ["value"] };
const SYSTEM = "https://cloud.example.test:443/client/api";

const create = (settingName: string, more: object) => stage.kind.create({ settingName, ...more, __provider: "text" });
const writes = () => stage.sent.filter(([call]) => call === "write");

describe("a value", () => {
  test("is written over what is there, which the state keeps as a secret", async () => {
    stage.settings[NAME] = { value: "5" };
    expect(await create(NAME, { value: "7", onDestroy: "restore" })).toEqual({
      id: NAME,
      outs: {
        settingName: NAME,
        value: "7",
        onDestroy: "restore",
        previousValue: wrapped("5"),
        restartRequired: false,
        __category: "Advanced",
        systemEndpoint: SYSTEM,
      },
    });
    expect(stage.sent).toEqual([
      ["peers", NAME, "7"],
      ["read", NAME],
      ["peers", NAME, "7"],
      ["write", NAME, "7"],
    ]);
    expect(stage.told).toEqual([]);
  });

  test("that is there already is not written", async () => {
    stage.settings[NAME] = { value: "7", isDynamic: false };
    const { outs } = await create(NAME, { value: "7" });
    expect(outs).toMatchObject({ value: "7", previousValue: wrapped("7"), restartRequired: true });
    expect(writes()).toEqual([]);
    expect(stage.told).toEqual([]);
  });

  test("in a scope goes there alone, under an id that names it", async () => {
    stage.settings = { [NAME]: { value: "1" }, [`zone:z1/${NAME}`]: { value: "5" } };
    const { id, outs } = await create(NAME, { value: "7", scope: { type: "zone", id: "z1" } });
    expect(id).toBe(`zone:z1/${NAME}`);
    expect(outs).toMatchObject({ scope: { type: "zone", id: "z1" }, previousValue: wrapped("5") });
    expect(writes()).toEqual([["write", `zone:z1/${NAME}`, "7"]]);
  });

  test("in a scope is written even if it is what is in effect there, which may be that of the whole cloud", async () => {
    stage.settings[`zone:z1/${NAME}`] = { value: "7" };
    const { outs } = await create(NAME, { value: "7", scope: { type: "zone", id: "z1" } });
    expect(outs).toMatchObject({ value: "7", previousValue: wrapped("7") });
    expect(writes()).toEqual([["write", `zone:z1/${NAME}`, "7"]]);
  });

  test("that acts after a restart only is told so once it is written", async () => {
    stage.settings["restart.at.creation"] = { value: "5", isDynamic: false };
    const { outs } = await create("restart.at.creation", { value: "7" });
    expect(outs).toMatchObject({ restartRequired: true });
    expect(stage.told).toEqual([
      "warning: Setting restart.at.creation takes effect after a restart of all management servers, which no API can do.",
    ]);
  });
});

describe("members", () => {
  test("are added to those of others, and the state has what was there and which of them are ours", async () => {
    stage.settings["a.list"] = { value: "x,b" };
    const { outs } = await create("a.list", { members: ["a", "b"] });
    expect(outs).toEqual({
      settingName: "a.list",
      members: ["a", "b"],
      addedMembers: ["a"],
      previousValue: wrapped("x,b"),
      restartRequired: false,
      __category: "Advanced",
      systemEndpoint: SYSTEM,
    });
    expect(stage.sent.slice(1)).toEqual([
      ["read", "a.list"],
      ["write", "a.list", "x,b,a"],
      ["read", "a.list"],
    ]);
  });

  test("that the program made secret are secret among the added ones, too", async () => {
    stage.settings["a.list"] = { value: "x" };
    const { outs } = await create("a.list", { members: ["Canary-member"], __secrets: ["members"] });
    expect(outs).toMatchObject({ members: wrapped(["Canary-member"]), addedMembers: wrapped(["Canary-member"]) });
  });
});

describe("a value that CloudStack returns in no readable form", () => {
  test("is written as a secret, and what was there is not recorded", async () => {
    stage.settings[NAME] = { category: "Secure", value: "ENC(1)" };
    const { outs } = await create(NAME, { value: "Canary-secure-1", ...HIDDEN });
    expect(outs).toEqual({
      settingName: NAME,
      value: wrapped("Canary-secure-1"),
      restartRequired: false,
      __category: "Secure",
      __secrets: ["value"],
      systemEndpoint: SYSTEM,
    });
    expect(writes()).toEqual([["write", NAME, "Canary-secure-1"]]);
  });

  test("is written even where it looks like the one that comes back", async () => {
    stage.settings[NAME] = { category: "Secure", value: "Canary-secure-2" };
    await create(NAME, { value: "Canary-secure-2", ...HIDDEN });
    expect(writes()).toEqual([["write", NAME, "Canary-secure-2"]]);
  });

  test("is written once where CloudStack does not even list it, and may act after a restart only", async () => {
    const name = "restart.of.unlisted";
    const { id, outs } = await create(name, { value: "Canary-hidden-1", ...HIDDEN });
    expect({ id, outs }).toEqual({
      id: name,
      outs: {
        settingName: name,
        value: wrapped("Canary-hidden-1"),
        restartRequired: true,
        __category: "Hidden",
        __secrets: ["value"],
        systemEndpoint: SYSTEM,
      },
    });
    expect(writes()).toEqual([["write", name, "Canary-hidden-1"]]);
    expect(stage.told).toEqual([
      `warning: Setting ${name} takes effect after a restart of all management servers, which no API can do.`,
    ]);
  });
});
