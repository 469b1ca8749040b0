import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ConnectedLab, connectedLab, doctor, nextOf, troubles } from "./doctor-support.ts";

let plain: ConnectedLab;
let secure: ConnectedLab;
const cloudian = ["--system", "cloudian"];

beforeAll(async () => {
  [plain, secure] = await Promise.all([connectedLab(), connectedLab({ tls: true })]);
});
beforeEach(() => Promise.all([plain.restore(), secure.restore()]));
afterAll(() => Promise.all([plain.lab.close(), secure.lab.close()]));

/** Only the Admin API of a lab, without S3 and without the connector's look at it. */
function adminOnly({ env }: ConnectedLab, changes: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { CLOUDIAN_S3_ENDPOINT: _, CLOUDSTACK_API_URL: __, CLOUDSTACK_API_KEY: ___, ...rest } = env;
  const { CLOUDSTACK_SECRET_KEY: ____, ...admin } = rest;
  return { ...admin, ...changes };
}

test("a name that does not resolve", async () => {
  const run = await doctor(adminOnly(plain, { CLOUDIAN_ENDPOINT: "http://no-such-host.invalid:19443" }), cloudian);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    expect.stringMatching(
      /^failed Admin API name: (no-such-host\.invalid does not resolve from this machine \(ENOTFOUND\)|The name servers of this machine give no answer about no-such-host\.invalid \(EAI_AGAIN\))\.$/,
    ),
    expect.stringMatching(/^not known Admin API log-in: Not asked\. Admin API: .*no-such-host\.invalid/),
  ]);
  expect(nextOf(run, "name")).toBe(
    "Check the spelling in cloudianEndpoint, and DNS. The same name must resolve for the management servers (connector, object storage pool).",
  );
});

test("a port at which nothing listens", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  const run = await doctor(adminOnly(plain, { CLOUDIAN_ENDPOINT: `http://127.0.0.1:${port}` }), cloudian);
  expect(run.code).toBe(1);
  const text = `Nothing listens at 127.0.0.1:${port} (ECONNREFUSED).`;
  expect(troubles(run)).toEqual([
    `failed Admin API port: ${text}`,
    `not known Admin API log-in: Not asked. Admin API: ${text}`,
  ]);
  expect(nextOf(run, "port")).toBe(
    "Check the port in cloudianEndpoint (usual: 19443), and that the service runs. What goes wrong there is in /var/log/cloudian/cloudian-admin.log.",
  );
});

const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

test.each([
  ["self-signed", "tls", "The certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT), and not trusted here."],
  ["wrong-host", "tls-name", "The certificate is for elsewhere.example, not for 127.0.0.1."],
  ["expired", "tls-expiry", `The certificate of localhost expired on ${day(-1)}.`],
  ["not-yet-valid", "tls-expiry", `The certificate of localhost is not valid before ${day(2)}.`],
  [
    "incomplete",
    "tls",
    "The certificate is issued by Lab intermediate authority, an authority that is not trusted here (UNABLE_TO_VERIFY_LEAF_SIGNATURE).",
  ],
])("the certificate %s", async (certificate, check, text) => {
  await secure.control.patch("cloudian", { options: { certificate } });
  const run = await doctor(adminOnly(secure), cloudian);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    `failed Admin API ${check}: ${text}`,
    `not known Admin API log-in: Not asked. Admin API: ${text}`,
  ]);
  expect(await secure.control.requests("cloudian")).toEqual([]);
});

test("another authority than the configured one", async () => {
  const run = await doctor(adminOnly(secure, { CLOUDIAN_CA_PEM: String(plain.env["ECS_CA_PEM"]) }), cloudian);
  expect(run.code).toBe(1);
  const [first = ""] = troubles(run);
  expect(first).toMatch(
    /^failed Admin API tls: The certificate (is issued by Lab certificate authority, an authority that is not trusted here|of localhost is not accepted) \([A-Z_]+\)\.$/,
  );
});

test("an authority's file that is not there", async () => {
  const { CLOUDIAN_CA_PEM: _, ...env } = adminOnly(secure, { CLOUDIAN_CA_FILE: "/no/such/file.pem" });
  const run = await doctor(env, cloudian);
  expect(run.code).toBe(1);
  const text = "cloudianCaFile cannot be read: ENOENT: no such file or directory, open '/no/such/file.pem'.";
  expect(troubles(run)).toEqual([
    `failed Admin API admin-api: ${text}`,
    `not known Admin API log-in: Not asked. Admin API: ${text}`,
  ]);
});

test("a certificate that expires soon is a warning, and so is one that nobody looks at", async () => {
  await secure.control.patch("cloudian", { options: { certificate: "expiring" } });
  const soon = await doctor(adminOnly(secure), cloudian);
  expect(soon.code).toBe(0);
  expect(troubles(soon)).toEqual([
    `warning Admin API tls-expiry: The certificate of localhost expires on ${day(10)}, in 9 days.`,
  ]);
  await secure.control.patch("cloudian", { options: { certificate: "expired" } });
  const unseen = await doctor(adminOnly(secure, { CLOUDIAN_INSECURE: "true" }), cloudian);
  expect(unseen.code).toBe(0);
  expect(troubles(unseen)).toEqual([
    "warning Admin API tls: cloudianInsecure is set, so that nobody looks at the certificate.",
    `warning Admin API tls-expiry: The certificate of localhost expired on ${day(-1)}.`,
  ]);
});

test("plain HTTP on the TLS port, and TLS on the plain one", async () => {
  const plainAddress = plain.lab.addresses.cloudian.endpoint;
  const { port } = new URL(plainAddress);
  const noTls = await doctor(
    adminOnly(plain, { CLOUDIAN_ENDPOINT: plainAddress.replace("http:", "https:") }),
    cloudian,
  );
  const text = `Port ${port} speaks plain HTTP, and cloudianEndpoint begins with https:.`;
  expect(troubles(noTls)).toEqual([
    `failed Admin API tls: ${text}`,
    `not known Admin API log-in: Not asked. Admin API: ${text}`,
  ]);
  const secureAddress = secure.lab.addresses.cloudian.endpoint;
  const tls = await doctor(
    adminOnly(secure, { CLOUDIAN_ENDPOINT: secureAddress.replace("https:", "http:") }),
    cloudian,
  );
  const other = `Port ${new URL(secureAddress).port} speaks TLS, and cloudianEndpoint begins with http:.`;
  expect(troubles(tls)).toEqual([
    `failed Admin API answer: ${other}`,
    `not known Admin API log-in: Not asked. Admin API: ${other}`,
  ]);
});

test("a port that takes connections and says nothing", async () => {
  const server = createServer((socket) => socket.on("error", () => socket.destroy()).resume()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const env = { CLOUDIAN_ENDPOINT: `https://127.0.0.1:${port}`, CLOUDSTACK_STORAGE_REQUEST_TIMEOUT_SECONDS: "1" };
  const run = await doctor(adminOnly(secure, env), cloudian);
  server.close();
  const text = `The TLS handshake at port ${port} fails (TIMEOUT).`;
  expect(troubles(run)).toEqual([
    `failed Admin API tls: ${text}`,
    `not known Admin API log-in: Not asked. Admin API: ${text}`,
  ]);
});

test("a clock that is an hour ahead: S3 refuses what is signed, the Admin API does not care", async () => {
  await plain.control.advance(3600);
  const { CLOUDSTACK_API_URL: _, ...env } = adminOnly(plain, {
    CLOUDIAN_S3_ENDPOINT: plain.lab.addresses.cloudian.s3Endpoint,
  });
  const run = await doctor(env, cloudian);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    "warning Admin API clock: Its clock is 60 min ahead of this machine's.",
    "failed S3 clock: Its clock is 60 min ahead of this machine's, and what is signed here is refused there.",
  ]);
  await plain.control.advance(-3600 - 45);
  expect(troubles(await doctor(env, cloudian))).toEqual([
    expect.stringMatching(/^warning Admin API clock: Its clock is 4[3-7] s behind this machine's\.$/),
    expect.stringMatching(/^warning S3 clock: Its clock is 4[3-7] s behind this machine's\.$/),
  ]);
});

test.each([
  [{ kind: "status", status: 503 }, /^failed Admin API answer: It answers 503, ".*"\.$/],
  [{ kind: "html" }, /^failed Admin API answer: It answers 200 with an HTML page, "Please sign in\."\.$/],
  [
    { kind: "hang" },
    /^failed Admin API answer: Could not get an answer of the Admin API: .* did not answer in time\. /,
  ],
] as const)("an answer that is none: %j", async (fault, expected) => {
  await plain.control.fault({ system: "cloudian", times: 100, ...fault });
  const env = adminOnly(plain, { CLOUDSTACK_STORAGE_REQUEST_TIMEOUT_SECONDS: "1" });
  const run = await doctor(env, cloudian);
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    expect.stringMatching(expected),
    expect.stringMatching(/^not known Admin API log-in: Not asked\. Admin API: /),
  ]);
  // Nobody offered a password to it.
  expect((await plain.control.requests("cloudian")).flatMap(({ headers }) => headers)).not.toContain("authorization");
});

test("slow: a large part of the time-out", async () => {
  await plain.control.fault({ system: "cloudian", kind: "delay", delayMs: 1500, path: "/" });
  const env = adminOnly(plain, { CLOUDSTACK_STORAGE_REQUEST_TIMEOUT_SECONDS: "6" });
  const run = await doctor(env, cloudian);
  expect(run.code).toBe(0);
  expect(troubles(run)).toEqual([
    expect.stringMatching(/^warning Admin API latency: It answered in \d{4} ms; requestTimeoutSeconds allows 6 s\.$/),
  ]);
});

test("--timeout ends a system that does not answer, and says what was not asked", async () => {
  await plain.control.fault({ system: "cloudian", kind: "hang", path: "/system/version" });
  const run = await doctor(adminOnly(plain), [...cloudian, "--timeout", "3"]);
  expect(run.code).toBe(3);
  expect(troubles(run)).toEqual(["not known Admin API log-in: Not asked. The 3 s of --timeout are used up."]);
});
