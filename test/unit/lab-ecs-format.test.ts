import { beforeEach, expect, test } from "vitest";
import { openEcs, tokenOf } from "./lab-ecs-stage.ts";

const { control, call } = await openEcs();

let token = "";
beforeEach(async () => {
  token = tokenOf(await call.logIn());
  await control.patch("ecs", { users: { "ns1/u": { created: "2026-01-31T12:00:00Z", tags: { a: "<1>" } } } });
});

const bare = (method: string, target: string, headers: Record<string, string> = {}, body = "") =>
  call.bare(method, target, { "x-sds-auth-token": token, ...headers }, body);
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

test("the answer is XML, unless JSON is asked for by header or by the end of the path", async () => {
  const xml = await bare("GET", "/object/users/u/info");
  expect(xml.headers["content-type"]).toBe("application/xml");
  expect(xml.text).toBe(
    `${head}<user><namespace>ns1</namespace><name>u</name><locked>false</locked><created>Sat Jan 31 12:00:00 UTC 2026</created><tags><tag><name>a</name><value>&lt;1&gt;</value></tag></tags></user>`,
  );
  const members = {
    namespace: "ns1",
    name: "u",
    locked: false,
    created: "Sat Jan 31 12:00:00 UTC 2026",
    tag: [{ name: "a", value: "<1>" }],
  };
  expect((await bare("GET", "/object/users/u/info", { accept: "application/json" })).json()).toEqual(members);
  const suffixed = await bare("GET", "/object/users/u/info.json", { accept: "*/*" });
  expect(suffixed.headers["content-type"]).toBe("application/json");
  expect(suffixed.json()).toEqual(members);
});

test("errors are written as the answer would be", async () => {
  const missing = { code: 2000, description: "The id in the URL is not known", details: "Unable to find user v" };
  expect((await bare("GET", "/object/users/v/info.json")).json()).toEqual({ ...missing, retryable: false });
  expect((await bare("GET", "/object/users/v/info")).text).toBe(
    `${head}<error><code>2000</code><description>The id in the URL is not known</description><details>Unable to find user v</details><retryable>false</retryable></error>`,
  );
  await control.patch("ecs", { options: { format: "xml" } });
  expect((await bare("GET", "/object/users/v/info.json")).text).toMatch(/^<\?xml .*<error>/);
});

test("a body may be XML or JSON, its unknown members are ignored", async () => {
  const xml = { "content-type": "application/xml" };
  const create = (body: string, headers = xml) => bare("POST", "/object/users", headers, body);
  const inner = "<user>x</user><namespace>ns1</namespace><tags><tag><name>n</name><value>v</value></tag></tags><more/>";
  expect((await create(`<user_create_param>${inner}</user_create_param>`)).status).toBe(200);
  expect((await control.state()).ecs.users["ns1/x"]).toMatchObject({ tags: { n: "v" } });
  for (const body of ["<user_create_param>", `<user>${inner}</user>`, "no XML"]) {
    expect((await create(body)).text).toContain("<code>1013</code>");
  }
  const json = { "content-type": "application/json" };
  for (const body of ["{", "[]", "1"]) expect((await create(body, json)).text).toContain("<code>1013</code>");
  const plain = await create("user=x", { "content-type": "text/plain" });
  expect([plain.status, /<code>(\d+)/.exec(plain.text)?.[1]]).toEqual([415, "1003"]);
});

test("JSON wrapped in the root is empty, unless the option allows it; the text {} is no error", async () => {
  const body = { user_create_param: { user: "w", namespace: "ns1" } };
  expect((await call("POST", "/object/users", body)).json()).toMatchObject({ code: 1005 });
  await control.patch("ecs", { options: { wrappedInput: true } });
  expect((await call("POST", "/object/users", body)).status).toBe(200);
  await control.patch("ecs", { buckets: { "ns1/b": { owner: "u" } } });
  expect((await call("POST", "/object/bucket/b/deactivate?namespace=ns1", '"{}"')).status).toBe(200);
});

test("success without a body claims to be XML", async () => {
  const reply = await call("PUT", "/object/users/lock", { user: "u", isLocked: "true", namespace: "ns1" });
  expect([reply.status, reply.headers["content-type"], reply.text]).toEqual([200, "application/xml", ""]);
});

test("segments of a path are decoded one by one, and recorded as they came", async () => {
  const name = "a/b@c+d=e?f";
  await call("POST", "/object/users", { user: name, namespace: "ns1" });
  const path = "/object/users/a%2Fb%40c%2Bd%3De%3Ff/info";
  expect((await call("GET", `${path}?namespace=ns1`)).json()).toMatchObject({ name });
  expect((await control.requests("ecs")).at(-1)?.path).toBe(path);
  expect((await call("GET", "/object/users/a/b@c+d=e?f/info")).status).toBe(501);
  expect((await call("GET", "/object/users/%FF/info")).json()).toMatchObject({ code: 1002 });
});

test("what does not exist is 404 or 405, what only the lab lacks 501", async () => {
  await control.patch("ecs", { buckets: { "ns1/b": { owner: "u" } } });
  expect((await call("GET", "/nowhere")).json()).toMatchObject({ code: 1019 });
  expect((await call("PUT", "/object/bucket/b/encryption")).status).toBe(404);
  expect((await call("PUT", "/object/bucket/b/info")).json()).toMatchObject({ code: 1007 });
  for (const path of ["/object/bucket/b/searchmetadata", "/vdc/nodes", "/config/object/properties", "/iam/users"]) {
    expect((await call("GET", path)).status).toBe(501);
  }
});

test("faults answer with the error document of the system", async () => {
  await control.fault({ system: "ecs", kind: "status" });
  expect((await bare("GET", "/user/whoami")).text).toContain("<error><code>6000</code>");
  await control.fault({ system: "ecs", kind: "status", status: 500 });
  expect((await bare("GET", "/user/whoami")).text).toContain("<error><code>7000</code>");
});
