import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, NOWHERE, START, setting, store, textOf, ZONE } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret, UNKNOWN } from "./support.ts";

const CHANGED = { changes: "UNKNOWN", replaces: [], deleteBeforeReplace: false };
const NONE = { ...CHANGED, changes: "NONE" };
const ask = (name: string) => `GET listConfigurations name=${name}`;
const write = (name: string, value: string) => `POST updateConfiguration name=${name} value=${value}`;

// Both SDKs' servers run a whole life in cloudstack-lives.test.ts; one serves here.
describe("GlobalSetting with a value", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  /** What a run has made or changed it does not delete, so that deletions have a process of their own. */
  let destroying: DynamicServer;
  let tests = 0;
  /** A setting belongs to one resource of a run: every test has its own, a number of 5 that acts at once. */
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    for (const each of [server, destroying])
      await each.read("max.ssvm.count", setting("max.ssvm.count", { value: "" }));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    tests += 1;
    name = `lab.count.${tests}`;
    await seed();
  });

  const seed = (more: object = {}, settingName = name) =>
    stage.patch({ settings: { [settingName]: { value: "5", initial: "5", type: "Number", ...more } } });

  const outputs = (previous: string, more: Properties = {}) => ({
    previousValue: secret(previous),
    restartRequired: false,
    __category: "Advanced",
    systemEndpoint: stage.endpoint,
    ...more,
  });
  const recorded = (name: string, more: Properties) => setting(name, { systemEndpoint: stage.endpoint, ...more });

  describe("create", () => {
    test("reads what is there, writes once, and keeps what was there as a secret", async () => {
      const { result, sent } = await stage.resultOf(() => server.create(setting(name, { value: "7" })));
      expect(sent).toEqual([ask(name), write(name, "7")]);
      expect(result).toEqual({ id: name, properties: setting(name, { value: "7", ...outputs("5") }) });
      expect(await stage.liveValue(name)).toBe("7");
    });

    test("writes nothing where the value is there already", async () => {
      const { result, sent } = await stage.resultOf(() => server.create(setting(name, { value: "5" })));
      expect(sent).toEqual([ask(name)]);
      expect(result.properties).toMatchObject({ value: "5", previousValue: secret("5") });
    });

    test("is not misled by a setting whose name is longer", async () => {
      await seed({ value: "7" }, `a.${name}`);
      await seed({ value: "7" }, `${name}.more`);
      expect(await stage.callsOf(() => server.create(setting(name, { value: "7" })))).toEqual([
        ask(name),
        write(name, "7"),
      ]);
    });

    test.each([
      ["", null],
      ["null", null],
      ["  ", null],
    ])("clears the value with %j, and says what was there", async (value, stored) => {
      const { inputs } = await server.check({}, setting(name, { value }));
      const { properties } = await server.create(plain(inputs));
      expect(properties).toMatchObject({ value: "", previousValue: secret("5") });
      expect(await stage.liveValue(name)).toBe(stored);
    });

    test("of one that has no value keeps that there was none", async () => {
      await seed({ value: null });
      const { result, sent } = await stage.resultOf(() => server.create(setting(name, { value: "4" })));
      expect(sent).toEqual([ask(name), write(name, "4")]);
      expect(result.properties).toMatchObject({ previousValue: secret("") });
    });

    test("of an unknown name is an error before any write", async () => {
      const { message, sent } = await stage.refusalOf(() => server.create(setting("max.ssvm.cuont", { value: "7" })));
      expect(sent).toEqual([ask("max.ssvm.cuont")]);
      expect(message).toBe(
        "CloudStack lists no setting max.ssvm.cuont. Check the spelling, and whether a plugin that brings it is installed. One of those that it hides (category Hidden) has to be given as a secret: pulumi.secret(…), or configuration set with --secret.",
      );
    });

    test.each([
      ["secstorage.session.max", "many", "is not a valid [Number]"],
      ["secstorage.encrypt.copy", "yes", "is not a valid [Boolean]"],
      ["dynamic.apichecker.enabled", "false", "is not allowed to be changed"],
    ])("of a value that CloudStack refuses leaves it as it was: %s %s", async (settingName, value, text) => {
      const before = await stage.liveValue(settingName);
      const { message } = await stage.refusalOf(() => server.create(setting(settingName, { value })));
      expect(message).toContain(text);
      expect(await stage.liveValue(settingName)).toBe(before);
    });
  });

  describe("check", () => {
    test.each([
      [8443, "8443"],
      ["8443", "8443"],
      [true, "true"],
      ["true", "true"],
      [false, "false"],
      [0.85, "0.85"],
      [" padded ", "padded"],
      ["null", ""],
      [" null ", ""],
      ["", ""],
      ["NULL", "NULL"],
      ["a b", "a b"],
      ["a\nb", "a\nb"],
    ])("makes text of %j: %j", async (written, value) => {
      const { inputs, failures } = await server.check({}, setting(name, { value: written }));
      expect({ inputs, failures }).toEqual({ inputs: setting(name, { value }), failures: [] });
    });

    test.each<[Properties, string]>([
      [{ value: "1", members: ["a"] }, "value: and members exclude each other; give one"],
      [{ value: UNKNOWN, members: ["a"] }, "value: and members exclude each other; give one"],
      [{}, "value: or members is required"],
      [{ value: null }, "value: or members is required"],
      [{ members: [] }, "members: must not be empty; remove the resource to take its members out"],
      [{ members: ["10.0.0.0/8", ""] }, "members.1: must not be empty and must not hold blanks or commas"],
      [{ members: ["a,b"] }, "members.0: must not be empty and must not hold blanks or commas"],
      [{ members: ["a b"] }, "members.0: must not be empty and must not hold blanks or commas"],
      [{ value: { a: 1 } }, "value: must be a text, a number or a boolean"],
      [{ value: "x".repeat(4097) }, "value: must not be longer than 4096 characters"],
      [{ value: "1", onDestroy: "delete" }, 'onDestroy: Invalid option: expected one of "reset"|"restore"|"keep"'],
      [
        { value: "1", scope: { type: "host", id: "x" } },
        'scope.type: Invalid option: expected one of "zone"|"cluster"|"storage"|"account"|"domain"|"imageStore"',
      ],
      [{ value: "1", scope: { type: "zone", id: "a/b" } }, "scope.id: must be a UUID"],
      [{ value: "1", scope: { type: "zone" } }, "scope.id: is required"],
      [{ value: "1", adopt: true }, "adopt: there is no such property"],
      [{ value: "1", Value: "2" }, "Value: there is no such property; did you mean value?"],
    ])("refuses %j", async (more, reason) => {
      const { failures } = await server.check({}, setting(name, more));
      expect(failures).toEqual([{ property: "", reason: expect.stringContaining(reason) }]);
    });

    test.each(["", "a b", "a/b", "a=b", "é", "a\n"])("refuses the name %j", async (settingName) => {
      const { failures } = await server.check({}, setting(settingName, { value: "1" }));
      expect(failures).toEqual([
        {
          property: "",
          reason: "settingName: must be the name of a setting: letters, digits, dots, hyphens, underscores",
        },
      ]);
    });

    test("needs a name: none is derived", async () => {
      const { failures } = await server.check(
        {},
        { __provider: textOf("GlobalSetting"), value: "1", __defaultName: "x-1" },
      );
      expect(failures).toEqual([{ property: "", reason: "settingName: is required" }]);
    });

    test("sends nothing, and neither does diff", async () => {
      const sent = await stage.callsOf(async () => {
        await server.check({}, setting(name, { value: 7 }));
        await destroying.check(recorded(name, { value: "7" }), setting(name, { value: 8 }));
        await destroying.diff(name, recorded(name, { value: "7" }), setting(name, { value: "8" }));
      });
      expect(sent).toEqual([]);
    });

    test("refuses two resources for one setting, one of which may be in the state, but not for another scope", async () => {
      const doubled = [{ property: "", reason: expect.stringContaining(`CloudStack setting ${name} `) }];
      expect((await server.check({}, setting(name, { value: "7" }))).failures).toEqual([]);
      expect((await server.check({}, setting(name, { value: "8" }))).failures).toEqual(doubled);
      const scope = { type: "zone", id: ZONE };
      expect((await server.check({}, setting(name, { value: "8", scope }))).failures).toEqual([]);
      const state = recorded(name, { value: "7", ...outputs("5") });
      expect((await destroying.check(state, setting(name, { value: "7" }))).failures).toEqual([]);
      expect((await destroying.check({}, setting(name, { value: "7" }))).failures).toEqual(doubled);
    });

    test("leaves no way for the second one in an up without a preview either", async () => {
      await server.create(setting(name, { value: "7" }));
      const { message, sent } = await stage.refusalOf(() => server.create(setting(name, { value: "8" })));
      expect(message).toContain(`CloudStack setting ${name} `);
      expect(sent).toEqual([]);
      expect(await stage.liveValue(name)).toBe("7");
    });
  });

  describe("diff", () => {
    const state = () => recorded(name, { value: "7", ...outputs("5") });

    test("of what is recorded is none, whatever the spelling", async () => {
      expect(await server.diff(name, state(), setting(name, { value: "7" }))).toEqual(NONE);
      expect(await server.diff(name, state(), setting(name, { value: 7 }))).toEqual(NONE);
      expect(await server.diff(name, state(), setting(name, { value: " 7 " }))).toEqual(NONE);
    });

    test.each<[string, unknown]>([
      ["value", "8"],
      ["value", UNKNOWN],
      ["onDestroy", "keep"],
    ])("of %s alone is an update: %j", async (key, value) => {
      expect(await server.diff(name, state(), setting(name, { value: "7", [key]: value }))).toEqual(CHANGED);
    });

    test("of another form is an update, of another name or scope a replacement", async () => {
      expect(await server.diff(name, state(), setting(name, { members: ["7"] }))).toEqual(CHANGED);
      expect(await server.diff(name, state(), setting("other.name", { value: "7" }))).toEqual({
        ...CHANGED,
        replaces: ["settingName"],
      });
      const scoped = setting(name, { value: "7", scope: { type: "zone", id: ZONE } });
      expect(await server.diff(name, state(), scoped)).toEqual({ ...CHANGED, replaces: ["scope"] });
      expect(
        await server.diff(`zone:${ZONE}/${name}`, { ...scoped, ...outputs("5") }, setting(name, { value: "7" })),
      ).toEqual({
        ...CHANGED,
        replaces: ["scope"],
      });
    });
  });

  describe("read", () => {
    /** A process remembers the list of its run until it changes something itself. */
    const forgetful = async () => {
      await destroying.delete("max.ssvm.count", setting("max.ssvm.count", { value: "1" }));
      return destroying;
    };

    test("costs one list for all settings of a run, and another one for each scope", async () => {
      const scope = { type: "zone", id: ZONE };
      const threshold = "pool.storage.capacity.disablethreshold";
      const reading = await stage.serve();
      const sent = await stage.callsOf(() =>
        Promise.all([
          reading.read(name, recorded(name, { value: "7" })),
          reading.read("max.ssvm.count", recorded("max.ssvm.count", { value: "5" })),
          reading.read("secstorage.session.max", recorded("secstorage.session.max", { value: "50" })),
          reading.read(`zone:${ZONE}/${threshold}`, recorded(threshold, { value: "0.85", scope })),
        ]),
      );
      expect(sent.slice(0, 2)).toEqual(START);
      expect(sent.slice(2).sort()).toEqual(["GET listConfigurations", `GET listConfigurations zoneid=${ZONE}`]);
    });

    test.each([
      ["changed", "9", "9"],
      ["cleared", null, ""],
    ])("shows a value that somebody has %s", async (_what, value, shown) => {
      await seed({ value });
      const { inputs, properties } = await (await forgetful()).read(
        name,
        recorded(name, { value: "7", ...outputs("5") }),
      );
      expect(inputs).toEqual(setting(name, { value: shown }));
      expect(properties).toMatchObject({ value: shown, previousValue: secret("5") });
    });

    test("of a name that is no longer there is an error, and never gone", async () => {
      await stage.patch({ settings: { [name]: null } });
      expect(
        (await failureOf((await forgetful()).read(name, recorded(name, { value: "7", ...outputs("5") })))).message,
      ).toBe(
        `${stage.endpoint} has no setting ${name} any more; has a plugin been removed? Remove the resource from the program, and from the state with pulumi state delete.`,
      );
    });

    test("of nothing but an id shows the value", async () => {
      const reading = await forgetful();
      const { inputs } = await reading.read("secstorage.session.max", undefined, {
        __provider: textOf("GlobalSetting"),
      });
      expect(inputs).toMatchObject({ settingName: "secstorage.session.max", value: "50" });
      const id = `zone:${ZONE}/pool.storage.capacity.disablethreshold`;
      const scoped = await reading.read(id, undefined, { __provider: textOf("GlobalSetting") });
      expect(scoped.inputs).toMatchObject({
        settingName: "pool.storage.capacity.disablethreshold",
        value: "0.85",
        scope: { type: "zone", id: ZONE },
      });
    });
  });

  describe("update", () => {
    test("of the value costs one request; what was there first stays recorded", async () => {
      const olds = recorded(name, { value: "7", ...outputs("5") });
      const { result, sent } = await stage.resultOf(() =>
        server.update(name, plain(olds), setting(name, { value: "8" })),
      );
      expect(sent).toEqual([write(name, "8")]);
      expect(result).toEqual(setting(name, { value: "8", ...outputs("5") }));
    });

    test("of onDestroy sends nothing", async () => {
      const olds = plain(recorded(name, { value: "7", ...outputs("5") }));
      const { result, sent } = await stage.resultOf(() =>
        server.update(name, olds, setting(name, { value: "7", onDestroy: "restore" })),
      );
      expect(sent).toEqual([]);
      expect(result).toMatchObject({ onDestroy: "restore", previousValue: secret("5") });
    });
  });

  describe("delete", () => {
    const state = (more: Properties = {}) => plain(recorded(name, { value: "7", ...outputs("4"), ...more }));

    test.each<[string, Properties, string[], string]>([
      ["resets without a word", {}, ["POST resetConfiguration name=<it>"], "5"],
      ["resets", { onDestroy: "reset" }, ["POST resetConfiguration name=<it>"], "5"],
      ["restores", { onDestroy: "restore" }, ["POST updateConfiguration name=<it> value=4"], "4"],
      ["keeps", { onDestroy: "keep" }, [], "7"],
    ])("%s", async (_what, more, requests, left) => {
      await seed({ value: "7" });
      const sent = await stage.callsOf(() => destroying.delete(name, state(more)));
      expect(sent).toEqual(requests.map((line) => line.replace("<it>", name)));
      expect(await stage.liveValue(name)).toBe(left);
    });

    test("restores that there was nothing", async () => {
      await seed({ value: "7" });
      await destroying.delete(name, state({ onDestroy: "restore", previousValue: "" }));
      expect(await stage.liveValue(name)).toBeNull();
    });

    test("cannot restore what was never readable", async () => {
      const { previousValue: _unknown, ...olds } = state({ onDestroy: "restore" });
      expect((await failureOf(destroying.delete(name, olds))).message).toBe(
        `Global setting ${name} is not restored: CloudStack never returned a readable value of it. Set onDestroy to "keep" or "reset" with a pulumi up first.`,
      );
    });
  });

  describe("in a scope", () => {
    const CLUSTER = "3d1b8e57-f604-4c9a-a27d-80e6c5f19b34";
    const POOL = "84f7c02e-9a5d-4163-b8e0-2c7d6a31f59b";
    const ACname = "a1d4c8f2-7b35-4e09-8c6a-52e9f0b3d716";
    const THRESHOLD = "pool.storage.capacity.disablethreshold";
    const ROOT = "6f2b0a9e-3c61-4d57-9f0e-1a8b5c7d2e40";

    test.each([
      { type: "zone", name: "pool.storage.capacity.disablethreshold", id: ZONE, key: "Zone", param: "zoneid" },
      { type: "cluster", name: "cpu.overprovisioning.factor", id: CLUSTER, key: "Cluster", param: "clusterid" },
      { type: "storage", name: "storage.overprovisioning.factor", id: POOL, key: "StoragePool", param: "storageid" },
      { type: "account", name: "allow.public.user.templates", id: ACname, key: "Account", param: "accountid" },
      { type: "domain", name: "ldap.basedn", id: ROOT, key: "Domain", param: "domainid" },
      { type: "imageStore", name: "secstorage.nfs.version", id: "", key: "ImageStore", param: "imagestoreuuid" },
    ])("of a $type its value alone is written, read and reset, by CloudStack's own parameter", async (where) => {
      const { type, name: settingName, key, param } = where;
      const id = type === "imageStore" ? (await server.create(store("main"))).id : where.id;
      const value = type === "account" ? "false" : "3";
      const declared = setting(settingName, { value, scope: { type, id } });
      const scopedId = `${type}:${id}/${settingName}`;
      const made = await stage.resultOf(() => server.create(declared));
      const scope = `${param}=${id}`;
      const sorted = (line: string) => line.split(" ").sort().join(" ");
      expect(made.sent.map(sorted)).toEqual([
        sorted(`GET listConfigurations name=${settingName} ${scope}`),
        sorted(`POST updateConfiguration name=${settingName} value=${value} ${scope}`),
      ]);
      expect(made.result.id).toBe(scopedId);
      const before = await stage.settingNamed(settingName);
      expect(before?.scoped).toEqual({ [`${key}/${id}`]: value });
      expect(before?.value).not.toBe(value);
      const read = await server.read(scopedId, plain(made.result.properties));
      expect(read.inputs).toEqual(declared);
      const sent = await stage.callsOf(() => destroying.delete(scopedId, plain(made.result.properties)));
      const reset = type === "imageStore" ? `imagestoreid=${id}` : scope;
      expect(sorted(sent.at(-1) ?? "")).toBe(sorted(`POST resetConfiguration name=${settingName} ${reset}`));
      expect((await stage.settingNamed(settingName))?.scoped).toEqual({});
    });

    test("that the setting does not have is an error before any write", async () => {
      const { message, sent } = await stage.refusalOf(() =>
        server.create(setting(name, { value: "7", scope: { type: "zone", id: ZONE } })),
      );
      expect(sent).toEqual([`GET listConfigurations name=${name} zoneid=${ZONE}`]);
      expect(message).toContain(`CloudStack lists no setting ${name}`);
    });

    test("whose object does not exist is an error before any write", async () => {
      const declared = setting(THRESHOLD, { value: "0.5", scope: { type: "zone", id: NOWHERE } });
      const { message, sent } = await stage.refusalOf(() => server.create(declared));
      expect(message).toContain(
        `zone:${NOWHERE}/${THRESHOLD}: CloudStack says that the object which it applies to does not exist`,
      );
      expect(sent.filter((line) => line.startsWith("POST "))).toEqual([]);
    });

    test("whose object is gone is gone with it", async () => {
      await stage.patch({ zones: { old: { name: "old" } } });
      const declared = setting(THRESHOLD, { value: "0.5", scope: { type: "zone", id: "old" } });
      const { id, properties } = await server.create(declared);
      await stage.patch({ zones: { old: null } });
      for (const onDestroy of ["reset", "restore", "keep"]) {
        expect((await destroying.read(id, plain(properties))).id).toBe("");
        await destroying.delete(id, { ...plain(properties), onDestroy });
      }
    });
  });

  describe("and a restart", () => {
    let restarting: DynamicServer;
    beforeAll(async () => {
      restarting = await stage.serve();
    });

    const advice = (name: string) =>
      `Setting ${name} takes effect after a restart of all management servers, which no API can do.`;
    const sites = "secstorage.allowed.internal.sites";
    const more = " Secondary storage VMs take the list when they connect, which a restart makes them do.";

    test.each([
      ["max.ssvm.count", "7", false, []],
      ["secstorage.session.max", "7", true, [advice("secstorage.session.max")]],
      ["default.page.size", "400", true, [advice("default.page.size")]],
      [sites, "10.0.0.0/8", true, [advice(sites) + more]],
      ["cloudian.connector.enabled", "true", true, [advice("cloudian.connector.enabled")]],
      ["cloudian.admin.host", "admin.example.test", false, []],
      // Read from the database whenever a store is described, whatever CloudStack says of them.
      ["s3.rrs.enabled", "true", false, []],
      ["s3.singleupload.max.size", "0", false, []],
    ])("%s=%s: restartRequired %s, and the warning says so", async (settingName, value, restartRequired, warnings) => {
      const before = restarting.warnings.length;
      const { properties } = await restarting.create(setting(settingName, { value }));
      expect(properties).toMatchObject({ restartRequired });
      expect(restarting.warnings.slice(before)).toEqual(warnings);
    });

    test("none is asked for where nothing was written, nor to switch the connector off", async () => {
      await seed({ dynamic: false });
      await stage.patch({ settings: { "cloudian.connector.enabled": "true" } });
      const before = server.warnings.length;
      await server.create(setting(name, { value: "5" }));
      expect(server.warnings.slice(before)).toEqual([]);
      const off = await destroying.create(setting("cloudian.connector.enabled", { value: "false" }));
      expect(off.properties).toMatchObject({ restartRequired: true });
      expect(destroying.warnings.filter((text) => text.includes("connector"))).toEqual([]);
    });

    test("an update and a removal ask for it as well", async () => {
      await seed({ dynamic: false });
      const olds = plain(recorded(name, { value: "60", ...outputs("50", { restartRequired: true }) }));
      await server.update(name, olds, setting(name, { value: "70" }));
      expect(server.warnings.at(-1)).toBe(advice(name));
      for (const onDestroy of ["reset", "restore"]) {
        const leaving = await stage.serve();
        await leaving.delete(name, { ...olds, onDestroy });
        expect(leaving.warnings).toEqual([advice(name)]);
      }
    });
  });

  describe("under faults", () => {
    const LOST: LabFault["kind"][] = [
      "reset-before-read",
      "reset-after-commit",
      "truncate",
      "status-after-commit",
      "status",
    ];

    test.each(LOST)("a write whose reply is lost (%s) is made good, and what was there is known", async (kind) => {
      await stage.fault({ kind, command: "updateConfiguration" });
      const { properties } = await server.create(setting(name, { value: "7" }));
      expect(properties).toMatchObject({ value: "7", previousValue: secret("5") });
      expect(await stage.liveValue(name)).toBe("7");
    });

    test("a write that is never answered keeps what was there in the state, and the next up goes on", async () => {
      const impatient = await stage.serve({ retryBudget: "0" });
      await stage.fault({ kind: "reset-after-commit", command: "updateConfiguration", times: 9 });
      const failure = await failureOf(impatient.create(setting(name, { value: "7" })));
      expect(failure.initFailure?.properties).toMatchObject({ previousValue: secret("5"), settingName: name });
      await stage.control.clearFaults();
      const updated = await server.update(
        name,
        plain(failure.initFailure?.properties ?? {}),
        setting(name, { value: "7" }),
      );
      expect(updated).toMatchObject({ value: "7", previousValue: secret("5") });
      expect(await stage.liveValue(name)).toBe("7");
    });
  });
});
