import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { environmentOf, runCommand, runInTerminal } from "../harness/command.ts";
import { LabControl } from "../harness/lab.ts";

let lab: Lab;
let env: Record<string, string>;

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  env = environmentOf(lab.addresses);
  const user = { groups: { blue: { groupName: "Blue team" } }, users: { "blue/ada": {} } };
  await new LabControl(lab.addresses.control).patch("cloudian", user);
});
afterAll(() => lab.close());

const NOTE = "This logs in as blue/ada, once, for some minutes, whoever opens it. Keep it nowhere.\n";

const asAda = ["sso-url", "--group", "blue", "--user", "ada"];

test("on a terminal: a URL that logs the user in, and a warning", async () => {
  const run = await runInTerminal(asAda, { env });
  expect(run.code).toBe(0);
  const [note, url = "", rest] = run.stdout.split("\n");
  expect(`${note}\n`).toBe(NOTE);
  expect(rest).toBe("");
  const [, timestamp, signature = ""] =
    /^http:\/\/[^?]*\/Cloudian\/ssosecurelogin\.htm\?user=ada&group=blue&timestamp=(\d+)&signature=([^&]+)&redirect=\/$/.exec(
      url,
    ) ?? [];
  const signed = createHmac("sha1", "lab-sso-key").update(`user=ada&group=blue&timestamp=${timestamp}`);
  expect(decodeURIComponent(signature)).toBe(signed.digest("base64"));
  const opened = await fetch(url, { redirect: "manual" });
  expect({ status: opened.status, location: opened.headers.get("location") }).toEqual({
    status: 302,
    location: "/Cloudian/",
  });
});

test("into a pipe: nothing without --force, and with it the URL alone on standard output", async () => {
  expect(await runCommand(asAda, { env })).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "Standard output is no terminal. The URL is a credential: whoever reads it there is the user for some minutes. Run this on a terminal, or give --force.\nSee: cloudstack-storage sso-url --help\n",
  });
  expect(await runCommand([...asAda, "--force", "--target", "explorer.htm"], { env })).toEqual({
    code: 0,
    stdout: expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:\d+\/Cloudian\/ssosecurelogin\.htm\?[^\s]+&redirect=explorer\.htm\n$/,
    ),
    stderr: NOTE,
  });
});

test("what is missing is named, together, and the key is not shown", async () => {
  expect(await runCommand([...asAda, "--force"])).toEqual({
    code: 1,
    stdout: "",
    stderr: `The Cloudian single sign-on settings are not complete (refresh and destroy see a change of configuration only with --run-program):
  - cloudianCmcEndpoint is missing (such as https://cmc.example.com:8443). Give it with \`pulumi config set cloudstack-storage:cloudianCmcEndpoint\`, or in the environment as CLOUDIAN_CMC_ENDPOINT.
  - cloudianSsoKey is missing (such as …). Give it with \`pulumi config set --secret cloudstack-storage:cloudianSsoKey\`, or in the environment as CLOUDIAN_SSO_KEY.
`,
  });
  const elsewhere = { ...env, CLOUDIAN_CMC_ENDPOINT: "https://cmc.example.com:8443/lab-sso-key" };
  expect(await runCommand([...asAda, "--force"], { env: elsewhere })).toEqual({
    code: 1,
    stdout: "",
    stderr:
      "cloudianSsoUrl: cmcEndpoint must be an http or https URL such as https://cmc.example.com:8443, with or without /Cloudian.\n",
  });
});

test.each([
  [["--group", "blue"], "--user is missing: the user to log in."],
  [["--user", "ada"], "--group is missing: the group of the user."],
  [
    ["--group", "blue", "--user", "ada", "--target", "x.htm"],
    '--target needs one of /, admin.htm, explorer.htm, not "x.htm".',
  ],
  [["blue"], "Unexpected argument 'blue'. This command does not take positional arguments"],
])("%j cannot be used", async (args, reason) => {
  expect(await runCommand(["sso-url", ...args], { env })).toEqual({
    code: 2,
    stdout: "",
    stderr: `${reason}\nSee: cloudstack-storage sso-url --help\n`,
  });
});

test("--help tells flags, settings and exit codes", async () => {
  const { code, stdout, stderr } = await runCommand(["sso-url", "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Usage: cloudstack-storage sso-url --group GROUP --user USER \[flags\]\n/);
  expect(stdout).toContain("Exit codes: 0 printed, 1 failed, 2 the arguments cannot be used.\n");
});
