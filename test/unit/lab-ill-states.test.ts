import { expect, test } from "vitest";
import { details, openCloudStack, refusal } from "./lab-cloudstack-stage.ts";
import { type EcsReply, openEcs, tokenOf } from "./lab-ecs-stage.ts";

const cloudstack = await openCloudStack();
const ecs = await openEcs();
const { api, control } = cloudstack;
const { zoneId } = cloudstack.lab.addresses.cloudstack;

const systemVm = "5b7e2d94-c1f0-48a3-8d6e-93f4a0b1c728";
const options = (values: object) => control.patch("cloudstack", { options: values });

test.each([
  ["rebootSystemVm", "Connecting"],
  ["startSystemVm", "Connecting"],
])("agentStaysAway: after %s the VM runs, and its agent is %s", async (command, agentState) => {
  await options({ agentStaysAway: true, jobSeconds: 0, jobPolls: 0 });
  await api(command, { id: systemVm });
  const { value } = await api("listSystemVms", { systemvmtype: "secondarystoragevm" });
  expect(value).toMatchObject({ systemvm: [{ state: "Running", agentstate: agentState }] });
});

test("failBeforeInsert: so many adds of secondary storage leave nothing", async () => {
  await options({ failBeforeInsert: 2 });
  const s3 = details({ accesskey: "a", secretkey: "s", bucket: "b", endpoint: "https://s3.example.test" });
  const add = () => api("addImageStore", { provider: "S3", name: "one", ...s3 });
  expect(await add()).toMatchObject(refusal("Failed to add data store", 530));
  const nfs = { provider: "NFS", url: "nfs://192.0.2.1/export", zoneid: zoneId };
  expect(await api("addImageStore", nfs)).toMatchObject(refusal("Failed to add data store", 530));
  expect((await api("listImageStores")).value).toEqual({});
  expect((await add()).status).toBe(200);
});

test("deniedCommand: 401 with the text of a role, and listApis does not name it", async () => {
  await options({ deniedCommand: "listZones" });
  expect(await api("listZones")).toMatchObject(refusal("does not exist, is not available", 401));
  expect((await api("listApis", { name: "listZones" })).value).toEqual({});
  await options({ deniedCommand: null });
  expect((await api("listZones")).status).toBe(200);
});

test("a failed download shows the text that a patch gives, else none", async () => {
  const copy = (error: object) => ({ stores: { s: { state: "DOWNLOAD_ERROR", percent: 0, ...error } } });
  await control.patch("cloudstack", {
    imageStores: { s: { provider: "S3" } },
    templates: { a: copy({ error: "No route to host" }), b: copy({}) },
  });
  const { value } = await api("listTemplates", { templatefilter: "all" });
  const shown = (value["template"] as { id: string; status: string }[]).map(({ id, status }) => [id, status]);
  expect(Object.fromEntries(shown)).toMatchObject({ a: "No route to host", b: "" });
  const { templates } = (await control.state()).cloudstack;
  expect(templates?.["a"]).toMatchObject({ stores: { s: { error: "No route to host" } } });
});

const code = (reply: EcsReply) => [reply.status, (reply.json() as { code: number }).code];

test.each([
  ["userMustResetPassword", "user_must_reset_password"],
  ["passwordHasExpired", "user_password_has_expired"],
])("%s: whoami of 4.x says so, and everything else is refused", async (option, member) => {
  await ecs.control.patch("ecs", { options: { [option]: true, passwordExpiryDay: "2026-12-31" } });
  const token = tokenOf(await ecs.call.logIn());
  const get = (path: string) => ecs.call.bare("GET", path, { "x-sds-auth-token": token, accept: "application/json" });
  expect((await get("/object/namespaces")).status).toBe(200);
  await ecs.control.patch("ecs", { options: { release: "4.x" } });
  expect((await get("/user/whoami")).json()).toMatchObject({ [member]: true, password_expiry_day: "2026-12-31" });
  expect(code(await get("/object/namespaces"))).toEqual([403, 3000]);
});
