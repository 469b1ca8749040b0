import fc from "fast-check";
import type { LabFault } from "../../lab.ts";
import type { Part, Values } from "./part.ts";
import { handOf } from "./rules.ts";
import type { World } from "./world.ts";

type Command = fc.AsyncCommand<World, World>;

/** One thing that happens, to one of what it can happen to. */
function command<T>(
  name: string,
  choices: (world: World) => readonly T[],
  happen: (world: World, choice: T, bits: number) => Promise<void> | void,
): fc.Arbitrary<Command> {
  return fc.tuple(fc.nat(1000), fc.nat(2 ** 24)).map(([pick, bits]) => ({
    check: (world) => choices(world as World).length > 0,
    run: async (world) => {
      const all = choices(world);
      await happen(world, all[pick % all.length] as T, bits);
    },
    toString: () => `${name}(${pick}, ${bits})`,
  }));
}

const partOf = (world: World, name: string | undefined) => world.parts.find((part) => part.name === name);
const declared = (world: World) => world.parts.filter(({ name }) => world.program.has(name));
const live = (world: World) => world.parts.filter((part) => world.live(part).length > 0);
const ones = (values: readonly unknown[], bits: number) => values[bits % values.length];

export function declareAll(world: World, bits: number): void {
  for (const part of world.parts) if (!world.program.has(part.name)) declare(world, part, bits);
}

/** With what it is inside of, and some of its aspects. */
function declare(world: World, part: Part, bits: number): void {
  const outer = partOf(world, part.inside);
  if (outer && !world.program.has(outer.name)) declare(world, outer, bits);
  const chosen = Object.entries(part.aspects).flatMap(([aspect, { values, isRequired }], index) =>
    values.length > 0 && (isRequired || ((bits >> index) & 1) === 1)
      ? [[aspect, ones(values, bits >> (index + 3))]]
      : [],
  );
  const values = Object.fromEntries(chosen) as Values;
  const keyGeneration = world.generations.get(part.name) ?? 1;
  world.program.set(part.name, { values, keyGeneration });
  world.note(`declare ${part.name} ${JSON.stringify(values)}`);
}

function change(world: World, part: Part, aspect: string, value: unknown): void {
  const before = world.program.get(part.name);
  if (!before) return;
  const { [aspect]: _old, ...rest } = before.values;
  world.program.set(part.name, { ...before, values: value === undefined ? rest : { ...rest, [aspect]: value } });
  world.note(
    value === undefined ? `unmanage ${part.name}.${aspect}` : `${part.name}.${aspect} = ${JSON.stringify(value)}`,
  );
}

const declaring = command(
  "declare",
  (world) => world.parts.filter(({ name }) => !world.program.has(name)),
  (world, part, bits) => declare(world, part, bits),
);

const changing = command(
  "change",
  (world) =>
    declared(world)
      .flatMap((part) => Object.entries(part.aspects).map((aspect) => ({ part, aspect })))
      .filter(({ aspect: [, { values }] }) => values.length > 0),
  (world, { part, aspect: [name, { values }] }, bits) => change(world, part, name, ones(values, bits)),
);

const unmanaging = command(
  "unmanage",
  (world) =>
    declared(world).flatMap((part) =>
      Object.keys(world.program.get(part.name)?.values ?? {}).flatMap((aspect) =>
        part.aspects[aspect]?.isRequired ? [] : [{ part, aspect }],
      ),
    ),
  (world, { part, aspect }) => change(world, part, aspect, undefined),
);

/** With what is inside of it. */
const removing = command("remove", declared, (world, part) => {
  for (const { name, inside } of world.parts)
    if ((name === part.name || inside === part.name) && world.program.delete(name)) world.note(`remove ${name}`);
});

const changingByHand = command(
  "change by hand",
  (world) =>
    live(world).flatMap((part) =>
      Object.entries(part.aspects).flatMap(([aspect, { byHand }]) => byHand.map((value) => ({ part, aspect, value }))),
    ),
  async (world, { part, aspect, value }) => await world.byHand(part, aspect, value),
);

const removingByHand = command(
  "delete by hand",
  (world) => live(world).filter((part) => part.removeByHand && world.isInState(part)),
  async (world, part) => await world.removeByHand(part),
);

/** The keys of a bucket's owner are left: without them nobody can speak to the bucket. */
const removingKeyByHand = command(
  "delete a key by hand",
  (world) =>
    world.parts.flatMap((part) => {
      const seen = world.seen.parts.get(part.name);
      const key = seen && part.name !== "tenant" ? handOf(seen) : undefined;
      return key === undefined ? [] : [{ part, key }];
    }),
  async (world, { part, key }) => await world.removeKeyByHand(part, key),
);

const rotating = command(
  "rotate",
  (world) => declared(world).filter((part) => world.mayRotate(part)),
  (world, part) => world.rotate(part),
);

const renaming = command(
  "rename",
  (world) => declared(world).filter((part) => world.isInState(part)),
  async (world, part) => await world.rename(part),
);

const once = (name: string, happen: (world: World) => Promise<unknown>) =>
  command(
    name,
    (world) => [world],
    async (world) => void (await happen(world)),
  );

const faults = fc.record({
  system: fc.constantFrom<LabFault["system"]>("cloudian", "cloudian-s3", "ecs", "ecs-s3", "cloudstack"),
  after: fc.nat(6),
  times: fc.constantFrom(1, 1, 2, 6),
  how: fc.constantFrom<Pick<LabFault, "kind" | "status" | "retryAfter">>(
    { kind: "reset-before-read" },
    { kind: "reset-after-commit" },
    { kind: "status-after-commit" },
    { kind: "truncate" },
    { kind: "html" },
    { kind: "status", status: 500 },
    { kind: "status", status: 503, retryAfter: 0 },
    { kind: "status", status: 429, retryAfter: 0 },
    { kind: "status", status: 403 },
    { kind: "status", status: 401 },
  ),
});

const faulting: fc.Arbitrary<Command> = faults.map(({ system, after, times, how }) => ({
  check: () => true,
  run: async (world) => await world.fault({ system, after, times, ...how }),
  toString: () => `fault(${system}, ${after}, ${times}, ${JSON.stringify(how)})`,
}));

const upping = once("up", (world) => world.up());
const refreshing = once("refresh", (world) => world.refresh());

/** As often as things happen: what changes is worth nothing without the commands that carry it out. */
export const sequences = fc.commands(
  [
    declaring,
    changing,
    changing,
    unmanaging,
    removing,
    changingByHand,
    changingByHand,
    removingByHand,
    removingKeyByHand,
    rotating,
    renaming,
    faulting,
    faulting,
    upping,
    upping,
    upping,
    upping,
    refreshing,
    refreshing,
    once("destroy", (world) => world.destroy()),
  ],
  { maxCommands: 30, size: "max" },
);
