import type { CustomResourceOptions } from "@pulumi/pulumi";
import { S3SecondaryStorage, type S3SecondaryStorageArgs } from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf, type Run, shownOf, stepsOf, warningsOf } from "../harness/stack-run.ts";
import { changesTo } from "./cloudstack-calls.ts";
import { liveCloud, zoneOne } from "./cloudstack-live.ts";

type Changes = Readonly<Record<string, Partial<S3SecondaryStorageArgs>>>;

const uuids = (digit: number) => `${String(digit).repeat(8)}-aaaa-4aaa-8aaa-${String(digit).repeat(12)}`;
const [template, iso, snapshot, volume, stranger, twin] = [1, 2, 3, 4, 5, 6].map(uuids) as [
  ...[string, string, string, string, string, string],
];
const secrets = ["secret-of-access-1", "secret-of-access-2"];
const names = ["clean", "template", "snapshot", "volume", "taken", "found", "halfway", "cut"];
const errorAbout = (run: Run, text: string) => errorsOf(run).find((error) => error.includes(text)) ?? "";

describe("the replacement of a store, in all its outcomes", { shuffle: false }, () => {
  let stack: TestStack;
  const program =
    (changes: Changes = {}, options: CustomResourceOptions = {}) =>
    async () => {
      const common = {
        endpoint: stack.addresses.cloudian.s3Endpoint,
        useHttps: false,
        bucket: "secondary",
        accessKeyId: "access-1",
        secretAccessKey: "secret-of-access-1",
      };
      const made = new Map<string, S3SecondaryStorage>();
      for (const name of names) {
        // One fault is for the first of these two, the other one for the second.
        const dependsOn = name === "cut" ? [made.get("halfway") as S3SecondaryStorage] : [];
        made.set(name, new S3SecondaryStorage(name, { ...common, ...changes[name] }, { ...options, dependsOn }));
      }
      new S3SecondaryStorage("explicit", { ...common, storeName: "explicit", ...changes["explicit"] }, options);
      const { waiting } = changes;
      if (waiting) new S3SecondaryStorage("waiting", { ...common, storeName: "waiting", ...waiting });
    };
  const live = async () => (await liveCloud(stack)).stores;
  const imageStores = async () => (await stack.lab.state()).cloudstack.imageStores;
  /** The name that a change would give to the successor. */
  const successorOf = (preview: Run, name: string) =>
    preview.events
      .map(({ resourcePreEvent }) => resourcePreEvent?.metadata)
      .find((step) => step?.op === "replace" && step.urn.endsWith(`::${name}`))?.new?.inputs["storeName"] as string;
  /** Their names end in what stands for the details, so that old and new stand beside each other. */
  const storesOf = async (name: string) =>
    Object.entries(await imageStores())
      .filter(([, store]) => !store.removed && store.name.startsWith(`${name}-`))
      .map(([id, store]) => ({ id, ...store }));

  const v4 = { s3Signer: "v4" } as const;
  const replaced: Changes = { clean: v4, template: v4, snapshot: v4, volume: v4 };
  const waiting = { waitForTemplates: { set: "all", timeoutMinutes: 0.01 } } as const;

  beforeAll(async () => {
    stack = await TestStack.open("cloudstack-replacement");
    const key = { groupId: "storage", userId: "owner" };
    await stack.lab.patch("cloudian", {
      groups: { storage: {} },
      users: { "storage/owner": {} },
      credentials: {
        "access-1": { ...key, secretKey: "secret-of-access-1" },
        "access-2": { ...key, secretKey: "secret-of-access-2" },
      },
    });
    const { users } = (await stack.lab.state()).cloudian;
    const owned = { owner: users["storage/owner"]?.["canonicalUserId"] };
    await stack.lab.patch("cloudian", { s3Buckets: { secondary: owned } });
    const staging = { provider: "NFS", role: "ImageCache", scope: "ZONE", zoneId: zoneOne };
    await stack.lab.patch("cloudstack", {
      imageStores: { [uuids(9)]: { name: "nfs://nfs/staging", ...staging } },
      // What is reported later is not what this is about.
      options: { statisticsSeconds: 0 },
    });
    await stack.up(program());
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("an unchanged storeName and a new secret alone are refused at preview, before anything is asked", async () => {
    const before = await live();
    const explicit = { explicit: { bucket: "other" } };
    const preview = await stack.tryPreview(program(explicit));
    expect([preview.code, preview.calls]).toEqual([1, []]);
    expect(errorAbout(preview, "'explicit'")).toContain(
      "S3SecondaryStorage resource 'explicit' has a problem: bucket: cannot be changed under the same storeName: CloudStack edits no S3 details, " +
        "so a new store has to be added beside explicit before that one goes.",
    );
    const secret = await stack.tryPreview(program({ clean: { secretAccessKey: "secret-of-access-2" } }));
    expect([secret.code, secret.calls]).toEqual([1, []]);
    expect(errorAbout(secret, "'clean'")).toContain(
      "S3SecondaryStorage resource 'clean' has a problem: secretAccessKey: cannot be changed under the same accessKeyId: system VMs and management " +
        "servers that run keep one S3 client an access key and would go on with the old secret. Make a new key pair " +
        '(keyGeneration of a CloudianUser, previousKeys: "keep"), and give both',
    );
    for (const run of [preview, secret]) expect(shownOf(run, secrets)).toEqual([]);
    expect(await live()).toEqual(before);
  });

  test("no replacement takes over and then deletes the very store that it replaces", async () => {
    const before = await live();
    const replace = [stack.urn("S3SecondaryStorage", "clean"), stack.urn("S3SecondaryStorage", "explicit")];
    const forced = await stack.tryUp(program(), { replace, continueOnError: true });
    expect(forced.code).toBe(1);
    expect(errorAbout(forced, "storage explicit")).toContain("S3 secondary storage explicit exists already.");
    expect(warningsOf(forced)).toContain(
      `S3 secondary storage ${before["clean"]?.name} is not deleted: another resource of this run holds the object of this name.`,
    );
    expect([await changesTo(stack), await live()]).toEqual([[], before]);
    // A derived name gives way to another one, an explicit one cannot.
    const readOnly = { clean: { readOnly: true }, explicit: { readOnly: true, adopt: true } };
    const changed = await stack.tryUp(program(readOnly, { replaceOnChanges: ["readOnly"] }), { continueOnError: true });
    expect(errorAbout(changed, "S3 secondary storage explicit ")).toContain("it would replace itself, and");
    const [successor, ...none] = await storesOf("clean");
    expect([successor?.id === before["clean"]?.id, successor?.readOnly, none]).toEqual([false, true, []]);
    expect((await changesTo(stack)).map((line) => line.split(" ")[1])).toEqual([
      ...["addImageStore", "updateImageStore", "deleteImageStore"],
    ]);
    expect((await live())["explicit"]).toEqual(before["explicit"]);
  });

  test("the new store stands first; an old one that CloudStack keeps stays, and the error names what it holds", async () => {
    const before = await live();
    const stores = (name: string) => ({ [before[name]?.id ?? ""]: {} });
    await stack.lab.patch("cloudstack", {
      // Nothing is downloaded without a secondary storage VM.
      options: { systemVmMissing: true, downloadSeconds: 0 },
      templates: {
        [template]: { name: "tenant-template", type: "USER", public: false, stores: stores("template") },
        [iso]: { name: "tenant-iso", type: "USER", format: "ISO", public: false, stores: stores("template") },
      },
      snapshots: { [snapshot]: { name: "tenant-snapshot", storeId: before["snapshot"]?.id } },
      volumes: { [volume]: { name: "tenant-volume", storeId: before["volume"]?.id } },
    });
    const run = await stack.tryUp(program({ ...replaced, waiting }), { continueOnError: true });
    expect(run.code).toBe(1);
    const added = (await changesTo(stack)).filter((line) => line.startsWith("POST addImageStore"));
    expect(added).toHaveLength(5);
    // Clean: the old one has gone, after the new one had come.
    const [successor, ...none] = await storesOf("clean");
    expect(none).toEqual([]);
    expect(successor?.details).toMatchObject({ s3signer: "AWSS3V4SignerType", bucket: "secondary" });
    expect(successor?.name).not.toBe(before["clean"]?.name);
    const sent = await changesTo(stack);
    expect(sent.findIndex((line) => line.includes(`name=${successor?.name}`))).toBeLessThan(
      sent.indexOf(`POST deleteImageStore id=<${before["clean"]?.name}>`),
    );
    // Blocked: both are there.
    const blockers = {
      template: ["Templates", "1 user template (tenant-template)", "1 user ISO (tenant-iso)"],
      snapshot: ["snapshots", "1 snapshot (tenant-snapshot)"],
      volume: ["volumes", "1 uploaded volume (tenant-volume)"],
    };
    for (const [name, [kind, ...named]] of Object.entries(blockers)) {
      const old = before[name];
      const error = errorAbout(run, `S3 secondary storage ${old?.name} is not deleted`);
      expect(error).toContain(`answered 431, "Cannot delete image store with active ${kind} backup!"`);
      for (const each of named) expect(error).toContain(each);
      expect(error).toContain(
        `updateImageStore id=${old?.id} readonly=true and pulumi state delete of the old resource`,
      );
      expect((await storesOf(name)).map(({ id }) => id)).toContain(old?.id);
      expect(await storesOf(name)).toHaveLength(2);
    }
    expect(warningsOf(run).filter((text) => text.includes("without a running secondary storage VM"))).toHaveLength(5);
  });

  test("waitForTemplates that takes too long fails in part: the store stays in the state and says how far it is", async () => {
    const { resources = [] } = (await stack.exportState()).deployment as { resources?: Record<string, unknown>[] };
    const recorded = resources.find(({ urn }) => String(urn).endsWith("::waiting"));
    expect(recorded).toMatchObject({ id: (await live())["waiting"]?.id, outputs: { storeName: "waiting" } });
    expect(String(recorded?.["initErrors"])).toContain(
      "S3 secondary storage waiting was added, but after 0.01 minutes of waitForTemplates: 0 of 2 templates downloaded; ",
    );
  });

  test("once nothing is in the way, the next up waits for the templates and deletes what was left over", async () => {
    await stack.lab.patch("cloudstack", {
      options: { systemVmMissing: false },
      templates: { [template]: null, [iso]: null },
      snapshots: { [snapshot]: null },
      volumes: { [volume]: null },
    });
    const patient = { waitForTemplates: { set: "all", timeoutMinutes: 2 } } as const;
    const run = await stack.up(program({ ...replaced, waiting: patient }));
    expect(changesOf(run)).toMatchObject({ update: 1 });
    expect((await changesTo(stack)).map((line) => line.replace(/ id=<(\w+)-.*/, " $1")).toSorted()).toEqual([
      "POST deleteImageStore snapshot",
      "POST deleteImageStore template",
      "POST deleteImageStore volume",
    ]);
    expect(run.output).toMatch(/S3 secondary storage waiting: \d of 2 templates downloaded; /);
    for (const name of ["clean", "template", "snapshot", "volume"]) expect(await storesOf(name)).toHaveLength(1);
    const unchanged = await stack.up(program({ ...replaced, waiting: patient }));
    expect([changesOf(unchanged), unchanged.calls]).toEqual([{ same: 11 }, []]);
  });

  test("a successor's name that is taken: somebody else's store is left alone, an identical one is taken over", async () => {
    const changes = { ...replaced, waiting, taken: v4, found: v4 };
    const preview = await stack.preview(program(changes));
    expect(preview.calls).toEqual([]);
    const { taken } = await live();
    const url = `${stack.addresses.cloudian.s3Endpoint}/secondary`;
    const byHand = { provider: "S3", protocol: "http" };
    await stack.lab.patch("cloudstack", {
      imageStores: {
        [stranger]: { ...byHand, name: successorOf(preview, "taken"), url: "https://elsewhere.example.test/theirs" },
        [twin]: { ...byHand, name: successorOf(preview, "found"), url },
      },
    });
    const run = await stack.tryUp(program(changes), { continueOnError: true });
    expect(run.code).toBe(1);
    expect(errorAbout(run, `S3 secondary storage ${successorOf(preview, "taken")} exists`)).toContain(
      'exists and cannot become the declared one: endpoint from "https://elsewhere.example.test:443"',
    );
    expect(warningsOf(run)).toContainEqual(
      expect.stringMatching(
        /^S3 secondary storage found-\S+ exists and is taken over\. Nobody can compare or change accessKeyId, secretAccessKey, s3Signer;/,
      ),
    );
    expect((await changesTo(stack)).map((line) => line.replace(/ id=<(\w+)-.*/, " $1"))).toEqual([
      "POST deleteImageStore found",
    ]);
    expect((await storesOf("found")).map(({ id }) => id)).toEqual([twin]);
    expect((await storesOf("taken")).map(({ id }) => id).toSorted()).toEqual([taken?.id, stranger].toSorted());
  });

  test("530 although inserted, and a connection cut after the add: each store is there once", async () => {
    await stack.lab.patch("cloudstack", { imageStores: { [stranger]: null }, options: { failAfterInsert: 1 } });
    const fault = { system: "cloudstack", method: "POST", path: "/client/api", kind: "reset-after-commit" } as const;
    // The first add fails, the second one gets no answer.
    await stack.lab.fault({ ...fault, after: 1, times: 1 });
    const changes = { ...replaced, waiting, found: v4, halfway: v4, cut: v4 };
    const run = await stack.up(program(changes));
    expect(await stack.lab.faults()).toMatchObject([{ fired: 1 }]);
    expect((await changesTo(stack)).map((line) => line.replace(/(id=<|name=)(\w+)-.*/, "$2"))).toEqual([
      "POST addImageStore halfway",
      "POST addImageStore cut",
      ...["POST deleteImageStore cut", "POST deleteImageStore halfway"],
    ]);
    const ours = "It exists as declared and is taken to be ours; nothing in this system proves who made it.";
    expect(warningsOf(run).filter((text) => text.includes("taken to be ours"))).toEqual([
      expect.stringMatching(new RegExp(`^Could not add secondary storage halfway-.* answered 530.*${ours}$`)),
      expect.stringMatching(
        new RegExp(`^The reply to the creation of S3 secondary storage cut-\\S+ was lost\\. ${ours}$`),
      ),
    ]);
    for (const name of ["halfway", "cut"]) {
      const [successor, ...doubled] = await storesOf(name);
      expect(doubled).toEqual([]);
      expect(successor?.details).toMatchObject({ s3signer: "AWSS3V4SignerType" });
    }
    const gate = await stack.strictGate(program(changes));
    expect([gate.code, changesOf(gate)]).toEqual([0, { same: 11 }]);
  });

  test("a store whose URL or protocol somebody has changed is drift that nobody can repair", async () => {
    const changes = { ...replaced, waiting, found: v4, halfway: v4, cut: v4 };
    const { explicit, clean } = await live();
    await stack.lab.patch("cloudstack", {
      imageStores: {
        [explicit?.id ?? ""]: { url: "http://elsewhere.example.test/secondary" },
        [clean?.id ?? ""]: { protocol: "https" },
      },
    });
    const refresh = await stack.cli(["refresh", "--preview-only", "--expect-no-changes", "--diff"]);
    expect(refresh, refresh.stdout + refresh.stderr).toMatchObject({ code: 7 });
    expect(refresh.stdout).toMatch(
      /~ endpoint *: "http:\/\/127\.0\.0\.1:\d+" => "http:\/\/elsewhere\.example\.test:80"/,
    );
    expect(refresh.stdout).toMatch(/~ useHttps *: false => true/);
    await stack.lab.patch("cloudstack", { imageStores: { [clean?.id ?? ""]: { protocol: "http" } } });
    const before = await live();
    const up = await stack.tryUp(program(changes), { refresh: true });
    expect(up.code).toBe(1);
    expect(errorAbout(up, "'explicit'")).toContain("endpoint: cannot be changed under the same storeName");
    expect(await changesTo(stack)).toEqual([]);
    expect([stepsOf(up), await live()]).toEqual([[], before]);
  });
});
