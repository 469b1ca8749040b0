import { describe, expect, test } from "vitest";
import { Display } from "../../examples/demo/display.ts";
import { budget, estate } from "../../examples/demo/estate.ts";
import { type PhaseLine, summary } from "../../examples/demo/report.ts";
import { liveStores, secondaryStorageIn, storageBudget } from "../../examples/demo/secondary-storage.ts";
import {
  expectEmpty,
  expectEmptyCloudStack,
  expectEmptyEcs,
  expectEqual,
  expectSamePair,
  expectShown,
} from "../../examples/demo/surprise.ts";
import { editedText, edits, tenantBudget } from "../../examples/demo/tenant.ts";

const emptyEcs = { users: {}, buckets: {}, sessions: { live: 0 } };
const empty = { groups: { "0": {} }, users: { "0/admin": {} }, credentials: {}, limits: {}, s3Buckets: {} };
const row = { provider: "S3", url: "https://s3.example.com/b", readOnly: false } as const;
const store = { ...row, name: "main", role: "Image", removed: false } as const;
const staging = { ...row, name: "nfs://nfs/a", role: "ImageCache", removed: false } as const;
const emptyCloudStack = {
  imageStores: { a: { ...store, removed: true } },
  settings: { "secstorage.allowed.internal.sites": { value: "" } },
};

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
    ["a bucket", { ...empty, s3Buckets: { invoices: {} } }],
    ["no administrator", { ...empty, users: {} }],
  ])("an end with %s is not an empty lab", (_what, state) => {
    expect(() => expectEmpty(empty)).not.toThrow();
    expect(() => expectEmpty(state)).toThrow("The lab is not as empty as at its start.");
  });

  test.each([
    ["a user", { ...emptyEcs, users: { "ns1/blue": {} } }],
    ["a bucket", { ...emptyEcs, buckets: { "ns1/blue-backups": {} } }],
    ["a token", { ...emptyEcs, sessions: { live: 1 } }],
  ])("an end with %s is not an empty ECS", (_what, state) => {
    expect(() => expectEmptyEcs(emptyEcs)).not.toThrow();
    expect(() => expectEmptyEcs(state)).toThrow("The lab's ECS is not as empty as at its start.");
  });

  test.each([
    ["secondary storage", { ...emptyCloudStack, imageStores: { a: store } }],
    ["a staging store", { ...emptyCloudStack, imageStores: { a: staging } }],
    [
      "an open network",
      { ...emptyCloudStack, settings: { "secstorage.allowed.internal.sites": { value: "10.0.0.0/8" } } },
    ],
  ])("an end with %s is not an empty CloudStack", (_what, state) => {
    expect(() => expectEmptyCloudStack(emptyCloudStack)).not.toThrow();
    expect(() => expectEmptyCloudStack({ imageStores: {}, settings: {} })).not.toThrow();
    expect(() => expectEmptyCloudStack(state)).toThrow("The lab's CloudStack is not as empty as at its start.");
  });

  test("the secondary storage is the only live store of its role", () => {
    const removed = { ...store, name: "old", removed: true };
    expect(secondaryStorageIn({ a: removed, b: staging, c: store })).toEqual({ ...store, id: "c" });
    expect(liveStores({ a: removed, b: staging }).map(({ id }) => id)).toEqual(["b"]);
    for (const stores of [
      { a: removed, b: staging },
      { a: store, b: { ...store, name: "second" } },
    ])
      expect(() => secondaryStorageIn(stores)).toThrow("The lab does not hold the secondary storage.");
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
    expect(budget).toEqual({ create: 108, unchanged: 0, read: 108, repair: 6, destroy: 120 });
    expect(tenantBudget).toEqual({
      create: 12,
      read: 12,
      repair: 2,
      refused: 0,
      refusedDestroy: 7,
      forceDestroy: 0,
      destroy: 16,
    });
    expect(storageBudget).toEqual({ create: 22, read: 9, repair: 4, refusedDestroy: 6, destroy: 12 });
  });

  test("an edit of the tenant's program that finds nothing to edit is an error", () => {
    expect(editedText("  owner: user.userName,\n  encryption: true,\n", edits.withoutEncryption)).toBe(
      "  owner: user.userName,\n  encryption: false,\n",
    );
    expect(() => editedText("  encryption: false,\n", edits.withoutEncryption)).toThrow('has no "encryption: true,"');
  });
});

test("the summary has the phases of each scene under its title, and the sums", () => {
  const line = (scene: string, requests: number): PhaseLine => ({
    scene,
    phase: "pulumi up",
    happened: "made",
    requests,
    seconds: 1,
  });
  expect(summary([line("First", 1), line("First", 2), line("Second", 4)]).split("\n")).toEqual([
    "  phase      what happened  requests  seconds",
    "",
    "  First",
    "  pulumi up  made                  1      1.0",
    "  pulumi up  made                  2      1.0",
    "",
    "  Second",
    "  pulumi up  made                  4      1.0",
    "",
    "                                   7      3.0",
  ]);
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
  display.line("    pulumi:pulumi:Stack quick-start-demo running warning: a restart is due");
  display.line(" +  cloudstack-storage:index:CloudianConnector main creating (0s) warning: it is http");
  display.line(" +  cloudstack-storage:index:CloudianConnector main creating (0s) ");
  display.line(` -  ${user} ROOT/i deleting (0s) error: it owns a bucket`);
  display.line(` -  ${user} ROOT/i **deleting failed** error: it owns a bucket`);
  display.line("    pulumi:pulumi:Stack quick-start-demo **failed** 1 error");
  display.line("Diagnostics:");
  display.line(`  ${user} (ROOT/i):`);
  display.line("    error: it owns a bucket");
  display.line("Resources:");
  display.line(`    ~ ${user}: (update)`);
  display.end();
  expect(shown).toEqual([
    " +  CloudianUser ROOT/a created (0.1s)",
    " +  CloudianUser ROOT/b created (0.1s)",
    " +  CloudianUser ROOT/c created (0.1s)",
    " ~  CloudianUser ROOT/g refresh (0.1s) [diff: ~active]",
    "    … and 2 more created",
    "Diagnostics:",
    `  ${user} (ROOT/i):`,
    "    error: it owns a bucket",
    "Resources:",
    `    ~ ${user}: (update)`,
  ]);
});
