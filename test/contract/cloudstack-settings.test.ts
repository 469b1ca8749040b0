import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CloudStackStage, START, store } from "./cloudstack-support.ts";
import { failureOf, secret } from "./support.ts";

const MISSING_ALL = `The CloudStack settings are not complete (refresh and destroy see a change of configuration only with --run-program):
  - cloudstackEndpoint is missing (such as https://cloud.example.com/client/api). Give it with \`pulumi config set cloudstack-storage:cloudstackEndpoint\`, in the environment as CLOUDSTACK_API_URL, or as the argument cloudstackEndpoint of an explicit Provider.
  - cloudstackApiKey is missing (such as …). Give it with \`pulumi config set cloudstack-storage:cloudstackApiKey\`, in the environment as CLOUDSTACK_API_KEY, or as the argument cloudstackApiKey of an explicit Provider.
  - cloudstackSecretKey is missing (such as …). Give it with \`pulumi config set --secret cloudstack-storage:cloudstackSecretKey\`, in the environment as CLOUDSTACK_SECRET_KEY, or as the argument cloudstackSecretKey, or by name as cloudstackSecretKeyEnv, of an explicit Provider.`;

// Where settings come from is the same for all systems; both SDKs' servers read them for Cloudian.
describe("CloudStack settings", () => {
  let stage: CloudStackStage;
  beforeAll(async () => {
    stage = await CloudStackStage.open("newest");
  });
  afterAll(() => stage.close());
  beforeEach(async () => {
    await stage.clean();
    await stage.seedStaging();
  });

  test("that are missing are a warning once in a preview, and fail the first real call, all in one text", async () => {
    const server = await stage.serveWith({});
    expect((await server.check({}, store("main"))).failures).toEqual([]);
    expect((await server.check(store("old"), store("old"))).failures).toEqual([]);
    expect(server.warnings).toEqual([MISSING_ALL]);
    expect((await failureOf(server.create(store("main")))).message).toBe(MISSING_ALL);
    expect((await failureOf(server.read("id", store("main")))).message).toBe(MISSING_ALL);
    expect((await failureOf(server.delete("id", store("main")))).message).toBe(MISSING_ALL);
  });

  test("come from the environment where stack configuration is silent", async () => {
    const { endpoint, apiKey, secretKey } = stage.addresses.cloudstack;
    const environment = {
      CLOUDSTACK_API_URL: endpoint,
      CLOUDSTACK_API_KEY: apiKey,
      CLOUDSTACK_SECRET_KEY: secretKey,
    };
    const server = await stage.serveWith({}, environment);
    expect((await server.create(store("main"))).id).not.toBe("");
  });

  test("an endpoint without its path is an error that asks for it", async () => {
    const server = await stage.serve({ cloudstackEndpoint: "http://127.0.0.1:1" });
    const { message } = await failureOf(server.create(store("main")));
    expect(message).not.toContain("UND_ERR_INVALID_ARG");
    expect(message).toContain("cloudstackEndpoint");
  });

  test("a wrong secret key is offered once, and shown nowhere", async () => {
    const server = await stage.serve({ cloudstackSecretKey: secret("Canary-Wrong-Secret-Key") });
    const { result, sent } = await stage.resultOf(() =>
      Promise.all(["a", "b", "c"].map((name) => failureOf(server.create(store(name))))),
    );
    expect(sent).toEqual([START[0]]);
    for (const { message } of result) {
      expect(message).toContain(
        "Check cloudstackApiKey and cloudstackSecretKey (they are not tried again in this run)",
      );
      expect(message).not.toContain("Canary");
    }
  });

  test("no request shows the secret key of the settings or that of a store in its URL", async () => {
    const server = await stage.serve();
    await server.create(store("main"));
    const records = await stage.control.requests("cloudstack");
    const urls = records.map(({ query }) => JSON.stringify(query)).join("\n");
    expect(urls).not.toContain("Canary");
    expect(urls).not.toContain(stage.addresses.cloudstack.secretKey);
    for (const { method, query, body } of records) expect(method === "POST" ? query : (body ?? {})).toEqual({});
  });

  test("a cloud that URL-encodes its answers is refused before anything is read or changed", async () => {
    await stage.options({ encodeResponse: true });
    const server = await stage.serve();
    const { message, sent } = await stage.refusalOf(() => server.create(store("main")));
    expect(message).toContain("URL-encodes what it answers (global setting encode.api.response)");
    expect(sent).toEqual(START);
  });

  test("a cloud that enforces POST and expiry is content", async () => {
    await stage.options({ enforcePostAndTimestamps: true });
    const server = await stage.serve();
    expect((await server.create(store("main"))).id).not.toBe("");
  });
});
