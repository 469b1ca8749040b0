import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Arena } from "../harness/battery/arena.ts";
import { killAndRecover, killsOf, sharpKillsOf, undisturbed } from "../harness/battery/interruption/kill-cell.ts";
import { startKillable } from "../harness/battery/interruption/killable-process.ts";
import { type Naming, namingsOf, type Operation, operationsOf } from "../harness/battery/interruption/operation.ts";
import { patient } from "../harness/battery/interruption/patience.ts";
import { type Specimen, titleOf } from "../harness/battery/specimen.ts";
import { everySpecimen, specimens } from "../harness/battery/specimens/all.ts";
import { memberSetting } from "../harness/battery/specimens/cloudstack.ts";
import { firstSeed, soak } from "../harness/soak.ts";

/**
 * The provider process is killed with SIGKILL after its k-th request, and the engine records nothing. Then the next `up`
 * (`CLOUDSTACK_STORAGE_ADOPT=identical` where a name was given to something new, or a pair of keys was made) brings everything to where a run
 * without interruption ends: nothing is left over, nothing is there twice, and a destroy leaves what was there before.
 */
let arena: Arena;

beforeAll(async () => {
  arena = await Arena.open();
});
beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await arena.close();
});

// What is particular about the members of a list has a test of its own.
const lives = everySpecimen
  .filter((specimen) => specimen !== memberSetting)
  .flatMap((specimen) => namingsOf(specimen).map((naming) => ({ specimen, naming, title: titleOf(specimen) })))
  .filter(({ specimen, naming }) => soak || specimens.includes(specimen) || naming === "given");

test.each(lives)("$title, $naming name", async ({ specimen, naming }) => {
  const failures: string[] = [];
  const all = operationsOf(specimen, arena, naming);
  for (const operation of soak ? all : sampleOf(all, naming, specimen))
    failures.push(...(await failuresOf(specimen, operation)).map((text) => `${operation.name}, ${text}`));
  expect(failures).toEqual([]);
});

/**
 * A creation; a change and a rotation where the name is given; an ending where it is derived, or cannot be. Of a variant
 * one operation; of a full object its ending, which is what differs.
 */
function sampleOf(operations: readonly Operation[], naming: Naming, specimen: Specimen): Operation[] {
  const { derivable, fill } = specimen;
  const isEnding = ({ name }: Operation) => name === "replace" || name.startsWith("delete");
  const isRotation = ({ name }: Operation) => name.startsWith("update key rotation");
  const isUpdate = (operation: Operation) => operation.name.startsWith("update") && !isRotation(operation);
  if (fill) return picked(operations.filter(isEnding));
  if (!specimens.includes(specimen)) return picked(operations);
  return [
    ...picked(operations.filter(({ name }) => name === "create")),
    ...(naming === "given" ? [...picked(operations.filter(isUpdate)), ...picked(operations.filter(isRotation))] : []),
    ...(naming === "derived" || derivable === undefined ? picked(operations.filter(isEnding)) : []),
  ];
}

async function failuresOf(specimen: Specimen, operation: Operation): Promise<string[]> {
  vi.stubEnv("CLOUDSTACK_STORAGE_ADOPT", operation.needsLeave ? "identical" : "");
  const failures: string[] = [];
  const reference = await undisturbed(arena, specimen, operation);
  for (const kill of soak ? killsOf(reference) : picked(sharpKillsOf(reference))) {
    const start = async () => startKillable(arena.config(patient));
    await killAndRecover(arena, specimen, operation, reference, kill, start).catch(({ message }: Error) => {
      failures.push(`request ${kill.k}, ${kill.moment}: ${message}`);
    });
  }
  return failures;
}

function picked<T>(all: readonly T[]): T[] {
  const index = firstSeed() % Math.max(all.length, 1);
  return all.slice(index, index + 1);
}
