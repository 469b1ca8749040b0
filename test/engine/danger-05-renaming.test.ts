import { expect, test } from "vitest";
import { withStack } from "../harness/stack.ts";
import { changesOf } from "../harness/stack-run.ts";
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

    const urns = urnsOf(renamed).map((urn) => urn.replace(/::(\w+-\w+)$/, "::new-$1"));
    const target = await renamed.moved(urns, "danger-target");
    const moved = await target.up(newNames);
    expect([changesOf(moved), moved.calls]).toEqual([whole, []]);
    expect([await deletionsOf(target), await held(target)]).toEqual([[], before]);
  });
});
