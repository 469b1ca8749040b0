import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";
import { groupArgs, type Kind, kinds, type Properties, TEXT, unsendable, unwrapped, userArgs } from "./support.ts";

let lab: Lab;
let control: LabControl;
let settings: Record<string, string>;

beforeAll(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  settings = {
    cloudianEndpoint: lab.addresses.cloudian.endpoint,
    cloudianUsername: "sysadmin",
    cloudianPassword: "public",
  };
});
afterAll(() => lab.close());

const fresh = async (written: Properties) => {
  await control.reset();
  await control.patch("cloudian", { options: { maxGroupNameLength: 0 } });
  if (written["userId"] !== undefined) await control.patch("cloudian", { groups: { [`${written["groupId"]}`]: {} } });
};
const plan = async (kind: Kind, olds: Properties, written: Properties) => {
  const { inputs, failures } = await kind.check(olds, { ...written, ...TEXT });
  expect(failures).toEqual([]);
  return { wire: inputs as Properties, plain: { ...unwrapped(inputs as Properties), ...TEXT } };
};
const objects = async () => {
  const { groups, users } = (await control.state()).cloudian;
  return { groups: Object.keys(groups).length - 1, users: Object.keys(users).length - 1 };
};
const KINDS = [
  { kind: "group", args: groupArgs, runs: 30, made: { groups: 1, users: 0 } },
  { kind: "user", args: userArgs, runs: 30, made: { groups: 1, users: 1 } },
] as const;

test.each(KINDS)(
  "read(create(x)).inputs = check(x) for a $kind, and every result can be sent",
  async ({ kind, args, runs }) => {
    await fc.assert(
      fc.asyncProperty(args, async (written) => {
        await fresh(written);
        const phase = kinds(settings)[kind];
        const { wire, plain } = await plan(phase, {}, written);
        const made = await phase.create(plain);
        expect(unsendable(made.outs)).toEqual([]);
        const state = { ...unwrapped(made.outs as Properties), ...TEXT };
        const live = await kinds(settings)[kind].read(made.id, state);
        expect(unsendable(live.props)).toEqual([]);
        expect(live.inputs).toEqual(wire);
        expect(live.props).toEqual(made.outs);
        expect(await phase.diff(made.id, state, plain)).toEqual({ changes: false });
      }),
      { numRuns: runs },
    );
  },
);

test.each(KINDS)(
  "an update from x to y leaves a $kind that reads as y, under replace as under merge",
  async ({ kind, args }) => {
    await fc.assert(
      fc.asyncProperty(args, args, fc.constantFrom("replace", "merge"), async (one, other, updateMode) => {
        await fresh(one);
        await control.patch("cloudian", { options: { updateMode } });
        const phase = kinds(settings)[kind];
        const before = await plan(phase, {}, { ...one, keyGeneration: undefined });
        const made = await phase.create(before.plain);
        const fixed = {
          groupId: one["groupId"],
          ...(kind === "user" ? { userId: one["userId"], userType: one["userType"] } : {}),
        };
        const state = { ...unwrapped(made.outs as Properties), ...TEXT };
        const next = kinds(settings)[kind];
        const after = await plan(next, before.plain, { ...other, ...fixed });
        const { outs } = await next.update(made.id, state, after.plain);
        expect(unsendable(outs)).toEqual([]);
        const kept = { ...unwrapped(outs as Properties), ...TEXT };
        const live = await next.read(made.id, kept);
        expect(live.inputs).toEqual(after.wire);
        expect(live.props).toEqual(outs);
      }),
      { numRuns: 25 },
    );
  },
);

test.each(KINDS)("deleting a $kind twice is fine and leaves none", async ({ kind, args }) => {
  await fc.assert(
    fc.asyncProperty(args, async (written) => {
      await fresh(written);
      const phase = kinds(settings)[kind];
      const { plain } = await plan(phase, {}, { ...written, onDestroy: "delete" });
      const made = await phase.create(plain);
      const state = { ...unwrapped(made.outs as Properties), ...TEXT };
      const last = kinds(settings)[kind];
      await last.delete(made.id, state);
      await last.delete(made.id, state);
      expect(await objects()).toEqual(kind === "group" ? { groups: 0, users: 0 } : { groups: 1, users: 0 });
      expect(await last.read(made.id, state)).toEqual({});
    }),
    { numRuns: 15 },
  );
});

test.each(KINDS)(
  "a $kind whose creation's reply is lost is made once, adopted as its own and complete",
  async ({ kind, args, made: count }) => {
    const faults = fc.constantFrom(
      "reset-before-read",
      "reset-after-commit",
      "status-after-commit",
      "truncate" as const,
    );
    await fc.assert(
      fc.asyncProperty(args, faults, async (written, fault) => {
        await fresh(written);
        await control.clearFaults();
        const phase = kinds(settings)[kind];
        const { wire, plain } = await plan(phase, {}, { ...written, adopt: false });
        await control.fault({ system: "cloudian", kind: fault, method: "PUT", path: `/${kind}` });
        const made = await phase.create(plain);
        expect(await objects()).toEqual(count);
        const live = await kinds(settings)[kind].read(made.id, { ...unwrapped(made.outs as Properties), ...TEXT });
        expect(live.inputs).toEqual(wire);
      }),
      { numRuns: 20 },
    );
  },
);
