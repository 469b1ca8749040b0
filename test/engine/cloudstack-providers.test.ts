import * as pulumi from "@pulumi/pulumi";
import {
  GlobalSetting,
  getZones,
  Provider,
  type ProviderArgs,
  S3SecondaryStorage,
  SecondaryStagingStore,
} from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { type LabAddresses, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";
import { withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, shownOf, stepsOf } from "../harness/stack-run.ts";
import { changesTo, commandsTo, firstOfAll } from "./cloudstack-calls.ts";
import { zoneOne } from "./cloudstack-live.ts";

class Cloud extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions) {
    super("test:index:Cloud", name, {}, options);
    const own = { parent: this };
    const share = { zoneId: zoneOne, server: "nfs.example.test", path: "/export" };
    const staging = new SecondaryStagingStore(`${name}-staging`, share, own);
    const access = { accessKeyId: "access-1", secretAccessKey: "secret-of-access-1", verifyBucket: false };
    const store = { storeName: "same", endpoint: "https://s3.example.test", bucket: "secondary", ...access };
    new S3SecondaryStorage(`${name}-store`, store, { ...own, dependsOn: [staging] });
    new GlobalSetting(`${name}-setting`, { settingName: "max.ssvm.count", value: 7 }, own);
  }
}

const argsOf = ({ cloudstack }: LabAddresses) => ({
  cloudstackEndpoint: cloudstack.endpoint,
  cloudstackApiKey: cloudstack.apiKey,
  cloudstackSecretKey: cloudstack.secretKey,
});

const heldBy = async (control: LabControl) => {
  const { imageStores, settings } = (await control.state()).cloudstack;
  const live = Object.values(imageStores).filter(({ removed }) => !removed);
  const setting = settings?.["max.ssvm.count"] as { value: string };
  return [live.map(({ name }) => name).toSorted(), setting.value];
};
const both = [["nfs://nfs.example.test/export", "same"], "7"];

test("explicit providers: two clouds in one stack, passed on by components, and nothing leaks into them", async () => {
  const other = await startLab({ portBase: 0 });
  const otherControl = new LabControl(other.addresses.control);
  try {
    await withStack("cloudstack-providers", async (stack) => {
      const secretKey = "Canary-Other-Secret-Key";
      const users = (await otherControl.state()).cloudstack["users"] as Record<string, { apiKey: string }>;
      const [userId = ""] = Object.entries(users).find(([, { apiKey }]) => apiKey !== null) ?? [];
      await otherControl.patch("cloudstack", { users: { [userId]: { secretKey } } });
      const { cloudstackSecretKey: _secretKey, ...rest } = argsOf(other.addresses);
      const program =
        (more: ProviderArgs = {}) =>
        async () => {
          const one = new Provider("one", { ...argsOf(stack.addresses), ...more });
          const two = new Provider("two", { ...rest, cloudstackSecretKeyEnv: "TEST_OTHER_SECRET_KEY" });
          new Cloud("first", { provider: one });
          new Cloud("second", { providers: [two] });
        };
      const env = { TEST_OTHER_SECRET_KEY: secretKey };
      await stack.up(program(), { env });
      for (const control of [stack.lab, otherControl]) expect(await heldBy(control)).toEqual(both);
      const changed = await stack.up(program({ requestTimeoutSeconds: 20 }), { env });
      expect(changesOf(changed)).toMatchObject({ update: 1 });
      expect([stepsOf(changed), changed.calls, await otherControl.requests("cloudstack")]).toEqual([
        [],
        [],
        expect.any(Array),
      ]);
      for (const secret of [secretKey, stack.addresses.cloudstack.secretKey])
        expect(stack.storedText()).not.toContain(secret);

      // The stack configuration has all settings; an explicit provider must not take one of them.
      const setting = { settingName: "max.ssvm.count", value: 8 };
      const incomplete = await stack.tryUp(
        async () => {
          const provider = new Provider("three", rest);
          new GlobalSetting("leak", setting, { provider });
        },
        { env: { ...env, CLOUDSTACK_SECRET_KEY: stack.addresses.cloudstack.secretKey } },
      );
      expect(incomplete.code).toBe(1);
      expect(errorsOf(incomplete).join("\n")).toContain("cloudstackSecretKey is missing");

      // A rotated key needs no new `up` where the state names the variable that holds it.
      const rotated = "Canary-Rotated-Secret-Key";
      await otherControl.patch("cloudstack", { users: { [userId]: { secretKey: rotated } } });
      await stack.destroy({ env: { TEST_OTHER_SECRET_KEY: rotated } });
      for (const control of [stack.lab, otherControl]) expect(await heldBy(control)).toEqual([[], "5"]);
    });
  } finally {
    await other.close();
  }
});

test("a wrong key is offered once, whatever needs it, and a moved cloud is one where an alias says so", async () => {
  await withStack("cloudstack-access", async (stack) => {
    const program =
      (count: number, zones: Record<string, string> = {}) =>
      async () => {
        for (let index = 0; index < count; index += 1) {
          const share = { zoneId: zones["lab-zone"] ?? zoneOne, server: "nfs.example.test", path: `/export/${index}` };
          new SecondaryStagingStore(`share-${index}`, share);
        }
      };
    const wrong = "Canary-Wrong-Secret-Key";
    const { endpoint, secretKey } = stack.addresses.cloudstack;
    await stack.setConfig({ cloudstackSecretKey: wrong });
    const refused = await stack.tryUp(program(5), { continueOnError: true });
    expect(refused.code).toBe(1);
    // Once with this machine's clock and once with the server's, had that been the reason.
    expect(await commandsTo(stack)).toEqual(["GET listCapabilities"]);
    const errors = errorsOf(refused).filter((error) =>
      error.startsWith("Could not read the capabilities of CloudStack"),
    );
    expect(errors).toHaveLength(5);
    for (const error of errors)
      expect(error).toContain(
        `${endpoint} answered 401, "unable to verify user credentials and/or request signature". Check cloudstackApiKey and cloudstackSecretKey`,
      );
    expect(shownOf(refused, [wrong, secretKey])).toEqual([]);

    // A look-up in a program: the settings are those of the stack, and so are its requests.
    await stack.setConfig({ cloudstackSecretKey: secretKey });
    const looking = async () => {
      const { zones, complete } = await getZones();
      await program(2, Object.fromEntries(zones.map(({ name, id }) => [name, id])))();
      return { zones, complete };
    };
    await stack.up(looking);
    expect(await stack.outputs()).toEqual({
      zones: { value: [{ id: zoneOne, name: "lab-zone", state: "enabled" }], secret: false },
      complete: { value: true, secret: false },
    });
    const unchanged = await stack.up(looking);
    expect(changesOf(unchanged)).toEqual({ same: 3 });
    const asked = await commandsTo(stack);
    expect(asked.filter((line) => !firstOfAll.includes(line))).toEqual(
      asked.filter((line) => line === "GET listZones"),
    );
    expect(asked.filter((line) => line === "GET listZones").length).toBeGreaterThan(0);

    const moved = endpoint.replace("127.0.0.1", "localhost");
    await stack.setConfig({ cloudstackEndpoint: moved });
    const elsewhere = await stack.tryUp(program(1));
    expect(elsewhere.code).toBe(1);
    expect(errorsOf(elsewhere).join("\n")).toMatch(
      /staging store \S+ is recorded at http:\/\/127\.0\.0\.1:\d+\/client\/api, but the settings now name http:\/\/localhost:\d+\/client\/api\. Nothing was read or changed/,
    );
    expect(await changesTo(stack)).toEqual([]);
    await stack.setConfig({ cloudstackEndpointAliases: endpoint });
    await stack.up(program(1));
    expect(await heldBy(stack.lab)).toEqual([["nfs://nfs.example.test/export/0"], "5"]);
    expect(stack.storedText()).not.toContain(wrong);
  });
});
