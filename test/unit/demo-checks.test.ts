import { describe, expect, test } from "vitest";
import { Display } from "../../examples/demo/display.ts";
import { budget, estate } from "../../examples/demo/estate.ts";
import { expectEmpty, expectEqual, expectSamePair, expectShown } from "../../examples/demo/surprise.ts";

const empty = { groups: { "0": {} }, users: { "0/admin": {} }, credentials: {}, limits: {} };

describe("the demo's checks", () => {
  test("a wrong number is shown beside the expected one", () => {
    expect(() => expectEqual("The exit code is wrong.", 7, 7)).not.toThrow();
    expect(() => expectEqual("The exit code is wrong.", 0, 7)).toThrow(
      "The exit code is wrong.\n  expected: 7\n  found:    0",
    );
  });

  test.each([
    ["a group", { ...empty, groups: { "0": {}, blue: {} } }],
    ["a user", { ...empty, users: { "0/admin": {}, "blue/ada": {} } }],
    ["a key", { ...empty, credentials: { "00aa": {} } }],
    ["a limit", { ...empty, limits: { "blue/ALL": {} } }],
    ["no administrator", { ...empty, users: {} }],
  ])("an end with %s is not an empty lab", (_what, state) => {
    expect(() => expectEmpty(empty)).not.toThrow();
    expect(() => expectEmpty(state)).toThrow("The lab is not as empty as at its start.");
  });

  test("another key is no repair, and neither secret is told", () => {
    const before = { accessKey: "id-1", secretKey: "secret-1" };
    expect(() => expectSamePair(before, { accessKey: "id-1", secretKey: "secret-1" })).not.toThrow();
    for (const after of [undefined, { ...before, accessKey: "id-2" }, { ...before, secretKey: "secret-2" }]) {
      expect(() => expectSamePair(before, after)).toThrow(/^The deleted key was not repaired(?!.*(secret-|id-))/s);
    }
  });

  test("what an output does not show is named, however its lines are broken", () => {
    const output = "    [urn=…::blue-web]\n      ~ active: false => true\n";
    expect(() => expectShown("Not all is shown.", output, ["blue-web] ~ active: false => true"])).not.toThrow();
    expect(() => expectShown("Not all is shown.", output, ["blue-web", "green"])).toThrow("an output without green");
  });

  test("the estate and its requests are those of the documentation", () => {
    expect(estate).toEqual({ groups: 10, users: 45 });
    expect(budget).toEqual({ create: 108, unchanged: 0, read: 108, repair: 6, destroy: 110 });
  });
});

test("the display leaves out what is the same for every resource, and says how much", () => {
  const shown: string[] = [];
  const display = new Display((line) => shown.push(line));
  const user = "pulumi-nodejs:dynamic/cloudstack-storage:CloudianUser";
  display.line("@ updating....");
  display.line(` +  ${user} ROOT/a creating (0s) `);
  for (const name of ["a", "b", "c", "d", "e"]) display.line(` +  ${user} ROOT/${name} created (0.1s) `);
  display.line(` ~  ${user} ROOT/f refresh (0.1s) `);
  display.line(` ~  ${user} ROOT/g refresh (0.1s) [diff: ~active]`);
  display.line(`    ${user} ROOT/h  `);
  display.line("Resources:");
  display.line(`    ~ ${user}: (update)`);
  display.end();
  expect(shown).toEqual([
    " +  CloudianUser ROOT/a created (0.1s)",
    " +  CloudianUser ROOT/b created (0.1s)",
    " +  CloudianUser ROOT/c created (0.1s)",
    " ~  CloudianUser ROOT/g refresh (0.1s) [diff: ~active]",
    "    … and 2 more created",
    "Resources:",
    `    ~ ${user}: (update)`,
  ]);
});
