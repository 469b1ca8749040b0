import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Call, HttpClient } from "../../provider/core/http.ts";
import { Session } from "../../provider/ecs/session.ts";

interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cut?: boolean;
}

/** Tokens that the array knows, in the order in which it has given them out. */
let tokens: string[];
let seen: { line: string; token: string | undefined; basic: string | undefined }[];
/** Answers to the next log-ins; a new token where nothing is said. */
let logIns: Reply[];
/** Answers to everything else, whatever the token; where nothing is said, the token decides. */
let answers: Reply[];
let maxAge: string | undefined;

const refusedToken: Reply = { status: 401, body: '{"code":4000,"details":"The token is not valid"}' };

function logIn(): Reply {
  const said = logIns.shift();
  if (said) return said;
  const token = `Canary-token-${seen.length}`;
  tokens.push(token);
  const life = maxAge === undefined ? {} : { "X-SDS-AUTH-MAX-AGE": maxAge };
  return { status: 200, body: '{"user":"pulumi"}', headers: { "X-SDS-AUTH-TOKEN": token, ...life } };
}

function reply(incoming: IncomingMessage, token: string | undefined): Reply {
  if (incoming.url === "/login") return logIn();
  const isKnown = token !== undefined && tokens.includes(token);
  if (incoming.url === "/logout") {
    tokens = tokens.filter((each) => each !== token);
    return isKnown ? { status: 200 } : refusedToken;
  }
  return answers.shift() ?? (isKnown ? { status: 200, body: "{}" } : refusedToken);
}

const server = createServer((incoming, outgoing) => {
  const { authorization, "x-sds-auth-token": header } = incoming.headers;
  const token = Array.isArray(header) ? header[0] : header;
  seen.push({ line: `${incoming.method} ${incoming.url}`, token, basic: authorization });
  const { status, body = "", headers, cut } = reply(incoming, token);
  if (cut) incoming.socket.destroy();
  else outgoing.writeHead(status, headers).end(body);
});
let endpoint: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  tokens = [];
  seen = [];
  logIns = [];
  answers = [];
  maxAge = undefined;
});
afterEach(() => {
  vi.useRealTimers();
});

const READ: Call = { what: "read it", method: "GET", path: "/thing", effect: "read", answers: [200, 403] };

/** Another provider process. */
function process() {
  const settings = {
    endpoint,
    aliases: [],
    username: "pulumi",
    password: "Canary-password",
    tls: { insecure: false },
    transport: { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 4, retryBudget: 100 },
    s3: { tls: { insecure: false } },
  };
  return new HttpClient(settings, "ecs", new Session(settings));
}
const lines = () => seen.map(({ line }) => line);
const logInCount = () => lines().filter((line) => line === "GET /login").length;
/** The requests without those that give replaced tokens back, which nobody waits for. */
const asked = () => lines().filter((line) => line !== "GET /logout");
const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => "no error",
    (error: Error) => error.message,
  );

describe("the log-in", () => {
  test("is with Basic, and everything after it with the token", async () => {
    const client = process();
    await client.send(READ);
    await client.send(READ);
    expect(seen).toEqual([
      { line: "GET /login", token: undefined, basic: "Basic cHVsdW1pOkNhbmFyeS1wYXNzd29yZA==" },
      { line: "GET /thing", token: "Canary-token-1", basic: undefined },
      { line: "GET /thing", token: "Canary-token-1", basic: undefined },
    ]);
  });

  test("is one for all who start together", async () => {
    const client = process();
    await Promise.all(Array.from({ length: 30 }, () => client.send(READ)));
    expect(logInCount()).toBe(1);
    expect(seen).toHaveLength(31);
  });

  test("does not come before somebody asks", () => {
    expect(process().endpoint).toBe(endpoint);
    expect(seen).toEqual([]);
  });

  test("that is refused is tried once, by all who start together and all who come later", async () => {
    logIns = [{ status: 401, body: '{"code":4000,"details":"Invalid user name or password"}' }];
    const client = process();
    const messages = await Promise.all([1, 2, 3].map(() => messageOf(client.send(READ))));
    messages.push(await messageOf(client.send(READ)));
    expect(new Set(messages)).toEqual(
      new Set([
        `Could not log in to ECS as pulumi: ${endpoint} answered 401, code 4000, "Invalid user name or password". Check ecsUsername and ` +
          "ecsPassword; they are not tried again in this run. refresh and destroy use the configuration that the last pulumi up has " +
          "recorded: after a password change give --run-program, or use ecsPasswordEnv, which is read live.",
      ]),
    );
    expect(lines()).toEqual(["GET /login"]);
  });

  test.each([
    ["Maximum number of tokens exceeded for user pulumi"],
    ["The user has exceeded the maximum allowed tokens"],
    ["Too many tokens"],
  ])("that finds no room for a token does not blame the password: %s", async (details) => {
    logIns = [{ status: 401, body: JSON.stringify({ code: 4000, details }) }];
    const message = await messageOf(process().send(READ));
    expect(message).toContain(
      `answered 401, code 4000, "${details}". The user holds as many tokens as the array allows (100`,
    );
    expect(message).not.toContain("ecsPassword");
  });

  test.each([
    ["The account is locked: maximum number of login attempts exceeded"],
    ["Too many failed password attempts; token refused"],
  ])("that is refused for another reason is no lack of room: %s", async (details) => {
    logIns = [{ status: 401, body: JSON.stringify({ code: 4000, details }) }];
    expect(await messageOf(process().send(READ))).toContain("Check ecsUsername and ecsPassword");
  });

  test("is not tried for thirty seconds where the array has no room", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    logIns = [{ status: 401, body: '{"code":4000,"details":"Maximum number of tokens exceeded"}' }];
    const client = process();
    await messageOf(client.send(READ));
    vi.advanceTimersByTime(29_000);
    expect(await messageOf(client.send(READ))).toContain("holds as many tokens as the array allows");
    expect(lines()).toEqual(["GET /login"]);
    vi.advanceTimersByTime(2000);
    await client.send(READ);
    expect(asked()).toEqual(["GET /login", "GET /login", "GET /thing"]);
  });

  test.each([
    { what: "no token", said: { status: 200, body: '{"user":"pulumi"}' }, message: "holds no token" },
    {
      what: "a redirect",
      said: { status: 302, headers: { location: "https://sso.example/x" } },
      message: "It redirects to https://sso.example; credentials are never sent on",
    },
    { what: "403", said: { status: 403 }, message: "answered 403" },
  ])("that brings $what is an error in words, and is not repeated", async ({ said, message }) => {
    logIns = [said];
    const client = process();
    const text = await messageOf(client.send(READ));
    expect(text).toContain("Could not log in to ECS as pulumi: ");
    expect(text).toContain(message);
    await messageOf(client.send(READ));
    expect(lines()).toEqual(["GET /login"]);
  });

  test("that brings a page may have brought a token, so that it is tried once more", async () => {
    const page = { status: 200, body: "<html><body>Sign in</body></html>" };
    logIns = [page, page];
    const client = process();
    expect(await messageOf(client.send(READ))).toContain(`${endpoint} answered with an HTML page, "Sign in"`);
    await messageOf(client.send(READ));
    expect(lines()).toEqual(["GET /login", "GET /login"]);
  });

  test("whose reply is lost is tried once more, because each may count as a wrong password", async () => {
    logIns = [{ status: 200, cut: true }];
    await process().send(READ);
    expect(asked()).toEqual(["GET /login", "GET /login", "GET /thing"]);
    seen = [];
    logIns = [
      { status: 200, cut: true },
      { status: 200, cut: true },
    ];
    const client = process();
    expect(await messageOf(client.send(READ))).toContain(
      "The log-in was offered 2 times without an answer and is not tried again in this run",
    );
    await messageOf(client.send(READ));
    expect(lines()).toEqual(["GET /login", "GET /login"]);
  });
});

describe("a token", () => {
  test.each([
    { maxAge: "100", usedMs: 89_900, lifeMs: 90_100 },
    // Shorter lives are not believed: every request would log in.
    { maxAge: "1", usedMs: 26_900, lifeMs: 27_100 },
    { maxAge: "28800", usedMs: 28_739_000, lifeMs: 28_741_000 },
  ])("with $maxAge s to live is renewed early, and the old one given back", async ({ maxAge: age, usedMs, lifeMs }) => {
    vi.useFakeTimers({ toFake: ["performance"] });
    maxAge = age;
    const client = process();
    await client.send(READ);
    vi.advanceTimersByTime(usedMs);
    await client.send(READ);
    expect(logInCount()).toBe(1);
    vi.advanceTimersByTime(lifeMs - usedMs);
    await Promise.all([client.send(READ), client.send(READ), client.send(READ)]);
    expect(logInCount()).toBe(2);
    await vi.waitFor(() => expect(tokens).toHaveLength(1));
  });

  test.each([undefined, "0", "-5", "soon", ""])(
    "whose life is stated as %j is used until it is refused",
    async (age) => {
      vi.useFakeTimers({ toFake: ["performance"] });
      maxAge = age;
      const client = process();
      await client.send(READ);
      vi.advanceTimersByTime(365 * 24 * 3_600_000);
      await client.send(READ);
      expect(logInCount()).toBe(1);
    },
  );

  test("that has ended costs one log-in for all who wait, and nobody an error", async () => {
    const client = process();
    await client.send(READ);
    tokens = [];
    seen = [];
    await Promise.all(Array.from({ length: 10 }, () => client.send(READ)));
    expect(logInCount()).toBe(1);
    expect(new Set(seen.filter(({ line }) => line === "GET /thing").map(({ token }) => token)).size).toBe(2);
  });

  test.each(["/login", "/ui/Login.html", "https://array.example/login?from=x"])(
    "that a redirect to %s refuses is replaced",
    async (location) => {
      const client = process();
      await client.send(READ);
      answers = [{ status: 302, headers: { location } }];
      await client.send(READ);
      expect(asked()).toEqual(["GET /login", "GET /thing", "GET /thing", "GET /login", "GET /thing"]);
    },
  );

  test("has nothing to do with a redirect to anywhere else, or one to nowhere", async () => {
    const client = process();
    for (const headers of [{ location: "https://other.example/thing" }, {}]) {
      answers = [{ status: 301, headers } as Reply];
      expect(await messageOf(client.send(READ))).toContain(
        "credentials are never sent on. Set ecsEndpoint to the final address.",
      );
    }
    expect(logInCount()).toBe(1);
  });

  test("has nothing to do with 403", async () => {
    const client = process();
    answers = [{ status: 403 }, { status: 403 }];
    expect((await client.send(READ)).status).toBe(403);
    expect((await client.send(READ)).status).toBe(403);
    expect(logInCount()).toBe(1);
  });

  test("that is refused right after it was given out is an error that says why, after two", async () => {
    answers = [refusedToken, refusedToken];
    expect(await messageOf(process().send(READ))).toBe(
      `Could not read it: ${endpoint} answered 401, code 4000, "The token is not valid" to a token that it has just given out. ` +
        "Behind a load balancer one node may not know the tokens of another: let ecsEndpoint name one node, or make the balancer " +
        "keep a client on one node.",
    );
    expect(asked()).toEqual(["GET /login", "GET /thing", "GET /login", "GET /thing"]);
  });

  test("that one node does not know costs one retry", async () => {
    answers = [refusedToken];
    expect((await process().send(READ)).status).toBe(200);
    expect(asked()).toEqual(["GET /login", "GET /thing", "GET /login", "GET /thing"]);
  });

  test("is used no more once it was replaced, also by those who come later", async () => {
    const client = process();
    await client.send(READ);
    tokens = [];
    await client.send(READ);
    const [last] = tokens;
    seen = [];
    await client.send(READ);
    expect(seen).toEqual([{ line: "GET /thing", token: last, basic: undefined }]);
  });

  test("is repeated with a request that the server could not answer", async () => {
    const client = process();
    answers = [{ status: 503 }, { status: 200, body: "{}" }];
    await client.send(READ);
    expect(asked()).toEqual(["GET /login", "GET /thing", "GET /thing"]);
  });
});
