import { once } from "node:events";
import { connect } from "node:net";
import { expect, test, vi } from "vitest";
import type { LabFault } from "../harness/lab.ts";
import { openLab } from "./lab-stage.ts";

const { lab, control, call } = await openLab();

const arm = (fault: Omit<LabFault, "system">) => control.fault({ system: "cloudian", ...fault });
const putGroup = () => call("PUT", "/group", { groupId: "g" });
const groupExists = async () => "g" in (await control.state()).cloudian.groups;

/** The code with which the network call failed. */
async function networkError(attempt: Promise<unknown>): Promise<unknown> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? cause.code : cause;
}

test("refuse closes the listener until the faults are cleared, and cuts open connections", async () => {
  const idle = connect(Number(new URL(lab.addresses.cloudian.endpoint).port), "127.0.0.1");
  await once(idle, "connect");
  const cut = once(idle, "close");
  await arm({ kind: "refuse" });
  await cut;
  expect(await networkError(putGroup())).toBe("ECONNREFUSED");
  expect((await fetch(lab.addresses.cloudian.s3Endpoint)).status).toBe(403);
  await control.clearFaults();
  expect(await putGroup()).toMatchObject({ status: 200 });
});

test("refuse leaves nothing behind, however often a listener was closed", async () => {
  const warned = vi.spyOn(process, "emitWarning");
  for (let times = 0; times < 12; times++) {
    await arm({ kind: "refuse" });
    await control.clearFaults();
  }
  expect(warned.mock.calls).toEqual([]);
});

test("refuse after a request answers that one, and then there is no connection", async () => {
  await arm({ kind: "refuse", after: 2, method: "PUT" });
  expect(await putGroup()).toMatchObject({ status: 200 });
  expect(await call("GET", "/group/list")).toMatchObject({ status: 200 });
  expect(await call("PUT", "/group", { groupId: "h" })).toMatchObject({ status: 200 });
  expect(await networkError(call("GET", "/group/list"))).toBe("ECONNREFUSED");
  expect(await control.faults()).toMatchObject([{ kind: "refuse", after: 2, method: "PUT", matched: 2, fired: 1 }]);
  await control.clearFaults();
  expect(await call("GET", "/group/list")).toMatchObject({ status: 200 });
});

test("reset-before-read cuts the connection and does nothing", async () => {
  await arm({ kind: "reset-before-read" });
  expect(await networkError(putGroup())).toBe("ECONNRESET");
  expect(await groupExists()).toBe(false);
  expect((await control.requests()).map(({ status }) => status)).toEqual(["reset-before-read"]);
});

test("reset-after-commit does it and cuts the connection", async () => {
  await arm({ kind: "reset-after-commit" });
  expect(await networkError(putGroup())).toBe("ECONNRESET");
  expect(await groupExists()).toBe(true);
  expect((await control.requests()).map(({ status }) => status)).toEqual(["reset-after-commit"]);
});

test("status answers it and does nothing: 503 with the system's error page unless it says another", async () => {
  await arm({ kind: "status" });
  expect(await putGroup()).toMatchObject({ status: 503, contentType: "text/html;charset=utf-8" });
  await arm({ kind: "status", status: 200 });
  expect(await putGroup()).toMatchObject({ status: 200, text: "" });
  await arm({ kind: "status", status: 204 });
  expect(await putGroup()).toMatchObject({ status: 204, text: "" });
  await arm({ kind: "status", status: 401 });
  expect(await putGroup()).toMatchObject({ status: 401, text: "" });
  expect(await groupExists()).toBe(false);
});

test("status can ask to come back later", async () => {
  await arm({ kind: "status", status: 429, retryAfter: 7 });
  const response = await fetch(lab.addresses.cloudian.endpoint);
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"]);
});

test("status can ask to come back at a date, by the lab's clock", async () => {
  await fetch(`${lab.addresses.control}/clock`, {
    method: "POST",
    body: JSON.stringify({ now: "2026-01-31T12:00:00Z", running: false }),
  });
  await arm({ kind: "status", status: 429, retryAfter: 90, retryAfterForm: "date" });
  const response = await fetch(lab.addresses.cloudian.endpoint);
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "Sat, 31 Jan 2026 12:01:30 GMT"]);
});

test("status-after-commit does it and answers the status", async () => {
  await arm({ kind: "status-after-commit", status: 504 });
  expect(await putGroup()).toMatchObject({ status: 504 });
  expect(await groupExists()).toBe(true);
});

test("html answers a login page with 200, or another status, and does nothing", async () => {
  await arm({ kind: "html" });
  const page = await putGroup();
  expect(page).toMatchObject({ status: 200, contentType: "text/html" });
  expect(page.text).toMatch(/^<!DOCTYPE html><html>.*Sign in.*<\/html>$/);
  await arm({ kind: "html", status: 502 });
  expect(await putGroup()).toMatchObject({ status: 502 });
  expect(await groupExists()).toBe(false);
});

test("hang never answers, and the socket stays open", async () => {
  await arm({ kind: "hang" });
  const socket = connect(Number(new URL(lab.addresses.cloudian.endpoint).port), "127.0.0.1");
  const ends: string[] = [];
  socket.on("data", () => ends.push("data")).on("end", () => ends.push("end"));
  socket.write("GET /group/list HTTP/1.1\r\nHost: lab\r\nAuthorization: Basic c3lzYWRtaW46cHVibGlj\r\n\r\n");
  await expect.poll(() => control.requests()).toMatchObject([{ status: "hang" }]);
  expect(await putGroup()).toMatchObject({ status: 200 });
  expect([ends, socket.readable]).toEqual([[], true]);
  socket.destroy();
});

test("truncate sends half of the body and closes", async () => {
  await arm({ kind: "truncate" });
  const socket = connect(Number(new URL(lab.addresses.cloudian.endpoint).port), "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  socket.write(
    "GET /user?groupId=0&userId=admin HTTP/1.1\r\nHost: lab\r\nAuthorization: Basic c3lzYWRtaW46cHVibGlj\r\n\r\n",
  );
  await once(socket, "close");
  const promised = Number(/content-length: (\d+)/i.exec(text)?.[1]);
  const body = text.slice(text.indexOf("\r\n\r\n") + 4);
  expect(body.length).toBe(Math.floor(promised / 2));
  expect(body).toMatch(/^\{"userId":"admin"/);
});

test("truncate of an answer without a body cuts the connection after the commit", async () => {
  await arm({ kind: "truncate" });
  expect(await networkError(putGroup())).toBe("ECONNRESET");
  expect(await groupExists()).toBe(true);
});

test("reset-in-body sends half of the body and resets the connection", async () => {
  await arm({ kind: "reset-in-body" });
  const socket = connect(Number(new URL(lab.addresses.cloudian.endpoint).port), "127.0.0.1");
  const [chunk] = (await Promise.all([
    once(socket, "data"),
    expect(once(socket, "end")).rejects.toMatchObject({ code: "ECONNRESET" }),
    socket.write(
      "GET /user?groupId=0&userId=admin HTTP/1.1\r\nHost: lab\r\nAuthorization: Basic c3lzYWRtaW46cHVibGlj\r\n\r\n",
    ),
  ])) as unknown as [[Buffer]];
  const text = chunk.toString();
  const body = text.slice(text.indexOf("\r\n\r\n") + 4);
  expect(body).toMatch(/^\{"userId":"admin"/);
  expect(body.length).toBe(Math.floor(Number(/content-length: (\d+)/i.exec(text)?.[1]) / 2));
  expect((await control.requests()).map(({ status }) => status)).toEqual(["reset-in-body"]);
});

test("reset-in-body of an answer without a body resets the connection after the commit", async () => {
  await arm({ kind: "reset-in-body" });
  expect(await networkError(putGroup())).toBe("ECONNRESET");
  expect(await groupExists()).toBe(true);
});

test("wrong-length gives half of the body as the whole", async () => {
  await arm({ kind: "wrong-length" });
  const cut = await call("GET", "/user?groupId=0&userId=admin");
  const whole = await call("GET", "/user?groupId=0&userId=admin");
  expect(cut).toMatchObject({ status: 200, text: whole.text.slice(0, Math.floor(whole.text.length / 2)) });
});

test("wrong-length promises a byte where there is no body, after the commit", async () => {
  await arm({ kind: "wrong-length" });
  const response = await fetch(`${lab.addresses.cloudian.endpoint}/group`, {
    method: "PUT",
    headers: { authorization: "Basic c3lzYWRtaW46cHVibGlj" },
    body: JSON.stringify({ groupId: "g" }),
  });
  expect([response.status, response.headers.get("content-length")]).toEqual([200, "1"]);
  await response.body?.cancel();
  expect(await groupExists()).toBe(true);
});

test("redirect leads elsewhere and does nothing", async () => {
  const ask = () =>
    fetch(`${lab.addresses.cloudian.endpoint}/group?groupId=g`, { method: "DELETE", redirect: "manual" });
  await arm({ kind: "redirect", location: "http://elsewhere.example.test/group" });
  const response = await ask();
  expect([response.status, response.headers.get("location")]).toEqual([307, "http://elsewhere.example.test/group"]);
  await arm({ kind: "redirect", location: "https://elsewhere.example.test/", status: 301 });
  expect((await ask()).status).toBe(301);
});

test("expired is each system's word for credentials that have run out", async () => {
  await arm({ kind: "expired" });
  expect(await putGroup()).toMatchObject({ status: 401, text: "" });
  expect(await groupExists()).toBe(false);
  await control.fault({ system: "cloudian-s3", kind: "expired" });
  const bucket = await fetch(`${lab.addresses.cloudian.s3Endpoint}/b`);
  expect([bucket.status, await bucket.text()]).toEqual([
    403,
    expect.stringContaining("<Code>RequestTimeTooSkewed</Code>"),
  ]);
  await control.fault({ system: "cloudian-cmc", kind: "expired" });
  const page = await fetch(`${lab.addresses.cloudian.cmcEndpoint}/Cloudian/`, { redirect: "manual" });
  expect([page.status, page.headers.get("location")]).toEqual([302, expect.stringMatching(/login\.htm$/)]);
  await control.fault({ system: "cloudstack", kind: "expired" });
  const answer = await fetch(`${lab.addresses.cloudstack.endpoint}?command=listZones&response=json`);
  expect([answer.status, await answer.json()]).toEqual([
    401,
    {
      errorresponse: {
        uuidList: [],
        errorcode: 401,
        errortext: "unable to verify user credentials and/or request signature",
      },
    },
  ]);
});

test("delay does it at once and answers late", async () => {
  await arm({ kind: "delay", delayMs: 1000 });
  const start = performance.now();
  let answered = false;
  const reply = putGroup().finally(() => {
    answered = true;
  });
  await expect.poll(groupExists, { interval: 5 }).toBe(true);
  expect(answered).toBe(false);
  expect(await reply).toMatchObject({ status: 200 });
  expect(performance.now() - start).toBeGreaterThan(990);
});

test("what is being delayed goes on at once when the faults are removed", async () => {
  await arm({ kind: "delay", delayMs: 3_600_000 });
  const reply = putGroup();
  await expect.poll(groupExists, { interval: 5 }).toBe(true);
  await control.clearFaults();
  expect(await reply).toMatchObject({ status: 200 });
});

test("a fault fits method and path, passes the first requests and fires so many times", async () => {
  await arm({ kind: "status", method: "GET", path: "/group", after: 1, times: 2 });
  const statuses: number[] = [];
  for (const [method, target] of [
    ["DELETE", "/group?groupId=g"],
    ["GET", "/group/list"],
    ["GET", "/group?groupId=g"],
    ["GET", "/group?groupId=g"],
    ["GET", "/group?groupId=g"],
    ["GET", "/group?groupId=g"],
  ] as const) {
    statuses.push((await call(method, target)).status);
  }
  expect(statuses).toEqual([400, 200, 204, 503, 503, 204]);
  expect(await control.faults()).toEqual([
    { system: "cloudian", kind: "status", method: "GET", path: "/group", times: 2, after: 1, matched: 4, fired: 2 },
  ]);
});

test("a star at the end of a path stands for any rest, and of several faults the first fires", async () => {
  await arm({ kind: "status", path: "/user*", status: 500 });
  await arm({ kind: "status", status: 502 });
  expect(await call("GET", "/user/list")).toMatchObject({ status: 500 });
  expect(await call("GET", "/user/list")).toMatchObject({ status: 502 });
  expect(await call("GET", "/user/list")).toMatchObject({ status: 400 });
});

test("clearing removes what is armed", async () => {
  await arm({ kind: "hang", times: 100 });
  await control.clearFaults();
  expect(await control.faults()).toEqual([]);
  expect(await putGroup()).toMatchObject({ status: 200 });
});

test.each([
  [{}, /"kind" must be one of refuse, reset-before-read, /],
  [{ kind: "explode" }, /"kind" must be one of/],
  [{ kind: "hang", system: "s3" }, /"system" must be one of cloudian, cloudian-s3, cloudian-cmc/],
  [{ kind: "hang", method: "put" }, /"method" must be upper-case letters/],
  [{ kind: "hang", path: "group" }, /"path" must be a path that begins with \//],
  [{ kind: "hang", times: 0 }, /"times" must be a whole number from 1/],
  [{ kind: "hang", after: -1 }, /"after" must be a whole number from 0/],
  [{ kind: "status", status: 99 }, /"status" must be a whole number from 200 to 599/],
  [{ kind: "delay" }, /needs "delayMs"/],
  [{ kind: "refuse", path: "/group" }, /takes no "path" without "after"/],
  [{ kind: "redirect" }, /needs a "location"/],
  [{ kind: "redirect", location: "/group" }, /"location" must be an address/],
  [{ kind: "status", retryAfter: 1, retryAfterForm: "day" }, /"retryAfterForm" must be one of seconds, date/],
  [{ kind: "refuse", times: 2 }, /takes no "times"/],
  [{ kind: "hang", command: "listZones" }, /Only a fault of "cloudstack" takes a "command"/],
  [{ kind: "hang", system: "cloudstack", command: "list zones" }, /"command" must be the name of a command/],
  [{ kind: "hang", methods: "PUT" }, /"methods" is not a member of a fault/],
])("fault %j is refused with a reason", async (fault, reason) => {
  const body = JSON.stringify({ system: "cloudian", ...fault });
  const response = await fetch(`${lab.addresses.control}/faults`, { method: "POST", body });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ error: expect.stringMatching(reason) });
  expect(await control.faults()).toEqual([]);
});
