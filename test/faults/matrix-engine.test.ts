import * as storage from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import { type Declaration, LittleEngine } from "../harness/battery/little-engine.ts";
import type { LiveEstate } from "../harness/battery/live-estate.ts";
import { pictureOf } from "../harness/battery/matrix/picture.ts";
import { changed, type Specimen } from "../harness/battery/specimen.ts";
import { specimens } from "../harness/battery/specimens/all.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf } from "../harness/stack-run.ts";

type Request = Pick<LabFault, "system" | "method" | "path" | "command">;

const creations: readonly Request[] = [
  { system: "cloudian", method: "PUT", path: "/group" },
  { system: "cloudian", method: "PUT", path: "/user" },
  { system: "ecs", method: "POST", path: "/object/users" },
  { system: "ecs", method: "POST", path: "/object/bucket" },
  { system: "cloudian-s3", method: "PUT", path: "/invoices/" },
  { system: "cloudstack", command: "addImageStore" },
  { system: "cloudstack", command: "createSecondaryStagingStore" },
  { system: "cloudstack", command: "updateConfiguration" },
  { system: "cloudstack", command: "addObjectStoragePool" },
];

/** Before each of them something else of the same update has been done, where there is anything. */
const writes: readonly Request[] = [
  { system: "cloudian", method: "POST", path: "/qos/limits" },
  { system: "ecs", method: "PUT", path: "/object/users/lock" },
  { system: "ecs", method: "PUT", path: "/object/bucket/invoices/tags" },
  { system: "cloudian-s3", method: "PUT", path: "/invoices/" },
  { system: "cloudstack", command: "updateImageStore" },
  { system: "cloudstack", command: "updateConfiguration" },
  { system: "cloudstack", command: "updateObjectStoragePool" },
];

const deletions: readonly Request[] = [
  { system: "cloudian", method: "DELETE", path: "/group" },
  { system: "cloudian", method: "DELETE", path: "/user" },
  { system: "ecs", method: "POST", path: "/object/users/deactivate" },
  { system: "ecs", method: "POST", path: "/object/bucket/invoices/deactivate" },
  { system: "cloudian-s3", method: "DELETE", path: "/invoices/" },
  { system: "cloudstack", command: "deleteImageStore" },
  { system: "cloudstack", command: "deleteSecondaryStagingStore" },
  { system: "cloudstack", command: "deleteObjectStoragePool" },
];

/** All kinds stand in one program, where a user's group must not be the one that the program makes. */
const own: Partial<Record<string, Properties>> = { CloudianUser: { groupId: "theirs" } };

let arena: Arena;
let stack: TestStack;
let seeded: LiveEstate;
let created: LiveEstate;
let updated: LiveEstate;

beforeAll(async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  arena = await Arena.open();
  const config = { requestTimeoutSeconds: "5", operationTimeoutSeconds: "30" };
  stack = await TestStack.open("matrix", { lab: arena.lab, config });
  await seed();
  seeded = await picture();
  const engine = new LittleEngine();
  created = await withoutFaults(engine, declarations(firstOf));
  updated = await withoutFaults(engine, declarations(secondOf));
  await arena.control.reset();
  await seed();
});

afterAll(async () => {
  await stack.close();
  await arena.close();
});

describe("one stack of every kind, created, changed and destroyed", { shuffle: false }, () => {
  test("a reply that is lost after the creation of each kind is no failure, and nothing exists twice", async () => {
    await arm(creations, { kind: "reset-after-commit" });
    const run = await stack.tryUp(program(firstOf));
    expect([run.code, errorsOf(run)]).toEqual([0, []]);
    expect((await arena.control.faults()).map(({ fired }) => fired)).toEqual(creations.map(() => 1));
    await arena.control.clearFaults();
    await expectAtRest(firstOf, created);
  });

  test("an update of each kind that stops halfway says what to do, and a plain up finishes it", async () => {
    await arm(writes, { kind: "status", status: 500, times: 1000 });
    const run = await stack.tryUp(program(secondOf), { continueOnError: true });
    const errors = errorsOf(run).filter((text) => text.includes("Could not"));
    expect(run.code).toBe(1);
    expect(errors).toHaveLength(9);
    for (const error of errors) expect(error).toMatch(/Run the same command again/);
    await arena.control.clearFaults();
    await stack.up(program(secondOf));
    await expectAtRest(secondOf, updated);
  });

  test("an answer to the deletion of each kind that breaks off leaves nothing behind", async () => {
    await arm(deletions, { kind: "truncate" });
    await stack.tryDestroy({ continueOnError: true });
    expect((await arena.control.faults()).map(({ fired }) => fired)).toEqual(deletions.map(() => 1));
    await arena.control.clearFaults();
    await stack.destroy();
    expect((await stack.exportState()).deployment["resources"] ?? []).toEqual([]);
    expect(await picture()).toEqual(seeded);
  });
});

async function seed(): Promise<void> {
  // The group of the user would be the one that the program makes.
  for (const specimen of specimens) if (specimen.kind !== "CloudianUser") await specimen.seed(arena);
}

async function picture(): Promise<LiveEstate> {
  return pictureOf(await arena.control.state(), arena.lab.addresses, []);
}

async function withoutFaults(engine: LittleEngine, declared: readonly Declaration[]): Promise<LiveEstate> {
  expect(await arena.withProcess({}, (process) => engine.up(process, declared))).toMatchObject({ errors: [] });
  return await picture();
}

async function arm(requests: readonly Request[], fault: Omit<LabFault, "system">): Promise<void> {
  for (const request of requests) await arena.control.fault({ ...request, ...fault });
}

/** Nothing is left to do, and everything is as after a run without faults. */
async function expectAtRest(inputsOf: InputsOf, estate: LiveEstate): Promise<void> {
  expect(await picture()).toEqual(estate);
  const again = await stack.up(program(inputsOf));
  expect([changesOf(again), again.calls]).toEqual([{ same: specimens.length + 1 }, []]);
}

type InputsOf = (specimen: Specimen) => Properties;

function firstOf(specimen: Specimen): Properties {
  return { ...specimen.inputs(arena), ...own[specimen.kind] };
}

/** Everything at once that writes and leaves the object one that a destroy removes. */
function secondOf(specimen: Specimen): Properties {
  const changes = specimen.updates.filter(({ aspect }) => !/^(key rotation|unmanaged|onDestroy)/.test(aspect));
  return changes.reduce(changed, firstOf(specimen));
}

function declarations(inputsOf: InputsOf): Declaration[] {
  return specimens.map((specimen) => ({ name: nameOf(specimen), kind: specimen.kind, inputs: inputsOf(specimen) }));
}

function program(inputsOf: InputsOf): () => Promise<void> {
  const classes = storage as unknown as Record<string, new (name: string, args: object) => unknown>;
  return async () => {
    for (const { name, kind, inputs } of declarations(inputsOf))
      new (classes[kind] as (typeof classes)[string])(name, inputs);
  };
}

function nameOf({ kind, variant = "it" }: Specimen): string {
  return `${kind}-${variant}`;
}
