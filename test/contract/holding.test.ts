import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, GROUP_TEXT, group, Stage, user } from "./support.ts";

describe.each(SDKS)("who holds an object, in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  let server: DynamicServer;
  /** Another one for each test: a process remembers who holds which. */
  let name = "";
  let count = 0;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
    server = await stage.serve();
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.control.reset();
    count += 1;
    name = `held-${count}`;
  });

  const seed = (more: object = {}) =>
    stage.control.patch("cloudian", { groups: { [name]: more }, users: { [`${name}/ada`]: {} } });
  const recorded = (more: object = {}) => group(name, { systemEndpoint: stage.endpoint, ...more });
  const groups = async () => Object.keys((await stage.control.state()).cloudian.groups).sort();

  test("two resources of one run never hold the same object", async () => {
    await server.create(group(name));
    expect((await failureOf(server.create(group(name, { adopt: true })))).message).toBe(
      `Cloudian group ${name} is declared by another resource of this run as well; give one of them another groupId.`,
    );
    const [one, other] = await Promise.allSettled([
      server.create(user(name, "ada")),
      server.create(user(name, "ada", { adopt: true })),
    ]);
    expect([one.status, other.status].sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("an object that another resource of this run made is not deleted by an old state that points at it", async () => {
    await server.create(group(name));
    const before = server.warnings.length;
    expect(await stage.callsOf(() => server.delete(name, recorded()))).toEqual([]);
    expect(await groups()).toEqual(["0", name]);
    await server.delete(name, recorded());
    expect(server.warnings.slice(before)).toEqual([
      `Cloudian group ${name} is not deleted: another resource of this run holds the object of this name.`,
    ]);
    const next = await stage.serve();
    await next.delete(name, recorded());
    expect(await groups()).toEqual(["0"]);
  });

  test("an object that this run took over is not deleted either", async () => {
    await seed();
    await server.create(group(name, { adopt: true }));
    await server.delete(name, recorded());
    expect(await groups()).toEqual(["0", name]);
  });

  test("an object that a resource of this run declares and leaves as it is is not deleted by another one's state", async () => {
    await seed();
    await server.check(recorded(), group(name));
    await server.diff(name, recorded(), group(name));
    expect(await stage.callsOf(() => server.delete(name, recorded()))).toEqual([]);
    expect(await groups()).toEqual(["0", name]);
  });

  test("an object that a resource of this run has changed is not deleted by another one's state", async () => {
    await seed();
    await server.update(name, recorded(), group(name, { groupName: "new" }));
    expect(await stage.callsOf(() => server.delete(name, recorded()))).toEqual([]);
    expect(await groups()).toEqual(["0", name]);
  });

  test("a resource whose object another one has just taken over is told so by check", async () => {
    await seed();
    await server.create(group(name, { adopt: true }));
    expect((await server.check(recorded(), group(name))).failures).toEqual([
      {
        property: "",
        reason: `Cloudian group ${name} has just been made or taken over by another resource of this run; remove one of the two`,
      },
    ]);
  });

  test("an object that a resource of this run declares but could not take over is not deleted, until it can", async () => {
    await seed();
    await stage.fault({ kind: "status", status: 400, method: "GET", path: "/group" });
    await failureOf(server.create(group(name, { adopt: true })));
    let message = "";
    const sent = await stage.callsOf(async () => {
      ({ message } = await failureOf(server.delete(name, recorded())));
    });
    expect(sent).toEqual([]);
    expect(message).toContain(`Cloudian group ${name} is not deleted`);
    expect(await groups()).toEqual(["0", name]);
    expect((await server.create(group(name, { adopt: true }))).id).toBe(name);
    await server.delete(name, recorded());
    expect(await groups()).toEqual(["0", name]);
  });

  test("a create that came to nothing gives the name back", async () => {
    await seed({ groupName: "theirs" });
    await failureOf(server.create(group(name, { groupName: "ours" })));
    expect((await server.create(group(name, { groupName: "ours", adopt: true }))).id).toBe(name);
  });

  test("a name that was deleted in this run is free again", async () => {
    await stage.control.patch("cloudian", { groups: { [name]: {} } });
    await server.diff(name, recorded(), group(name));
    await server.delete(name, recorded());
    expect((await server.create(group(name))).id).toBe(name);
  });

  test.each(["check", "diff", "read"] as const)(
    "what a replacement replaces is never taken over, whatever the program allows: seen by %s",
    async (method) => {
      await seed();
      const seen = {
        check: () => server.check(recorded(), group(name)),
        diff: () => server.diff(name, recorded(), group(name)),
        read: () => server.read(name, recorded()),
      };
      await seen[method]();
      for (const more of [{ adopt: true }, { __derived: true }, {}]) {
        const { message } = await failureOf(server.create(group(name, more)));
        expect(message).toContain(`Cloudian group ${name} `);
        expect(message).toContain("would replace itself");
      }
      expect(await groups()).toEqual(["0", name]);
    },
  );

  test("another resource's object of the same id in another kind or group is no obstacle", async () => {
    await seed();
    await server.read(name, recorded());
    expect((await server.create(user(name, "ada", { adopt: true }))).id).toBe(`${name}/ada`);
  });

  test("what a .get read is not held: a resource may take it over", async () => {
    await seed();
    await server.read(name, undefined, { __provider: GROUP_TEXT });
    expect((await server.create(group(name, { adopt: true }))).id).toBe(name);
  });

  test("an object that a read found gone may be made again in the same process", async () => {
    await server.diff(name, recorded(), group(name));
    expect((await server.read(name, recorded())).id).toBe("");
    await seed();
    expect((await server.create(group(name, { adopt: true }))).id).toBe(name);
  });

  test("an object of another system is never looked for, changed or deleted here", async () => {
    await seed();
    const elsewhere = group(name, { systemEndpoint: "https://old.example:19443", groupName: "a" });
    const text =
      `Cloudian group ${name} is recorded at https://old.example:19443, but the settings now name ${stage.endpoint}. Nothing was read or changed, ` +
      "because an object of the same name there may be somebody else's. If it is the same system under a new address, set " +
      "cloudianEndpointAliases to https://old.example:19443; if it is another system, keep the old endpoint (an explicit Provider) until the object is destroyed.";
    const sent = await stage.callsOf(async () => {
      expect((await failureOf(server.read(name, elsewhere))).message).toBe(text);
      expect((await failureOf(server.update(name, elsewhere, group(name, { groupName: "b" })))).message).toBe(text);
      expect((await failureOf(server.delete(name, elsewhere))).message).toBe(text);
    });
    expect(sent).toEqual([]);
  });

  test("an alias names the old address, and the new one is recorded from then on", async () => {
    await seed({ groupName: "a" });
    const elsewhere = group(name, { systemEndpoint: "https://old.example:19443", groupName: "a" });
    const aliased = await stage.serve({ cloudianEndpointAliases: "http://other.example, HTTPS://OLD.example:19443/" });
    const { properties } = await aliased.read(name, elsewhere);
    expect(properties).toEqual(recorded({ groupName: "a" }));
    expect(await aliased.update(name, elsewhere, group(name, { groupName: "b" }))).toEqual(
      recorded({ groupName: "b" }),
    );
    await stage.control.patch("cloudian", { users: { [`${name}/ada`]: null } });
    const next = await stage.serve({ cloudianEndpointAliases: "https://old.example:19443" });
    await next.delete(name, elsewhere);
    expect(await groups()).toEqual(["0"]);
  });

  test("another spelling of the same endpoint is the same system", async () => {
    await seed();
    const port = new URL(stage.endpoint).port;
    const respelled = await stage.serve({ cloudianEndpoint: ` HTTP://127.0.0.1:${port}/ ` });
    expect((await respelled.read(name, recorded())).id).toBe(name);
    expect((await respelled.read(name, recorded({ systemEndpoint: `http://127.0.0.1:${port}//` }))).id).toBe(name);
  });
});
