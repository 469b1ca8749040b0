import type { PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { expect, test } from "vitest";
import { findEngine } from "../harness/engine/find.ts";
import { run as runProgram } from "../harness/engine/run.ts";
import { type TestStack, withStack } from "../harness/stack.ts";
import { changesOf } from "../harness/stack-run.ts";
import { configOf, createStack, environmentOf } from "../harness/stack-setup.ts";
import { contentsIn, deletionsOf, estate, estateSize, fill, held, prepare, urnsOf } from "./danger-estate.ts";

const whole = { same: estateSize + 1 };

test("a stack rename, an alias, a logical rename under one and a state move replace nothing, of any kind", async () => {
  await withStack("danger-before", async (stack) => {
    await prepare(stack);
    await stack.up(estate(stack.addresses));
    await fill(stack);
    const before = await held(stack);
    expect(contentsIn(await stack.lab.state())).toEqual({ objects: 15, templates: 5, pooled: 3 });

    const renamed = await stack.renamed("danger-after");
    const sameProgram = await renamed.up(estate(renamed.addresses));
    expect([changesOf(sameProgram), sameProgram.calls]).toEqual([whole, []]);

    const underAlias = estate(
      renamed.addresses,
      (name) => `new-${name}`,
      (name) => ({ aliases: [{ name }] }),
    );
    const aliased = await renamed.up(underAlias);
    expect([changesOf(aliased), aliased.calls]).toEqual([whole, []]);
    // The alias has done its work, and the names stay as they were derived once.
    const newNames = estate(renamed.addresses, (name) => `new-${name}`);
    const without = await renamed.up(newNames);
    expect([changesOf(without), without.calls]).toEqual([whole, []]);

    const target = await moveEverything(renamed, "danger-target");
    await renamed.lab.clearRequests();
    const changes = await upIn(target, newNames);
    expect([changes, await renamed.requests()]).toEqual([whole, []]);
    expect([await deletionsOf(renamed), await held(renamed)]).toEqual([[], before]);
  });
});

/** `pulumi state move` of all resources into a new stack beside this one. */
async function moveEverything(stack: TestStack, name: string): Promise<Stack> {
  const engine = await findEngine({ log: console.error });
  const target = await createStack(name, engine, stack.folder);
  await target.setAllConfig(configOf(stack.addresses));
  const urns = urnsOf(stack).map((urn) => urn.replace(/::(\w+-\w+)$/, "::new-$1"));
  const args = ["state", "move", "--source", stack.name, "--dest", name, "--yes", "--non-interactive", ...urns];
  const moved = await runProgram(engine.pulumi, args, {
    cwd: stack.folder,
    env: { ...process.env, ...environmentOf(engine, stack.folder) },
  });
  expect(moved, moved.stdout + moved.stderr).toMatchObject({ code: 0 });
  return target;
}

async function upIn(stack: Stack, program: PulumiFn): Promise<Record<string, number>> {
  const { summary } = await stack.up({ program });
  return { ...summary.resourceChanges } as Record<string, number>;
}
