import { CloudianGroup } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, warningsOf } from "../harness/stack-run.ts";

const program = async () => {
  new CloudianGroup("plain", { groupId: "plain", groupName: "one" }, { deleteBeforeReplace: true });
};

test("a successor whose creation went unheard is refused, and had as the error says: forget the old entry, then adopt", async () => {
  await withStack("unheard-successor", async (stack) => {
    await stack.up(program);
    const whole = await stack.lab.state();
    const urn = stack.urn("CloudianGroup", "plain");
    const path = "/group";
    await stack.lab.fault({ system: "cloudian", method: "PUT", path, kind: "reset-after-commit" });
    await stack.lab.fault({ system: "cloudian", method: "GET", path, kind: "status", status: 503, times: 5 });
    const cut = await stack.tryUp(program, { replace: [urn] });
    expect(errorsOf(cut).join()).toContain("the request may have been carried out.");
    const { deployment } = await stack.exportState();
    const entries = deployment.resources as { urn: string; pendingReplacement?: boolean }[];
    expect(entries.flatMap((entry) => (entry.pendingReplacement ? [entry.urn] : []))).toEqual([urn]);

    const leave = { env: { CLOUDSTACK_STORAGE_ADOPT: "identical" } };
    for (const options of [{}, leave]) {
      const refused = await stack.tryUp(program, options);
      expect(errorsOf(refused).join()).toContain("Cloudian group plain is held by a resource of this stack already.");
      expect(errorsOf(refused).join()).toContain(
        "If an earlier run has deleted the old object already (pulumi stack export shows pendingReplacement), run pulumi state " +
          "delete with the resource's URN, then pulumi up with CLOUDSTACK_STORAGE_ADOPT=identical.",
      );
    }

    expect(await stack.cli(["state", "delete", "--yes", urn])).toMatchObject({ code: 0 });
    const recovered = await stack.up(program, leave);
    expect([changesOf(recovered), recovered.calls]).toEqual([
      { create: 1, same: 1 },
      ["PUT /group", "GET /group?groupId=plain"],
    ]);
    expect(warningsOf(recovered)).toEqual(["Cloudian group plain exists and is taken over."]);
    expect(await stack.lab.state()).toEqual(whole);
    const after = await stack.up(program);
    expect([changesOf(after), after.calls]).toEqual([{ same: 2 }, []]);
    await stack.destroy();
    expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
  });
});
