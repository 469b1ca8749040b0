import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, group, Stage, secret, user } from "./support.ts";

const MISSING_ALL = `The Cloudian settings are not complete (refresh and destroy see a change of configuration only with --run-program):
  - cloudianEndpoint is missing (such as https://s3-admin.example.com:19443). Give it with \`pulumi config set cloudstack-storage:cloudianEndpoint\`, in the environment as CLOUDIAN_ENDPOINT, or as the argument cloudianEndpoint of an explicit Provider.
  - cloudianUsername is missing (such as sysadmin). Give it with \`pulumi config set cloudstack-storage:cloudianUsername\`, in the environment as CLOUDIAN_USERNAME, or as the argument cloudianUsername of an explicit Provider.
  - cloudianPassword is missing (such as …). Give it with \`pulumi config set --secret cloudstack-storage:cloudianPassword\`, in the environment as CLOUDIAN_PASSWORD, or as the argument cloudianPassword, or by name as cloudianPasswordEnv, of an explicit Provider.`;

const MISSING_ALONE = `The Cloudian settings are not complete (refresh and destroy see a change of configuration only with --run-program):
  - cloudianEndpoint is missing (such as https://s3-admin.example.com:19443). Give it as the argument cloudianEndpoint of the explicit Provider; no other source is read beside it.
  - cloudianUsername is missing (such as sysadmin). Give it as the argument cloudianUsername of the explicit Provider; no other source is read beside it.
  - cloudianPassword is missing (such as …). Give it as the argument cloudianPassword, or by name as cloudianPasswordEnv, of the explicit Provider; no other source is read beside it.`;
const MALFORMED = `The Cloudian settings are not complete (refresh and destroy see a change of configuration only with --run-program):
  - cloudianInsecure: must be "true" or "false".
  - cloudianEndpoint: must be an http or https URL without user, query or fragment.
  - cloudianPassword and cloudianPasswordEnv are both given; give one.
  - cloudianEndpointAliases: must be an http or https URL without user, query or fragment.
  - requestTimeoutSeconds: must be a number.
  - operationTimeoutSeconds: must be above 0.
  - maxConnections: must be a whole number.
  - retryBudget: must not be below 0.`;

describe.each(SDKS)("settings in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
  });
  afterAll(() => stage.close());

  test("every one of parallel first calls is configured", async () => {
    const server = await stage.serve();
    const made = await Promise.all([
      ...Array.from({ length: 8 }, (_, index) => server.create(group(`parallel-${index}`))),
      ...Array.from({ length: 4 }, (_, index) => server.read(`absent/${index}`, user("absent", `${index}`))),
    ]);
    const ids = [
      "parallel-0",
      "parallel-1",
      "parallel-2",
      "parallel-3",
      "parallel-4",
      "parallel-5",
      "parallel-6",
      "parallel-7",
    ];
    expect(made.map(({ id }) => id)).toEqual([...ids, "", "", "", ""]);
  });

  test("missing settings fail the first real call, all of them in one text, and every later one", async () => {
    const server = await stage.serveWith({});
    expect((await failureOf(server.create(group("unset")))).message).toBe(MISSING_ALL);
    expect((await failureOf(server.read("unset", group("unset")))).message).toBe(MISSING_ALL);
    expect((await failureOf(server.delete("unset/u", user("unset", "u")))).message).toBe(MISSING_ALL);
  });

  test("missing settings are a warning, once, in a preview", async () => {
    const server = await stage.serveWith({});
    expect((await server.check({}, group("unset"))).failures).toEqual([]);
    expect((await server.check({}, user("unset", "u"))).failures).toEqual([]);
    expect((await server.check(group("unset"), group("unset"))).failures).toEqual([]);
    expect(server.warnings).toEqual([MISSING_ALL]);
    expect(await server.diff("unset", group("unset"), group("unset", { groupName: "x" }))).toMatchObject({
      changes: "UNKNOWN",
    });
  });

  test("malformed settings are reported together, and no value is shown", async () => {
    const config = stage.config({
      cloudianEndpoint: "ftp://canary-value/",
      cloudianInsecure: "canary-value",
      cloudianEndpointAliases: "http://fine, canary-value",
      cloudianPasswordEnv: "CANARY_PASSWORD",
      requestTimeoutSeconds: "canary-value",
      operationTimeoutSeconds: "0",
      maxConnections: "1.5",
      retryBudget: "-1",
    });
    const server = await stage.serveWith(config);
    expect((await failureOf(server.create(group("unset")))).message).toBe(MALFORMED);
    expect((await failureOf(server.create(user("unset", "u")))).message).toBe(MALFORMED);
  });

  test("the environment serves where stack configuration is silent, and stack configuration wins", async () => {
    const environment = {
      CLOUDIAN_ENDPOINT: stage.endpoint,
      CLOUDIAN_USERNAME: "sysadmin",
      CLOUDIAN_PASSWORD: "public",
    };
    const server = await stage.serveWith({}, environment);
    expect((await server.create(group("from-environment"))).id).toBe("from-environment");
    const wrong = { CLOUDIAN_ENDPOINT: "http://127.0.0.1:1", CLOUDIAN_USERNAME: "nobody", CLOUDIAN_PASSWORD: "wrong" };
    const both = await stage.serve({}, wrong);
    expect((await both.create(group("from-configuration"))).id).toBe("from-configuration");
  });

  test("an explicit provider stands alone: nothing of the environment fills its gaps", async () => {
    const environment = {
      CLOUDIAN_ENDPOINT: stage.endpoint,
      CLOUDIAN_USERNAME: "sysadmin",
      CLOUDIAN_PASSWORD: "public",
    };
    const server = await stage.serveWith({ "cloudstack-storage:standalone": "true" }, environment);
    expect((await failureOf(server.create(group("alone")))).message).toBe(MISSING_ALONE);
  });

  test("an explicit provider reads the variables that it names", async () => {
    const named = {
      "cloudstack-storage:standalone": "true",
      "cloudstack-storage:cloudianPasswordEnv": "BLUE_PASSWORD",
    };
    const { "cloudstack-storage:cloudianPassword": _password, ...rest } = stage.config();
    const server = await stage.serveWith({ ...rest, ...named }, { BLUE_PASSWORD: "public" });
    expect((await server.create(group("named"))).id).toBe("named");
    const unset = await stage.serveWith({ ...rest, ...named }, { CLOUDIAN_PASSWORD: "public" });
    expect((await failureOf(unset.create(group("named-2")))).message).toBe(
      "The Cloudian settings are not complete (refresh and destroy see a change of configuration only with --run-program):\n  - cloudianPasswordEnv names the environment variable BLUE_PASSWORD, which is not set.",
    );
  });

  test("a setting and its Env twin exclude each other", async () => {
    const server = await stage.serve({ cloudianPasswordEnv: "BLUE_PASSWORD" }, { BLUE_PASSWORD: "public" });
    expect((await failureOf(server.create(group("twins")))).message).toBe(
      "The Cloudian settings are not complete (refresh and destroy see a change of configuration only with --run-program):\n  - cloudianPassword and cloudianPasswordEnv are both given; give one.",
    );
  });

  test("a password in stack configuration wins over one in the environment without a complaint", async () => {
    const server = await stage.serve({ cloudianPassword: secret("public") }, { CLOUDIAN_PASSWORD: "wrong" });
    expect((await server.create(group("levels"))).id).toBe("levels");
  });
});
