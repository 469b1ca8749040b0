import { expect, test } from "vitest";
import type { Found } from "../../provider/cli/import/found.ts";
import { Held } from "../../provider/cli/import/held.ts";

const type = "pulumi-nodejs:dynamic/cloudstack-storage:CloudianGroup";
const urn = (name: string) => `urn:pulumi:dev::acme::${type}::${name}`;

const group = (name: string): Found => ({
  kind: "CloudianGroup",
  name,
  stem: name,
  id: name,
  way: "import",
  instead: {},
  notReturned: [],
});

test("what the stack manages is left alone, with the resource that holds it", () => {
  const held = new Held([{ type, id: "blue", urn: urn("team") }]);
  expect(held.leftAlone([group("blue"), group("red")])).toEqual([
    { ...group("blue"), way: "none", heldBy: urn("team"), reason: `the stack holds it already, as ${urn("team")}` },
    group("red"),
  ]);
  expect(held.holdsOurs).toBe(true);
});

test("what the program only looks up is not held: it can be imported, under another name", () => {
  const held = new Held([{ type, id: "blue", urn: urn("blue"), external: true }]);
  expect(held.leftAlone([group("blue")])).toEqual([group("blue")]);
  expect(held.holdsOurs).toBe(false);
  expect(held.names).toEqual(["blue"]);
});

test("what waits for its deletion is not held any more", () => {
  const held = new Held([{ type, id: "blue", urn: urn("blue"), delete: true }]);
  expect(held.leftAlone([group("blue")])).toEqual([group("blue")]);
});
