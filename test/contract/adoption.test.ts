import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, group, PAIR, Stage, secret, user } from "./support.ts";

describe.each(SDKS)("a name that is taken, in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  let server: DynamicServer;
  let identical: DynamicServer;
  let name = "";
  let count = 0;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
    server = await stage.serve();
    identical = await stage.serve({}, { CLOUDSTACK_STORAGE_ADOPT: "identical" });
  });
  afterAll(() => stage.close());
  beforeEach(() => {
    count += 1;
    name = `taken-${count}`;
  });

  const seed = (more: object = {}) => stage.control.patch("cloudian", { groups: { [name]: more } });
  const live = async () => (await stage.control.state()).cloudian.groups[name];
  const newWarnings = async (of: DynamicServer, work: () => Promise<unknown>) => {
    const before = of.warnings.length;
    await work();
    return of.warnings.slice(before);
  };

  test("equal, but nobody allowed it: an error that shows live beside declared and names the ways on", async () => {
    await seed({ groupName: "same" });
    const { message, initFailure } = await failureOf(server.create(group(name, { groupName: "same", active: true })));
    expect(message).toBe(
      `Cloudian group ${name} exists already.
  groupId: live "${name}", declared "${name}" (equal)
  groupName: live "same", declared "same" (equal)
  active: live true, declared true (equal)
Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; set adopt: true to take it over; choose another groupId; or delete the existing one.`,
    );
    expect(initFailure).toBeUndefined();
  });

  test("equal or at the creation default: taken over for a derived name, for the whole run, and for adopt", async () => {
    for (const [of, more, suffix] of [
      [server, { __derived: true }, "a"],
      [identical, {}, "b"],
      [server, { adopt: true }, "c"],
    ] as const) {
      const id = `${name}-${suffix}`;
      await stage.control.patch("cloudian", { groups: { [id]: { groupName: "same" } } });
      const declared = group(id, {
        groupName: "same",
        ldap: { enabled: true, group: "g" },
        limits: { objectCount: { hard: 3 } },
        ...more,
      });
      const warnings = await newWarnings(of, async () => {
        const made = await of.create(declared);
        expect(made).toEqual({ id, properties: { ...declared, systemEndpoint: stage.endpoint } });
      });
      expect(warnings).toEqual([
        `Cloudian group ${id} exists and is taken over. It will be changed: ldap from {"enabled":false} to {"enabled":true,"group":"g"}; limits from {} to {"objectCount":{"hard":3}}.`,
      ]);
      const { groups, limits } = (await stage.control.state()).cloudian;
      expect(groups[id]).toMatchObject({ groupName: "same", ldapEnabled: true, ldapGroup: "g" });
      expect(limits[`${id}/*`]).toMatchObject({ hlStorageQuotaCount: 3 });
    }
  });

  test("wholly equal: taken over without a write, and said all the same", async () => {
    await seed({ groupName: "same", ldapGroup: "by others", active: "false" });
    let sent: string[] = [];
    const warnings = await newWarnings(server, async () => {
      sent = await stage.callsOf(() => server.create(group(name, { groupName: "same", adopt: true })));
    });
    expect(sent).toEqual(["PUT /group", `GET /group?groupId=${name}`]);
    expect(warnings).toEqual([`Cloudian group ${name} exists and is taken over.`]);
    expect(await live()).toMatchObject({ ldapGroup: "by others", active: "false" });
  });

  test("different: only adopt takes it over, says what it writes before it writes, and writes nothing else", async () => {
    await seed({ groupName: "theirs", active: "false", ldapGroup: "by others" });
    const declared = { groupName: "ours", active: true };
    for (const [of, more] of [
      [server, {}],
      [server, { __derived: true }],
      [identical, {}],
    ] as const) {
      const { message } = await failureOf(of.create(group(name, { ...declared, ...more })));
      expect(message).toContain(
        '  groupName: live "theirs", declared "ours" (differs)\n  active: live false, declared true (differs)',
      );
      expect(message).toContain("Ways on: set adopt: true to take it over and change what differs;");
      expect(message).not.toContain("CLOUDSTACK_STORAGE_ADOPT");
    }
    expect(await live()).toMatchObject({ groupName: "theirs", active: "false" });
    const warnings = await newWarnings(server, () => server.create(group(name, { ...declared, adopt: true })));
    expect(warnings).toEqual([
      `Cloudian group ${name} exists and is taken over. It will be changed: groupName from "theirs" to "ours"; active from false to true.`,
    ]);
    expect(await live()).toMatchObject({ groupName: "ours", active: "true", ldapGroup: "by others" });
  });

  test("what the program made secret is in no text, and wrapped in the outputs", async () => {
    await seed({ groupName: "Canary-Live" });
    const declared = group(name, { groupName: "Canary-Declared", __secrets: ["groupName"] });
    const { message } = await failureOf(server.create(declared));
    expect(message).toContain("  groupName: live [secret], declared [secret] (differs)");
    expect(message).not.toContain("Canary");
    const warnings = await newWarnings(server, async () => {
      const { properties } = await server.create({ ...declared, adopt: true });
      expect(properties).toMatchObject({ groupName: secret("Canary-Declared"), __secrets: ["groupName"] });
    });
    expect(warnings).toEqual([
      `Cloudian group ${name} exists and is taken over. It will be changed: groupName from [secret] to [secret].`,
    ]);
    expect(await live()).toMatchObject({ groupName: "Canary-Declared" });
  });

  test("a system that answers 400 for a taken name is understood as well", async () => {
    await seed({ groupName: "theirs" });
    await stage.control.patch("cloudian", { options: { existingGroupStatus: 400 } });
    expect((await failureOf(server.create(group(name)))).message).toContain(`Cloudian group ${name} exists already.`);
    expect((await server.create(group(name, { adopt: true }))).id).toBe(name);
    await stage.control.patch("cloudian", { options: { existingGroupStatus: 409 } });
  });

  test("a user of another type is never taken over", async () => {
    await seed();
    await stage.control.patch("cloudian", { users: { [`${name}/ada`]: { userType: "GroupAdmin" } } });
    const { message } = await failureOf(server.create(user(name, "ada", { adopt: true })));
    expect(message).toContain(
      `Cloudian user ${name}/ada exists and cannot become the declared one: userType from "GroupAdmin" to "User".`,
    );
    expect((await stage.control.state()).cloudian.users[`${name}/ada`]).toMatchObject({ userType: "GroupAdmin" });
  });

  test("a user: the password that nobody can compare is named and written, other keys are left alone", async () => {
    await seed();
    await stage.control.patch("cloudian", {
      users: { [`${name}/ada`]: { fullName: "Ada", phone: "by others" } },
      credentials: {
        [`${PAIR.accessKeyId}${count}`]: {
          groupId: name,
          userId: "ada",
          secretKey: PAIR.secretAccessKey,
          createDate: 1,
        },
        [`ff${count}`]: { groupId: name, userId: "ada", secretKey: "another+secret/000", createDate: 2 },
      },
    });
    const declared = user(name, "ada", { fullName: "Ada", password: "Canary-Passw0rd", adopt: true });
    let sent: string[] = [];
    const warnings = await newWarnings(server, async () => {
      sent = await stage.callsOf(async () => {
        expect(await server.create(declared)).toMatchObject({
          id: `${name}/ada`,
          properties: {
            accessKeyId: `${PAIR.accessKeyId}${count}`,
            secretAccessKey: secret(PAIR.secretAccessKey),
            password: secret("Canary-Passw0rd"),
          },
        });
      });
    });
    expect(warnings).toEqual([
      `Cloudian user ${name}/ada exists and is taken over. Nobody can compare password; the declared value is written.`,
    ]);
    expect(sent).toEqual([
      "PUT /user",
      `GET /user?groupId=${name}&userId=ada`,
      `GET /user/credentials/list?groupId=${name}&isRootAccountOnly=true&userId=ada`,
      `POST /user/password?groupId=${name}&password=[secret]&userId=ada`,
    ]);
    expect((await stage.control.state()).cloudian.users[`${name}/ada`]).toMatchObject({ phone: "by others" });
  });

  test("a user without any key gets one when it is taken over", async () => {
    await seed();
    await stage.control.patch("cloudian", { users: { [`${name}/ada`]: {} } });
    const { properties } = await server.create(user(name, "ada", { adopt: true }));
    const mine = Object.values((await stage.control.state()).cloudian.credentials).filter(
      (key) => key["groupId"] === name,
    );
    expect(mine).toHaveLength(1);
    expect(properties).toMatchObject({
      accessKeyId: mine[0]?.["accessKey"],
      secretAccessKey: secret(mine[0]?.["secretKey"]),
    });
  });
});
