import * as pulumi from "@pulumi/pulumi";
import { CloudianGroup, CloudianUser, type CloudianUserArgs } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { nothing, withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, shownOf, stepsOf, warningsOf } from "../harness/stack-run.ts";
import { limitsCall } from "./limits-call.ts";

test("what is half made is in the state, the next up finishes it, and destroy takes it away", async () => {
  await withStack("partial", async (stack) => {
    const limits = { objectCount: { hard: 3 } };
    const program = async () => {
      const group = new CloudianGroup("g", { groupId: "g", groupName: "mine", limits });
      new CloudianUser("u", { groupId: "g", userId: "u", password: "Canary-Half-1", limits }, { dependsOn: [group] });
    };
    const userAlone = async () => {
      new CloudianUser("u", { groupId: "g", userId: "u", password: "Canary-Half-1", limits });
    };
    await stack.lab.patch("cloudian", { groups: { g: {} } });

    // 500 is tried again and then given up; 400 is final at once.
    await stack.lab.fault({ system: "cloudian", kind: "status", status: 500, path: "/qos/limits", times: 1000 });
    const first = await stack.tryUp(userAlone);
    expect(first.code).toBe(1);
    expect(errorsOf(first).join("\n")).toMatch(
      /Cloudian user g\/u exists, but is not finished: .*The next pulumi up goes on\./s,
    );
    expect(first.calls.filter((call) => call === "PUT /user")).toHaveLength(1);
    expect(first.calls.filter((call) => call.startsWith("POST /qos/limits"))).toHaveLength(5);
    await stack.lab.clearFaults();
    await stack.lab.fault({ system: "cloudian", kind: "status", status: 400, path: "/qos/limits", times: 1000 });
    const second = await stack.tryUp(userAlone);
    expect(second.code).toBe(1);
    expect(stepsOf(second)).toMatchObject([{ name: "u", op: "update" }]);
    expect(second.calls).toEqual([limitsCall("g", "u", { hlStorageQuotaCount: 3 })]);

    await stack.lab.clearFaults();
    const preview = await stack.preview(userAlone);
    expect(changesOf(preview)).toEqual({ same: 1, update: 1 });
    expect(preview.calls).toEqual([]);
    const finished = await stack.up(userAlone);
    expect(finished.calls).toEqual([
      limitsCall("g", "u", { hlStorageQuotaCount: 3 }),
      "POST /user/password?groupId=g&password=[secret]&userId=u",
    ]);
    const unchanged = await stack.up(userAlone);
    expect([changesOf(unchanged), unchanged.calls]).toEqual([{ same: 2 }, []]);
    expect(shownOf(first, ["Canary-Half-1"]).concat(shownOf(second, ["Canary-Half-1"]))).toEqual([]);
    expect(stack.storedText()).not.toContain("Canary-Half-1");

    // A group that is half made, and destroyed as it is.
    await stack.lab.patch("cloudian", { groups: { g: null } });
    await stack.lab.fault({ system: "cloudian", kind: "status", status: 400, path: "/qos/limits", times: 1000 });
    const half = await stack.tryUp(program, { refresh: true });
    expect(errorsOf(half).join("\n")).toContain("Cloudian group g exists, but is not finished");
    await stack.lab.clearFaults();
    await stack.destroy();
    expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
  });
});

const canary = "canaryweak";

test("what the system cannot do is refused before anything is sent, and no value of a secret is shown", async () => {
  await withStack("refusals", async (stack) => {
    const program = (args: Partial<CloudianUserArgs>) => async () => {
      new CloudianUser("u", { groupId: "home", userId: "u", keyGeneration: 2, ...args });
    };
    await stack.lab.patch("cloudian", { groups: { home: {} } });
    await stack.up(program({}));

    const change = await stack.tryPreview(program({ userType: "GroupAdmin", keyGeneration: 1 }));
    expect(change.code).toBe(1);
    expect(errorsOf(change).join("\n")).toContain(
      'userType: cannot be changed from "User" to "GroupAdmin" under the same groupId and userId',
    );
    expect(errorsOf(change).join("\n")).toContain("keyGeneration: can only be raised; it is 2 and was to become 1");

    const bad = await stack.tryPreview(async () => {
      const secret = {
        password: pulumi.secret(canary),
        passwort: pulumi.secret(canary),
        fullName: pulumi.secret([canary]),
      };
      new CloudianUser("bad", { groupId: "a/\u0001", userId: "*", keyGeneration: 1.5, ...secret } as never);
    });
    expect(bad.code).toBe(1);
    for (const reason of [
      "groupId: must not contain /",
      "groupId: must not contain control or invisible characters",
      'userId: must not be "0", "ALL" or "*", which HyperStore keeps for itself',
      "password: must hold at least three of",
      "passwort: there is no such property",
      "fullName: Invalid input: expected string",
      "keyGeneration: must be a whole number",
    ])
      expect(errorsOf(bad).join("\n")).toContain(reason);
    expect(shownOf(bad, [canary])).toEqual([]);
    const reserved = await stack.tryPreview(async () => {
      new CloudianGroup("reserved", { groupId: "ALL" });
    });
    expect(errorsOf(reserved).join("\n")).toContain('groupId: must not be "0", "ALL" or "*"');
    expect([...change.calls, ...bad.calls, ...reserved.calls]).toEqual([]);

    // A type that somebody changed on the live system cannot be changed back either.
    await stack.lab.patch("cloudian", { users: { "home/u": { userType: "GroupAdmin" } } });
    const gate = await stack.tryGate(program({}));
    expect(gate.code).toBe(1);
    expect(errorsOf(gate).join("\n")).toContain('userType: cannot be changed from "GroupAdmin" to "User"');

    // Under another id it is another user: the new one comes first, the old one goes after it.
    const moved = await stack.up(program({ userType: "GroupAdmin", userId: "v" }));
    expect(moved.calls.filter((call) => !call.startsWith("GET"))).toEqual([
      "PUT /user",
      "DELETE /user?groupId=home&userId=u",
    ]);
  });
});

test("missing settings are a warning at preview and one error with all of them at the first request", async () => {
  const config = {
    cloudianEndpoint: "ftp://wrong",
    cloudianUsername: undefined,
    cloudianPassword: undefined,
    requestTimeoutSeconds: "soon",
  };
  await withStack(
    "settings",
    async (stack) => {
      const program = async () => {
        for (const groupId of ["a", "b", "c"]) new CloudianGroup(groupId, { groupId });
      };
      const parts = [
        "The Cloudian settings are not complete (refresh and destroy see a change of configuration only with --run-program):",
        "cloudianEndpoint: must be an http or https URL",
        "cloudianUsername is missing (such as sysadmin). Give it with `pulumi config set cloudstack-storage:cloudianUsername`",
        "cloudianPassword is missing",
        "pulumi config set --secret cloudstack-storage:cloudianPassword",
        "CLOUDIAN_PASSWORD",
        "requestTimeoutSeconds: must be a number",
      ];
      const preview = await stack.preview(program);
      expect(changesOf(preview)).toEqual({ create: 4 });
      expect(warningsOf(preview)).toHaveLength(1);
      for (const part of parts) expect(warningsOf(preview)[0]).toContain(part);
      expect(preview.output).toContain("warning:");

      const up = await stack.tryUp(program, { continueOnError: true });
      expect(up.code).toBe(1);
      const failures = errorsOf(up).filter((error) => error.includes("not complete"));
      expect(failures).toHaveLength(3);
      for (const failure of failures) for (const part of parts) expect(failure).toContain(part);
      expect(up.calls).toEqual([]);
      await stack.up(nothing);
    },
    { config },
  );
});

test("values that are not known before the update pass through a preview at any place", async () => {
  await withStack("unknown", async (stack) => {
    const program = (sourceId: string) => async () => {
      const source = new CloudianUser("source", { groupId: "home", userId: sourceId });
      new CloudianUser("sink", {
        groupId: "home",
        userId: source.canonicalUserId,
        fullName: source.accessKeyId,
        address: { line1: "known", city: source.canonicalUserId },
        limits: { objectCount: { hard: source.canonicalUserId.apply((id) => id.length) } },
        password: source.secretAccessKey.apply((key) => `Aa1-${key}`),
      });
    };
    await stack.lab.patch("cloudian", { groups: { home: {} } });
    const preview = await stack.preview(program("one"));
    expect([changesOf(preview), preview.calls]).toEqual([{ create: 3 }, []]);
    await stack.up(program("one"));
    const { users, limits, passwords, credentials } = (await stack.lab.state()).cloudian;
    const canonical = String(users["home/one"]?.["canonicalUserId"]);
    const key = Object.values(credentials).find(({ userId }) => userId === "one");
    expect(users[`home/${canonical}`]).toMatchObject({
      fullName: key?.["accessKey"],
      address1: "known",
      city: canonical,
    });
    expect(limits[`home/${canonical}`]).toMatchObject({ hlStorageQuotaCount: 32 });
    expect(passwords[`home/${canonical}`]).toBe(`Aa1-${key?.["secretKey"]}`);

    const again = await stack.preview(program("two"));
    expect([changesOf(again), again.calls]).toEqual([{ replace: 2, same: 1 }, []]);
    await stack.up(program("two"));
    expect(Object.keys((await stack.lab.state()).cloudian.users).filter((id) => id.startsWith("home/"))).toHaveLength(
      2,
    );
  });
});

test("ignoreChanges covers drift, too: the gate is silent and up --refresh leaves it", async () => {
  await withStack("ignored", async (stack) => {
    const program = async () => {
      new CloudianGroup("g", { groupId: "g", groupName: "mine", active: true }, { ignoreChanges: ["groupName"] });
      new CloudianUser("u", { groupId: "home", userId: "u" }, { ignoreChanges: ["keyGeneration"] });
    };
    await stack.lab.patch("cloudian", { groups: { home: {} } });
    await stack.up(program);
    const [accessKey = ""] = Object.keys((await stack.lab.state()).cloudian.credentials);
    await stack.lab.patch("cloudian", {
      groups: { g: { groupName: "by hand" } },
      credentials: { [accessKey]: { active: false } },
    });
    const before = await stack.lab.state();
    expect(changesOf(await stack.gate(program))).toEqual({ same: 3 });
    await stack.up(program, { refresh: true });
    expect(await stack.lab.state()).toEqual(before);
  });
});

test("under --continue-on-error nothing of what needs an output of a failed resource is changed, its name included", async () => {
  await withStack("needy", async (stack) => {
    const program = (groupName: string) => async () => {
      const group = new CloudianGroup("g", { groupId: "g", groupName });
      const name = group.groupName.apply((text) => `${text}-user`);
      new CloudianUser("u", { groupId: "home", userId: name, fullName: name });
      new CloudianUser("v", { groupId: "home", userId: "v", fullName: name });
    };
    await stack.lab.patch("cloudian", { groups: { home: {} } });
    await stack.up(program("one"));
    const { users } = (await stack.lab.state()).cloudian;

    await stack.lab.fault({ system: "cloudian", kind: "status", status: 400, method: "POST", path: "/group" });
    const failed = await stack.tryUp(program("two"), { continueOnError: true });
    expect([failed.code, failed.calls]).toEqual([1, ["GET /group?groupId=g", "POST /group"]]);
    expect((await stack.lab.state()).cloudian.users).toEqual(users);

    const next = await stack.up(program("two"));
    expect(stepsOf(next).map(({ name, op }) => `${op} ${name}`)).toEqual(
      expect.arrayContaining(["update g", "update v", "replace u"]),
    );
    const names = Object.keys((await stack.lab.state()).cloudian.users).filter((name) => name.startsWith("home/"));
    expect(names.sort()).toEqual(["home/two-user", "home/v"]);
    await stack.up(nothing);
  });
});
