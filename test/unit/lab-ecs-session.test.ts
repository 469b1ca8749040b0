import { expect, test } from "vitest";
import { basic, type EcsReply, openEcs, tokenOf } from "./lab-ecs-stage.ts";

const { control, call } = await openEcs();

const whoAmI = (token: string) =>
  call.bare("GET", "/user/whoami", { "x-sds-auth-token": token, accept: "application/json" });
const sessions = async () => (await control.state()).ecs.sessions;
const code = (reply: EcsReply) => [reply.status, (reply.json() as { code: number }).code];

test("a log-in gives a new token each time, in a header, and tells who logged in", async () => {
  const first = await call.logIn();
  const second = await call.logIn();
  expect(first.json()).toEqual({ user: "pulumi" });
  expect(tokenOf(first)).toMatch(/^[A-Za-z0-9+/=]{64}$/);
  expect(tokenOf(second)).not.toBe(tokenOf(first));
  expect(first.headers).not.toHaveProperty("x-sds-auth-max-age");
  expect((await whoAmI(tokenOf(first))).json()).toEqual({
    common_name: "pulumi",
    distinguished_name: "",
    namespace: "",
    roles: ["SYSTEM_ADMIN"],
    last_time_password_changed: "",
  });
  expect((await whoAmI(tokenOf(second))).status).toBe(200);
  expect(await sessions()).toEqual({ live: 2, logins: 2, failures: 0, locked: false });
});

test("newer releases tell the life of the token and more about the user", async () => {
  await control.patch("ecs", { options: { maxAgeHeader: true, release: "4.x", role: "NAMESPACE_ADMIN" } });
  const reply = await call.logIn();
  expect(reply.headers).toMatchObject({ "x-sds-auth-max-age": "28800", "x-sds-auth-username": "pulumi" });
  expect((await whoAmI(tokenOf(reply))).json()).toMatchObject({
    namespace: "ns1",
    roles: ["NAMESPACE_ADMIN"],
    user_must_reset_password: false,
  });
});

test("everything but the log-in needs a token, in the header or as a cookie", async () => {
  const token = tokenOf(await call.logIn());
  for (const headers of [{}, { authorization: basic("pulumi", "lab-ecs-password") }, { "x-sds-auth-token": "x" }]) {
    const reply = await call.bare("GET", "/user/whoami", { ...headers, accept: "application/json" });
    expect(code(reply)).toEqual([401, 4000]);
  }
  expect((await call.bare("GET", "/user/whoami", { cookie: `a=b; X-SDS-AUTH-TOKEN=${token}` })).status).toBe(200);
});

test("a token ends with its life, use renews only its idle time", async () => {
  const token = tokenOf(await call.logIn());
  for (let hour = 0; hour < 7; hour++) {
    await control.advance(3600);
    expect((await whoAmI(token)).status).toBe(200);
  }
  await control.advance(3600);
  expect(code(await whoAmI(token))).toEqual([401, 4000]);
  const idle = tokenOf(await call.logIn());
  await control.advance(7200);
  expect((await whoAmI(idle)).status).toBe(401);
  expect((await sessions()).live).toBe(0);
});

test("one token more than the cap is refused with the code of a wrong password and other words", async () => {
  await control.patch("ecs", { sessions: { live: 100 } });
  const refused = await call.logIn();
  expect(refused.status).toBe(401);
  expect(refused.json()).toEqual({
    code: 4000,
    description: "The credentials or the token are not valid",
    details: "Maximum number of tokens exceeded for user pulumi",
    retryable: false,
  });
  await control.patch("ecs", { sessions: { live: 99 } });
  expect((await call.logIn()).status).toBe(200);
});

test("a log-out ends its token, with force all, for which the password will do", async () => {
  const [one, two, three] = [await call.logIn(), await call.logIn(), await call.logIn()].map(tokenOf);
  const leave = (query: string, headers: Record<string, string>) =>
    call.bare("GET", `/logout${query}`, { ...headers, accept: "application/json" });
  const left = await leave("", { "x-sds-auth-token": one ?? "" });
  expect(left.json()).toEqual({ user: "pulumi" });
  expect((await leave("", { "x-sds-auth-token": one ?? "" })).status).toBe(401);
  expect((await sessions()).live).toBe(2);
  await leave("?force=true", { "x-sds-auth-token": two ?? "" });
  expect((await whoAmI(three ?? "")).status).toBe(401);
  await control.patch("ecs", { sessions: { live: 100 } });
  expect((await leave("?force=true", { authorization: basic("pulumi", "lab-ecs-password") })).status).toBe(200);
  expect(await sessions()).toMatchObject({ live: 0, logins: 3 });
});

test("three wrong passwords lock the user, for the right one as well, until somebody unlocks", async () => {
  expect(code(await call.logIn("wrong"))).toEqual([401, 4000]);
  expect(code(await call.logIn("wrong", "somebody"))).toEqual([401, 4000]);
  await call.logIn("wrong");
  expect((await call.logIn()).status).toBe(200);
  for (let attempt = 0; attempt < 3; attempt++) await call.logIn("wrong");
  expect(code(await call.logIn())).toEqual([401, 4000]);
  expect(await sessions()).toMatchObject({ failures: 3, locked: true, logins: 1 });
  await control.patch("ecs", { sessions: { locked: false } });
  expect((await call.logIn()).status).toBe(200);
});

test("tokens can be revoked, and the log-ins stay counted", async () => {
  const token = tokenOf(await call.logIn());
  await control.patch("ecs", { sessions: null });
  expect((await whoAmI(token)).status).toBe(401);
  expect(await sessions()).toEqual({ live: 0, logins: 1, failures: 0, locked: false });
});

test("with strangerEvery, a node does not know a good token now and then", async () => {
  const token = tokenOf(await call.logIn());
  await whoAmI(token);
  await control.patch("ecs", { options: { strangerEvery: 3 } });
  const statuses: number[] = [];
  for (let turn = 0; turn < 6; turn++) statuses.push((await whoAmI(token)).status);
  expect(statuses).toEqual([200, 200, 401, 200, 200, 401]);
  expect((await sessions()).live).toBe(1);
});

test("an expired token may be answered with a way to a log-in page", async () => {
  await control.patch("ecs", { options: { expiredAnswer: "302" } });
  const reply = await whoAmI("gone");
  expect(reply.status).toBe(302);
  expect(reply.headers).toMatchObject({ location: "/login", "content-type": "text/html" });
  expect((await call.logIn("wrong")).status).toBe(401);
});

test("a role that is too small is 403, and no token helps", async () => {
  const body = { user: "u", namespace: "ns1" };
  await control.patch("ecs", { options: { role: "SYSTEM_MONITOR" } });
  expect((await call("GET", "/object/bucket?namespace=ns1")).status).toBe(200);
  expect(code(await call("POST", "/object/users", body))).toEqual([403, 3000]);
  expect(code(await call("GET", "/object/user-secret-keys/u"))).toEqual([403, 3000]);
  await control.patch("ecs", { options: { role: "NAMESPACE_ADMIN" } });
  expect((await call("POST", "/object/users", body)).status).toBe(200);
  expect(code(await call("POST", "/object/users", { user: "v", namespace: "ns2" }))).toEqual([403, 3000]);
  expect(code(await call("POST", "/object/bucket/b/deactivate"))).toEqual([403, 3000]);
  expect(code(await call("GET", "/object/bucket"))).toEqual([403, 3000]);
});

test("the record of requests has neither passwords nor tokens nor keys", async () => {
  await call("POST", "/object/users", { user: "u", namespace: "ns1" });
  await call("POST", "/object/user-secret-keys/u", { secretkey: "s3cr3t", namespace: "ns1" });
  await call("POST", "/object/user-secret-keys/u/deactivate", { secret_key: "s3cr3t", namespace: "ns1" });
  const recorded = JSON.stringify(await control.requests("ecs"));
  expect(recorded).toContain('"secretkey":"[secret]"');
  expect(recorded).toContain('"secret_key":"[secret]"');
  expect(recorded).not.toMatch(/s3cr3t|lab-ecs-password|Basic/);
});

test("the fault expired ends the token for good, and a log-in brings none", async () => {
  const token = tokenOf(await call.logIn());
  const expire = () => control.fault({ system: "ecs", kind: "expired" });
  await expire();
  expect(code(await whoAmI(token))).toEqual([401, 4000]);
  expect(code(await whoAmI(token))).toEqual([401, 4000]);
  await expire();
  expect((await call.logIn()).status).toBe(200);
});
