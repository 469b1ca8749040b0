import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { Properties } from "../harness/provider-client.ts";
import { SDKS } from "../harness/sdks.ts";
import { CloudStackStage, setting } from "./cloudstack-support.ts";
import { plain } from "./ecs-support.ts";
import { failureOf, secret, startStub } from "./support.ts";

const CANARY = "Canary+Setting/Value!1";
const HIDDEN = { __secrets: ["value"] };

describe.each(SDKS)("secret settings in the $sdk SDK's server", ({ sdk }) => {
  let stage: CloudStackStage;
  let server: DynamicServer;
  let other: DynamicServer;

  beforeAll(async () => {
    stage = await CloudStackStage.open(sdk);
    [server, other] = await Promise.all([stage.serve(), stage.serve()]);
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.clean());
  /** A process that has made none of these settings, and has forgotten what it had read. */
  const another = async () => {
    await other.delete("max.ssvm.count", setting("max.ssvm.count", { value: "1" }));
    return other;
  };

  test.each(["cloudian.admin.password", "cloudian.sso.key"])(
    "the value of %s and what was there before are wrapped in every result",
    async (name) => {
      const { inputs, failures } = await server.check({}, setting(name, { value: CANARY }));
      expect({ inputs, failures }).toEqual({ inputs: setting(name, { value: secret(CANARY) }), failures: [] });
      const before = await stage.liveValue(name);
      const { properties } = await server.create(setting(name, { value: CANARY }));
      expect(properties).toMatchObject({ value: secret(CANARY), previousValue: secret(before) });
      expect(await stage.liveValue(name)).toBe(CANARY);
      const read = await (await another()).read(name, plain(properties));
      expect(read.inputs).toMatchObject({ value: secret(CANARY) });
      expect(read.properties).toMatchObject({ value: secret(CANARY), previousValue: secret(before) });
      const updated = await server.update(name, plain(properties), setting(name, { value: `${CANARY}2` }));
      expect(updated).toMatchObject({ value: secret(`${CANARY}2`), previousValue: secret(before) });
      // Without a word what holds a secret is kept.
      expect(await stage.callsOf(() => other.delete(name, plain(properties)))).toEqual([]);
      expect(await stage.liveValue(name)).toBe(`${CANARY}2`);
    },
  );

  test("a value of the category Secure is refused in the clear before any write, and taken as a secret", async () => {
    const name = "ldap.bind.password";
    const refused = await stage.refusalOf(() => server.create(setting(name, { value: CANARY })));
    // Its name tells, so that it is one without a word.
    expect(refused.message).toBe("no error");
    const principal = "ldap.bind.principal";
    const clear = await stage.refusalOf(() => server.create(setting(principal, { value: CANARY })));
    expect(clear.message).toBe(
      `Global setting ${principal} is not written: CloudStack keeps it among its secrets (category Secure), and the state would hold the value in the clear. Give it as a secret: pulumi.secret(…), or configuration set with --secret.`,
    );
    expect(clear.sent).toEqual([`GET listConfigurations name=${principal}`]);
    const { properties } = await server.create(setting(principal, { value: CANARY, ...HIDDEN }));
    expect(properties).toMatchObject({ value: secret(CANARY), __category: "Secure" });
    expect(properties).not.toHaveProperty("previousValue");
    expect(await stage.liveValue(principal)).toBe(CANARY);
    // What comes back is another text each time, and compared with nothing.
    const { inputs } = await (await another()).read(principal, plain(properties));
    expect(inputs).toMatchObject({ value: secret(CANARY) });
  });

  test("a value that was a secret once stays one", async () => {
    const name = "lab.secure.once";
    await stage.patch({ settings: { [name]: { value: "x", category: "Secure" } } });
    const { properties } = await server.create(setting(name, { value: CANARY, ...HIDDEN }));
    const { inputs } = await (await another()).check(plain(properties), setting(name, { value: CANARY }));
    expect(inputs["value"]).toEqual(secret(CANARY));
  });

  test("one of the category Hidden, which is never listed, is written as a secret alone and never compared", async () => {
    const name = "security.encryption.key";
    expect((await failureOf(server.create(setting(name, { value: CANARY })))).message).toContain(
      `CloudStack lists no setting ${name}.`,
    );
    const { properties } = await server.create(setting(name, { value: CANARY, ...HIDDEN }));
    expect(properties).toMatchObject({ value: secret(CANARY), __category: "Hidden" });
    expect(await stage.liveValue(name)).toBe(CANARY);
    const { inputs } = await (await another()).read(name, plain(properties));
    expect(inputs).toMatchObject({ value: secret(CANARY) });
    // A secret of an unknown name is an error all the same.
    const unknown = await failureOf(server.create(setting("lab.no.such.name", { value: CANARY, ...HIDDEN })));
    expect(unknown.message).toContain("has no setting lab.no.such.name. Check the spelling");
    expect(unknown.message).not.toContain("Canary");
  });

  test("no failure shows a value, whatever the server says", async () => {
    const stub = await startStub(({ url, body }) => {
      const parameters = new URLSearchParams(body === "" ? url.split("?")[1] : body);
      const answers: Record<string, object> = {
        listCapabilities: { capability: { cloudstackversion: "4.22.0.0" } },
        listConfigurations: {
          count: 1,
          configuration: [{ name: parameters.get("name"), value: "Canary-Before-1", category: "Advanced" }],
        },
      };
      const answer = answers[parameters.get("command") ?? ""];
      if (answer) return { status: 200, body: JSON.stringify({ r: answer }) };
      const errortext = `refused: ${body} ${decodeURIComponent(body)} after Canary-Before-1`;
      return { status: 431, body: JSON.stringify({ r: { errorcode: 431, errortext } }) };
    });
    try {
      const there = await stage.serve({ cloudstackEndpoint: `${stub.endpoint}/client/api` });
      const name = "cloudian.admin.password";
      const failure = await failureOf(there.create(setting(name, { value: CANARY })));
      const told = [failure.message, ...(failure.initFailure?.reasons ?? []), ...there.warnings, there.stderr].join(
        "\n",
      );
      expect(told).toContain("refused: ");
      for (const shape of [CANARY, encodeURIComponent(CANARY), "Canary-Before-1", "lab-secret-key"])
        expect(told).not.toContain(shape);
      expect(stub.seen.join("\n")).not.toContain("Canary");
    } finally {
      await stub.close();
    }
  });
});

describe("the connector's settings", () => {
  let stage: CloudStackStage;
  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
  });
  afterAll(() => stage.close());
  beforeEach(() => stage.clean());

  const HOST = (): Properties => setting("cloudian.admin.host", { value: "admin.example.test" });
  const cloudian = () => {
    const { endpoint, username, password } = stage.addresses.cloudian;
    return { cloudianEndpoint: endpoint, cloudianUsername: username, cloudianPassword: secret(password) };
  };

  test("are refused by a CloudStack without connector, before any write", async () => {
    await stage.options({ release: "4.10.0.0" });
    const server = await stage.serve();
    const { message, sent } = await stage.refusalOf(() => server.create(HOST()));
    expect(message).toBe(
      `The Cloudian connector came with CloudStack 4.11, and ${stage.endpoint} is 4.10.0.0. Nothing was changed.`,
    );
    expect(sent.filter((line) => line.startsWith("POST "))).toEqual([]);
  });

  test("are refused for a HyperStore that is too old, before any write, which is asked once", async () => {
    await stage.control.patch("cloudian", { options: { version: "6.1 Compiled: 2017-01-01 00:00" } });
    const server = await stage.serve(cloudian());
    const { message, sent } = await stage.refusalOf(() => server.create(HOST()));
    expect(message).toContain("CloudStack's Cloudian connector needs HyperStore 6.2 or newer, and this one is 6.1");
    expect(sent.filter((line) => line.startsWith("POST "))).toEqual([]);
    expect(await stage.liveValue("cloudian.admin.host")).toBe("s3-admin.cloudian.com");
  });

  test("cost one question to the HyperStore a run where its settings are given, and none else", async () => {
    const server = await stage.serve(cloudian());
    const sent = await stage.callsOf(async () => {
      await server.create(HOST());
      await server.create(setting("cloudian.admin.port", { value: 19443 }));
    });
    expect(sent.filter((line) => line.startsWith("Cloudian "))).toEqual(["Cloudian GET /system/version"]);
    const without = await stage.serve();
    const other = await stage.callsOf(() => without.create(setting("cloudian.cmc.port", { value: "8444" })));
    expect(other.filter((line) => line.startsWith("Cloudian "))).toEqual([]);
  });

  test("are written where nobody can tell which HyperStore it is", async () => {
    const unreadable = { ...cloudian(), cloudianEndpoint: "http://127.0.0.1:1", retryBudget: "0" };
    const server = await stage.serve(unreadable);
    await server.create(HOST());
    expect(await stage.liveValue("cloudian.admin.host")).toBe("admin.example.test");
  });
});
