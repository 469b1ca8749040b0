import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { calls } from "../harness/lab.ts";
import { type ConnectedLab, connectedLab, doctor, nextOf, troubles } from "./doctor-support.ts";

let near: ConnectedLab;
let other: Lab;
const cloudian = ["--system", "cloudian"];

beforeAll(async () => {
  [near, other] = await Promise.all([connectedLab(), startLab({ portBase: 0 })]);
});
beforeEach(() => near.restore());
afterAll(() => Promise.all([near.lab.close(), other.close()]));

const setConnector = (settings: Readonly<Record<string, unknown>>) => near.control.patch("cloudstack", { settings });

test("a good HyperStore: what is asked, and nothing else", async () => {
  await near.control.clearRequests();
  const run = await doctor(near.env, cloudian);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  expect(run.report.findings.map(({ subject, check, verdict }) => `${verdict} ${subject} ${check}`)).toEqual([
    ...["name", "port", "tls", "answer", "clock", "latency"].map((check) => `ok Admin API ${check}`),
    ...["name", "port", "tls", "answer", "clock", "latency"].map((check) => `ok S3 ${check}`),
    "ok Admin API log-in",
    "ok Admin API version",
    "ok connector address",
    "ok connector log-in",
  ]);
  expect(run.report.findings.find(({ check }) => check === "version")?.text).toBe(
    "HyperStore 8.1 Compiled: 2023-11-11 16:30.",
  );
  expect(calls(await near.control.requests("cloudian"))).toEqual(["GET /", "GET /system/version"]);
  expect(calls(await near.control.requests("cloudian-s3"))).toEqual(["GET /"]);
  const commands = (await near.control.requests("cloudstack")).map(({ method, query }) => [method, query["command"]]);
  expect(commands).toEqual([
    ["GET", "listCapabilities"],
    ["GET", "listConfigurations"],
    ["GET", "listConfigurations"],
  ]);
});

test("a wrong password is offered once, and named by its setting", async () => {
  await near.control.clearRequests();
  const run = await doctor({ ...near.env, CLOUDIAN_PASSWORD: "no-such-password" }, cloudian);
  expect(run.code).toBe(1);
  expect(JSON.stringify(run)).not.toContain("no-such-password");
  expect(troubles(run)).toEqual(["failed Admin API log-in: The log-in of user sysadmin is refused (401)."]);
  expect(nextOf(run, "log-in")).toBe(
    "Check cloudianUsername and cloudianPassword. What the Admin API says of it is in /var/log/cloudian/cloudian-admin.log.",
  );
  expect(run.report.findings.find(({ subject, check }) => subject === "connector" && check === "log-in")?.text).toBe(
    "The connector's user sysadmin is accepted.",
  );
  const logIns = (await near.control.requests("cloudian")).filter(({ headers }) => headers.includes("authorization"));
  expect(logIns.map(({ path, status }) => [path, status])).toEqual([
    ["/system/version", 401],
    ["/system/version", 200],
  ]);
});

test("a wrong password that the connector has as well is wrong there, too, and offered once under all names of the system", async () => {
  await setConnector({ "cloudian.admin.password": "no-such-password" });
  const env = { ...near.env, CLOUDIAN_PASSWORD: "no-such-password" };
  const { host, port } = new URL(near.lab.addresses.cloudian.endpoint);
  for (const more of [
    {},
    { CLOUDIAN_ENDPOINT: `http://localhost:${port}`, CLOUDIAN_ENDPOINT_ALIASES: `http://${host}` },
  ]) {
    await near.control.clearRequests();
    const run = await doctor({ ...env, ...more }, cloudian);
    expect(troubles(run)).toEqual([
      "failed Admin API log-in: The log-in of user sysadmin is refused (401).",
      "failed connector log-in: The connector has the same user and password as the provider, and they are refused (401).",
    ]);
    const logIns = (await near.control.requests("cloudian")).filter(({ headers }) => headers.includes("authorization"));
    expect(logIns.map(({ path, status }) => [path, status])).toEqual([["/system/version", 401]]);
  }
});

test("settings that are not complete are a finding", async () => {
  const { CLOUDIAN_USERNAME: _, ...env } = near.env;
  const run = await doctor(env, cloudian);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    expect.stringMatching(
      /^failed settings: The Cloudian settings are not complete .*: cloudianUsername is missing \(/,
    ),
  ]);
});

test("a HyperStore that is too old for the connector", async () => {
  await near.control.patch("cloudian", { options: { version: "6.1 Compiled: 2016-12-01 10:00" } });
  const run = await doctor(near.env, cloudian);
  expect(run.code).toBe(0);
  expect(troubles(run)).toEqual(["warning Admin API version: HyperStore 6.1 Compiled: 2016-12-01 10:00."]);
  expect(nextOf(run, "version")).toBe(
    "CloudStack's connector needs HyperStore 6.2 or newer: upgrade before it is switched on.",
  );
});

test("a connector that is off uses nothing", async () => {
  await setConnector({ "cloudian.connector.enabled": "false", "cloudian.admin.host": "elsewhere.invalid" });
  const run = await doctor(near.env, cloudian);
  expect([run.code, troubles(run)]).toEqual([0, []]);
  expect(run.report.findings.at(-1)).toEqual({
    system: "cloudian",
    subject: "connector",
    check: "enabled",
    verdict: "ok",
    text: "CloudStack's Cloudian connector is off, so that nothing uses its settings.",
  });
});

test("a connector that points elsewhere, where another system is", async () => {
  const { endpoint } = other.addresses.cloudian;
  const { port } = new URL(endpoint);
  await setConnector({ "cloudian.admin.port": port });
  const run = await doctor(near.env, cloudian);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    `failed connector address: The connector uses http://127.0.0.1:${port}, the provider ${near.lab.addresses.cloudian.endpoint}.`,
  ]);
  expect(run.report.findings.slice(-2)).toMatchObject([
    { subject: "connector's Admin API", check: "latency", verdict: "ok" },
    { subject: "connector", check: "log-in", verdict: "ok" },
  ]);
  const alias = await doctor({ ...near.env, CLOUDIAN_ENDPOINT_ALIASES: endpoint }, cloudian);
  expect([alias.code, troubles(alias)]).toEqual([0, []]);
});

test("a connector that points to nothing", async () => {
  await setConnector({ "cloudian.admin.host": "127.0.0.1", "cloudian.admin.port": "1" });
  const run = await doctor(near.env, cloudian);
  expect(troubles(run)).toEqual([
    `failed connector address: The connector uses http://127.0.0.1:1, the provider ${near.lab.addresses.cloudian.endpoint}.`,
    "failed connector's Admin API port: Nothing listens at 127.0.0.1:1 (ECONNREFUSED).",
  ]);
  expect(nextOf(run, "port")).toMatch(
    /^Check the port in cloudian\.admin\.host, \.port and \.protocol \(usual: 19443\)/,
  );
});

test("a connector with another password, never shown, and not tried where it must be wrong", async () => {
  await setConnector({ "cloudian.admin.password": "the-connectors-own" });
  await near.control.clearRequests();
  const run = await doctor(near.env, cloudian);
  expect(run.code).toBe(1);
  expect(JSON.stringify(run)).not.toContain("the-connectors-own");
  expect(troubles(run)).toEqual([
    "failed connector log-in: The connector has another password of user sysadmin than the provider, whose one is accepted.",
  ]);
  expect((await near.control.requests("cloudian")).map(({ status }) => status)).toEqual([401, 200]);
});

test("a connector with another user, tried once", async () => {
  await setConnector({ "cloudian.admin.user": "connector", "cloudian.admin.password": "the-connectors-own" });
  await near.control.clearRequests();
  const run = await doctor(near.env, cloudian);
  expect(troubles(run)).toEqual([
    "failed connector log-in: The log-in of the connector's user connector is refused (401).",
  ]);
  expect(calls(await near.control.requests("cloudian"))).toEqual([
    "GET /",
    "GET /system/version",
    "GET /system/version",
  ]);
});

test("a password that CloudStack encrypts is not known, and not offered", async () => {
  await setConnector({ "cloudian.admin.password": { category: "Secure" } });
  await near.control.clearRequests();
  const run = await doctor(near.env, cloudian);
  expect(run.code).toBe(3);
  expect(troubles(run)).toEqual([
    "not known connector log-in: CloudStack does not show cloudian.admin.password, so that nobody can tell whether it is right.",
  ]);
  expect(calls(await near.control.requests("cloudian"))).toEqual(["GET /", "GET /system/version"]);
});

test("a connector that does not verify the certificate", async () => {
  const secure = await connectedLab({ tls: true });
  await secure.control.patch("cloudstack", { settings: { "cloudian.validate.ssl": "false" } });
  const run = await doctor(secure.env, cloudian);
  await secure.lab.close();
  expect(run.code).toBe(0);
  expect(troubles(run)).toEqual([
    "warning connector tls: cloudian.validate.ssl is false: the connector does not verify the certificate of the Admin API.",
  ]);
});

test("a CloudStack that does not let the key in", async () => {
  const run = await doctor({ ...near.env, CLOUDSTACK_SECRET_KEY: "no-such-secret-key" }, cloudian);
  expect(run.code).toBe(3);
  expect(JSON.stringify(run)).not.toContain("no-such-secret-key");
  expect(troubles(run)).toEqual([
    expect.stringMatching(
      /^not known connector connector: Could not read the capabilities of CloudStack: .* answered 401/,
    ),
  ]);
});
