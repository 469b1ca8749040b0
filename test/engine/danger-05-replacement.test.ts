import { expect, test } from "vitest";
import { withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, warningsOf } from "../harness/stack-run.ts";
import { contentsIn, deletionsOf, estate, estateSize, fill, held, prepare, urnsOf } from "./danger-estate.ts";

const unmanaged = 1;

test("up --replace of every kind, whatever form its name has, deletes nothing that stays, and no data in it", async () => {
  await withStack("danger-replace", async (stack) => {
    const program = estate(stack.addresses);
    await prepare(stack);
    await stack.up(program);
    await fill(stack);
    const before = await held(stack);
    expect(contentsIn(await stack.lab.state())).toEqual({ objects: 15, templates: 5, pooled: 3 });

    const replace = urnsOf(stack);
    const run = await stack.tryUp(program, { replace, continueOnError: true });
    expect([run.code, changesOf(run)]).toEqual([1, { replace: 17, same: 1 }]);
    expect(errorsOf(run).filter((error) => error.includes("the-explicit-one exists already."))).toHaveLength(6);
    const kept = warningsOf(run).filter((text) => text.includes("is not deleted: another resource of this run"));
    expect(kept).toHaveLength(17);
    expect([await deletionsOf(stack), await held(stack)]).toEqual([[], before]);

    // With leave for the whole run the explicit names are taken over as well, and then the "old" ones would go.
    const everywhere = { replace, continueOnError: true, env: { CLOUDSTACK_STORAGE_ADOPT: "identical" } };
    const adopting = await stack.tryUp(program, everywhere);
    expect([adopting.code, changesOf(adopting)]).toEqual([0, { replace: estateSize, same: unmanaged }]);
    expect([await deletionsOf(stack), await held(stack)]).toEqual([[], before]);

    const after = await stack.up(program);
    expect([changesOf(after), after.calls]).toEqual([{ same: estateSize + unmanaged }, []]);
    const gate = await stack.strictGate(program);
    expect([gate.code, await held(stack)]).toEqual([0, before]);
  });
});
