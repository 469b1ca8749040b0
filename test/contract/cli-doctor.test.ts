import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { runCommand, runInTerminal } from "../harness/command.ts";
import { documentedShape } from "../harness/documented-shape.ts";
import { type ConnectedLab, connectedLab, doctor, troubles } from "./doctor-support.ts";

let near: ConnectedLab;

beforeAll(async () => {
  near = await connectedLab();
});
beforeEach(() => near.restore());
afterAll(() => near.lab.close());

/** What differs from run to run. */
function steady(text: string): string {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/Port \d+/g, "Port PORT")
    .replaceAll(/in \d+ ms/g, "in N ms");
}

test("what it prints", async () => {
  await near.control.patch("cloudstack", { connector: { running: false } });
  const run = await runCommand(["doctor", "--system", "sso", "--system", "cloudian"], { env: near.env });
  expect({ ...run, stdout: steady(run.stdout) }).toEqual({
    code: 1,
    stderr: "",
    stdout: `Cloudian HyperStore
  ok         Admin API, name     127.0.0.1 is this machine, and for nobody else the same one.
  ok         Admin API, port     Port PORT answers.
  ok         Admin API, tls      Plain HTTP, which does not leave this machine.
  ok         Admin API, answer   It answers 401 to a request without a log-in.
  ok         Admin API, clock    Its clock and this machine's agree within 30 s.
  ok         Admin API, latency  It answered in N ms; requestTimeoutSeconds allows 30 s.
  ok         S3, name            127.0.0.1 is this machine, and for nobody else the same one.
  ok         S3, port            Port PORT answers.
  ok         S3, tls             Plain HTTP, which does not leave this machine.
  ok         S3, answer          It answers 403 to a request without a log-in.
  ok         S3, clock           Its clock and this machine's agree within 30 s.
  ok         S3, latency         It answered in N ms; requestTimeoutSeconds allows 30 s.
  ok         Admin API, log-in   User sysadmin is accepted.
  ok         Admin API, version  HyperStore 8.1 Compiled: 2023-11-11 16:30.
  ok         connector, address  The connector uses http://127.0.0.1:PORT, as the provider does.
  ok         connector, log-in   The connector has the same user and password as the provider.

Single sign-on
  ok         CMC, name           127.0.0.1 is this machine, and for nobody else the same one.
  ok         CMC, port           Port PORT answers.
  ok         CMC, tls            Plain HTTP, which does not leave this machine.
  ok         CMC, answer         It answers 200 to a request without a log-in.
  ok         CMC, clock          Its clock and this machine's agree within 30 s.
  ok         CMC, latency        It answered in N ms; requestTimeoutSeconds allows 30 s.
  ok         key-default         The key configured here (cloudianSsoKey) is not CloudStack's default.
  ok         key                 CloudStack has the key that is configured here.
  ok         user                The administrator admin of group 0 (cloudian.cmc.admin.user) exists and is active.
  ok         log-in              The CMC logs admin of group 0 in with a fresh URL.
  ok         connector, enabled  CloudStack's Cloudian connector is on.
  ok         connector, url      CloudStack sends its users to http://127.0.0.1:PORT/Cloudian/.
  failed     connector, restart  The connector is switched on, but cloudianSsoLogin is not there: a restart of the management servers is pending.
                                 next: Restart all management servers. Then log out of CloudStack and in again. Why is in the CMC's log on the HyperStore nodes, and in /var/log/cloudstack/management/management-server.log of the management servers: search for SSO.

Verdicts
  ok         Cloudian HyperStore
  failed     Single sign-on
`,
  });
});

test("--quiet leaves out what is ok, and on a terminal verdicts are colored", async () => {
  await near.control.patch("cloudian", { options: { version: "6.1" } });
  const args = ["doctor", "--quiet", "--system", "cloudian"];
  const run = await runCommand(args, { env: near.env });
  const [green, yellow, bold] = [32, 33, 1].map((code) => `\u001b[${code}m`);
  const plain = `Cloudian HyperStore
  warning    Admin API, version  HyperStore 6.1.
                                 next: CloudStack's connector needs HyperStore 6.2 or newer: upgrade before it is switched on.

Verdicts
  warning    Cloudian HyperStore
`;
  expect(run).toEqual({ code: 0, stderr: "", stdout: plain });
  const colored = await runInTerminal(args, { env: { ...near.env, TERM: "xterm-256color" } });
  expect(colored.stdout).toBe(
    plain
      .replace("Cloudian HyperStore", `${bold}Cloudian HyperStore\u001b[22m`)
      .replace("Verdicts", `${bold}Verdicts\u001b[22m`)
      .replaceAll("warning  ", `${yellow}warning  \u001b[39m`),
  );
  expect(colored.stdout).not.toContain(green);
});

test("--json keeps to its schema, whatever is found; nothing is written anywhere", async () => {
  const schema = documentedShape("doctor");
  await near.control.clearRequests();
  const good = await doctor(near.env);
  expect(schema.parse(good.report)).toEqual(good.report);
  expect(good.report.systems.map(({ name }) => name)).toEqual(["cloudian", "sso", "ecs", "cloudstack"]);
  const requests = await near.control.requests();
  const reading = requests.filter(({ method }) => method === "GET" || method === "HEAD");
  expect(requests.filter((request) => !reading.includes(request))).toEqual([]);
  expect(
    requests.filter(({ query }) => /^(?!list|get|query|cloudianIsEnabled)/.test(query["command"] ?? "list")),
  ).toEqual([]);
  const dead = await doctor({ ...near.env, CLOUDIAN_ENDPOINT: "http://127.0.0.1:1", CLOUDIAN_SSO_KEY: "another-one" });
  expect(dead.code).toBe(1);
  expect(schema.parse(dead.report)).toEqual(dead.report);
  expect(dead.report.findings.filter(({ verdict, next }) => verdict !== "ok" && next === undefined)).toEqual([]);
  expect(schema.safeParse({ ...dead.report, verdict: "fine" }).success).toBe(false);
  expect(schema.safeParse({ ...dead.report, findings: [{ check: "x" }] }).success).toBe(false);
});

test("a system that cannot be reached leaves the others alone", async () => {
  const run = await doctor({ ...near.env, CLOUDSTACK_API_URL: "http://127.0.0.1:1/client/api" }, [
    "--system",
    "sso",
    "--system",
    "cloudstack",
  ]);
  expect(run.code).toBe(1);
  const reason = "CloudStack, API: Nothing listens at 127.0.0.1:1 (ECONNREFUSED).";
  expect(troubles(run).slice(0, 5)).toEqual([
    `not known key: Not asked. ${reason}`,
    `not known user: Not asked. ${reason}`,
    `not known log-in: Not asked. ${reason}`,
    `not known connector connector: Not asked. ${reason}`,
    "failed API port: Nothing listens at 127.0.0.1:1 (ECONNREFUSED).",
  ]);
});

test("the longest time-out is a long one", async () => {
  const run = await doctor(near.env, ["--system", "cloudian", "--timeout", "2147483"]);
  expect({ code: run.code, troubles: troubles(run), stderr: run.stderr }).toEqual({
    code: 0,
    troubles: [],
    stderr: "",
  });
});

test("help, and what cannot be understood", async () => {
  expect(await runCommand(["doctor", "--help"])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^Usage: cloudstack-storage doctor \[flags\]\n[\s\S]*--timeout SECONDS[\s\S]*Exit code: 0 /,
    ),
    stderr: "",
  });
  for (const [args, reason] of [
    [["--systems", "ecs"], /^Unknown option '--systems'/],
    [["--system", "s3"], /^--system is one of cloudian, sso, ecs, cloudstack, not "s3"\.\nSee: /],
    [["--timeout", "0"], /^--timeout needs a whole number from 1 to 2147483, not "0"\./],
    [["--timeout", "2147484"], /^--timeout needs a whole number from 1 to 2147483, not "2147484"\./],
    [["extra"], /^Unexpected argument 'extra'/],
    [[], /^No system is configured: /],
  ] as const)
    expect(await runCommand(["doctor", ...args])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(reason),
    });
});
