import type { CustomResourceOptions } from "@pulumi/pulumi";
import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { withStack } from "../harness/stack.ts";
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
      "GET /system/bucketusage?groupId=plain",
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
