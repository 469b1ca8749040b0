import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { adminApi } from "../harness/lab.ts";
import { openLab } from "./lab-stage.ts";

const { lab, control, call } = await openLab();

/** Sends bytes on a socket of its own and answers the chunks that came back until the reply was complete. */
async function exchange(text: string): Promise<string[]> {
  const socket = connect(Number(new URL(lab.addresses.cloudian.endpoint).port), "127.0.0.1");
  await once(socket, "connect");
  const chunks: string[] = [];
  socket.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
  socket.write(text);
  await once(socket, "end");
  socket.destroy();
  return chunks;
}

const rawHead = (requestLine: string) =>
  `${requestLine} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nAuthorization: Basic c3lzYWRtaW46cHVibGlj\r\n`;

test("wrong, absent and other credentials are 401 without a body, whatever the path", async () => {
  for (const logIn of ["", "sysadmin:wrong", "admin:public"]) {
    const anonymous = adminApi(lab.addresses.cloudian.endpoint, logIn);
    expect(await anonymous("GET", "/system/version")).toMatchObject({ status: 401, text: "" });
    expect(await anonymous("GET", "/nowhere")).toMatchObject({ status: 401, text: "" });
  }
});

test("authentication can be off, and the login can be rotated", async () => {
  await control.patch("cloudian", { options: { authentication: false } });
  expect(await adminApi(lab.addresses.cloudian.endpoint, "")("GET", "/system/version")).toMatchObject({ status: 200 });
  await control.patch("cloudian", { options: { authentication: true, username: "root2", password: "new" } });
  expect(await call("GET", "/system/version")).toMatchObject({ status: 401 });
  const rotated = adminApi(lab.addresses.cloudian.endpoint, "root2:new");
  expect(await rotated("GET", "/system/version")).toMatchObject({ status: 200 });
});

test("the version is bare text, configurable", async () => {
  expect(await call("GET", "/system/version")).toMatchObject({ status: 200, text: "8.1 Compiled: 2023-11-11 16:30" });
  await control.patch("cloudian", { options: { version: "7.5.2" } });
  expect(await call("GET", "/system/version")).toMatchObject({ status: 200, text: "7.5.2" });
});

test("an unknown path is 404, an unknown verb 405, an operation of the real system that is missing here 501", async () => {
  expect(await call("GET", "/nowhere")).toMatchObject({ status: 404, contentType: "text/html;charset=utf-8" });
  expect(await call("PATCH", "/user?userId=u&groupId=g")).toMatchObject({ status: 405 });
  expect(await call("DELETE", "/group/list")).toMatchObject({ status: 405 });
  for (const target of [
    "/billing",
    "/whitelist",
    "/monitor",
    "/system/license",
    "/user/ratingPlan",
    "/bppolicy/listpolicy",
  ]) {
    expect(await call("GET", target)).toMatchObject({ status: 501 });
  }
  expect((await control.requests()).map(({ status }) => status)).toEqual([404, 405, 405, 501, 501, 501, 501, 501, 501]);
});

test("an absent storage policy is 404", async () => {
  expect(await call("GET", "/bppolicy?policyId=p")).toMatchObject({ status: 404 });
});

test("S3 and CMC listen and are recorded", async () => {
  const { s3Endpoint, cmcEndpoint } = lab.addresses.cloudian;
  expect((await fetch(`${s3Endpoint}/x?X-Amz-Signature=abc`)).status).toBe(400);
  expect((await fetch(`${cmcEndpoint}/x?X-Amz-Signature=abc`)).status).toBe(404);
  const seen = (await control.requests()).map(({ system, path, query, status }) => [system, path, query, status]);
  expect(seen).toEqual([
    ["cloudian-s3", "/x", { "X-Amz-Signature": "[secret]" }, 400],
    ["cloudian-cmc", "/x", { "X-Amz-Signature": "[secret]" }, 404],
  ]);
  expect(await control.requests("cloudian-cmc")).toHaveLength(1);
});

test("errors are HTML pages, or empty", async () => {
  const page = await call("GET", "/group");
  expect(page).toMatchObject({ status: 400, contentType: "text/html;charset=utf-8" });
  expect(page.text).toMatch(/^<html>.*parameter groupId is missing.*<\/html>\n$/);
  await control.patch("cloudian", { options: { errorBody: "empty" } });
  expect(await call("GET", "/group")).toMatchObject({ status: 400, text: "", contentType: null });
});

test("JSON comes with an awkward content type, with none, or with the right one", async () => {
  const target = "/user?groupId=0&userId=admin";
  expect((await call("GET", target)).contentType).toBe("text/html");
  await control.patch("cloudian", { options: { jsonContentType: "none" } });
  expect((await call("GET", target)).contentType).toBeNull();
  await control.patch("cloudian", { options: { jsonContentType: "application/json" } });
  expect((await call("GET", target)).contentType).toBe("application/json");
});

test("names of parameters are case-sensitive, unknown ones are ignored, the first of two counts", async () => {
  expect(await call("GET", "/group?groupid=0")).toMatchObject({ status: 400 });
  expect(await call("GET", "/group?groupId=0&x=1")).toMatchObject({ status: 200 });
  expect(await call("GET", "/group?groupId=0&groupId=other")).toMatchObject({ status: 200 });
});

test("query values are percent-encoded UTF-8, a plus is a space", async () => {
  await call("PUT", "/group", { groupId: "a b+ü" });
  expect((await call("GET", "/group?groupId=a+b%2B%C3%BC")).json()).toMatchObject({ groupId: "a b+ü" });
  expect(await call("GET", "/group?groupId=a+b+%C3%BC")).toMatchObject({ status: 204 });
  expect(await call("GET", "/group?groupId=%FC")).toMatchObject({ status: 400 });
});

test("a body must be a JSON object in UTF-8", async () => {
  for (const body of ["", "{", "[]", '"g"', "null"])
    expect(await call("PUT", "/group", body)).toMatchObject({ status: 400 });
  const latin1 = Buffer.from('{"groupId":"ü"}', "latin1").toString("latin1");
  const head = `${rawHead("PUT /group")}Content-Length: ${latin1.length}\r\n\r\n`;
  const socket = connect(Number(new URL(lab.addresses.cloudian.endpoint).port), "127.0.0.1");
  socket.end(Buffer.concat([Buffer.from(head), Buffer.from(latin1, "latin1")]));
  const [reply] = (await once(socket, "data")) as [Buffer];
  expect(reply.toString()).toMatch(/^HTTP\/1\.1 400 /);
  socket.destroy();
});

test("a chunked body is read", async () => {
  const chunks = 'b\r\n{"groupId":\r\n7\r\n"parts"\r\n1\r\n}\r\n0\r\n\r\n';
  const reply = await exchange(`${rawHead("PUT /group")}Transfer-Encoding: chunked\r\n\r\n${chunks}`);
  expect(reply.join("")).toMatch(/^HTTP\/1\.1 200 /);
  expect(await call("GET", "/group?groupId=parts")).toMatchObject({ status: 200 });
});

test("head and body of a small reply leave in one write, with a length", async () => {
  for (let round = 0; round < 20; round += 1) {
    const chunks = await exchange(`${rawHead("GET /group?groupId=0")}\r\n`);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*content-length: \d+\r\n[\s\S]*"groupId":"0"/i);
  }
});

test("a request is recorded with the names of its headers and without secrets", async () => {
  await control.patch("cloudian", { groups: { g: {} }, users: { "g/u": {} } });
  await call("POST", "/user/password?userId=u&groupId=g&password=Sup3rSecret");
  await call("POST", "/user/credentials?userId=u&groupId=g&accessKey=k&secretKey=s3cr3t");
  await call("PUT", "/group", { groupId: "h", password: "in-a-body" });
  const requests = await control.requests("cloudian");
  expect(requests.map(({ method, path, query, status, body }) => ({ method, path, query, status, body }))).toEqual([
    {
      method: "POST",
      path: "/user/password",
      query: { userId: "u", groupId: "g", password: "[secret]" },
      status: 200,
      body: undefined,
    },
    {
      method: "POST",
      path: "/user/credentials",
      query: { userId: "u", groupId: "g", accessKey: "k", secretKey: "[secret]" },
      status: 200,
      body: undefined,
    },
    { method: "PUT", path: "/group", query: {}, status: 200, body: { groupId: "h", password: "[secret]" } },
  ]);
  expect(requests[2]?.headers).toContain("authorization");
  expect(requests[2]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const text = JSON.stringify(requests);
  for (const secret of ["Sup3rSecret", "s3cr3t", "in-a-body", "c3lzYWRtaW46cHVibGlj"])
    expect(text).not.toContain(secret);
});
