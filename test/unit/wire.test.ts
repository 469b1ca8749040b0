import { expect, test } from "vitest";
import { hiddenOf, inputsOf, secretNames, toWire } from "../../provider/core/wire.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const wrapped = (value: unknown) => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value });

test("what the server of the SDK would choke on becomes text or is left out, and secrets are wrapped once", () => {
  expect(
    toWire(
      {
        a: undefined,
        b: [1, { c: undefined, d: 2n }],
        e: new Date("2026-01-31T00:00:00Z"),
        f: Number.NaN,
        p: "s",
        q: UNKNOWN,
        r: wrapped("s"),
      },
      ["p", "q", "r", "z"],
    ),
  ).toEqual({
    b: [1, { d: "2" }],
    e: "2026-01-31T00:00:00.000Z",
    f: null,
    p: wrapped("s"),
    q: UNKNOWN,
    r: wrapped("s"),
  });
});

test("whatever is secret is wrapped, also what is nothing or no text", () => {
  expect(toWire({ a: null, b: 0, c: "", d: [] }, ["a", "b", "c", "d"])).toEqual({
    a: wrapped(null),
    b: wrapped(0),
    c: wrapped(""),
    d: wrapped([]),
  });
});

test("the inputs of a kind are what does not travel beside them", () => {
  const beside = { __provider: "text", __derived: true, __secrets: ["tags"], __refusal: "no" };
  const names = { __defaultName: "box-1ff30242", __derivedName: "box-1ff30242" };
  expect(inputsOf({ ...beside, ...names, owner: "ada", tags: {} })).toEqual({ owner: "ada", tags: {} });
});

test("what is said to be secret are names, and anything else is passed over", () => {
  expect(secretNames({ __secrets: ["tags", 7, null, "owner"] })).toEqual(["tags", "owner"]);
  expect(secretNames({ __secrets: "tags" })).toEqual([]);
  expect(hiddenOf({ __secrets: [7], __derived: "true", owner: "ada" })).toEqual({});
  expect(hiddenOf({ __secrets: ["tags"], __derived: true, owner: "ada" })).toEqual({
    __derived: true,
    __secrets: ["tags"],
  });
});
