import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import type { LabFault } from "../harness/lab.ts";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, group, PAIR, partialFailureOf, Stage, secret, user } from "./support.ts";

/** The faults that leave a client without knowing whether the request was carried out. */
const LOST = [
  { kind: "reset-before-read", done: false },
  { kind: "reset-after-commit", done: true },
  { kind: "truncate", done: true },
  { kind: "status-after-commit", done: true },
  { kind: "status", done: false },
] as const satisfies { kind: LabFault["kind"]; done: boolean }[];

describe.each(SDKS)("faults in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  let server: DynamicServer;
  let impatient: DynamicServer;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
    server = await stage.serve();
    impatient = await stage.serve({ retryBudget: "0" });
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.control.reset();
    await stage.control.patch("cloudian", { groups: { blue: {} } });
  });

  const state = async () => (await stage.control.state()).cloudian;
  const seedUser = () =>
    stage.control.patch("cloudian", {
      users: { "blue/ada": {} },
      credentials: {
        [PAIR.accessKeyId]: { groupId: "blue", userId: "ada", secretKey: PAIR.secretAccessKey, createDate: 1 },
      },
    });
  const ada = (more: object = {}) =>
    user("blue", "ada", { ...PAIR, __keyGeneration: 1, systemEndpoint: stage.endpoint, ...more });

  test.each(LOST)("a group whose creation's reply is lost ($kind) is made once and is ours", async ({ kind, done }) => {
    await stage.fault({ kind, method: "PUT", path: "/group" });
    const id = `lost-${kind}`;
    const before = server.warnings.length;
    const declared = group(id, { groupName: "n" });
    const sent = await stage.callsOf(async () => {
      expect(await server.create(declared)).toEqual({
        id,
        properties: { ...declared, systemEndpoint: stage.endpoint },
      });
    });
    // An empty answer that breaks off cannot be told from a reset.
    expect(sent).toEqual(
      done ? ["PUT /group", `GET /group?groupId=${id}`] : ["PUT /group", `GET /group?groupId=${id}`, "PUT /group"],
    );
    const warning = `The reply to the creation of Cloudian group ${id} was lost. It exists as declared and is taken to be ours; nothing in this system proves who made it.`;
    expect(server.warnings.slice(before)).toEqual(done ? [warning] : []);
    expect((await state()).groups[id]).toMatchObject({ groupName: "n" });
  });

  test("a lost reply with somebody else's group of that name is a conflict, not ours", async () => {
    await stage.control.patch("cloudian", { groups: { theirs: { groupName: "theirs" } } });
    await stage.fault({ kind: "reset-before-read", method: "PUT", path: "/group" });
    const { message } = await failureOf(server.create(group("theirs", { groupName: "ours" })));
    expect(message).toContain("Cloudian group theirs exists already.");
    expect((await state()).groups["theirs"]).toMatchObject({ groupName: "theirs" });
  });

  test.each(LOST)(
    "a user whose creation's reply is lost ($kind) is made once and proved by its key's age",
    async ({ kind, done }) => {
      await stage.fault({ kind, method: "PUT", path: "/user" });
      const userId = `lost-${kind}`;
      const before = server.warnings.length;
      const sent = await stage.callsOf(() => server.create(user("blue", userId)));
      expect(sent.filter((line) => line === "PUT /user")).toHaveLength(done ? 1 : 2);
      const { credentials } = await state();
      expect(Object.values(credentials).filter((key) => key["userId"] === userId)).toHaveLength(1);
      expect(server.warnings.slice(before)).toEqual([]);
    },
  );

  test("a lost reply with a user that is older than the request is a conflict, not ours", async () => {
    await seedUser();
    await stage.fault({ kind: "reset-before-read", method: "PUT", path: "/user" });
    const { message } = await failureOf(server.create(user("blue", "ada")));
    expect(message).toContain("Cloudian user blue/ada exists already.");
    expect(Object.keys((await state()).credentials)).toEqual([PAIR.accessKeyId]);
  });

  test("a lost reply whose look-up fails as well says both, and the next create finds out", async () => {
    await stage.fault({ kind: "reset-after-commit", method: "PUT", path: "/group" });
    await stage.fault({ kind: "status", status: 500, method: "GET", path: "/group" });
    const { message, initFailure } = await failureOf(impatient.create(group("doubt")));
    expect(message).toContain("Could not create Cloudian group doubt: ");
    expect(message).toContain("Looking it up failed, too: Could not read Cloudian group doubt: ");
    expect(initFailure).toBeUndefined();
    expect((await impatient.create(group("doubt", { __derived: true }))).id).toBe("doubt");
  });

  test.each(LOST)("a rotation whose new key's reply is lost ($kind) makes one pair", async ({ kind }) => {
    await seedUser();
    await stage.fault({ kind, method: "PUT", path: "/user/credentials" });
    const news = user("blue", "ada", { keyGeneration: 2 });
    const outs = await server.update("blue/ada", ada(), news).catch(async () => server.update("blue/ada", ada(), news));
    const made = Object.values((await state()).credentials).filter((key) => key["accessKey"] !== PAIR.accessKeyId);
    expect(made).toHaveLength(1);
    expect(outs).toMatchObject({
      accessKeyId: made[0]?.["accessKey"],
      secretAccessKey: secret(made[0]?.["secretKey"]),
      keyGeneration: 2,
    });
  });

  test.each(["reset-after-commit", "status-after-commit"] as const)(
    "a re-import whose reply is lost (%s) is the same pair, once",
    async (kind) => {
      await seedUser();
      await stage.control.patch("cloudian", { credentials: { [PAIR.accessKeyId]: null } });
      await stage.fault({ kind, method: "POST", path: "/user/credentials" });
      await server.update("blue/ada", ada({ keyGeneration: 0 }), user("blue", "ada"));
      const { credentials } = await state();
      expect(Object.keys(credentials)).toEqual([PAIR.accessKeyId]);
      expect(credentials[PAIR.accessKeyId]).toMatchObject({ secretKey: PAIR.secretAccessKey, active: true });
    },
  );

  test.each(["reset-after-commit", "status-after-commit"] as const)(
    "a deletion whose reply is lost (%s) is a deletion",
    async (kind) => {
      const destroying = await stage.serve();
      await seedUser();
      await stage.fault({ kind, method: "DELETE", path: "/user" });
      await stage.fault({ kind, method: "DELETE", path: "/group" });
      await destroying.delete("blue/ada", ada());
      await destroying.delete("blue", group("blue", { systemEndpoint: stage.endpoint }));
      expect(Object.keys((await state()).groups)).toEqual(["0"]);
    },
  );

  test("a user that exists when its key or limits fail is kept in the state, with the text, and finished later", async () => {
    await stage.fault({ kind: "status", status: 500, method: "GET", path: "/user/credentials/list" });
    const declared = user("blue", "half", { fullName: "Half", limits: {}, password: "Canary-Passw0rd" });
    const first = await partialFailureOf(impatient.create(declared));
    const canonicalUserId = (await state()).users["blue/half"]?.["canonicalUserId"];
    const { limits: _limits, password: _password, ...made } = declared;
    expect(first.id).toBe("blue/half");
    expect(first.properties).toEqual({ ...made, canonicalUserId, systemEndpoint: stage.endpoint });
    expect(first.reasons).toHaveLength(1);
    expect(first.reasons[0]).toMatch(
      /^Cloudian user blue\/half exists, but is not finished: Could not list the keys of Cloudian user blue\/half: .* The next pulumi up goes on\.$/s,
    );
    await stage.fault({ kind: "status", status: 500, method: "POST", path: "/user/password" });
    const second = await partialFailureOf(impatient.update("blue/half", first.properties, declared));
    expect(second.properties).toMatchObject({ __provider: declared["__provider"], keyGeneration: 1 });
    expect(JSON.stringify(second)).not.toContain('"Canary-Passw0rd"');
    const third = await impatient.update("blue/half", unwrapped(second.properties), declared);
    expect(third).toMatchObject({ limits: {}, password: secret("Canary-Passw0rd") });
    expect(Object.keys((await state()).credentials)).toHaveLength(1);
    expect((await state()).passwords).toEqual({ "blue/half": "Canary-Passw0rd" });
  });

  test("a 401 stops at once: its password is not sent again in this process, and is in no message", async () => {
    const config = stage.config({ cloudianPassword: secret("Canary-Refused-1") });
    const wrong = await stage.serveWith(config);
    let first = "";
    const sent = await stage.callsOf(async () => {
      first = (await failureOf(wrong.create(group("refused")))).message;
      for (const call of [
        () => wrong.create(group("refused")),
        () => wrong.read("blue", group("blue")),
        () => wrong.delete("blue/ada", ada()),
      ])
        expect((await failureOf(call())).message).toContain("cloudianPassword");
    });
    expect(sent).toEqual(["PUT /group"]);
    expect(first).toContain(`Could not create Cloudian group refused: ${stage.endpoint} answered 401`);
    for (const word of ["cloudianUsername", "cloudianPassword", "--run-program", "cloudianPasswordEnv"])
      expect(first).toContain(word);
    expect(first).not.toContain("Canary-Refused-1");
    expect(wrong.stderr).not.toContain("Canary-Refused-1");
  });

  test("parallel first calls with a wrong password ask once, not once each", async () => {
    const wrong = await stage.serve({ cloudianPassword: secret("Canary-Refused-2") });
    const sent = await stage.callsOf(() =>
      Promise.allSettled(Array.from({ length: 12 }, (_, n) => wrong.create(group(`refused-${n}`)))),
    );
    expect(sent).toHaveLength(1);
  });

  test.each([
    { method: "PUT", what: "a creating request", call: () => server.create(group("throttled")) },
    { method: "GET", what: "a read", call: () => server.read("blue", group("blue")) },
  ])("Retry-After in seconds is honored before $what", async ({ method, call }) => {
    await stage.fault({ kind: "status", status: 429, retryAfter: 1, method, path: "/group" });
    const started = performance.now();
    await call();
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  test("a Retry-After beyond the operation's time is an error at once", async () => {
    await stage.fault({ kind: "status", status: 429, retryAfter: 3600, method: "GET", path: "/group" });
    const started = performance.now();
    const { message } = await failureOf(server.read("blue", group("blue")));
    expect(message).toContain("answered 429");
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("503 is tried again for reads and for writes that can be repeated", async () => {
    await stage.control.patch("cloudian", { groups: { blue: { groupName: "old" } } });
    const olds = group("blue", { groupName: "old", systemEndpoint: stage.endpoint });
    await stage.fault({ kind: "status", status: 503, method: "GET", path: "/group", times: 2 });
    await stage.fault({ kind: "status", status: 503, method: "POST", path: "/group", times: 2 });
    const get = "GET /group?groupId=blue";
    expect(await stage.callsOf(() => server.update("blue", olds, group("blue", { groupName: "new" })))).toEqual([
      get,
      get,
      get,
      "POST /group",
      "POST /group",
      "POST /group",
    ]);
    expect((await state()).groups["blue"]).toMatchObject({ groupName: "new" });
  });

  test("a failure that stays is told after five attempts, with their number", async () => {
    await stage.fault({ kind: "status", status: 500, method: "GET", path: "/group", times: 100 });
    let message = "";
    const sent = await stage.callsOf(async () => {
      ({ message } = await failureOf(server.read("blue", group("blue"))));
    });
    expect(sent).toHaveLength(5);
    expect(message).toBe(
      `Could not read Cloudian group blue: ${stage.endpoint} answered 500 after 5 attempts, "HTTP ERROR 500 Reason: the request failed". ` +
        "Run the same command again; if it stays so, see what the system's own log says.",
    );
  });

  test("all requests of a connection share one retry budget", async () => {
    const thrifty = await stage.serve({ retryBudget: "15" });
    await stage.fault({ kind: "status", status: 500, method: "GET", path: "/group", times: 100 });
    const reads = await stage.callsOf(() =>
      Promise.allSettled(Array.from({ length: 5 }, () => thrifty.read("blue", group("blue")))),
    );
    expect(reads).toHaveLength(5 + 3);
    expect(await stage.callsOf(() => failureOf(thrifty.read("blue", group("blue"))))).toHaveLength(1);
  });

  test("a system that does not answer ends within the operation's time", async () => {
    const hurried = await stage.serve({ requestTimeoutSeconds: "10", operationTimeoutSeconds: "0.5" });
    // The first call loads the provider, which on a busy machine takes longer than the operation.
    await hurried.check({}, group("blue"));
    await stage.fault({ kind: "hang", times: 100 });
    const started = performance.now();
    expect((await failureOf(hurried.read("blue", group("blue")))).message).toMatch(
      /did not answer in time|are used up/,
    );
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("nobody listens: said as such, with what to check, and without a doubt about the outcome", async () => {
    await stage.fault({ kind: "refuse" });
    const { message } = await failureOf(impatient.create(group("unreachable")));
    await stage.control.clearFaults();
    expect(message).toBe(
      `Could not create Cloudian group unreachable: ${stage.endpoint} cannot be reached (ECONNREFUSED). Check cloudianEndpoint and the network.`,
    );
  });
});

function unwrapped(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      key,
      typeof value === "object" && value !== null && "4dabf18193072939515e22adb298388d" in value && "value" in value
        ? value.value
        : value,
    ]),
  );
}
