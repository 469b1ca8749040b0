import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import { EcsStage, ecsBucket, objectUser } from "./ecs-support.ts";
import { failureOf, startStub } from "./support.ts";

const SECRET = "owner000000000000000000000000000000owner";
/** Older than any delay. */
const KEY = { secret: SECRET, created: "2026-01-01T00:00:00Z" };
const INFO = "GET /object/bucket/inv/info?namespace=ns1";

/** The provider process sees a clock that runs fifty times as fast: what it does after half a minute is seen in half a second. */
const FAST_CLOCK = `--import data:text/javascript,${encodeURIComponent("const now=performance.now.bind(performance);performance.now=()=>now()*50")}`;

/** The session is one per process, so that most tests need a process of their own; one SDK's serves for all. */
describe("the ECS session", () => {
  let stage: EcsStage;

  beforeAll(async () => {
    stage = await EcsStage.open("newest");
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.control.reset();
    await stage.patch({ users: { "ns1/own": { keys: [KEY] } }, buckets: { "ns1/inv": { owner: "own" } } });
  });

  const read = (server: DynamicServer) => server.read("ns1/inv", ecsBucket("inv", "own"));
  const many = (server: DynamicServer, count: number) => Promise.all(Array.from({ length: count }, () => read(server)));
  const logins = (sent: string[]) => sent.filter((line) => line === "GET /login").length;
  /** Without the log-outs, which nobody waits for: a replaced token is given back while the work goes on. */
  const asked = async (work: () => Promise<unknown>) =>
    (await stage.callsOf(work)).filter((line) => line !== "GET /logout");
  const sessions = async () => (await stage.ecs()).sessions;

  test("a hundred resources that start together log in once, a preview never, and SIGINT gives the token back", async () => {
    const server = await stage.serve();
    const names = Array.from({ length: 50 }, (_, n) => `many-${n}`);
    const preview = await stage.callsOf(() =>
      Promise.all(
        names.flatMap((name) => [
          server.check({}, objectUser(name)),
          server.check(ecsBucket(name, "own"), ecsBucket(name, "own", { quotaGiB: 3 })),
          server.diff(`ns1/${name}`, ecsBucket(name, "own"), ecsBucket(name, "own", { quotaGiB: 3 })),
          server.diff(`ns1/${name}`, objectUser(name), objectUser(name)),
        ]),
      ),
    );
    expect(preview).toEqual([]);
    expect(await sessions()).toMatchObject({ live: 0, logins: 0 });
    const sent = await stage.callsOf(() =>
      Promise.all(
        names.flatMap((name) => [
          server.create(objectUser(name)),
          server.create(ecsBucket(name, "own", { encryption: false })),
        ]),
      ),
    );
    expect(logins(sent)).toBe(1);
    expect(sent).toHaveLength(1 + 50 * 2 + 50);
    expect(await sessions()).toMatchObject({ live: 1, logins: 1 });
    const end = await stage.callsOf(() => server.close());
    expect(end).toEqual(["GET /logout"]);
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(await sessions()).toMatchObject({ live: 0, logins: 1 });
  });

  test("a token that ends in the middle: one log-in for all who wait, whatever the array says to it", async () => {
    const server = await stage.serve();
    await read(server);
    for (const end of [
      () => stage.control.advance(28_801),
      () => stage.patch({ sessions: null, options: { expiredAnswer: "302" } }),
    ]) {
      await end();
      const sent = await asked(() => many(server, 40));
      expect(logins(sent)).toBe(1);
      // Nobody asks more than twice: once with the dead token, once with the new one.
      expect(sent.length).toBeLessThanOrEqual(1 + 2 * 40);
      expect(await asked(() => many(server, 40))).toHaveLength(40);
    }
    expect(await sessions()).toMatchObject({ logins: 3 });
    // Between two requests of one operation; the array itself still honors the token.
    await stage.patch({ users: { "ns1/ada": { keys: [KEY] } }, options: { expiredAnswer: "401" } });
    await stage.fault({ kind: "status", status: 401, path: "/object/user-secret-keys/ada/ns1" });
    expect(await asked(() => server.read("ns1/ada", objectUser("ada", { secretAccessKey: SECRET })))).toEqual([
      "GET /object/users/ada/info?namespace=ns1",
      "GET /object/user-secret-keys/ada/ns1",
      "GET /login",
      "GET /object/user-secret-keys/ada/ns1",
    ]);
    // A replaced token is given back at once, the last one when the process is asked to end.
    await expect.poll(sessions).toMatchObject({ live: 1, logins: 4 });
    server.kill("SIGTERM");
    await server.exited;
    expect(await sessions()).toMatchObject({ live: 0, logins: 4 });
  });

  test("the life that the array states is not used to its end", async () => {
    await stage.patch({ options: { maxAgeHeader: true, tokenLifeSeconds: 30 } });
    const server = await stage.serve({}, { NODE_OPTIONS: FAST_CLOCK });
    expect(await stage.callsOf(() => read(server))).toEqual(["GET /login", INFO]);
    expect(await stage.callsOf(() => read(server))).toEqual([INFO]);
    await stage.control.clearRequests();
    await expect
      .poll(async () => [await read(server), (await sessions()).logins].at(-1), { timeout: 10_000, interval: 20 })
      .toBe(2);
    // The token was as good as ever by the array's clock; the earlier one is given back.
    await expect.poll(sessions).toMatchObject({ live: 1, logins: 2 });
    expect((await stage.control.requests("ecs")).filter(({ status }) => status !== 200)).toEqual([]);
  });

  test("a wrong password is tried once in a process, by twelve at once and by those who come later", async () => {
    const server = await stage.serve({ ecsPassword: "Canary-Wrong-1" });
    const messages: string[] = [];
    const sent = await stage.callsOf(async () => {
      const first = await Promise.all(Array.from({ length: 12 }, () => failureOf(read(server))));
      messages.push(...first.map(({ message }) => message));
      for (const call of [
        () => server.create(objectUser("late")),
        () => server.create(ecsBucket("late", "own")),
        () => server.delete("ns1/inv", ecsBucket("inv", "own")),
      ])
        messages.push((await failureOf(call())).message);
    });
    expect(sent).toEqual(["GET /login"]);
    expect([...new Set(messages)]).toEqual([
      `Could not log in to ECS as pulumi: ${stage.endpoint} answered 401, code 4000, "The credentials or the token are not valid: Invalid user name or password". Check ecsUsername and ecsPassword; they are not tried again in this run. refresh and destroy use the configuration that the last pulumi up has recorded: after a password change give --run-program, or use ecsPasswordEnv, which is read live.`,
    ]);
    expect(await sessions()).toMatchObject({ failures: 1, locked: false, live: 0 });
    expect(server.stderr).not.toContain("Canary-Wrong-1");
  });

  test("a locked account is asked once, and said to be one in the array's words", async () => {
    await stage.patch({ sessions: { locked: true } });
    const server = await stage.serve();
    let message = "";
    const sent = await stage.callsOf(async () => {
      message = (await failureOf(read(server))).message;
      await Promise.all(Array.from({ length: 5 }, () => failureOf(read(server))));
    });
    expect(sent).toEqual(["GET /login"]);
    expect(message).toContain("User pulumi is locked");
    expect(message).toContain("they are not tried again in this run");
  });

  test("no room for another token: one log-in, and words that do not blame the password", async () => {
    await stage.patch({ sessions: { live: 100 } });
    const server = await stage.serve();
    const messages: string[] = [];
    const sent = await stage.callsOf(async () => {
      const all = await Promise.all(Array.from({ length: 10 }, () => failureOf(read(server))));
      messages.push(...all.map(({ message }) => message), (await failureOf(read(server))).message);
    });
    expect(sent).toEqual(["GET /login"]);
    expect([...new Set(messages)]).toEqual([
      `Could not log in to ECS as pulumi: ${stage.endpoint} answered 401, code 4000, "The credentials or the token are not valid: Maximum number of tokens exceeded for user pulumi". The user holds as many tokens as the array allows (100, unless it was changed). They end after two idle hours; log out other programs, or give this one a management user of its own.`,
    ]);
    expect(await sessions()).toMatchObject({ live: 100, failures: 0 });
  });

  test("a node that knows no token: one retry with a new one, then an error that says so; 403 never logs in", async () => {
    const server = await stage.serve();
    await read(server);
    await stage.patch({ options: { strangerEvery: 1 } });
    let message = "";
    const sent = await asked(async () => {
      message = (await failureOf(read(server))).message;
    });
    expect(sent).toEqual([INFO, "GET /login", INFO]);
    expect(message).toBe(
      `Could not read ECS bucket ns1/inv: ${stage.endpoint} answered 401, code 4000, "The credentials or the token are not valid: Authentication required: the token is not known to this node" to a token that it has just given out. Behind a load balancer one node may not know the tokens of another: let ecsEndpoint name one node, or make the balancer keep a client on one node.`,
    );
    // New tokens do not help, so that after three of them no more are asked for: an array holds a hundred of a user.
    await Promise.all(Array.from({ length: 8 }, () => failureOf(read(server))));
    expect((await sessions()).logins).toBeLessThanOrEqual(4);
    await stage.patch({ options: { strangerEvery: 0, role: "SYSTEM_MONITOR" } });
    await read(server);
    const refused = await asked(async () => {
      message = (await failureOf(server.create(objectUser("small")))).message;
    });
    expect(refused).toEqual(["POST /object/users"]);
    expect(message).toBe(
      `Could not create ECS object user ns1/small: ${stage.endpoint} answered 403, code 3000, "Access is forbidden: Insufficient permissions for role SYSTEM_MONITOR". The management user pulumi may not do this; it needs the role System Admin, or Namespace Admin of this namespace where that is enough.`,
    );
    // A process whose engine is gone gives its tokens back, too.
    server.stopEngine();
    await server.exited;
    expect(await sessions()).toMatchObject({ live: 0 });
  });

  test("a log-in that nobody answers is tried once more in a process, and then never: each may count as a wrong password", async () => {
    const server = await stage.serve();
    await stage.fault({ kind: "html", path: "/login", times: 5 });
    const messages: string[] = [];
    const sent = await stage.callsOf(async () => {
      const all = await Promise.all(Array.from({ length: 10 }, () => failureOf(read(server))));
      messages.push(...all.map(({ message }) => message), (await failureOf(read(server))).message);
    });
    expect(sent).toEqual(["GET /login", "GET /login"]);
    expect([...new Set(messages)]).toEqual([
      expect.stringMatching(
        /^Could not log in to ECS as pulumi: https:\/\/127\.0\.0\.1:\d+ answered with an HTML page, ".*"\. Is there a proxy or another service at this address\? The log-in was offered 2 times without an answer and is not tried again in this run, because each may count as a wrong password\.$/,
      ),
    ]);
  });

  test("an HTML page is an error in words after the log-in; XML is understood where it refuses", async () => {
    const server = await stage.serve({ retryBudget: "0" });
    // A reply that is none is answered by one more log-in.
    await stage.fault({ kind: "html", path: "/login" });
    expect(await stage.callsOf(() => read(server))).toEqual(["GET /login", "GET /login", INFO]);
    await stage.fault({ kind: "html", path: "/object/bucket/inv/info" });
    expect((await failureOf(read(server))).message).toMatch(
      /^Could not read ECS bucket ns1\/inv: https:\/\/127\.0\.0\.1:\d+ answered with an HTML page/,
    );
    await stage.patch({ options: { format: "xml" } });
    expect((await failureOf(read(server))).message).toBe(
      "Could not read ECS bucket ns1/inv: the answer is XML, though JSON was asked for. Does something on the way drop the Accept header?",
    );
    expect((await server.read("ns1/nobody", objectUser("nobody"))).id).toBe("");
    expect((await server.read("ns1/none", ecsBucket("none", "own"))).id).toBe("");
    expect((await failureOf(server.create(ecsBucket("orphan", "nobody", { encryption: false })))).message).toContain(
      'answered 400, code 40010, "The bucket owner is not valid: Unable to find user nobody in namespace ns1"',
    );
    // A log-out that nobody answers does not keep the process.
    await stage.fault({ kind: "hang", path: "/logout" });
    const started = performance.now();
    expect(await server.close()).toEqual({ code: 0, signal: null });
    expect(performance.now() - started).toBeLessThan(4000);
  });

  test("neither the debug log nor any message shows password, Basic header or token, whatever the array echoes", async () => {
    const token = "Canary+Token/3w9Xz1Qv7Lk5==";
    const password = "Canary+Password'1 (&)";
    const basic = Buffer.from(`pulumi:${password}`).toString("base64");
    const stub = await startStub(({ url, headers, body }) =>
      url === "/login"
        ? { status: 200, body: "{}", headers: { "x-sds-auth-token": token } }
        : { status: 400, body: JSON.stringify({ code: 1008, details: `${JSON.stringify(headers)} ${body} ${basic}` }) },
    );
    const server = await stage.serve(
      { ecsEndpoint: stub.endpoint, ecsPassword: password, retryBudget: "0" },
      { CLOUDSTACK_STORAGE_DEBUG: "1" },
    );
    const failures = [
      await failureOf(server.create(objectUser("leaky"))),
      await failureOf(read(server)),
      await failureOf(
        server.update(
          "ns1/own",
          objectUser("own", { secretAccessKey: SECRET }),
          objectUser("own", { keyGeneration: 2 }),
        ),
      ),
    ];
    await server.close();
    const told = [...failures.map(({ message }) => message), ...server.warnings, server.stderr, server.stdout].join(
      "\n",
    );
    expect(told).toContain("answered 400");
    expect(told).toMatch(/^cloudstack-storage: GET \/login 200 attempt=1 \d+ ms$/m);
    expect(told).toMatch(/^cloudstack-storage: GET \/object\/bucket\/inv\/info 400 attempt=1 \d+ ms$/m);
    for (const canary of [token, encodeURIComponent(token), password, basic, SECRET])
      expect(told).not.toContain(canary);
    await stub.close();
  });
});
