import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { CloudStackStage, store } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { partialFailureOf } from "./support.ts";

const SYSTEM = "SystemVM Template (KVM)";
const BUILTIN = "CentOS 5.5(64-bit) no GUI (KVM)";
const VM = "5b7e2d94-c1f0-48a3-8d6e-93f4a0b1c728";
/** Three seconds and three tenths: two polls, and no third. */
const SHORT = { timeoutMinutes: 0.055 };
const HELP =
  "What helps: a secondary storage VM has to run and to reach the endpoint and the bucket's host name over the network that CloudStack opens to it; " +
  "templates other than those of system VMs follow when such a VM connects, so restart it (cloudstack-storage ssvm-reboot).";

describe("waitForTemplates", () => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  let count = 0;
  let name = "";

  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
    server = await stage.warm();
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.seedStaging();
    count += 1;
    name = `waiting-${count}`;
  });

  const waiting = (set: string, more: Properties = {}) =>
    store(name, { waitForTemplates: { set, timeoutMinutes: 1, ...more } });
  const polls = (sent: string[]) => sent.filter((line) => line.includes(" listTemplates "));
  const told = (from: number) =>
    server.logs
      .slice(from)
      .filter(({ severity }) => severity === "INFO")
      .map(({ message }) => message);
  const copies = (id: string, copy: object) => ({
    "e4a91c06-8d2f-4b7a-a5c3-1f60d9e87b42": { stores: { [id]: copy } },
  });

  test("of system templates ends when they are downloaded, and tells how far they are", async () => {
    const from = server.logs.length;
    const { result, sent } = await stage.resultOf(() => server.create(waiting("system")));
    expect(polls(sent).length).toBeGreaterThan(1);
    expect(polls(sent).length).toBeLessThan(9);
    expect(new Set(polls(sent))).toEqual(new Set(["GET listTemplates listall=true templatefilter=all"]));
    const progress = told(from);
    expect(progress.length).toBeGreaterThan(0);
    for (const text of progress)
      expect(text).toMatch(
        new RegExp(
          `^S3 secondary storage ${name}: 0 of 1 templates downloaded; SystemVM Template \\(KVM\\) in lab-zone \\d+ %\\.$`,
        ),
      );
    expect(new Set(progress).size).toBe(progress.length);
    expect(result.properties).toMatchObject({
      waitForTemplates: { set: "system", timeoutMinutes: 1 },
      __awaitedTemplates: "system",
    });
  });

  test("that is over is not repeated by an update or a refresh", async () => {
    const { id, properties } = await server.create(waiting("system"));
    const olds = plain(properties);
    const read = await server.read(id, olds);
    expect(read.inputs).toMatchObject({ waitForTemplates: { set: "system", timeoutMinutes: 1 } });
    expect(read.properties).toMatchObject({ __awaitedTemplates: "system" });
    const sent = await stage.callsOf(() =>
      server.update(id, plain(read.properties), { ...waiting("system", { timeoutMinutes: 5 }), readOnly: true }),
    );
    expect(sent).toEqual([`POST updateImageStore id=${id} readonly=true`]);
  });

  test("that is declared later, or for more templates, is made up for by the update", async () => {
    const { id, properties } = await server.create(store(name));
    const first = await stage.resultOf(() => server.update(id, plain(properties), waiting("system")));
    expect(polls(first.sent).length).toBeGreaterThan(0);
    await stage.patch({ templates: { "9c3d70f5-6e18-4a2b-b8f1-d4025e7a6c93": { stores: { [id]: {} } } } });
    const second = await stage.resultOf(() => server.update(id, plain(first.result), waiting("all")));
    expect(polls(second.sent).length).toBeGreaterThan(0);
    expect(second.result).toMatchObject({ __awaitedTemplates: "all" });
    expect(await stage.callsOf(() => server.update(id, plain(second.result), waiting("system")))).toEqual([]);
    expect(await stage.callsOf(() => server.update(id, plain(second.result), store(name)))).toEqual([]);
  });

  test("whose time is up leaves the store in the state, and the next up goes on", async () => {
    await stage.options({ downloadSeconds: 3600 });
    const half = await partialFailureOf(server.create(waiting("system", SHORT)));
    expect(await stage.storesNamed(name)).toMatchObject([{ id: half.id }]);
    expect(half.reasons).toEqual([
      `S3 secondary storage ${half.id} exists, but is not finished: S3 secondary storage ${name} was added, but after 0.055 minutes of waitForTemplates: ` +
        `0 of 1 templates downloaded; ${SYSTEM} in lab-zone 0 %. ${HELP} The next pulumi up goes on.`,
    ]);
    expect(half.properties).toMatchObject({
      __provider: store(name)["__provider"],
      storeName: name,
      waitForTemplates: { set: "system", ...SHORT },
      systemEndpoint: stage.endpoint,
      protocol: "https",
    });
    expect(half.properties).not.toHaveProperty("__awaitedTemplates");
    await stage.control.advance(7200);
    const { result, sent } = await stage.resultOf(() =>
      server.update(half.id, plain(half.properties), waiting("system", SHORT)),
    );
    expect(sent.every((line) => line.includes(" listTemplates "))).toBe(true);
    expect(result).toMatchObject({ __awaitedTemplates: "system" });
    expect(await stage.storesNamed(name)).toHaveLength(1);
  });

  test("whose time is up in an update keeps what the update has done", async () => {
    const { id, properties } = await server.create(store(name));
    await stage.patch({ templates: copies(id, { state: "DOWNLOAD_ERROR", percent: 0 }) });
    const news = { ...waiting("system", SHORT), readOnly: true };
    const half = await partialFailureOf(server.update(id, plain(properties), news));
    expect(half.properties).toMatchObject({ readOnly: true });
    expect(half.reasons[0]).toContain(`${SYSTEM} in lab-zone 0 % (DOWNLOAD_ERROR)`);
    expect(await stage.storesNamed(name)).toMatchObject([{ readOnly: true }]);
  });

  test("of all templates waits for public ones, which follow when a system VM connects, and for no private ones", async () => {
    await stage.patch({
      templates: {
        shared: { name: "shared", public: true },
        hidden: { name: "hidden", public: false },
        special: { name: "special", public: false, featured: true },
      },
    });
    const half = await partialFailureOf(server.create(waiting("all", SHORT)));
    const [reason = ""] = half.reasons;
    expect(reason).toContain(" of 4 templates downloaded; ");
    for (const missing of [BUILTIN, "shared", "special"]) expect(reason).toContain(`${missing} in lab-zone not begun`);
    expect(reason).not.toContain("hidden");
    // The VM goes and comes back.
    await stage.patch({ systemVms: { [VM]: { agentState: "Connecting" } } });
    await stage.cloud();
    await stage.patch({ systemVms: { [VM]: { agentState: "Up" } } });
    const updated = await server.update(half.id, plain(half.properties), waiting("all"));
    expect(updated).toMatchObject({ __awaitedTemplates: "all" });
  });

  test("counts a template once for each zone", async () => {
    await stage.patch({ zones: { far: { name: "far-zone", allocationState: "Disabled" } } });
    await stage.options({ downloadSeconds: 3600 });
    const half = await partialFailureOf(server.create(waiting("system", SHORT)));
    expect(half.reasons[0]).toContain(
      `0 of 2 templates downloaded; ${SYSTEM} in lab-zone 0 %, ${SYSTEM} in far-zone 0 %.`,
    );
  });

  test("is not misled by templates that are ready on another store", async () => {
    const other = "44444444-4444-4444-8444-444444444444";
    await stage.patch({ imageStores: { [other]: { name: "other", provider: "S3" } } });
    await stage.patch({ templates: copies(other, {}) });
    await stage.options({ downloadSeconds: 3600 });
    const half = await partialFailureOf(server.create(waiting("system", SHORT)));
    expect(half.reasons[0]).toContain("0 of 1 templates downloaded");
  });

  test("says so where CloudStack lists no template at all", async () => {
    await stage.patch({
      templates: { "e4a91c06-8d2f-4b7a-a5c3-1f60d9e87b42": null, "9c3d70f5-6e18-4a2b-b8f1-d4025e7a6c93": null },
    });
    const half = await partialFailureOf(server.create(waiting("system", SHORT)));
    expect(half.reasons[0]).toContain("CloudStack lists no such template.");
  });

  test("without a system VM never begins, which the message explains", async () => {
    await stage.options({ systemVmMissing: true });
    const half = await partialFailureOf(server.create(waiting("system", SHORT)));
    expect(half.reasons[0]).toContain(`${SYSTEM} in lab-zone not begun. ${HELP}`);
  });

  test("goes on through a failed look", async () => {
    await stage.fault({ kind: "status", status: 503, command: "listTemplates", times: 2 });
    await stage.fault({ kind: "reset-before-read", command: "listTemplates", after: 3 });
    const { properties } = await server.create(waiting("system"));
    expect(properties).toMatchObject({ __awaitedTemplates: "system" });
  });

  test("of an adopted store is waited for, too", async () => {
    const id = "55555555-5555-4555-8555-555555555555";
    await stage.patch({
      imageStores: { [id]: { name, provider: "S3", url: "https://s3.example.test/secondary", protocol: "https" } },
    });
    await stage.patch({ templates: copies(id, {}) });
    const { result, sent } = await stage.resultOf(() => server.create({ ...waiting("system"), adopt: true }));
    expect(result.id).toBe(id);
    expect(polls(sent)).toHaveLength(1);
  });

  test("may take longer than the operation's own time", async () => {
    const hurried = await stage.serve({ operationTimeoutSeconds: "2" });
    await hurried.create(store(`${name}-first`));
    await stage.options({ downloadPolls: 4 });
    const started = performance.now();
    const { properties } = await hurried.create(waiting("system"));
    expect(properties).toMatchObject({ __awaitedTemplates: "system" });
    expect(performance.now() - started).toBeGreaterThan(2000);
  });
});
