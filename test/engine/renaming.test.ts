import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { CloudianGroup, type CloudianGroupArgs, CloudianUser } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { nothing, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, warningsOf } from "../harness/stack-run.ts";

test("a resource renamed without an alias keeps its object where the new one adopts it", async () => {
  await withStack("renamed", async (stack) => {
    const args: CloudianGroupArgs = { groupId: "kept", groupName: "mine", adopt: true };
    const named = (name: string) => async () => {
      const group = new CloudianGroup(name, args);
      new CloudianUser(`${name}-user`, { groupId: group.groupId, userId: "kept", adopt: true });
    };
    await stack.up(named("old"));
    const before = await stack.lab.state();
    const run = await stack.up(named("new"));
    expect(changesOf(run)).toEqual({ create: 2, delete: 2, same: 1 });
    expect(warningsOf(run)).toContain(
      "Cloudian group kept is not deleted: another resource of this run holds the object of this name.",
    );
    expect(run.calls.filter((call) => !call.startsWith("GET"))).toEqual(["PUT /group", "PUT /user"]);
    expect(await stack.lab.state()).toEqual(before);

    // A refresh in the same run shows the object as the old one's, so taking it over is refused; nothing is lost.
    const refreshed = await stack.tryUp(named("newer"), { refresh: true });
    expect(errorsOf(refreshed).join()).toContain("would replace itself");
    expect(await stack.lab.state()).toEqual(before);

    await stack.destroy();
    expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
  });
});

test("where the new name of a resource could not take the object over, the old one does not delete it", async () => {
  await withStack("failed-rename", async (stack) => {
    const named = (name: string) => async () => {
      new CloudianGroup(name, { groupId: "kept", adopt: true });
    };
    await stack.up(named("old"));
    await stack.lab.fault({
      system: "cloudian",
      kind: "status",
      status: 403,
      method: "GET",
      path: "/group",
      times: 1000,
    });
    const run = await stack.tryUp(named("new"), { continueOnError: true });
    expect(run.code).toBe(1);
    expect(run.calls.filter((call) => call.startsWith("DELETE"))).toEqual([]);
    await stack.lab.clearFaults();
    expect((await stack.lab.state()).cloudian.groups).toHaveProperty("kept");
    const next = await stack.up(named("new"));
    expect(next.calls.filter((call) => call.startsWith("DELETE"))).toEqual([]);
    expect((await stack.lab.state()).cloudian.groups).toHaveProperty("kept");
  });
});

test("an interrupted rename leaves two holders of one object; the one that goes does not take it along", async () => {
  await withStack("interrupted", async (stack) => {
    const named = (prefix: string, groupName: string) => async () => {
      new CloudianGroup(`${prefix}-unchanged`, { groupId: "unchanged", adopt: true });
      new CloudianGroup(`${prefix}-changed`, { groupId: "changed", groupName, adopt: true });
    };
    await stack.up(named("old", "one"));
    await stack.importState(withTwins(await stack.exportState(), "old-", "new-"));
    const run = await stack.up(named("new", "two"));
    expect(changesOf(run)).toEqual({ delete: 2, same: 2, update: 1 });
    expect(run.calls.filter((call) => !call.startsWith("GET"))).toEqual(["POST /group"]);
    expect((await stack.lab.state()).cloudian.groups).toMatchObject({ unchanged: {}, changed: { groupName: "two" } });
  });
});

test("a derived name stays whatever happens to stack and logical name", async () => {
  await withStack("before", async (stack) => {
    const program = (name: string, options?: CustomResourceOptions) => async () => {
      const group = new CloudianGroup(name, {}, options);
      new CloudianUser(`${name}-user`, { groupId: group.groupId }, options && { aliases: [{ name: "g-user" }] });
    };
    await stack.up(program("g"));
    const { groups, users } = (await stack.lab.state()).cloudian;

    const renamed = await stack.renamed("after");
    const sameName = await renamed.up(program("g"));
    expect(changesOf(sameName)).toEqual({ same: 3 });
    const aliased = await renamed.up(program("h", { aliases: [{ name: "g" }] }));
    expect(changesOf(aliased)).toEqual({ same: 3 });
    expect([...sameName.calls, ...aliased.calls]).toEqual([]);

    const unnamed = await renamed.up(nothing);
    expect(changesOf(unnamed)).toMatchObject({ delete: 2 });
    const left = (await renamed.lab.state()).cloudian;
    expect(Object.keys(groups)).toHaveLength(2);
    expect(Object.keys(users)).toHaveLength(2);
    expect(Object.keys(left.groups)).toEqual(["0"]);
  });
});

/** The state as a run leaves it that was killed between the creations under new names and the deletions of the old ones. */
function withTwins(state: Deployment, before: string, after: string): Deployment {
  const resources: { urn: string }[] = state.deployment.resources;
  const renamed = resources.filter(({ urn }) => urn.includes(`::${before}`));
  const twins = renamed.map((resource) => ({ ...resource, urn: resource.urn.replace(`::${before}`, `::${after}`) }));
  return { ...state, deployment: { ...state.deployment, resources: [...resources, ...twins] } };
}
