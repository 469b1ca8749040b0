import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, NOWHERE, staging, textOf, ZONE } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret, UNKNOWN } from "./support.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const CHANGED = { changes: "UNKNOWN", replaces: [], deleteBeforeReplace: false };
const NONE = { ...CHANGED, changes: "NONE" };
const FAR = "f2a70000-0000-4000-8000-00000000000f";
/** What every process asks before anything else. */
const ONCE = ["GET listCapabilities", "GET listConfigurations name=encode.api.response"];
const LOOKS = ["GET listImageStores", "GET listSecondaryStagingStores"];

test("a whole life of a staging store in the lowest SDK's server", async () => {
  const stage = await CloudStackStage.open("lowest");
  try {
    const [server, destroying] = await Promise.all([stage.serve(), stage.serve()]);
    const { adopt: _default, ...written } = staging("/export/life/", { server: "NFS.Example.test" });
    expect(await server.check({}, written)).toEqual({ inputs: staging("/export/life"), failures: [] });
    const { id, properties } = await server.create(staging("/export/life"));
    const outs = { url: "nfs://nfs.example.test/export/life", systemEndpoint: stage.endpoint };
    expect(properties).toEqual(staging("/export/life", outs));
    expect((await server.read(id, properties)).inputs).toEqual(staging("/export/life"));
    expect(await server.diff(id, properties, staging("/export/life", { adopt: true }))).toEqual(CHANGED);
    expect(await server.update(id, properties, staging("/export/life", { adopt: true }))).toEqual(
      staging("/export/life", { adopt: true, ...outs }),
    );
    await destroying.delete(id, properties);
    expect((await destroying.read(id, properties)).id).toBe("");
  } finally {
    await stage.close();
  }
});

describe("SecondaryStagingStore", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  /** What a run has made it does not delete, so that deletions have a process of their own. */
  let destroying: DynamicServer;
  /** A run that goes on after the one that made what it meets. */
  let next: DynamicServer;
  let impatient: DynamicServer;
  let first: string[] = [];
  let count = 0;
  /** A process takes a URL for one resource only: every test has its own. */
  let path = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    [server, destroying, next, impatient] = await Promise.all([
      stage.serve(),
      stage.serve(),
      stage.serve(),
      stage.serve({ retryBudget: "0" }),
    ]);
    for (const each of [destroying, next, impatient]) await each.read(NOWHERE, staging("/none"));
    first = await stage.callsOf(() => server.create(staging("/export/first")));
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    count += 1;
    path = `/export/${count}`;
  });

  const url = () => `nfs://nfs.example.test${path}`;
  const outputs = (more: Properties = {}) => ({ url: url(), systemEndpoint: stage.endpoint, ...more });
  const recorded = (more: Properties = {}) => staging(path, outputs(more));
  const ask = (zone = ZONE) => `POST createSecondaryStagingStore provider=NFS scope=zone url=${url()} zoneid=${zone}`;
  const made = async (more: Properties = {}) => {
    const { id, properties } = await server.create(staging(path, more));
    return { id, olds: plain(properties) };
  };
  /** What a process has listed for its reads it forgets when it changes something. */
  const readAnew = async (id: string, olds: Properties | undefined, inputs?: Properties) => {
    await destroying.delete(NOWHERE, staging("/none"));
    return await stage.resultOf(() => destroying.read(id, olds, inputs));
  };
  const seed = (id: string, more: object = {}) =>
    stage.patch({ imageStores: { [id]: { name: url(), url: url(), role: "ImageCache", zoneId: ZONE, ...more } } });
  const reasons = async (olds: Properties, news: Properties) => {
    const { result, sent } = await stage.resultOf(() => server.check(olds, news));
    expect(sent).toEqual([]);
    return result.failures.map(({ property, reason }) => `${property}|${reason}`);
  };

  describe("create", () => {
    test("looks at both roles, asks what is asked once before the first store only, and makes the store", async () => {
      expect(first.slice(0, 2)).toEqual(ONCE);
      expect(first.slice(2, 4).sort()).toEqual(LOOKS);
      expect(first.slice(4)).toEqual([
        `POST createSecondaryStagingStore provider=NFS scope=zone url=nfs://nfs.example.test/export/first zoneid=${ZONE}`,
      ]);
      const second = await stage.callsOf(() => server.create(staging(path)));
      expect(second.slice(0, 2).sort()).toEqual(LOOKS);
      expect(second.slice(2)).toEqual([ask()]);
    });

    test("returns what is declared and the URL, under the id that CloudStack has given", async () => {
      const { id, properties } = await server.create(staging(path));
      expect(id).toMatch(UUID);
      expect(properties).toEqual(recorded());
      expect(await stage.storesNamed(url())).toMatchObject([
        { id, url: url(), role: "ImageCache", scope: "ZONE", zoneId: ZONE, provider: "NFS", details: {} },
      ]);
    });

    test.each([
      { server: "192.0.2.7", shown: "nfs://192.0.2.7" },
      { server: "[2001:db8::7]", shown: "nfs://[2001:db8::7]" },
    ])("takes an address as well: $server", async ({ server: host, shown }) => {
      const { id, properties } = await server.create(staging(path, { server: host }));
      expect(properties).toMatchObject({ server: host, url: `${shown}${path}` });
      expect((await server.read(id, plain(properties))).inputs).toEqual(staging(path, { server: host }));
    });

    test("leaves other staging stores of the zone alone", async () => {
      const first = await made();
      path = `${path}-b`;
      const second = await made();
      expect(second.id).not.toBe(first.id);
      const { imageStores } = await stage.cloud();
      expect(Object.values(imageStores).filter(({ removed }) => !removed)).toHaveLength(2);
    });

    test.each([
      { what: "its name is the URL", live: (it: string) => ({ name: it }) },
      { what: "it has a name of its own", live: (it: string) => ({ name: "nfs-main", url: it }) },
      { what: "it is spelled in other letters", live: (it: string) => ({ name: it.replace("nfs.ex", "NFS.Ex") }) },
      { what: "it ends in a slash", live: (it: string) => ({ name: "nfs-main", url: `${it}/` }) },
    ])("of an export that is secondary storage is refused: $what", async ({ live }) => {
      await seed("main", { role: "Image", ...live(url()) });
      for (const more of [{}, { adopt: true }]) {
        const { message, sent } = await stage.refusalOf(() => server.create(staging(path, more)));
        expect(message).toBe(
          `Staging store ${url()} is not made: CloudStack has secondary storage of this URL and would answer with that instead. Give another path, or take that store out of use first.`,
        );
        expect(sent.sort()).toEqual(LOOKS);
      }
      const { imageStores } = await stage.cloud();
      expect(Object.keys(imageStores)).toEqual(["main"]);
    });

    test("in a zone that does not exist fails in CloudStack's words", async () => {
      const { message, sent } = await stage.refusalOf(() => server.create(staging(path, { zoneId: NOWHERE })));
      expect(message).toContain(`Could not make staging store ${url()}: ${stage.endpoint} answered 431`);
      expect(message).toContain("zoneid");
      expect(sent.slice(2)).toEqual([ask(NOWHERE), "GET listSecondaryStagingStores"]);
      expect(await stage.storesNamed(url())).toEqual([]);
    });
  });

  describe("check", () => {
    test("brings what a program writes to the canonical form, which stays as it is", async () => {
      const { adopt: _default, ...short } = staging(`${path}//`, { server: "NFS.EXAMPLE.test" });
      expect(await server.check({}, short)).toEqual({ inputs: staging(path), failures: [] });
      expect(await server.check({}, staging(path))).toEqual({ inputs: staging(path), failures: [] });
      expect(await server.check(recorded(), staging(path))).toEqual({ inputs: staging(path), failures: [] });
    });

    test.each(["zoneId", "server", "path", "adopt"])("lets %s be unknown", async (property) => {
      const inputs = staging(path, { [property]: UNKNOWN });
      expect(await server.check({}, inputs)).toEqual({ inputs, failures: [] });
      expect(await server.check(recorded(), inputs)).toEqual({ inputs, failures: [] });
    });

    test("sends nothing, and neither does diff", async () => {
      const sent = await stage.callsOf(async () => {
        await server.check(recorded(), staging("/elsewhere"));
        await server.diff("id", recorded(), staging("/elsewhere"));
      });
      expect(sent).toEqual([]);
    });

    const host = "must be a host name or an address (IPv6 in brackets), without scheme, port and path";
    const export_ = "must begin with / and must not hold spaces, ?, # or %";
    test.each<[string, unknown, string]>([
      ["zoneId", "", "must not be empty"],
      ["zoneId", 5, "Invalid input: expected string, received number"],
      ["server", "", host],
      ["server", "nfs://nfs.example.test", host],
      ["server", "nfs.example.test:2049", host],
      ["server", "nfs.example.test/export", host],
      ["server", "ada@nfs.example.test", host],
      ["server", "nfs example", host],
      ["server", "nfs%20", host],
      ["server", "2001:db8::7", host],
      ["server", "[2001:db8::7", host],
      ["path", "", export_],
      ["path", "export", export_],
      ["path", "/ex port", export_],
      ["path", "/export?x", export_],
      ["path", "/export#x", export_],
      ["path", "/export%20x", export_],
      ["path", "/export\u0007", export_],
      ["path", "/", export_],
      ["path", "//", "must name an export below /"],
      ["adopt", "yes", "Invalid input: expected boolean, received string"],
    ])("refuses %s: %j", async (key, value, reason) => {
      expect(await reasons({}, staging(path, { [key]: value }))).toEqual([`|${key}: ${reason}`]);
    });

    test.each(["zoneId", "server", "path"])("refuses %s that is missing, or dropped", async (key) => {
      const { [key]: _missing, ...rest } = staging(path);
      expect(await reasons({}, rest)).toEqual([`|${key}: is required`]);
      expect(await reasons(recorded(), rest)).toEqual([`|${key}: is required`]);
      expect(await reasons(recorded(), { ...rest, [key]: null })).toEqual([`|${key}: is required`]);
    });

    test.each([
      ["zoneID", "; did you mean zoneId?"],
      ["Server", "; did you mean server?"],
      ["url", "; there are zoneId, server, path, adopt"],
      ["onDestroy", "; there are zoneId, server, path, adopt"],
    ])("refuses the unknown property %s", async (key, suggestion) => {
      for (const value of ["x", UNKNOWN])
        expect(await reasons({}, staging(path, { [key]: value }))).toEqual([
          `|${key}: there is no such property${suggestion}`,
        ]);
    });

    test("refuses another zone under the same URL, in whatever spelling", async () => {
      const text = `|zoneId: cannot be changed from ${ZONE} to ${FAR} under the same URL: CloudStack keeps one store a URL, so that the new one would be the old one, and deleting that would delete both. Give the new zone another path, or destroy this store first`;
      expect(await reasons(recorded(), staging(path, { zoneId: FAR }))).toEqual([text]);
      const spelled = staging(`${path}/`, { zoneId: FAR, server: "NFS.example.test" });
      expect(await reasons(recorded(), spelled)).toEqual([text]);
      expect(await reasons(recorded(), staging("/elsewhere", { zoneId: FAR }))).toEqual([]);
      expect(await reasons(recorded(), staging(path, { zoneId: FAR, server: "other.example.test" }))).toEqual([]);
      for (const open of ["zoneId", "server", "path"])
        expect(await reasons(recorded(), staging(path, { zoneId: FAR, [open]: UNKNOWN }))).toEqual([]);
    });
  });

  describe("diff", () => {
    test("of what is recorded is none, whatever the spelling", async () => {
      expect(await server.diff("id", recorded(), staging(path))).toEqual(NONE);
      const spelled = staging(`${path}/`, { server: "NFS.example.test" });
      expect(await server.diff("id", recorded(), spelled)).toEqual(NONE);
      const { adopt: _default, ...imported } = recorded();
      expect(await server.diff("id", imported, staging(path))).toEqual(NONE);
    });

    test.each([
      ["zoneId", FAR],
      ["server", "other.example.test"],
      ["path", "/elsewhere"],
    ])("of %s alone replaces", async (key, value) => {
      for (const other of [value, UNKNOWN])
        expect(await server.diff("id", recorded(), staging(path, { [key]: other }))).toEqual({
          ...CHANGED,
          replaces: [key],
        });
    });

    test("of everything replaces, and of adopt is an update", async () => {
      const news = staging("/elsewhere", { zoneId: FAR, server: "other.example.test" });
      expect((await server.diff("id", recorded(), news)).replaces.sort()).toEqual(["path", "server", "zoneId"]);
      expect(await server.diff("id", recorded(), staging(path, { adopt: true }))).toEqual(CHANGED);
    });
  });

  describe("read", () => {
    const GONE = (id: string) => ["GET listSecondaryStagingStores", `GET listSecondaryStagingStores id=${id}`];

    test("costs one list for all staging stores of a run", async () => {
      const stores = [await made()];
      for (const suffix of ["b", "c"]) {
        path = `${path}${suffix}`;
        stores.push(await made());
      }
      await destroying.delete(NOWHERE, staging("/none"));
      const { result, sent } = await stage.resultOf(() =>
        Promise.all(stores.map(({ id, olds }) => destroying.read(id, olds))),
      );
      expect(sent).toEqual(["GET listSecondaryStagingStores"]);
      expect(result.map(({ id }) => id)).toEqual(stores.map(({ id }) => id));
    });

    test("returns the inputs as check does, and the outputs with them", async () => {
      const { id, olds } = await made();
      const { inputs, properties } = (await readAnew(id, olds)).result;
      expect(inputs).toEqual(staging(path));
      expect(properties).toEqual(recorded());
    });

    test("of nothing but an id shows what CloudStack shows", async () => {
      const { id } = await made();
      const { result } = await readAnew(id, undefined, { __provider: textOf("SecondaryStagingStore") });
      const { adopt: _switch, ...shown } = staging(path);
      expect(result.inputs).toEqual(shown);
    });

    test("of a store that was deleted by hand says that it is gone", async () => {
      const { id, olds } = await made();
      await stage.patch({ imageStores: { [id]: { removed: true } } });
      const { result, sent } = await readAnew(id, olds);
      expect(result).toMatchObject({ id: "", inputs: undefined });
      expect(sent).toEqual(GONE(id));
    });

    test("of a store of the same URL and another id says that ours is gone", async () => {
      const { id, olds } = await made();
      await stage.patch({ imageStores: { [id]: { removed: true } } });
      await seed("other");
      const { result, sent } = await readAnew(id, olds);
      expect(result.id).toBe("");
      expect(sent).toEqual(GONE(id));
    });

    test.each<Partial<LabFault> & Pick<LabFault, "kind">>([
      { kind: "status", status: 401 },
      { kind: "status", status: 530 },
      { kind: "html" },
      { kind: "truncate" },
    ])("says gone for no other reason: %j", async (fault) => {
      const { id, olds } = await made();
      await stage.patch({ imageStores: { [id]: { removed: true } } });
      await impatient.delete(NOWHERE, staging("/none"));
      await stage.fault({ ...fault, command: "listSecondaryStagingStores", times: 9 });
      expect((await failureOf(impatient.read(id, olds))).message).toMatch(/^Could not list staging stores: /);
    });

    test.each([
      { what: "zone", change: { zoneId: FAR }, drifted: { zoneId: FAR } },
      {
        what: "URL",
        change: { name: "nfs://other.example.test/x/", url: "nfs://other.example.test/x/" },
        drifted: { server: "other.example.test", path: "/x" },
      },
    ])("sees that the $what was changed by hand", async ({ change, drifted }) => {
      const { id, olds } = await made();
      await stage.patch({ zones: { [FAR]: { name: "far" } }, imageStores: { [id]: change } });
      const { inputs, properties } = (await readAnew(id, olds)).result;
      expect(inputs).toEqual(staging(path, drifted));
      expect((await server.diff(id, plain(properties), staging(path))).replaces.sort()).toEqual(
        Object.keys(drifted).sort(),
      );
    });

    test.each(["4.9.3.0", "next"])("sees no drift on %s where there is none", async (release) => {
      await stage.options({ release });
      const old = await stage.serve();
      const { id, properties } = await old.create(staging(path));
      expect((await old.read(id, plain(properties))).properties).toEqual(properties);
    });
  });

  test("update of adopt, the only one there is, sends nothing", async () => {
    const { id, olds } = await made();
    const { result, sent } = await stage.resultOf(() => server.update(id, olds, staging(path, { adopt: true })));
    expect(sent).toEqual([]);
    expect(result).toEqual(recorded({ adopt: true }));
  });

  /** Everything secret that a program can make so. */
  const canary = (more: Properties = {}) =>
    staging(`/canary${path}`, { server: "canary-host.example.test", __secrets: ["zoneId", "server", "path"], ...more });

  test("what the program has made secret is secret in the URL as well, and in no message", async () => {
    const secretive = await stage.serve();
    const { properties, id } = await secretive.create(canary());
    const wrapped = {
      zoneId: secret(ZONE),
      server: secret("canary-host.example.test"),
      path: secret(`/canary${path}`),
      url: secret(`nfs://canary-host.example.test/canary${path}`),
    };
    expect(properties).toMatchObject(wrapped);
    expect((await secretive.read(id, plain(properties))).properties).toMatchObject(wrapped);
    await stage.patch({ snapshots: { s1: { name: "nightly", storeId: id } } });
    for (const work of [
      () => secretive.create(canary()),
      () => next.create(canary()),
      () => destroying.delete(id, plain(properties)),
    ])
      expect((await failureOf(work())).message).not.toMatch(/canary/i);
  });

  test("a refusal at preview shows no zone that the program has made secret", async () => {
    const secretive = await stage.serve();
    const { failures } = await secretive.check(canary({ zoneId: "canary-zone" }), canary());
    expect(failures).toHaveLength(1);
    expect(failures[0]?.reason).toContain("under the same URL");
    expect(failures[0]?.reason).not.toMatch(/canary/i);
  });

  describe("replacement", () => {
    test("makes the new store beside the old one, which goes after it", async () => {
      const { id, olds } = await made();
      const before = url();
      path = `${path}-next`;
      const { inputs } = await next.check(olds, staging(path));
      await next.diff(id, olds, plain(inputs));
      const successor = await next.create(plain(inputs));
      expect(successor.id).not.toBe(id);
      expect(await stage.storesNamed(before)).toMatchObject([{ id }]);
      await next.delete(id, olds);
      expect(await stage.storesNamed(before)).toEqual([]);
      expect(await stage.storesNamed(url())).toMatchObject([{ id: successor.id }]);
    });

    test("by the store that is to go is refused: it would replace itself", async () => {
      const { id, olds } = await made();
      await next.diff(id, olds, staging(path, { zoneId: FAR }));
      const { message, sent } = await stage.refusalOf(() => next.create(staging(path, { adopt: true })));
      expect(message).toContain("If this is its replacement, it would replace itself");
      expect(sent.filter((line) => line.startsWith("POST "))).toEqual([]);
      expect(await stage.storesNamed(url())).toMatchObject([{ id }]);
    });
  });

  describe("adoption", () => {
    const LOOKED = [...LOOKS, "GET listSecondaryStagingStores"];
    const create = async (inputs: Properties, from: DynamicServer = server) => {
      const before = from.warnings.length;
      const { result, sent } = await stage.resultOf(() => from.create(inputs));
      return { ...result, sent, warnings: from.warnings.slice(before) };
    };
    const refused = async (inputs: Properties) => {
      const { message, sent } = await stage.refusalOf(() => server.create(inputs));
      expect(sent.sort()).toEqual(LOOKED);
      return message;
    };

    test.each(["adopt", "run-wide"])("of the store of this URL takes it over without a write (%s)", async (how) => {
      const adopt = how === "adopt";
      const from = adopt ? server : await stage.serve({}, { CLOUDSTACK_STORAGE_ADOPT: "identical" });
      if (!adopt) await from.read(NOWHERE, recorded());
      await seed(`live-${count}`);
      const { id, properties, sent, warnings } = await create(staging(path, { adopt }), from);
      expect(id).toBe(`live-${count}`);
      expect(sent.sort()).toEqual(LOOKED);
      expect(warnings).toEqual([`CloudStack staging store ${url()} exists and is taken over.`]);
      expect(properties).toEqual(recorded({ adopt }));
    });

    test.each(["NFS.Example.test", "nfs.example.test"])("finds it under other spellings: %s", async (host) => {
      const spelled = `nfs://${host}${path}/`;
      await seed(`live-${count}`, { name: spelled, url: spelled });
      expect((await create(staging(path, { adopt: true }))).id).toBe(`live-${count}`);
    });

    test("without leave is a conflict that shows live beside declared", async () => {
      await seed("live");
      expect(await refused(staging(path))).toBe(
        `CloudStack staging store ${url()} exists already.
  zoneId: live "${ZONE}", declared "${ZONE}" (equal)
  server: live "nfs.example.test", declared "nfs.example.test" (equal)
  path: live "${path}", declared "${path}" (equal)
Ways on: set CLOUDSTACK_STORAGE_ADOPT=identical for one run to take over what is identical; set adopt: true to take it over; choose another path; or delete the existing one.`,
      );
    });

    test("of the store of another zone is refused, whatever is allowed", async () => {
      await stage.patch({ zones: { [FAR]: { name: "far" } } });
      await seed("live", { zoneId: FAR });
      for (const more of [{}, { adopt: true }])
        expect(await refused(staging(path, more))).toBe(
          `CloudStack staging store ${url()} exists and cannot become the declared one: zoneId from "${FAR}" to "${ZONE}". That cannot be changed under the same name; declare what exists, or choose another name.`,
        );
    });

    test("of a store that another resource of the run has is refused", async () => {
      await made();
      expect((await failureOf(server.create(staging(path, { adopt: true })))).message).toBe(
        `CloudStack staging store ${url()} is declared by another resource of this run as well; give one of them another path.`,
      );
    });
  });

  describe("after a creation", () => {
    const posts = (sent: string[]) => sent.filter((line) => line.startsWith("POST "));
    const LOST = () =>
      `The reply to the creation of CloudStack staging store ${url()} was lost. It exists as declared and is taken to be ours; nothing in this system proves who made it.`;

    test.each<LabFault["kind"]>([
      "reset-before-read",
      "reset-after-commit",
      "status",
      "status-after-commit",
      "truncate",
      "html",
    ])("whose reply is lost (%s) there is one store, and it is ours", async (kind) => {
      await stage.fault({ kind, command: "createSecondaryStagingStore" });
      const { result } = await stage.resultOf(() => server.create(staging(path)));
      expect(await stage.storesNamed(url())).toMatchObject([{ id: result.id, zoneId: ZONE }]);
    });

    test("of which no reply comes at all the store is looked for, and is ours", async () => {
      await stage.fault({ kind: "reset-after-commit", command: "createSecondaryStagingStore", times: 9 });
      const { result, sent } = await stage.resultOf(() => impatient.create(staging(path)));
      expect(posts(sent)).toEqual([ask()]);
      expect(sent.at(-1)).toBe("GET listSecondaryStagingStores");
      expect(await stage.storesNamed(url())).toMatchObject([{ id: result.id }]);
      expect(impatient.warnings.at(-1)).toBe(LOST());
    });

    test("that nobody can follow up nothing is claimed, and the next run finds the store", async () => {
      await stage.fault({ kind: "reset-after-commit", command: "createSecondaryStagingStore", times: 9 });
      await stage.fault({ kind: "status", status: 503, command: "listSecondaryStagingStores", after: 1, times: 9 });
      const { message, sent } = await stage.refusalOf(() => impatient.create(staging(path)));
      expect(message).toContain("Looking it up failed, too");
      expect(posts(sent)).toHaveLength(1);
      await stage.control.clearFaults();
      const { id } = await server.create(staging(path, { adopt: true }));
      expect(await stage.storesNamed(url())).toMatchObject([{ id }]);
    });

    test("that fails with 530 though it has inserted the store, the store is ours", async () => {
      await stage.options({ failAfterInsert: 1 });
      const before = server.warnings.length;
      const { result, sent } = await stage.resultOf(() => server.create(staging(path)));
      expect(posts(sent)).toEqual([ask()]);
      expect(await stage.storesNamed(url())).toMatchObject([{ id: result.id }]);
      expect(server.warnings.slice(before)).toEqual([
        `Could not make staging store ${url()}: ${stage.endpoint} answered 530, "Failed to add data store: null". It exists as declared and is taken to be ours; nothing in this system proves who made it.`,
      ]);
    });

    test("that fails with 530 and has inserted nothing the error stands", async () => {
      await stage.fault({ kind: "status", status: 530, command: "createSecondaryStagingStore", times: 9 });
      const { message, sent } = await stage.refusalOf(() => server.create(staging(path)));
      expect(message).toContain(`Could not make staging store ${url()}: ${stage.endpoint} answered 530`);
      expect(posts(sent)).toHaveLength(1);
      expect(await stage.storesNamed(url())).toEqual([]);
    });

    test("that somebody else was faster with, in another zone, the store is not ours", async () => {
      await stage.patch({ zones: { [FAR]: { name: "far" } } });
      await stage.fault({ kind: "delay", delayMs: 700, command: "listImageStores" });
      const { message } = await stage.refusalOf(async () => {
        const creation = server.create(staging(path));
        await expect.poll(async () => (await stage.control.faults())[0]?.fired, { timeout: 10_000 }).toBe(1);
        await expect
          .poll(async () => (await stage.control.requests()).map(({ query }) => query["command"]))
          .toContain("listSecondaryStagingStores");
        await seed("theirs", { zoneId: FAR });
        return await creation;
      });
      expect(message).toBe(
        `Staging store ${url()} was made by somebody else at the same moment, in zone ${FAR}. Give another path.`,
      );
      expect(await stage.storesNamed(url())).toMatchObject([{ id: "theirs" }]);
    });
  });

  describe("delete", () => {
    test("costs one request, and what is gone already is deleted", async () => {
      const { id, olds } = await made();
      for (const _time of ["first", "second"])
        expect(await stage.callsOf(() => destroying.delete(id, olds))).toEqual([
          `POST deleteSecondaryStagingStore id=${id}`,
        ]);
      expect(await stage.storesNamed(url())).toEqual([]);
    });

    test.each([
      { what: "snapshots", use: (id: string) => ({ snapshots: { s1: { name: "nightly", storeId: id } } }) },
      { what: "Volumes", use: (id: string) => ({ volumes: { v1: { name: "data", storeId: id } } }) },
      { what: "Templates", use: (id: string) => ({ templates: { t1: { stores: { [id]: {} } } } }) },
    ])("is refused while $what are in use there, and done once they are not", async ({ what, use }) => {
      const { id, olds } = await made();
      await stage.patch(use(id));
      const { message, sent } = await stage.refusalOf(() => destroying.delete(id, olds));
      expect(message).toBe(
        `Staging store ${url()} is not deleted: Could not delete staging store ${id}: ${stage.endpoint} answered 431, "Cannot delete cache store with staging ${what} currently in use!". Something is being copied through it at this moment, or the zone uses it. Wait for it, delete the S3 secondary storage first, and run the same command again.`,
      );
      expect(sent).toEqual([`POST deleteSecondaryStagingStore id=${id}`]);
      expect(await stage.storesNamed(url())).toHaveLength(1);
      await stage.patch({ snapshots: { s1: null }, volumes: { v1: null }, templates: { t1: null } });
      await destroying.delete(id, olds);
      expect(await stage.storesNamed(url())).toEqual([]);
    });

    test.each<LabFault["kind"]>([
      "reset-before-read",
      "reset-after-commit",
      "status",
      "status-after-commit",
      "truncate",
    ])("whose reply is lost (%s) is a deletion", async (kind) => {
      const { id, olds } = await made();
      await stage.fault({ kind, command: "deleteSecondaryStagingStore" });
      await destroying.delete(id, olds);
      expect(await stage.storesNamed(url())).toEqual([]);
    });

    test("of a store that this program declares under another resource is left out, with a warning", async () => {
      const { id, olds } = await made();
      expect((await next.create(staging(path, { adopt: true }))).id).toBe(id);
      await next.delete(id, olds);
      expect(await stage.storesNamed(url())).toHaveLength(1);
      expect(next.warnings.at(-1)).toContain("is not deleted: another resource of this run holds");
    });

    test("of a store that is recorded in another cloud is refused", async () => {
      const { id, olds } = await made();
      const elsewhere = { ...olds, systemEndpoint: "https://old.example.test:443/client/api" };
      const { message, sent } = await stage.refusalOf(() => destroying.delete(id, elsewhere));
      expect(message).toContain(
        `CloudStack staging store ${id} is recorded at https://old.example.test:443/client/api, but the settings now name ${stage.endpoint}.`,
      );
      expect(sent).toEqual([]);
    });
  });
});
