import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, type Run, stepsOf, updatedPaths, warningsOf } from "../harness/stack-run.ts";
import { changesTo, commandsTo, firstOfAll } from "./cloudstack-calls.ts";
import { drift, first, programOf, second, setByHand, unmanaged, zoneTwo } from "./cloudstack-estate.ts";
import { liveCloud, zoneOne } from "./cloudstack-live.ts";

const sites = "secstorage.allowed.internal.sites";
const inZone = `pool.storage.capacity.disablethreshold`;
const onNfs = (path: string) => `nfs://nfs.example.test${path}`;
const restart = (name: string, more = "") =>
  `Setting ${name} takes effect after a restart of all management servers, which no API can do.${more}`;
const reconnect = " Secondary storage VMs take the list when they connect, which a restart makes them do.";
const movedWithKey = (name: string) =>
  `S3 secondary storage ${name} gets another endpoint under the same access key id: system VMs and management servers that run ` +
  "keep one S3 client an access key and go on with the old endpoint until they restart. Give the new store a new access key, or restart the " +
  "secondary storage VMs and the management servers afterwards.";

/** Whether a zone is ready is worth a warning only, and is not in the budget. */
const ofWarnings = /^GET list(Zones|SecondaryStagingStores|SystemVms systemvmtype=secondarystoragevm)$/;
const times = (count: number, line: string): string[] => Array(count).fill(line);

const details = {
  endpoint: "https://s3.example.test:443",
  bucket: "secondary",
  accesskey: "access-1",
  secretkey: "secret-of-access-1",
  usehttps: "true",
};
const fresh = {
  url: "https://s3.example.test/secondary",
  protocol: "https",
  provider: "S3",
  role: "Image",
  scope: "REGION",
  zoneId: null,
  readOnly: false,
  details,
};

/** By resource name, what differs in the properties that a program knows. */
function visible(pathsByName: Record<string, readonly string[]>): Record<string, readonly string[]> {
  const shown = ([name, paths]: [string, readonly string[]]) => [name, paths.filter((path) => !path.startsWith("__"))];
  return Object.fromEntries(Object.entries(pathsByName).map(shown));
}

function replacedPaths(run: Run): Record<string, readonly string[]> {
  const replaced = stepsOf(run).filter(({ op }) => op === "replace");
  return visible(Object.fromEntries(replaced.map(({ name, paths }) => [name, paths])));
}

describe("CloudStack's stores, settings and pools, each property alone", { shuffle: false }, () => {
  let stack: TestStack;
  /** As the name of a store would be derived, up to what stands for its details. */
  const derived = (name: string, kind: "S3SecondaryStorage" | "ObjectStoragePool") =>
    `${name}-${createHash("sha256").update(stack.urn(kind, name)).digest("hex").slice(0, 8)}`;

  beforeAll(async () => {
    stack = await TestStack.open("cloudstack-kinds");
    await stack.lab.patch("cloudstack", {
      zones: { [zoneTwo]: { name: "zone-two", allocationState: "Disabled" } },
      settings: { [sites]: "192.0.2.0/24" },
      // What is reported later is not what this is about.
      options: { statisticsSeconds: 0 },
    });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("a preview of the creation sends nothing", async () => {
    const run = await stack.preview(programOf(first));
    expect(changesOf(run)).toEqual({ create: 30 });
    expect(run.calls).toEqual([]);
  });

  test("up makes each with two requests or three, beside what is asked once", async () => {
    const run = await stack.up(programOf(first));
    const sent = (await commandsTo(stack)).filter((line) => !ofWarnings.test(line));
    expect(sent.filter((line) => line.startsWith("GET ")).toSorted()).toEqual(
      [
        ...firstOfAll,
        "GET listStorageProviders type=image",
        "GET cloudianIsEnabled",
        // One for each store, of either role.
        ...times(18, "GET listImageStores"),
        ...times(4, "GET listObjectStoragePools"),
        ...["secstorage.ssl.cert.domain", "secstorage.encrypt.copy", "secstorage.session.max"].map(
          (name) => `GET listConfigurations name=${name}`,
        ),
        // What is added to a list is read back.
        ...times(2, `GET listConfigurations name=${sites}`),
        `GET listConfigurations name=${inZone} zoneid=<lab-zone>`,
        "GET listConfigurations name=max.ssvm.count",
        "GET listConfigurations name=api.throttling.max",
      ].toSorted(),
    );
    expect(sent.filter((line) => line.startsWith("POST add")).length).toBe(18);
    expect(sent.filter((line) => line.startsWith("POST ") && !line.startsWith("POST add")).toSorted()).toEqual([
      ...["four", "one", "three", "two"].map(
        (path) =>
          `POST createSecondaryStagingStore provider=NFS scope=zone url=${onNfs(`/export/${path}`)} zoneid=<lab-zone>`,
      ),
      "POST updateConfiguration name=api.throttling.max value=30",
      "POST updateConfiguration name=max.ssvm.count value=7",
      `POST updateConfiguration name=${inZone} value=0.5 zoneid=<lab-zone>`,
      `POST updateConfiguration name=${sites} value=192.0.2.0/24,10.1.0.0/16,10.2.0.0/16`,
      "POST updateConfiguration name=secstorage.encrypt.copy value=true",
      "POST updateConfiguration name=secstorage.session.max value=40",
      "POST updateConfiguration name=secstorage.ssl.cert.domain value=one.example.test",
      "POST updateImageStore id=<writable> readonly=true",
    ]);
    expect(warningsOf(run).toSorted()).toEqual([
      restart("api.throttling.max"),
      restart(sites, reconnect),
      restart("secstorage.encrypt.copy"),
      restart("secstorage.session.max"),
      restart("secstorage.ssl.cert.domain"),
    ]);
  });

  test("CloudStack holds what was declared, under names that say what they were derived from", async () => {
    const { stores, settings, pools } = await liveCloud(stack);
    expect(stores).toMatchObject({
      "named-1": fresh,
      writable: { ...fresh, readOnly: true },
      endpoint: fresh,
      signer: { ...fresh, details: { ...details, s3signer: "AWSS3V4SignerType" } },
      connection: { ...fresh, details: { ...details, connectiontimeout: "1000" } },
      socket: { ...fresh, details: { ...details, sockettimeout: "2000" } },
      retry: { ...fresh, details: { ...details, maxerrorretry: "3" } },
      life: { ...fresh, details: { ...details, connectionttl: "4000" } },
      alive: { ...fresh, details: { ...details, usetcpkeepalive: "true" } },
      [onNfs("/export/one")]: { role: "ImageCache", url: onNfs("/export/one"), scope: "ZONE", zoneId: zoneOne },
    });
    expect(Object.keys(stores["endpoint"]?.details ?? {})).toEqual(Object.keys(details));
    expect(stores["endpoint"]?.name).toMatch(new RegExp(`^${derived("endpoint", "S3SecondaryStorage")}-[0-9a-f]{8}$`));
    expect(settings).toMatchObject({
      [sites]: { value: "192.0.2.0/24,10.1.0.0/16,10.2.0.0/16" },
      [inZone]: { value: "0.85", scoped: { [`Zone/${zoneOne}`]: "0.5" } },
    });
    const s3 = { accesskey: "pool-key", secretkey: "secret-of-pool" };
    expect(pools).toMatchObject({
      "pool-1": { url: "https://one.example.test:9000", provider: "MinIO", details: s3 },
      "pool-switch": { url: "https://three.example.test:443", provider: "Ceph", details: s3 },
      "pool-derived": {
        name: derived("pool-derived", "ObjectStoragePool"),
        url: "https://admin.example.test:19443",
        provider: "Cloudian HyperStore",
        details: {
          accesskey: "sysadmin",
          secretkey: "public",
          s3Url: "https://hyperstore.example.test",
          iamUrl: "https://iam.example.test:16443",
          validateSSL: "true",
        },
      },
    });
  });

  test("what is declared stays declared: an unchanged up sends nothing", async () => {
    const run = await stack.up(programOf(first));
    expect(changesOf(run)).toEqual({ same: 30 });
    expect(run.calls).toEqual([]);
  });

  test("a change of one property updates what CloudStack can change and replaces the rest, the new one first", async () => {
    await setByHand(stack);
    const before = await liveCloud(stack);
    const run = await stack.up(programOf(second));
    expect(updatedPaths(run)).toEqual({
      named: ["storeName"],
      writable: ["readOnly"],
      switches: ["adopt", "onDestroy", "requireStagingStores", "verifyBucket"],
      "staging-switch": ["adopt"],
      text: ["value"],
      flag: ["value"],
      number: ["value"],
      members: ["members[1]"],
      scoped: ["value"],
      "setting-switch": ["onDestroy"],
      "pool-name": ["poolName"],
      "pool-url": ["url"],
      // Another spelling of the same address: nothing is sent.
      "pool-switch": ["adopt", "url"],
    });
    expect(replacedPaths(run)).toEqual({
      endpoint: ["endpoint", "storeName"],
      bucket: ["bucket", "storeName"],
      keys: ["accessKeyId", "secretAccessKey", "storeName"],
      clear: ["endpoint", "storeName", "useHttps"],
      signer: ["s3Signer", "storeName"],
      connection: ["connectionTimeoutMs", "storeName"],
      socket: ["socketTimeoutMs", "storeName"],
      retry: ["maxErrorRetry", "storeName"],
      life: ["connectionTtlMs", "storeName"],
      alive: ["storeName", "useTcpKeepAlive"],
      path: ["path"],
      server: ["server"],
      zone: ["path", "zoneId"],
      "setting-name": ["settingName"],
    });
    const sent = await changesTo(stack);
    const isRemoval = (line: string) => /^POST (delete|reset)/.test(line);
    expect(sent.findLastIndex((line) => !isRemoval(line))).toBeLessThan(sent.findIndex(isRemoval));
    expect(sent.filter((line) => !/^POST (add|create|delete)/.test(line)).toSorted()).toEqual([
      "POST resetConfiguration name=api.throttling.max",
      "POST updateConfiguration name=api.throttling.interval value=30",
      `POST updateConfiguration name=${inZone} value=0.6 zoneid=<lab-zone>`,
      `POST updateConfiguration name=${sites} value=192.0.2.0/24,10.1.0.0/16,10.3.0.0/16`,
      "POST updateConfiguration name=secstorage.encrypt.copy value=false",
      "POST updateConfiguration name=secstorage.session.max value=41",
      "POST updateConfiguration name=secstorage.ssl.cert.domain value=",
      "POST updateImageStore id=<named-2> name=named-2",
      "POST updateImageStore id=<writable> readonly=false",
      "POST updateObjectStoragePool id=<pool-2> name=pool-2",
      "POST updateObjectStoragePool id=<pool-url> url=https://two-b.example.test:9000",
    ]);
    const { stores, pools } = await liveCloud(stack);
    expect(warningsOf(run)).toEqual(
      expect.arrayContaining(["endpoint", "clear"].map((name) => movedWithKey(stores[name]?.name ?? ""))),
    );
    expect(stores).toMatchObject({
      "named-2": { ...fresh, id: before.stores["named-1"]?.id, readOnly: true },
      writable: fresh,
      endpoint: {
        url: "https://other.example.test:8443/secondary",
        details: { ...details, endpoint: "https://other.example.test:8443" },
      },
      bucket: { url: "https://s3.example.test/tertiary", details: { ...details, bucket: "tertiary" } },
      keys: { details: { ...details, accesskey: "access-2", secretkey: "secret-of-access-2" } },
      clear: {
        url: "http://s3.example.test/secondary",
        protocol: "http",
        details: { ...details, endpoint: "http://s3.example.test:80", usehttps: "false" },
      },
      signer: { readOnly: false, details: { ...details, s3signer: "S3SignerType" } },
      connection: { details: { connectiontimeout: "1001" } },
      socket: { details: { sockettimeout: "2001" } },
      retry: { details: { maxerrorretry: "0" } },
      life: { details: { connectionttl: "4001" } },
      alive: { details: { usetcpkeepalive: "false" } },
      switches: { ...fresh, id: before.stores["switches"]?.id, readOnly: true },
      [onNfs("/export/one-b")]: { zoneId: zoneOne },
      "nfs://[2001:db8::1]/export/two": { zoneId: zoneOne },
      [onNfs("/export/three-b")]: { zoneId: zoneTwo },
      [onNfs("/export/four")]: { id: before.stores[onNfs("/export/four")]?.id },
    });
    expect(Object.keys(stores)).toHaveLength(18);
    expect(pools).toMatchObject({
      "pool-2": { ...before.pools["pool-1"], name: "pool-2" },
      "pool-url": { ...before.pools["pool-url"], url: "https://two-b.example.test:9000" },
    });
  });

  test("the gate finds drift of every property that can be changed back, and reads one list a kind", async () => {
    await drift(stack);
    const run = await stack.strictGate(programOf(second));
    expect(run.code).toBe(7);
    expect(visible(updatedPaths(run))).toEqual({
      named: ["storeName"],
      writable: ["readOnly"],
      life: ["storeName"],
      text: ["value"],
      flag: ["value"],
      number: ["value"],
      members: ["members[0]", "members[1]"],
      scoped: ["value"],
      "setting-switch": ["value"],
      "setting-name": ["value"],
      "pool-name": ["poolName"],
      "pool-url": ["url"],
      "pool-derived": ["poolName"],
    });
    expect(replacedPaths(run)).toEqual({ path: ["path"] });
    const created = stepsOf(run).filter(({ op }) => op === "create");
    expect(created.map(({ name }) => name).toSorted()).toEqual(["keys", "pool-switch", "staging-switch"]);
    // What a list lacks is asked for by its id: only CloudStack itself can say that it is gone.
    expect((await commandsTo(stack)).map((line) => line.replace(/ id=<.*>/, " id=")).toSorted()).toEqual([
      "GET listCapabilities",
      "GET listConfigurations",
      "GET listConfigurations name=encode.api.response",
      "GET listConfigurations zoneid=<lab-zone>",
      "GET listImageStores",
      "GET listImageStores id=",
      "GET listObjectStoragePools",
      "GET listObjectStoragePools id=",
      "GET listSecondaryStagingStores",
      "GET listSecondaryStagingStores id=",
    ]);
  });

  test("up --refresh repairs it and makes again what was deleted", async () => {
    const before = await liveCloud(stack);
    await stack.up(programOf(second), { refresh: true });
    const { stores, settings, pools } = await liveCloud(stack);
    expect(stores).toMatchObject({
      "named-2": { id: before.stores["by hand"]?.id, readOnly: true },
      writable: { readOnly: false },
      life: { id: before.stores["derived, by hand"]?.id },
      keys: { details: { accesskey: "access-2" } },
      [onNfs("/export/one-b")]: {},
      [onNfs("/export/four")]: {},
    });
    expect(Object.keys(stores)).toHaveLength(18);
    expect(settings).toMatchObject({
      "secstorage.ssl.cert.domain": { value: "" },
      "secstorage.encrypt.copy": { value: "false" },
      "secstorage.session.max": { value: "41" },
      [sites]: { value: "192.0.2.0/24,10.3.0.0/16,198.51.100.0/24,10.1.0.0/16" },
      [inZone]: { scoped: { [`Zone/${zoneOne}`]: "0.6" } },
      "max.ssvm.count": { value: "7" },
      "api.throttling.interval": { value: "30" },
    });
    expect(pools).toMatchObject({
      "pool-2": { id: before.pools["by hand"]?.id },
      "pool-url": { url: "https://two-b.example.test:9000", sizeGib: 77 },
      "pool-derived": { id: before.pools["derived, by hand"]?.id },
      "pool-switch": { sizeGib: null },
    });
    const gate = await stack.strictGate(programOf(second));
    expect([gate.code, changesOf(gate)]).toEqual([0, { same: 30 }]);
  });

  test("a property that the program no longer gives is left as it is, without a request", async () => {
    const before = await stack.lab.state();
    const run = await stack.up(programOf(unmanaged));
    expect(changesOf(run)).toEqual({ same: 27, update: 3 });
    expect(run.calls).toEqual([]);
    expect(await stack.lab.state()).toEqual(before);
  });

  test("destroy deletes, resets and takes out; what is gone already is no error", async () => {
    const { stores, pools } = await liveCloud(stack);
    await stack.lab.patch("cloudstack", {
      imageStores: Object.fromEntries(
        ["bucket", "nfs://[2001:db8::1]/export/two"].map((name) => [stores[name]?.id, { removed: true }]),
      ),
      objectPools: { [pools["pool-url"]?.id ?? ""]: null },
    });
    const run = await stack.destroy();
    expect(changesOf(run)).toEqual({ delete: 30 });
    const sent = (await commandsTo(stack)).filter((line) => !/^POST delete\w+ id=<.*>$/.test(line));
    expect(sent.toSorted()).toEqual([
      ...firstOfAll,
      `GET listConfigurations name=${sites}`,
      "GET listImageStores",
      "POST resetConfiguration name=api.throttling.interval",
      "POST resetConfiguration name=max.ssvm.count",
      `POST resetConfiguration name=${inZone} zoneid=<lab-zone>`,
      "POST resetConfiguration name=secstorage.encrypt.copy",
      "POST resetConfiguration name=secstorage.session.max",
      "POST resetConfiguration name=secstorage.ssl.cert.domain",
      `POST updateConfiguration name=${sites} value=192.0.2.0/24,198.51.100.0/24`,
      "POST updateImageStore id=<kept> readonly=true",
    ]);
    const left = await liveCloud(stack);
    expect([left.stores, left.pools]).toEqual([{ kept: { ...stores["kept"], readOnly: true } }, {}]);
    expect(left.settings).toMatchObject({
      [sites]: { value: "192.0.2.0/24,198.51.100.0/24" },
      [inZone]: { value: "0.85", scoped: {} },
      "secstorage.session.max": { value: "50" },
      "max.ssvm.count": { value: "5" },
    });
  });
});
