import { afterEach, describe, expect, test, vi } from "vitest";
import type { Change, Command } from "../../provider/cloudstack/api.ts";
import { withinOperation } from "../../provider/core/operation.ts";
import { capabilities, cloudStackServer, errorOf, fails, keys, says } from "./cloudstack-server.ts";

const cloud = cloudStackServer();

const READ: Command = { what: "read it", command: "getThing", parameters: { id: "1" } };
const CHANGE: Change = { what: "change it", command: "changeThing", effect: "repeatable" };
const ADD: Change = { what: "add it", command: "addThing", effect: "once" };

const repeated = <T>(count: number, work: () => Promise<T>) => Promise.all(Array.from({ length: count }, work));

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("what is sent", () => {
  test("is a GET with everything in the query for what is read", async () => {
    cloud.answers["getThing"] = [says("getthingresponse", { thing: { id: "1" } })];
    expect(await cloud.api().read(READ)).toEqual({ thing: { id: "1" } });
    const [first, second] = cloud.asked;
    expect([first?.method, first?.body, second?.method, second?.body]).toEqual(["GET", "", "GET", ""]);
    expect(second?.params).toEqual({
      command: "getThing",
      response: "json",
      id: "1",
      apikey: keys.apiKey,
      signatureversion: "3",
      expires: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/),
      signature: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
    });
  });

  test("is a POST with everything in the form for a change, nothing of it in the URL", async () => {
    cloud.answers["changeThing"] = [says("changethingresponse", { success: true })];
    await cloud.api().order({ ...CHANGE, parameters: { "details[0].value": "Canary + ~é" } });
    const { method, url, params } = cloud.asked[1] ?? {};
    expect([method, url]).toEqual(["POST", "/client/api"]);
    expect(params).toMatchObject({ command: "changeThing", "details[0].value": "Canary + ~é", apikey: keys.apiKey });
  });

  test("begins with the capabilities, once a process, however many start together", async () => {
    cloud.answers["getThing"] = [says("getthingresponse", {})];
    const api = cloud.api();
    await repeated(50, () => api.read(READ));
    expect(cloud.commands().filter((command) => command === "listCapabilities")).toHaveLength(1);
    expect(cloud.commands()[0]).toBe("listCapabilities");
    expect(cloud.commands()).toHaveLength(51);
  });

  test("begins with them again after they could not be read", async () => {
    cloud.answers["listCapabilities"] = [fails(530, "starting"), capabilities("4.20.1.0")];
    cloud.answers["getThing"] = [says("getthingresponse", {})];
    const api = cloud.api();
    await expect(api.read(READ)).rejects.toThrow(
      `Could not read the capabilities of CloudStack: ${cloud.endpoint} answered 530, "starting".`,
    );
    await api.read(READ);
    expect((await api.release()).text).toBe("4.20.1.0");
    expect(cloud.commands()).toEqual(["listCapabilities", "listCapabilities", "getThing"]);
  });

  test("carries no cookie, whatever the server sets", async () => {
    cloud.answers["listCapabilities"] = [
      { ...capabilities("4.22.0.0"), headers: { "set-cookie": "JSESSIONID=abc; Path=/client" } },
    ];
    cloud.answers["getThing"] = [says("getthingresponse", {})];
    const api = cloud.api();
    await api.read(READ);
    await api.read(READ);
    expect(cloud.asked).toHaveLength(3);
    expect(JSON.stringify(cloud.asked)).not.toContain("JSESSIONID");
  });

  test("shows in the debug log without its query", async () => {
    vi.stubEnv("CLOUDSTACK_STORAGE_DEBUG", "1");
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    cloud.answers["getThing"] = [says("getthingresponse", {})];
    cloud.answers["changeThing"] = [says("changethingresponse", {})];
    const api = cloud.api();
    await api.read(READ);
    await api.order(CHANGE);
    const lines = print.mock.calls.map(([line]) => String(line));
    // The two that every process begins with, and these.
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toMatch(/^cloudstack-storage: (GET|POST) \S* ?200 attempt=1 \d+ ms$/);
  });
});

describe("an answer", () => {
  test.each([
    "getthingresponse",
    "addImageStoreS3Response",
    "updateImageStoreresponse",
    "updateObjectStoragePool",
    "x",
  ])("is what the one key holds, whatever it is called: %s", async (key) => {
    cloud.answers["getThing"] = [says(key, { thing: { id: "1" } })];
    cloud.answers["changeThing"] = [says(key, { thing: { id: "1" } })];
    expect(await cloud.api().read(READ)).toEqual({ thing: { id: "1" } });
    expect(await cloud.api().order(CHANGE)).toEqual({ thing: { id: "1" } });
  });

  test.each([true, "true"])("of success alone is success: %j", async (success) => {
    cloud.answers["changeThing"] = [says("changethingresponse", { success, displaytext: "done" })];
    expect(await cloud.api().remove(CHANGE)).toBe("deleted");
  });

  test.each([false, "false"])("that says it was none is no success: %j", async (success) => {
    cloud.answers["changeThing"] = [says("changethingresponse", { success, displaytext: "it is busy" })];
    const { message } = await errorOf(cloud.api().remove(CHANGE));
    expect(message).toContain("it is busy");
  });

  test("may call its JSON by the old name", async () => {
    cloud.answers["getThing"] = [
      { ...says("getthingresponse", { a: 1 }), headers: { "content-type": "text/javascript; charset=UTF-8" } },
    ];
    expect(await cloud.api().read(READ)).toEqual({ a: 1 });
  });

  test.each([
    ["an empty body", ""],
    ["text", "OK"],
    ["a list", "[1]"],
    ["null", "null"],
    ["no key", "{}"],
    ["two keys", '{"a":{},"b":{}}'],
    ["no object behind its key", '{"getthingresponse":"x"}'],
    ["cut JSON", '{"getthingresponse":{"thing":'],
    ["XML", '<?xml version="1.0"?><getthingresponse/>'],
  ])("with 200 and %s is an error", async (_what, body) => {
    cloud.answers["getThing"] = [{ body }];
    cloud.answers["addThing"] = [{ body }];
    const read = await errorOf(cloud.api().read(READ));
    expect([read.name, read.message]).toEqual([
      "UnexpectedAnswer",
      expect.stringMatching(
        /^Could not read it: http:\S+ answered 200, but with nothing that CloudStack says.*Is there a proxy or another service at this address\?$/s,
      ),
    ]);
    // What cannot be understood may have been done.
    expect((await errorOf(cloud.api().order(ADD))).name).toBe("OutcomeUnknown");
  });

  test.each([
    ["read", "UnexpectedAnswer", () => cloud.api().read(READ)],
    ["change", "UnexpectedAnswer", () => cloud.api().order(CHANGE)],
    ["add", "OutcomeUnknown", () => cloud.api().order(ADD)],
  ])("that is a page of something else is an error: %s", async (_what, name, work) => {
    const page = { body: "<html><body>Please log in</body></html>", headers: { "content-type": "text/html" } };
    cloud.answers = { ...cloud.answers, getThing: [page], changeThing: [page], addThing: [page] };
    const error = await errorOf(work());
    expect(error.name).toBe(name);
    expect(error.message).toMatch(
      /^Could not \w+ it: http:\S+ answered with an HTML page, "Please log in"\. Is there a proxy/,
    );
  });

  test.each([
    ["the setting says so", { value: "true", description: "Do URL encoding for the api response" }],
    ["the description shows it, until a restart", { value: "false", description: "Do%20URL%20encoding" }],
    ["the description shows it in the other form", { value: "false", description: "Do+URL+encoding" }],
  ])("that is URL-encoded is refused before anything else: %s", async (_how, item) => {
    cloud.encoding = [
      says("listconfigurationsresponse", { count: 1, configuration: [{ name: "encode.api.response", ...item }] }),
    ];
    cloud.answers["changeThing"] = [says("changethingresponse", {})];
    expect((await errorOf(cloud.api().order(CHANGE))).message).toBe(
      `${cloud.endpoint} URL-encodes what it answers (global setting encode.api.response), so that no value can be told for certain. Nothing was read or changed. ` +
        "Set it to false and restart the management servers.",
    );
    expect(cloud.commands()).toEqual(["listCapabilities"]);
  });

  test.each([
    [
      "says that it is off",
      says("listconfigurationsresponse", {
        count: 1,
        configuration: [
          { name: "encode.api.response", value: "false", description: "Do URL encoding for the api response" },
        ],
      }),
    ],
    [
      "lists another setting only",
      says("listconfigurationsresponse", {
        count: 1,
        configuration: [{ name: "encode.api.response.too", value: "true", description: "a+b" }],
      }),
    ],
    ["does not let this caller ask", fails(401, "does not exist, is not available")],
    ["fails at it", fails(530, "internal error")],
  ])("is taken as it is where the server %s", async (_what, answer) => {
    cloud.encoding = [answer];
    cloud.answers["getThing"] = [says("getthingresponse", { name: "a%20b+c" })];
    expect(await cloud.api().read(READ)).toEqual({ name: "a%20b+c" });
  });
});

describe("a refusal", () => {
  const roleText =
    "The given command 'changeThing' either does not exist, is not available for user, or not available from ip address '/10.0.0.1'.";

  test("of the capabilities is one of the key, which is not offered again", async () => {
    cloud.answers["listCapabilities"] = [
      fails(401, "unable to verify user credentials and/or request signature", "listcapabilitiesresponse"),
    ];
    const api = cloud.api();
    const messages = await repeated(50, async () => (await errorOf(api.read(READ))).message);
    const later = await errorOf(api.order(ADD));
    expect(new Set([...messages, later.message])).toEqual(
      new Set([
        `Could not read the capabilities of CloudStack: ${cloud.endpoint} answered 401, "unable to verify user credentials and/or request signature". ` +
          "Check cloudstackApiKey and cloudstackSecretKey (they are not tried again in this run), that the user and its account are enabled, " +
          "and that this address may use the key. refresh and destroy use the configuration that the last pulumi up has recorded: " +
          "after a change of keys give --run-program, or use cloudstackSecretKeyEnv, which is read live.",
      ]),
    );
    expect(later.name).toBe("Unauthorized");
    expect(cloud.commands()).toEqual(["listCapabilities"]);
  });

  test.each([
    ["4.14.0.0", "updateImageStore", "4.15"],
    ["4.15.2.0", "resetConfiguration", "4.18"],
    ["4.18.2.4-SNAPSHOT", "addObjectStoragePool", "4.19"],
    ["4.9.3", "cloudianIsEnabled", "4.11"],
  ])("by %s of a command that it does not know names the release that has it: %s", async (release, command, since) => {
    cloud.answers["listCapabilities"] = [capabilities(release)];
    cloud.answers[command] = [fails(401, "unable to verify user credentials", "errorresponse")];
    for (const work of [
      () => cloud.api().read({ what: "use it", command }),
      () => cloud.api().order({ what: "use it", command, effect: "once" }),
    ]) {
      const error = await errorOf(work());
      expect([error.name, error.message]).toEqual([
        "Refused",
        `Could not use it: ${cloud.endpoint} (CloudStack ${release}) answered 401 to ${command}, which came with CloudStack ${since}. Remove what needs it from the program, or upgrade CloudStack.`,
      ]);
    }
  });

  test("of one command by a release that has it is one of the role, and the others go on", async () => {
    cloud.answers["changeThing"] = [fails(401, roleText, "changethingresponse")];
    cloud.answers["updateImageStore"] = [fails(401, "unable to verify user credentials", "updateImageStore")];
    cloud.answers["getThing"] = [says("getthingresponse", {})];
    const api = cloud.api();
    const { message } = await errorOf(api.order(CHANGE));
    expect(message).toMatch(
      /^Could not change it: http:\S+ \(CloudStack 4\.22\.0\.0\) answered 401 to changeThing, "The given command 'changeThing' either does not exist, is not available for user, .*'\/10\.0\.0\.1'\."\. The API key itself works; its role may not call this command\. Use the key of a root administrator\.$/,
    );
    const { message: known } = await errorOf(api.order({ ...CHANGE, command: "updateImageStore" }));
    expect(known).toContain(
      "The API key itself works; its role may not call this command, or this build lacks it (it came with CloudStack 4.15). Use the key of a root administrator.",
    );
    expect(await api.read(READ)).toEqual({});
    expect(cloud.commands().filter((command) => command === "listCapabilities")).toHaveLength(1);
  });

  test.each([400, 405, 411, 430, 431, 432, 530, 531, 532, 533, 534, 535, 536, 537])(
    "with %i is told in CloudStack's words, and not repeated",
    async (status) => {
      for (const key of ["changethingresponse", "updateImageStore", "errorresponse"]) {
        cloud.asked = [];
        cloud.answers["changeThing"] = [fails(status, "Why Not", key)];
        const error = await errorOf(cloud.api().order(CHANGE));
        expect([error.name, error.message]).toEqual([
          "ApiFailure",
          `Could not change it: ${cloud.endpoint} answered ${status}, "Why Not".`,
        ]);
        expect(error).toMatchObject({ status, text: "why not" });
        expect(cloud.commands()).toEqual(["listCapabilities", "changeThing"]);
      }
    },
  );

  test("may carry its code as text, further fields, or no words", async () => {
    cloud.answers["changeThing"] = [
      says("changethingresponse", { errorcode: "431", errortextkey: "k", errormetadata: {}, uuidList: [] }, 431),
    ];
    expect((await errorOf(cloud.api().order(CHANGE))).message).toBe(
      `Could not change it: ${cloud.endpoint} answered 431.`,
    );
  });

  test("of a UUID that does not exist is a deletion that has been done", async () => {
    cloud.answers["changeThing"] = [
      fails(431, "Unable to execute API command changething due to invalid value. Entity Does Not Exist."),
    ];
    expect(await cloud.api().remove(CHANGE)).toBe("deleted");
    cloud.answers["changeThing"] = [fails(431, "Cannot delete it with active Templates backup!")];
    expect(await cloud.api().remove(CHANGE)).toMatchObject({ status: 431 });
    cloud.answers["changeThing"] = [fails(530, "entity does not exist")];
    await expect(cloud.api().remove(CHANGE)).rejects.toMatchObject({ name: "ApiFailure", status: 530 });
  });

  test("of a call too many is waited out as long as it says, also by what must not be repeated", async () => {
    const retry = { "retry-after": "1" };
    cloud.answers["addThing"] = [
      { ...fails(429, "limit"), headers: retry },
      says("addthingresponse", { thing: { id: "1" } }),
    ];
    const started = performance.now();
    expect(await cloud.api().order(ADD)).toEqual({ thing: { id: "1" } });
    expect(performance.now() - started).toBeGreaterThan(990);
    expect(cloud.commands()).toEqual(["listCapabilities", "addThing", "addThing"]);
  });

  test("of a call too many that asks for more time than there is ends at once", async () => {
    cloud.answers["getThing"] = [{ ...fails(429, "limit"), headers: { "retry-after": "100" } }];
    const api = cloud.api();
    const { message } = await errorOf(withinOperation(5, () => api.read(READ)));
    expect(message).toContain("answered 429");
    expect(cloud.commands()).toEqual(["listCapabilities", "getThing"]);
  });

  test("by a server in maintenance is repeated where that is harmless, and else of unknown outcome", async () => {
    cloud.answers["changeThing"] = [fails(503, "Maintenance"), says("changethingresponse", { success: "true" })];
    expect(await cloud.api().order(CHANGE)).toEqual({ success: "true" });
    cloud.asked = [];
    cloud.answers["addThing"] = [fails(503, "Maintenance")];
    expect((await errorOf(cloud.api().order(ADD))).name).toBe("OutcomeUnknown");
    expect(cloud.commands()).toEqual(["listCapabilities", "addThing"]);
  });

  test("that repeats the secret key does not show it, in no spelling", async () => {
    const { Settings } = await import("../../provider/core/settings.ts");
    const { CloudStackClient } = await import("../../provider/cloudstack/client.ts");
    const given: Record<string, string> = {
      "cloudstack-storage:cloudstackEndpoint": cloud.endpoint,
      "cloudstack-storage:cloudstackApiKey": keys.apiKey,
      "cloudstack-storage:cloudstackSecretKey": keys.secretKey,
    };
    const { api } = CloudStackClient.of(new Settings({ get: (key) => given[key] }, {}));
    const echo = `signed with ${keys.secretKey}, ${encodeURIComponent(keys.secretKey)}, Canary-Secret%2fKey%2b001, ${Buffer.from(keys.secretKey).toString("base64")}`;
    cloud.answers["changeThing"] = [fails(431, echo)];
    const { message } = await errorOf(api.order(CHANGE));
    expect(message).toContain("signed with [secret], [secret]");
    expect(message).not.toMatch(/Canary/i);
    expect(message).not.toContain(Buffer.from(keys.secretKey).toString("base64"));
  });
});

describe("a connection that is cut", () => {
  test("is opened again for what is read or repeatable", async () => {
    cloud.answers["getThing"] = [{ cut: true }, says("getthingresponse", { a: 1 })];
    cloud.answers["changeThing"] = [{ cut: true }, says("changethingresponse", { b: 1 })];
    expect(await cloud.api().read(READ)).toEqual({ a: 1 });
    expect(await cloud.api().order(CHANGE)).toEqual({ b: 1 });
  });

  test("leaves an addition of unknown outcome, which is not sent a second time", async () => {
    cloud.answers["addThing"] = [{ cut: true }];
    expect((await errorOf(cloud.api().order(ADD))).name).toBe("OutcomeUnknown");
    expect(cloud.commands()).toEqual(["listCapabilities", "addThing"]);
  });
});

describe("a clock", () => {
  const refused = { ...fails(401, "unable to verify user credentials"), headers: { date: "" } };
  const dated = (ms: number) => ({ ...refused, headers: { date: new Date(Date.now() + ms).toUTCString() } });
  const left = (index: number, skewMs: number) =>
    Date.parse(cloud.asked[index]?.params["expires"]?.replace("+0000", "Z") ?? "") - Date.now() - skewMs;

  test.each([3_600_000, -3_600_000, 90_000])(
    "that is %i ms off costs one more attempt, and then none",
    async (skew) => {
      cloud.answers["listCapabilities"] = [dated(skew), capabilities("4.22.0.0")];
      cloud.answers["getThing"] = [says("getthingresponse", {})];
      const api = cloud.api();
      await api.read(READ);
      await api.read(READ);
      expect(cloud.commands()).toEqual(["listCapabilities", "listCapabilities", "getThing", "getThing"]);
      for (const index of [1, 2, 3]) {
        // Within the 15 minutes that enforcing servers allow.
        expect(left(index, skew)).toBeGreaterThan(590_000);
        expect(left(index, skew)).toBeLessThan(602_000);
      }
    },
  );

  test("that is right leaves a refusal what it is", async () => {
    for (const ms of [0, 30_000, -30_000]) {
      cloud.asked = [];
      cloud.answers["listCapabilities"] = [dated(ms)];
      expect((await errorOf(cloud.api().read(READ))).name).toBe("Unauthorized");
      expect(cloud.commands()).toEqual(["listCapabilities"]);
    }
  });

  test("that is off does not make a wrong key right: two attempts, and no more", async () => {
    cloud.answers["listCapabilities"] = [dated(3_600_000)];
    const api = cloud.api();
    expect((await errorOf(api.read(READ))).name).toBe("Unauthorized");
    expect((await errorOf(api.read(READ))).name).toBe("Unauthorized");
    expect(cloud.commands()).toEqual(["listCapabilities", "listCapabilities"]);
  });

  test("of a server that tells none leaves a refusal what it is", async () => {
    cloud.answers["listCapabilities"] = [refused];
    expect((await errorOf(cloud.api().read(READ))).name).toBe("Unauthorized");
    expect(cloud.commands()).toEqual(["listCapabilities"]);
  });
});
