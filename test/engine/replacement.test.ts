import type { CustomResourceOptions } from "@pulumi/pulumi";
import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { CloudianGroup, type CloudianGroupArgs, CloudianUser } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { nothing, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, warningsOf } from "../harness/stack-run.ts";

/** One derived, one adopted and one plain group, and a user with a derived name. */
function estate(groupName: string, options: CustomResourceOptions = {}) {
  return async () => {
    new CloudianGroup("derived", { groupName }, options);
    new CloudianGroup("adopting", { groupId: "adopting", groupName, adopt: true }, options);
    new CloudianGroup("plain", { groupId: "plain", groupName }, options);
    new CloudianUser("someone", { groupId: "home", fullName: groupName }, options);
  };
}

test("no replacement takes over and then deletes the very object that it replaces", async () => {
  await withStack("replace", async (stack) => {
    await stack.lab.patch("cloudian", { groups: { home: {} } });
    await stack.up(estate("one"));
    const before = await stack.lab.state();
    const urns = [
      ...["derived", "adopting", "plain"].map((name) => stack.urn("CloudianGroup", name)),
      stack.urn("CloudianUser", "someone"),
    ];

    // The engine shows the provider neither the old state nor a diff here; what keeps the object is that its new
    // holder was met in the same process.
    const forced = await stack.tryUp(estate("one"), { replace: urns, continueOnError: true });
    expect(errorsOf(forced).join("\n")).toContain("Cloudian group plain exists already.");
    const kept = warningsOf(forced).filter((warning) =>
      warning.includes("is not deleted: another resource of this run"),
    );
    expect(kept).toHaveLength(3);
    expect(forced.calls.filter((call) => call.startsWith("DELETE"))).toEqual([]);
    expect(await stack.lab.state()).toEqual(before);

    const options = { replaceOnChanges: ["groupName", "fullName"] };
    const changed = await stack.tryUp(estate("two", options), { continueOnError: true });
    expect(errorsOf(changed).filter((error) => error.includes("would replace itself"))).toHaveLength(4);
    expect(changed.calls.filter((call) => call.startsWith("DELETE"))).toEqual([]);
    expect(await stack.lab.state()).toEqual(before);

    const after = await stack.up(estate("one"));
    expect(changesOf(after)).toEqual({ same: 5 });
    expect(after.calls).toEqual([]);

    // Where the program says that the old object may go first, it goes, and the new one has its name.
    const first = { replace: [stack.urn("CloudianGroup", "plain")] };
    const replaced = await stack.up(estate("one", { deleteBeforeReplace: true }), first);
    expect(replaced.calls).toEqual([
      "GET /user/list?groupId=plain&limit=100&userStatus=all&userType=all",
      "DELETE /group?groupId=plain",
      "PUT /group",
    ]);
    await stack.destroy();
    expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0", "home"]);
  });
});

test("a replacement whose new name is taken leaves the old object alone", async () => {
  await withStack("taken", async (stack) => {
    const group = (groupId: string) => async () => {
      new CloudianGroup("g", { groupId, groupName: "mine" });
    };
    await stack.lab.patch("cloudian", { groups: { taken: { groupName: "somebody else's" } } });
    await stack.up(group("first"));
    const before = await stack.lab.state();
    const run = await stack.tryUp(group("taken"));
    expect(errorsOf(run).join()).toContain("Cloudian group taken exists already.");
    expect(run.calls).toEqual(["PUT /group", "GET /group?groupId=taken"]);
    expect(await stack.lab.state()).toEqual(before);
    const after = await stack.up(group("first"));
    expect(changesOf(after)).toEqual({ same: 2 });
    expect(after.calls).toEqual([]);
  });
});

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
