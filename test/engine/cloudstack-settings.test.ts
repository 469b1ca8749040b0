import * as pulumi from "@pulumi/pulumi";
import {
  GlobalSetting,
  type GlobalSettingArgs,
  ObjectStoragePool,
  S3SecondaryStorage,
} from "pulumi-cloudstack-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestStack } from "../harness/stack.ts";
import { changesOf, errorsOf, type Run, shownOf, updatedPaths } from "../harness/stack-run.ts";
import { changesTo, commandsTo, firstOfAll } from "./cloudstack-calls.ts";
import { liveCloud } from "./cloudstack-live.ts";

const earlier = ["Earlier-Admin-Password", "Earlier-Sso-Key", "Earlier-Domain-Text"];
const canaries = {
  sso: "Canary-Sso-Key-1",
  nextSso: "Canary-Sso-Key-2",
  password: "Canary-Admin-Password",
  secure: "Canary-Ldap-Password",
  hidden: "Canary-Encryption-Key",
  chosen: "Canary-Domain-Text",
  byHand: "Canary-Sso-Key-By-Hand",
  store: "Canary-Store-Secret",
  pool: "Canary-Pool-Secret",
};
const allSecrets = [...earlier, ...Object.values(canaries)];
const sites = "secstorage.allowed.internal.sites";

type Settings = Readonly<Record<string, GlobalSettingArgs>>;

const declared = (sso: string): Settings => ({
  // Known to be secrets, whether the program says so or not.
  sso: { settingName: "cloudian.sso.key", value: sso },
  password: { settingName: "cloudian.admin.password", value: canaries.password, onDestroy: "restore" },
  // CloudStack says that these are; the first one is returned encrypted, the second one never.
  secure: { settingName: "ldap.bind.password", value: pulumi.secret(canaries.secure) },
  hidden: { settingName: "security.encryption.key", value: pulumi.secret(canaries.hidden), onDestroy: "restore" },
  // The program says that this one is.
  chosen: { settingName: "secstorage.ssl.cert.domain", value: pulumi.secret(canaries.chosen), onDestroy: "restore" },
  usual: { settingName: "image.store.imbalance.threshold", value: 0.5 },
  restored: { settingName: "secstorage.session.max", value: 60, onDestroy: "restore" },
  kept: { settingName: "max.ssvm.count", value: 6, onDestroy: "keep" },
  members: { settingName: sites, members: ["198.51.100.0/24", "203.0.113.0/24"] },
});

const programOf = (settings: Settings) => async () => {
  const made = Object.entries(settings).map(([name, args]) => [name, new GlobalSetting(name, args)] as const);
  return Object.fromEntries(
    made.flatMap(([name, { value, previousValue, restartRequired }]) => [
      [name, value],
      [`${name}-previous`, previousValue],
      [`${name}-restart`, restartRequired],
    ]),
  );
};

describe("global settings", { shuffle: false }, () => {
  let stack: TestStack;
  const runs: Run[] = [];
  const noted = (run: Run): Run => {
    runs.push(run);
    return run;
  };
  const values = async () => {
    const { settings } = await liveCloud(stack);
    return Object.fromEntries(Object.entries(settings).map(([name, { value }]) => [name, value]));
  };

  beforeAll(async () => {
    // The lab's own password is the word "public", which no message of this process would show.
    stack = await TestStack.open("cloudstack-settings", { config: { cloudianPassword: "Canary-Login" } });
    await stack.lab.patch("cloudian", { options: { password: "Canary-Login" } });
    await stack.lab.patch("cloudstack", {
      settings: {
        "cloudian.admin.password": earlier[0],
        "cloudian.sso.key": earlier[1],
        "secstorage.ssl.cert.domain": earlier[2],
        "secstorage.session.max": "33",
        // Somebody has written blanks, and one of ours.
        [sites]: "192.0.2.0/24, 203.0.113.0/24",
      },
    });
  });
  afterAll(async () => {
    await stack?.close();
  });

  test("what was there before is kept, secret; so is every value that is one", async () => {
    noted(await stack.up(programOf(declared(canaries.sso))));
    expect(await values()).toMatchObject({
      "cloudian.sso.key": canaries.sso,
      "cloudian.admin.password": canaries.password,
      "ldap.bind.password": canaries.secure,
      "security.encryption.key": canaries.hidden,
      "secstorage.ssl.cert.domain": canaries.chosen,
      "image.store.imbalance.threshold": "0.5",
      [sites]: "192.0.2.0/24,203.0.113.0/24,198.51.100.0/24",
    });
    const secret = (value: string) => ({ value, secret: true });
    expect(await stack.outputs()).toMatchObject({
      sso: secret(canaries.sso),
      "sso-previous": secret("Earlier-Sso-Key"),
      "password-previous": secret("Earlier-Admin-Password"),
      secure: secret(canaries.secure),
      hidden: secret(canaries.hidden),
      chosen: secret(canaries.chosen),
      "chosen-previous": secret("Earlier-Domain-Text"),
      usual: { value: "0.5", secret: false },
      "usual-previous": secret("0.3"),
      "restored-previous": secret("33"),
      "usual-restart": { value: false },
      "restored-restart": { value: true },
      "members-restart": { value: true },
    });
    expect(Object.keys(await stack.outputs())).not.toContain("secure-previous");
    for (const text of allSecrets) expect(stack.storedText()).not.toContain(text);
  });

  test("a new secret is one request; preview and diff show neither of the two", async () => {
    const preview = noted(await stack.preview(programOf(declared(canaries.nextSso))));
    expect([updatedPaths(preview), preview.calls]).toEqual([{ sso: ["value"] }, []]);
    noted(await stack.up(programOf(declared(canaries.nextSso))));
    expect(await commandsTo(stack)).toEqual([
      ...firstOfAll,
      "POST updateConfiguration name=cloudian.sso.key value=[secret]",
    ]);
    expect((await values())["cloudian.sso.key"]).toBe(canaries.nextSso);
  });

  test("a secret that CloudStack returns is compared, one that it encrypts or hides is not", async () => {
    await stack.lab.patch("cloudstack", {
      settings: {
        "cloudian.sso.key": canaries.byHand,
        "ldap.bind.password": "another one",
        "security.encryption.key": "another one",
      },
    });
    const gate = noted(await stack.strictGate(programOf(declared(canaries.nextSso))));
    expect([gate.code, updatedPaths(gate)]).toEqual([7, { sso: ["value"] }]);
  });

  test("two resources for one setting, an unknown name and a secret in the clear are refused before a write", async () => {
    const before = await values();
    const twins = {
      first: { settingName: "api.throttling.max", value: 9 },
      second: { settingName: "api.throttling.max", value: 10 },
    };
    const preview = await stack.tryPreview(programOf({ ...declared(canaries.nextSso), ...twins }));
    expect([preview.code, preview.calls]).toEqual([1, []]);
    expect(errorsOf(preview).join("\n")).toContain(
      "CloudStack setting api.throttling.max is declared by another resource of this program as well",
    );
    const again = { again: { settingName: "max.ssvm.count", value: 9 } };
    const recorded = await stack.tryPreview(programOf({ ...declared(canaries.nextSso), ...again }));
    expect([recorded.code, recorded.calls]).toEqual([1, []]);
    expect(errorsOf(recorded).join("\n")).toMatch(
      /CloudStack setting max\.ssvm\.count (is declared by|has just been made or taken over by) another resource of this/,
    );
    const wrong: Settings = {
      unknown: { settingName: "no.such.setting", value: pulumi.secret("anything") },
      spelled: { settingName: "sso.key", value: pulumi.secret("anything") },
      clear: { settingName: "ldap.bind.principal", value: "cn=cloudstack" },
    };
    const program = programOf({ ...declared(canaries.byHand), ...wrong });
    const run = noted(await stack.tryUp(program, { continueOnError: true }));
    expect(run.code).toBe(1);
    const errors = errorsOf(run).join("\n");
    for (const name of ["no.such.setting", "sso.key"])
      expect(errors).toContain(`CloudStack (4.22.0.0) has no setting ${name}. Check the spelling`);
    expect(errors).toContain(
      "Global setting ldap.bind.principal is not written: CloudStack keeps it among its secrets (category Secure), and the state would hold the value in the clear.",
    );
    expect(await values()).toEqual({ ...before, "cloudian.sso.key": canaries.byHand });
  });

  test("look-ups show everything that can be read, secrets as such, and manage nothing", async () => {
    const { endpoint } = stack.addresses.cloudstack;
    const pool = { poolName: "pool", url: "https://minio.example.test:9000", providerName: "MinIO" } as const;
    const store = {
      storeName: "store",
      endpoint: "https://s3.example.test",
      bucket: "secondary",
      accessKeyId: "access-1",
      verifyBucket: false,
    };
    const program = (storeId?: string, poolId?: string) => async () => {
      const outputs = await programOf(declared(canaries.byHand))();
      new S3SecondaryStorage("store", { ...store, secretAccessKey: canaries.store });
      new ObjectStoragePool("pool", { ...pool, s3: { accessKeyId: "pool-key", secretAccessKey: canaries.pool } });
      if (storeId === undefined || poolId === undefined) return outputs;
      const looked = S3SecondaryStorage.get("looked-up-store", storeId);
      const { value, restartRequired } = GlobalSetting.get("looked-up-setting", "cloudian.sso.key");
      const { poolName, url, providerName } = ObjectStoragePool.get("looked-up-pool", poolId);
      const { storeName, bucket, protocol, readOnly, systemEndpoint } = looked;
      return {
        store: { storeName, endpoint: looked.endpoint, bucket, protocol, url: looked.url, readOnly, systemEndpoint },
        setting: value,
        restartRequired,
        pool: { poolName, url, providerName },
      };
    };
    noted(await stack.up(program()));
    const { stores, pools } = await liveCloud(stack);
    const run = noted(await stack.up(program(stores["store"]?.id, pools["pool"]?.id)));
    expect(await changesTo(stack)).toEqual([]);
    expect(await stack.outputs()).toMatchObject({
      store: {
        value: {
          storeName: "store",
          endpoint: "https://s3.example.test:443",
          bucket: "secondary",
          protocol: "https",
          url: "https://s3.example.test/secondary",
          readOnly: false,
          systemEndpoint: endpoint,
        },
        secret: false,
      },
      setting: { value: canaries.byHand, secret: true },
      restartRequired: { value: false },
      pool: { value: pool, secret: false },
    });
    expect(changesOf(run)).toMatchObject({ same: expect.any(Number) });
  });

  test("destroy resets, restores, keeps secrets by default, and takes out only what it has added", async () => {
    await stack.lab.patch("cloudstack", {
      settings: { [sites]: "192.0.2.0/24,198.51.100.0/24,203.0.113.0/24,10.9.0.0/16" },
    });
    const run = noted(await stack.tryDestroy({ continueOnError: true }));
    expect(run.code).toBe(1);
    expect(errorsOf(run).join("\n")).toContain(
      "Global setting security.encryption.key is not restored: CloudStack never returned a readable value of it.",
    );
    expect(await values()).toMatchObject({
      "cloudian.sso.key": canaries.byHand,
      "cloudian.admin.password": "Earlier-Admin-Password",
      "ldap.bind.password": "another one",
      "security.encryption.key": "another one",
      "secstorage.ssl.cert.domain": "Earlier-Domain-Text",
      "image.store.imbalance.threshold": "0.3",
      "secstorage.session.max": "33",
      "max.ssvm.count": "6",
      [sites]: "192.0.2.0/24,203.0.113.0/24,10.9.0.0/16",
    });
    for (const each of runs) expect(shownOf(each, allSecrets)).toEqual([]);
    for (const text of allSecrets) expect(stack.storedText()).not.toContain(text);
  });
});
