import assert from "node:assert/strict";
import type { Changes, LiveStack } from "./stack.ts";
import type { LiveSystem, Step } from "./system.ts";

/** The whole life of a system's kinds: each step is looked at through the engine and through the second client. */
export async function runLifecycle(system: LiveSystem, stack: LiveStack, prefix: string): Promise<void> {
  const before = await system.surroundings();
  const failure = await runSteps(system, stack, prefix).catch((error: unknown) => ({ error }));
  // Whatever has failed, what was made goes; and what has failed first is what has to be told.
  const left = await stack.destroy().catch((error: unknown) => ({ error }));
  if (failure) throw failure.error;
  if (left) throw left.error;
  assert.deepEqual(await system.objectsWith(prefix), []);
  assert.equal(await system.surroundings(), before);
  passed(system, "destroyed; nothing is left");
}

async function runSteps(system: LiveSystem, stack: LiveStack, prefix: string): Promise<undefined> {
  const count = system.kinds.length;
  const same = { same: count };
  const [first, second, moved] = [system.program("first"), system.program("second"), system.program("moved")];
  const isThere = async (step: Step) => assert.deepEqual(await system.objectsWith(prefix), system.expected(step));
  assert.equal((await stack.up(first))["create"], count + 1);
  await isThere("first");
  passed(system, `created ${count} (${system.kinds.join(", ")})`);
  assert.deepEqual(settled(await stack.up(first)), same);
  passed(system, "unchanged");
  assert.deepEqual(settled(await stack.gate(first)), same);
  passed(system, "reads as declared");

  const { update = 0, create, replace, delete: gone } = await stack.up(second);
  assert.deepEqual([create, replace, gone], [undefined, undefined, undefined]);
  assert.ok(update > 0 || onlyFixed(system), "an update changes something");
  assert.deepEqual(settled(await stack.gate(second)), same);
  await isThere("second");
  passed(system, `updated ${update}`);

  const drifted = await system.drift(await stack.outputs());
  assert.equal((await stack.up(second, { refresh: true }))["update"] ?? 0, drifted);
  assert.deepEqual(settled(await stack.gate(second)), same);
  passed(system, `drift of ${drifted} found and repaired`);

  const replaced = system.kinds.filter((kind) => !system.stays.includes(kind)).length;
  assert.equal((await stack.up(moved))["replace"] ?? 0, replaced);
  await isThere("moved");
  passed(system, `replaced ${replaced}`);
}

function passed({ name }: LiveSystem, what: string): void {
  console.log(`  ${name}: ${what}`);
}

/** Of what did not stay the same, and nothing of what counts nought. */
function settled(changes: Changes): Changes {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== 0));
}

/** A share has no property that can be updated. */
function onlyFixed({ kinds }: LiveSystem): boolean {
  return kinds.every((kind) => kind === "SecondaryStagingStore");
}
