import { createHash } from "node:crypto";
import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf, type Run, warningsOf } from "../harness/stack-run.ts";

/** The rule for names that a program does not give (design section 2), spelled out here once more. */
function derived(name: string, urn: string): string {
  return `${name}-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}

function errorAbout(run: Run, text: string): string | undefined {
  return errorsOf(run).find((error) => error.includes(text));
}

const warningAbout = (run: Run, text: string) => warningsOf(run).find((warning) => warning.includes(text));

const key = (userId: string, createDate: number, more: object = {}) => ({
  groupId: "home",
  userId,
  createDate,
  secretKey: `secret-of-${userId}-${createDate}`,
  ...more,
});

const program = async () => {
  new CloudianGroup("free", { groupId: "free", groupName: "mine" });
  new CloudianGroup("identical", { groupId: "identical", groupName: "live", active: true });
  new CloudianGroup("differing", { groupId: "differing", groupName: "mine", active: true });
  new CloudianGroup("at-default", { groupId: "at-default", groupName: "mine", limits: { objectCount: { hard: 3 } } });
  new CloudianGroup("adopt-identical", { groupId: "adopt-identical", groupName: "live", adopt: true });
  new CloudianGroup("adopt-differing", {
    groupId: "adopt-differing",
    groupName: "mine",
    limits: { objectCount: { hard: 3 } },
    adopt: true,
  });
  new CloudianGroup("derived-identical", { groupName: "live" });
  new CloudianGroup("derived-differing", { groupName: "mine" });
  // In this order: which one is first decides which one has the object.
  const twin = new CloudianGroup("twin", { groupId: "twin" });
  new CloudianGroup("other-twin", { groupId: "twin", adopt: true }, { dependsOn: twin });
  const home = { groupId: "home", adopt: true };
  new CloudianUser("type", { ...home, userId: "type", userType: "User" });
  const many = new CloudianUser("many-keys", { ...home, userId: "many-keys" });
  const none = new CloudianUser("no-key", { ...home, userId: "no-key", userType: "GroupAdmin" });
  new CloudianUser("password", { ...home, userId: "password", fullName: "live", password: "Declared-1" });
  new CloudianUser("foreign", { groupId: "home", userId: "foreign", fullName: "mine" });
  return { many: many.accessKeyId, none: none.accessKeyId };
};

describe("adoption of what exists already", { shuffle: false }, () => {
  let stack: TestStack;
  let run: Run;
  const live = async () => (await stack.lab.state()).cloudian;
  const ofDerived = (name: string) => derived(name, stack.urn("CloudianGroup", name));

  beforeAll(async () => {
    stack = await TestStack.open("adoption");
    const named = { groupName: "live" };
    await stack.lab.patch("cloudian", {
      groups: {
        home: {},
        identical: named,
        differing: named,
        "at-default": {},
        "adopt-identical": named,
        "adopt-differing": { ...named, ldapGroup: "cn=stays" },
        [ofDerived("derived-identical")]: named,
        [ofDerived("derived-differing")]: named,
      },
      users: {
        "home/type": { userType: "GroupAdmin" },
        "home/many-keys": {},
        "home/no-key": { userType: "GroupAdmin" },
        "home/password": { fullName: "live" },
        "home/foreign": { fullName: "live" },
      },
      credentials: {
        "k-off": key("many-keys", 1, { active: false }),
        "k-iam": key("many-keys", 2, { iam: true }),
        "k-newer": key("many-keys", 4),
        "k-oldest": key("many-keys", 3),
        "k-password": key("password", 1),
        "k-foreign": key("foreign", 1),
      },
    });
    run = await stack.tryUp(program, { continueOnError: true });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("one that is free is made; the run as a whole fails", async () => {
    expect(run.code).not.toBe(0);
    expect((await live()).groups["free"]).toMatchObject({ groupName: "mine" });
  });

  test("an identical one without leave: the error compares and names the ways on", () => {
    expect(errorAbout(run, "group identical ")).toContain(
      [
        "Cloudian group identical exists already.",
        '  groupId: live "identical", declared "identical" (equal)',
        '  groupName: live "live", declared "live" (equal)',
        "  active: live true, declared true (equal)",
        "Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; " +
          "set adopt: true to take it over; choose another groupId; or delete the existing one.",
      ].join("\n"),
    );
  });

  test("a differing one without leave: the error shows both values and does not offer what would not work", async () => {
    const error = errorAbout(run, "group differing ");
    expect(error).toContain('  groupName: live "live", declared "mine" (differs)');
    expect(error).toContain(
      "Ways on: set adopt: true to take it over and change what differs; choose another groupId;",
    );
    expect(error).not.toContain("CLOUDSTACK_STORAGE_ADOPT");
    expect((await live()).groups["differing"]).toMatchObject({ groupName: "live" });
    expect(errorAbout(run, "user home/foreign ")).toContain('  fullName: live "live", declared "mine" (differs)');
  });

  test("adopt: true takes an identical one over without a write, and says so", () => {
    expect(run.calls.filter((call) => call.includes("adopt-identical"))).toEqual([
      "GET /group?groupId=adopt-identical",
    ]);
    expect(warningAbout(run, "adopt-identical")).toBe("Cloudian group adopt-identical exists and is taken over.");
  });

  test("adopt: true takes a differing one over, says what it will write, and writes only that", async () => {
    expect(warningAbout(run, "adopt-differing")).toBe(
      "Cloudian group adopt-differing exists and is taken over. It will be changed: " +
        'groupName from "live" to "mine"; limits from {} to {"objectCount":{"hard":3}}.',
    );
    expect((await live()).groups["adopt-differing"]).toMatchObject({ groupName: "mine", ldapGroup: "cn=stays" });
    expect((await live()).limits["adopt-differing/*"]).toMatchObject({ hlStorageQuotaCount: 3 });
  });

  test("a derived name adopts what is identical and refuses what differs", async () => {
    expect(errorAbout(run, "derived-identical")).toBeUndefined();
    expect(warningAbout(run, "derived-identical")).toBe(
      `Cloudian group ${ofDerived("derived-identical")} exists and is taken over.`,
    );
    expect(errorAbout(run, "group derived-differing-")).toContain('live "live", declared "mine" (differs)');
    expect((await live()).groups[ofDerived("derived-differing")]).toMatchObject({ groupName: "live" });
  });

  test("another userType is refused even with adopt: true", async () => {
    const error = errorAbout(run, "home/type");
    expect(error).toContain('cannot become the declared one: userType from "GroupAdmin" to "User"');
    expect((await live()).users["home/type"]).toMatchObject({ userType: "GroupAdmin" });
  });

  test("two resources of one program never hold the same object, adopt or not", async () => {
    const twins = errorsOf(run).filter((error) => error.includes("twin is declared by another resource of this run"));
    expect(twins).toHaveLength(1);
    expect((await live()).groups["twin"]).toBeDefined();
  });

  test("of several keys the oldest active root key is the managed one; a user without one gets one", async () => {
    expect(run.calls.filter((call) => call.includes("many-keys"))).toEqual([
      "GET /user?groupId=home&userId=many-keys",
      "GET /user/credentials/list?groupId=home&isRootAccountOnly=true&userId=many-keys",
    ]);
    const { deployment } = await stack.exportState();
    const resources: { outputs?: Record<string, unknown>; urn: string }[] = deployment.resources;
    const outputsOf = (name: string) => resources.find(({ urn }) => urn === stack.urn("CloudianUser", name))?.outputs;
    expect(outputsOf("many-keys")).toMatchObject({ accessKeyId: "k-oldest" });
    const credentials = Object.values((await live()).credentials);
    const made = credentials.filter(({ userId }) => userId === "no-key");
    expect(made).toHaveLength(1);
    expect(outputsOf("no-key")).toMatchObject({ accessKeyId: made[0]?.["accessKey"] });
    expect(credentials.filter(({ userId }) => userId === "many-keys")).toHaveLength(4);
  });

  test("what nobody can compare is named and written", async () => {
    expect(warningAbout(run, "home/password")).toBe(
      "Cloudian user home/password exists and is taken over. Nobody can compare password; the declared value is written.",
    );
    expect((await live()).passwords["home/password"]).toBe("Declared-1");
  });

  test("CLOUDSTACK_STORAGE_ADOPT=identical takes over what is identical or still as it was made, for one run", async () => {
    const env = { CLOUDSTACK_STORAGE_ADOPT: "identical" };
    const second = await stack.tryUp(program, { env, continueOnError: true });
    expect(errorAbout(second, "group identical ")).toBeUndefined();
    expect(warningAbout(second, "at-default")).toContain(
      'It will be changed: groupName from "" to "mine"; limits from {} to {"objectCount":{"hard":3}}.',
    );
    expect((await live()).groups["at-default"]).toMatchObject({ groupName: "mine" });
    expect((await live()).limits["at-default/*"]).toMatchObject({ hlStorageQuotaCount: 3 });
    expect(errorAbout(second, "group differing ")).toContain("(differs)");
    expect(errorAbout(second, "user home/foreign ")).toContain("(differs)");
    expect(errorAbout(second, "group twin ")).toContain("is held by a resource of this stack already");
    expect(changesOf(second)).toMatchObject({ create: 2, same: 9 });
  });
});
