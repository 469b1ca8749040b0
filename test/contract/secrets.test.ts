import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, group, PAIR, Stage, type Stub, secret, startStub, user } from "./support.ts";

/** Characters that encoders treat differently. */
const LOGIN = "Canary+Login!1 ('~*)/é";
const CMC = "Canary%Cmc!2 &<b>('~)\"é";
const KEY = "Canary+Key/3!('~)ZZZZZZZZZZZZZZZZZZZZZZZ";
const TOKEN = Buffer.from(`sysadmin:${LOGIN}`).toString("base64");

const html = (text: string) =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");

/** The ways in which a canary may show, each written down by another means than the code under test uses. */
function shapes(canary: string): string[] {
  const form = new URLSearchParams({ x: canary }).toString().slice(2);
  return [
    canary,
    encodeURIComponent(canary),
    form,
    form.replaceAll("+", "%20"),
    form.replaceAll("+", "%20").replace(/%../g, (code) => code.toLowerCase()),
    html(canary),
    JSON.stringify(canary).slice(1, -1),
    Buffer.from(canary).toString("base64"),
    Buffer.from(canary).toString("base64url"),
  ];
}

describe.each(SDKS)("secrets in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  const stubs: Stub[] = [];

  beforeAll(async () => {
    stage = await Stage.open(sdk);
  });
  afterAll(async () => {
    await stage.close();
    await Promise.all(stubs.map((stub) => stub.close()));
  });

  const leaks = (text: string, canaries: string[]) => canaries.flatMap(shapes).filter((shape) => text.includes(shape));
  /** A server that refuses everything and says why, in words that a test may change. */
  const serveAgainst = async (page: (echo: string) => string, env: Record<string, string> = {}) => {
    const said = { page };
    const stub = await startStub(({ method, url, authorization, body }) =>
      method === "GET" && url.startsWith("/user/credentials/list")
        ? { status: 204 }
        : { status: 400, body: said.page(`${url} ${authorization} ${body}`) },
    );
    stubs.push(stub);
    const config = stage.config({ cloudianEndpoint: stub.endpoint, cloudianPassword: secret(LOGIN), retryBudget: "0" });
    return { server: await stage.serveWith(config, env), endpoint: stub.endpoint, said };
  };

  const exercise = async ({ server, endpoint }: Awaited<ReturnType<typeof serveAgainst>>) => {
    const olds = user("blue", "ada", {
      accessKeyId: PAIR.accessKeyId,
      secretAccessKey: KEY,
      __keyGeneration: 1,
      password: "Canary-Earlier-4",
      systemEndpoint: endpoint,
    });
    const news = user("blue", "ada", { password: CMC });
    const failures = [
      await failureOf(server.create(group("blue"))),
      await failureOf(server.create(news)),
      await failureOf(server.read("blue/ada", olds)),
      await failureOf(server.update("blue/ada", olds, news)),
      await failureOf(server.update("blue/ada", { ...olds, keyGeneration: 0 }, news)),
      // Another user: what a run has tried to change it does not delete.
      await failureOf(server.delete("blue/eve", { ...olds, userId: "eve" })),
    ];
    const told = failures.map(({ message, initFailure }) => `${message}\n${initFailure?.reasons.join("\n") ?? ""}`);
    return [...told, ...server.warnings, server.stderr, server.stdout].join("\n");
  };

  test("no error, warning or printed line shows one, whatever the server echoes", async () => {
    const scene = await serveAgainst(() => "");
    for (const page of [
      (echo: string) => `<html><body>Bad request: ${echo}</body></html>`,
      (echo: string) => `Bad request: ${decodeURIComponent(echo)}`,
      (echo: string) => `<p>Bad: ${html(decodeURIComponent(echo))}</p>`,
      () => `<p>no access for ${TOKEN}</p>`,
      () => `<p>no access for sysadmin:${LOGIN}</p>`,
    ]) {
      scene.said.page = page;
      const text = await exercise(scene);
      expect(leaks(text, [LOGIN, CMC, KEY, TOKEN, "Canary-Earlier-4"])).toEqual([]);
      expect(text).toContain("answered 400");
    }
  });

  test("nor in any of its encodings, nor a part of it where a long page is cut", async () => {
    const { server, endpoint, said } = await serveAgainst(() => "");
    const olds = user("blue", "ada", { ...PAIR, secretAccessKey: KEY, systemEndpoint: endpoint });
    const update = () => failureOf(server.update("blue/ada", olds, user("blue", "ada", { password: CMC })));
    await update();
    for (const form of [LOGIN, CMC, KEY].flatMap(shapes)) {
      said.page = () => `[${form}]`;
      expect((await update()).message).toContain('answered 400, "[[secret]]".');
    }
    for (let padding = 240; padding < 305; padding += 3) {
      said.page = () => `${"x".repeat(padding)} ${LOGIN} ${KEY}`;
      expect((await update()).message).not.toContain("Can");
    }
  });

  test("nor the debug log, which shows method, path without query, status, attempt and duration", async () => {
    const text = await exercise(await serveAgainst((echo) => echo, { CLOUDSTACK_STORAGE_DEBUG: "1" }));
    expect(leaks(text, [LOGIN, CMC, KEY, TOKEN])).toEqual([]);
    expect(text).toMatch(/^cloudstack-storage: PUT \/group 400 attempt=1 \d+ ms$/m);
    expect(text).toMatch(/^cloudstack-storage: POST \/user\/password 400 attempt=1 \d+ ms$/m);
    expect(text).not.toMatch(/^cloudstack-storage: .*\?/m);
  });

  test("a key pair that the system shows is remembered as well", async () => {
    await stage.control.patch("cloudian", {
      groups: { blue: {} },
      users: { "blue/ada": {} },
      credentials: { [PAIR.accessKeyId]: { groupId: "blue", userId: "ada", secretKey: KEY, createDate: 1 } },
    });
    const server = await stage.serve();
    const { properties } = await server.read("blue/ada", undefined, { __provider: user("blue", "ada")["__provider"] });
    expect(properties["secretAccessKey"]).toEqual(secret(KEY));
    await stage.control.patch("cloudian", { users: { "blue/ada": { fullName: KEY } } });
    const { message } = await failureOf(server.create(user("blue", "ada", { fullName: "Ada" })));
    expect(message).toContain('fullName: live "[secret]"');
    expect(message).not.toContain(KEY);
  });

  test("an error carries no status, id or details of its own", async () => {
    const { server } = await serveAgainst(() => "");
    for (const call of [
      () => server.create(group("blue")),
      () => server.read("blue", group("blue")),
      () => server.delete("blue", group("blue")),
    ]) {
      const { code, initFailure } = await failureOf(call());
      expect(code).toBe(2);
      expect(initFailure).toBeUndefined();
    }
  });
});
