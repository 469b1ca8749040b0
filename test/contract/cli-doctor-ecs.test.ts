import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { ecsEnvironmentOf } from "../harness/command.ts";
import { documentedShape } from "../harness/documented-shape.ts";
import { calls, LabControl } from "../harness/lab.ts";
import { type DoctorRun, doctor, nextOf, troubles } from "./doctor-support.ts";

const schema = documentedShape("doctor");

let lab: Lab;
let control: LabControl;
let env: Record<string, string>;

const OWNER = { users: { "ns1/ada": { keys: ["Canary-ada-secret-key"] } }, buckets: { "ns1/logs": { owner: "ada" } } };

beforeAll(async () => {
  lab = await startLab({ portBase: 0 });
  control = new LabControl(lab.addresses.control);
  env = ecsEnvironmentOf(lab.addresses.ecs);
});
beforeEach(async () => {
  await control.reset();
  await control.patch("ecs", OWNER);
});
afterAll(() => lab.close());

const SECRETS = ["Canary-ada-secret-key", "lab-ecs-password", "Canary-wrong-password"];

async function look(changes: Readonly<Record<string, string>> = {}, ...args: string[]): Promise<DoctorRun> {
  const run = await doctor({ ...env, ...changes }, args);
  expect(schema.safeParse(run.report).error).toBeUndefined();
  const said = JSON.stringify(run);
  expect(SECRETS.filter((secret) => said.includes(secret))).toEqual([]);
  return run;
}

/** Log-ins that arrived, and tokens that are still held. */
async function sessions(): Promise<{ logIns: number; held: number }> {
  const logIns = (await control.requests("ecs")).filter(({ path }) => path === "/login").length;
  return { logIns, held: (await control.state()).ecs.sessions.live };
}

/** What is said beside the looks at the two endpoints. */
function said({ report }: DoctorRun): (string | undefined)[][] {
  const ofEndpoints = ["name", "port", "tls", "tls-expiry", "tls-name", "answer", "clock", "latency"];
  return report.findings
    .filter(({ check }) => !ofEndpoints.includes(check))
    .map(({ verdict, subject, check, text }) => [verdict, subject, check, text]);
}

test("all is well: one log-in that is given back, and nothing but reads", async () => {
  const run = await look();
  expect(troubles(run)).toEqual([]);
  expect(run.code).toBe(0);
  expect(said(run)).toEqual([
    ["ok", "management API", "log-in", "User pulumi is accepted."],
    ["ok", "management API", "role", "pulumi is System Admin."],
    ["ok", undefined, "namespace", "Namespace ns1 is there."],
    ["ok", undefined, "replication-group", "Buckets of ns1 get the replication group rg1."],
    ["ok", "S3", "owner-key", "S3 accepts the key of ECS object user ns1/ada, and shows it 1 bucket."],
  ]);
  expect(calls(await control.requests("ecs")).slice(1)).toEqual([
    "GET /login",
    "GET /user/whoami",
    "GET /object/namespaces/namespace/ns1",
    "GET /vdc/data-service/vpools",
    "GET /object/users/ns1",
    "GET /object/users/ada/info?namespace=ns1",
    "GET /object/user-secret-keys/ada/ns1",
    "GET /object/user-secret-keys/ada/ns1",
    "GET /logout",
  ]);
  expect((await control.requests("ecs-s3")).map(({ method }) => method)).toEqual(["GET", "GET"]);
  expect(await sessions()).toEqual({ logIns: 1, held: 0 });
});

const NOT_ASKED = (text: string) => [
  `not known namespace: Not asked. management API: ${text}`,
  `not known S3 owner-key: Not asked. management API: ${text}`,
];

test("a wrong password is offered once", async () => {
  const run = await look({ ECS_PASSWORD: "Canary-wrong-password" });
  expect(run.code).toBe(1);
  const text =
    'The log-in of user pulumi is refused (401, code 4000, "The credentials or the token are not valid: Invalid user name or password").';
  expect(troubles(run)).toEqual([`failed management API log-in: ${text}`, ...NOT_ASKED(text)]);
  expect(nextOf(run, "log-in")).toMatch(
    /^Check ecsUsername and ecsPassword before anything tries again: the third wrong password locks the user\. /,
  );
  expect((await sessions()).logIns).toBe(1);
  expect((await control.state()).ecs.sessions.failures).toBe(1);
});

test("a locked user is another thing than a wrong password", async () => {
  await control.patch("ecs", { sessions: { locked: true } });
  const run = await look();
  expect(run.code).toBe(1);
  const text =
    'User pulumi is locked (401, code 4000, "The credentials or the token are not valid: User pulumi is locked").';
  expect(troubles(run)).toEqual([`failed management API log-in: ${text}`, ...NOT_ASKED(text)]);
  expect(nextOf(run, "log-in")).toBe(
    "Find out who offers a wrong password, correct it there, then unlock the user: in the ECS Portal, or PUT /vdc/users/pulumi/unlock by a System Admin.",
  );
  expect((await sessions()).logIns).toBe(1);
});

test("no room for another token", async () => {
  await control.patch("ecs", { sessions: { live: 100 } });
  const run = await look();
  expect(run.code).toBe(1);
  expect(troubles(run)[0]).toMatch(
    /^failed management API log-in: User pulumi holds as many tokens as the array allows \(401, code 4000, /,
  );
});

test.each([
  [
    "SYSTEM_MONITOR",
    "ns1",
    "failed management API role: pulumi has the role SYSTEM_MONITOR: it may read buckets, which is enough for a drift report of them, not the keys of users, and change nothing.",
    "Give the user the role System Admin, or use another one.",
  ],
  [
    "NAMESPACE_ADMIN",
    "ns1",
    "warning management API role: pulumi is Namespace Admin of ns1: enough to make and change object users and buckets there, not to delete them.",
    "Use a System Admin where object users or buckets are to be deleted; buckets are listed and deleted by that role only.",
  ],
  [
    "NAMESPACE_ADMIN",
    "ns2",
    "failed management API role: pulumi is Namespace Admin of ns1, and ecsNamespace is ns2.",
    "Correct ecsNamespace, or use a Namespace Admin of it or a System Admin.",
  ],
])("the role %s in namespace %s", async (role, namespace, trouble, next) => {
  await control.patch("ecs", { options: { role } });
  const run = await look({ ECS_NAMESPACE: namespace });
  expect(troubles(run)[0]).toBe(trouble);
  expect(nextOf(run, "role")).toBe(next);
});

test.each([
  ["userMustResetPassword", true, "failed", "The array wants a new password of pulumi before anything else."],
  ["passwordHasExpired", true, "failed", "The password of pulumi has expired."],
  ["passwordExpiryDay", "2026-01-02", "warning", "The array says that the password of pulumi ends on 2026-01-02."],
  ["passwordExpiryDay", "2999-01-02", "ok", "The array says that the password of pulumi ends on 2999-01-02."],
])("%s: %s is %s", async (option, value, verdict, text) => {
  await control.patch("ecs", { options: { release: "4.x", [option]: value } });
  const run = await look();
  expect(said(run)[1]).toEqual([verdict, "management API", "password", text]);
  expect(run.code).toBe(verdict === "failed" ? 1 : 0);
  const next = verdict === "ok" ? undefined : expect.stringMatching(/^Log in to the ECS Portal as pulumi, set a new/);
  expect(nextOf(run, "password")).toEqual(next);
});

test("a namespace that is not there", async () => {
  const run = await look({ ECS_NAMESPACE: "NS1" });
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([
    expect.stringMatching(/^failed namespace: Namespace NS1 is not there\. Could not read ECS namespace NS1: .* 400, /),
    expect.stringMatching(/^not known S3 owner-key: Not asked\. Namespace NS1 is not there\. /),
  ]);
  expect(nextOf(run, "namespace")).toBe(
    "Correct ecsNamespace (capital letters count), or have a System Admin make the namespace.",
  );
});

test.each([
  ["", "warning replication-group: Namespace ns1 has no default replication group."],
  [
    "urn:storageos:ReplicationGroupInfo:00000000-0000-4000-8000-000000000000:global",
    "failed replication-group: The default replication group of namespace ns1, urn:storageos:ReplicationGroupInfo:00000000-0000-4000-8000-000000000000:global, is not among those of the array.",
  ],
])("the default replication group %j", async (vpool, trouble) => {
  const gone = { replicationGroups: { [vpool]: "gone" } };
  if (vpool !== "") await control.patch("ecs", gone);
  await control.patch("ecs", { namespaces: { ns1: { vpool } } });
  if (vpool !== "") await control.patch("ecs", { replicationGroups: { [vpool]: null } });
  expect(troubles(await look())).toEqual([trouble]);
});

test.each([
  [
    "is refused by S3",
    { options: { keyDelaySeconds: 60 }, users: { "ns1/ada": { keys: [null, "Canary-new-secret-key"] } } },
    /^failed S3 owner-key: Could not try S3: the S3 side of ECS does not accept the key of ECS object user ns1\/ada\. /,
  ],
  [
    "belongs to a locked user",
    { users: { "ns1/ada": { locked: true } } },
    /^failed S3 owner-key: ECS object user ns1\/ada is locked, so that S3 refuses its keys\.$/,
  ],
  [
    "belongs to nobody",
    { users: { "ns1/ada": null } },
    /^failed S3 owner-key: There is no ECS object user ns1\/ada\.$/,
  ],
  [
    "is hidden",
    { options: { hideSecretKeys: true } },
    /^failed S3 owner-key: Could not try S3: .* has no key that can be read: /,
  ],
])("a key of --owner that %s", async (_, patch, trouble) => {
  await control.patch("ecs", patch);
  const run = await look({}, "--owner", "ada");
  expect(run.code).toBe(1);
  expect(troubles(run)).toEqual([expect.stringMatching(trouble)]);
});

test("without --owner a user is looked for whose key can be read", async () => {
  await control.patch("ecs", {
    users: { "ns1/aaa": {}, "ns1/aab": { locked: true, keys: ["Canary-aab-secret-key"] } },
  });
  expect(said(await look()).at(-1)).toEqual([
    "ok",
    "S3",
    "owner-key",
    "S3 accepts the key of ECS object user ns1/ada, and shows it 1 bucket.",
  ]);
  await control.patch("ecs", { options: { hideSecretKeys: true } });
  const hidden = await look();
  expect(hidden.code).toBe(3);
  expect(troubles(hidden)).toEqual([
    "not known S3 owner-key: None of 3 object users of namespace ns1 has a key that can be read, and is not locked.",
  ]);
});

test("without ecsS3Endpoint and ecsNamespace less is looked at", async () => {
  const { ECS_S3_ENDPOINT: _, ECS_NAMESPACE: __, ...rest } = env;
  const run = await doctor(rest);
  expect(run.code).toBe(0);
  expect(troubles(run)).toEqual(["warning S3 owner-key: ecsS3Endpoint is not set, so that S3 is not looked at."]);
});
