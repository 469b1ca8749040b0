import { CloudianGroup, type CloudianGroupArgs, CloudianUser } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { withStack } from "../harness/stack.ts";
import { changesOf, errorsOf } from "../harness/stack-run.ts";

const groupNames = ["empty", "guarded", "forced", "forced-with-data"] as const;

test("nothing that holds data or users goes, unless the program says so before", async () => {
  await withStack("destroy", async (stack) => {
    const program = (forced: CloudianGroupArgs) => async () => {
      for (const name of groupNames)
        new CloudianGroup(name, { groupId: name, ...(name.startsWith("forced") ? forced : {}) });
      new CloudianUser("owner", { groupId: "home", userId: "owner" });
      new CloudianUser("stranger", { groupId: "home", userId: "stranger" });
    };
    await stack.lab.patch("cloudian", { groups: { home: {} } });
    await stack.up(program({}));
    const users = ["guarded/u1", "guarded/u2", "forced/u1", "forced/u2", "forced-with-data/u1", "forced-with-data/u2"];
    await stack.lab.patch("cloudian", {
      users: Object.fromEntries(users.map((user) => [user, user.endsWith("2") ? { active: "false" } : {}])),
      buckets: { "home/owner": ["b1", "b2"].map(bucket), "forced-with-data/u2": [bucket("precious")] },
    });

    const first = await stack.tryDestroy({ continueOnError: true });
    expect(first.code).not.toBe(0);
    const errors = errorsOf(first).join("\n");
    expect(errors).toContain("Cloudian user home/owner is not deleted: it owns 2 buckets (b1, b2)");
    expect(errors).toContain(
      "Empty and delete them first, with an S3 client and the keys of their owner: every object version",
    );
    for (const name of ["guarded", "forced", "forced-with-data"])
      expect(errors).toContain(
        `Cloudian group ${name} is not deleted: it has 2 users (u1, u2). Delete them first, or set ` +
          "forceDestroy: true and run pulumi up before the destroy (destroy reads the state, not the program).",
      );
    expect(first.calls.filter((call) => call.startsWith("DELETE")).toSorted()).toEqual([
      "DELETE /group?groupId=empty",
      "DELETE /user?groupId=home&userId=stranger",
    ]);

    const up = await stack.up(program({ forceDestroy: true }));
    expect(changesOf(up)).toEqual({ create: 2, same: 3, update: 2 });
    const second = await stack.tryDestroy({ continueOnError: true });
    expect(errorsOf(second).join("\n")).toContain(
      "Cloudian group forced-with-data is not deleted, and none of its users: u2 owns precious.",
    );
    expect(second.calls.filter((call) => call.startsWith("DELETE")).toSorted()).toEqual([
      "DELETE /group?groupId=empty",
      "DELETE /group?groupId=forced",
      "DELETE /user?groupId=forced&userId=u1",
      "DELETE /user?groupId=forced&userId=u2",
      "DELETE /user?groupId=home&userId=stranger",
    ]);

    await stack.lab.patch("cloudian", {
      users: { "guarded/u1": null, "guarded/u2": null },
      buckets: { "home/owner": null, "forced-with-data/u2": null },
    });
    await stack.destroy();
    expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0", "home"]);
  });
});

test("what goes is deleted whatever else the same run looks at", async () => {
  await withStack("looked-at", async (stack) => {
    const program =
      (...names: string[]) =>
      async () => {
        for (const name of names) new CloudianGroup(name, { groupId: name });
      };
    const left = async () => Object.keys((await stack.lab.state()).cloudian.groups).toSorted();
    await stack.up(program("a", "b", "c"));
    const removed = await stack.up(program("a", "b"), { refresh: true });
    expect(changesOf(removed)).toEqual({ delete: 1, same: 3 });
    expect(await left()).toEqual(["0", "a", "b"]);

    await stack.destroy({ runProgram: program("a", "b"), refresh: true });
    expect(await left()).toEqual(["0"]);
    await stack.up(program("a"));
    await stack.destroy({ refresh: true });
    expect(await left()).toEqual(["0"]);
    await stack.up(program("a"));
    await stack.destroy({ runProgram: program("a") });
    expect(await left()).toEqual(["0"]);
  });
});

function bucket(bucketName: string): object {
  return { bucketName };
}
