import { describe, expect, test, vi } from "vitest";
import type { AnyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { redact } from "../../provider/core/redact.ts";
import { jarHandler, jars } from "./jar-handler.ts";

/** A kind whose system makes a secret of its own, the serial number. */
const jar = (more: Partial<AnyHandler>) =>
  new Lifecycle(jarHandler({ secrets: ["token", "serial"], ...more }), new Ledger());

const declared = (more: object) => ({ name: "a", size: 5, __provider: "text", ...more });
const recorded = (more: object = {}) => declared({ keyGeneration: 1, systemEndpoint: jars.endpoint, ...more });

describe("no message of the process shows", () => {
  test("a declared secret, from before the request that carries it", async () => {
    const seen: string[] = [];
    const create: AnyHandler["create"] = async (_client, { token, color }) => {
      seen.push(redact(`${token} ${color}`));
      return { id: "a", state: {} };
    };
    const update: AnyHandler["update"] = async () => ({});
    const secrets = { token: "Canary-declared-1", color: "Canary-declared-2", __secrets: ["color"] };
    await jar({ create, update }).create(declared(secrets));
    expect(seen).toEqual(["[secret] [secret]"]);
  });

  test("a secret that the system made with the object, from before the object is brought to what is declared", async () => {
    const seen: string[] = [];
    const create: AnyHandler["create"] = async () => ({ id: "a", state: { serial: "Canary-made-1" } });
    const update: AnyHandler["update"] = async (_client, _id, { serial }) => {
      seen.push(redact(`serial ${serial}`));
      return {};
    };
    await jar({ create, update }).create(declared({}));
    expect(seen).toEqual(["serial [secret]"]);
  });

  test("a secret that an update has made", async () => {
    const update: AnyHandler["update"] = async () => ({ serial: "Canary-updated-1" });
    await jar({ update }).update("a", recorded(), declared({}));
    expect(redact("serial Canary-updated-1")).toBe("serial [secret]");
  });

  test("a secret that a read has shown, among the inputs or beside them", async () => {
    const read: AnyHandler["read"] = async () => ({
      state: { name: "a", token: "Canary-read-1", color: "Canary-read-2", serial: "Canary-read-3" },
    });
    await jar({ read, writeOnly: [] }).read("a", recorded({ token: "before", color: "red", __secrets: ["color"] }));
    expect(redact("Canary-read-1 Canary-read-2 Canary-read-3")).toBe("[secret] [secret] [secret]");
  });
});

test("the settings that the engine configures are those that the kind connects with", async () => {
  const connect: AnyHandler["connect"] = (settings) => ({
    ...jars,
    endpoint: `https://${settings.ecsNamespace()}:443`,
  });
  const get = vi.fn((key: string) => (key === "cloudstack-storage:ecsNamespace" ? "shelf" : undefined));
  const life = jar({ connect, read: async () => ({ state: { name: "a" } }) });
  expect(await life.configure({ config: { get } } as unknown as Parameters<Lifecycle["configure"]>[0])).toBeUndefined();
  expect(get).not.toHaveBeenCalled();
  expect(await life.read("a", {})).toMatchObject({ props: { systemEndpoint: "https://shelf:443" } });
});

describe("an update that fails halfway", () => {
  const secret = (value: unknown) => ({
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    value,
  });
  const life = jar({
    echoes: { addedParts: ["color"] },
    update: async (_client, _id, _before, { color }, note) => {
      note({ color, addedParts: [color] });
      throw new Error(`There is no ${color}.`);
    },
  });
  const partOf = (before: object, now: object) =>
    life.update("a", recorded(before), declared(now)).then(
      () => undefined,
      ({ properties, reasons }) => ({ properties, reasons }),
    );

  test("keeps secret what the program has newly made so, with what repeats it", async () => {
    expect(await partOf({ color: "red" }, { color: "Canary-newly", __secrets: ["color"] })).toMatchObject({
      properties: { color: secret("Canary-newly"), addedParts: secret(["Canary-newly"]), __secrets: ["color"] },
      reasons: [expect.stringContaining("There is no [secret].")],
    });
  });

  test("keeps secret what the program no longer makes so, for it may still be the old value", async () => {
    expect(await partOf({ owner: "Canary-before", __secrets: ["owner"] }, { color: "blue" })).toMatchObject({
      properties: { owner: secret("Canary-before"), color: "blue", addedParts: ["blue"], __secrets: ["owner"] },
    });
  });

  test("holds no list of secrets where there are none", async () => {
    expect((await partOf({ color: "red" }, { color: "blue" }))?.properties).not.toHaveProperty("__secrets");
  });
});
