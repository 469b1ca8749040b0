import { expect, test } from "vitest";
import { details, openCloudStack } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();
const { zoneId } = lab.addresses.cloudstack;

const patch = (body: object) =>
  fetch(`${lab.addresses.control}/state/cloudstack`, { method: "PATCH", body: JSON.stringify(body) });

test("a new cloud has one zone with its system VM and two templates, and no storage", async () => {
  const { zones, imageStores, templates, systemVms, snapshots, volumes, jobs } = (await control.state()).cloudstack;
  expect(zones).toEqual({ [zoneId]: { name: "lab-zone", allocationState: "Enabled" } });
  expect(Object.values(systemVms ?? {})).toEqual([
    { name: "s-1-VM", type: "secondarystoragevm", zoneId, state: "Running", agentState: "Up" },
  ]);
  expect(Object.values(templates ?? {})).toEqual([
    expect.objectContaining({ type: "SYSTEM", hypervisor: "KVM", public: false, stores: {} }),
    expect.objectContaining({ type: "BUILTIN", featured: true, public: true, stores: {} }),
  ]);
  expect([imageStores, snapshots, volumes, jobs]).toEqual([{}, {}, {}, {}]);
});

test("somebody renames a store, makes another and takes it away, behind everybody's back", async () => {
  const { value } = await api("addImageStore", { name: "one", provider: "S3", ...details({ secretkey: "s3cr3t" }) });
  const { id } = value["imagestore"] as { id: string };
  await control.patch("cloudstack", {
    imageStores: { [id]: { name: "renamed", readOnly: true }, other: { provider: "S3" } },
  });
  expect((await api("listImageStores")).value).toMatchObject({
    count: 2,
    imagestore: [
      { id, name: "renamed", readonly: true, protocol: "http" },
      { id: "other", name: "other", protocol: "https", scope: "REGION" },
    ],
  });
  await control.patch("cloudstack", { imageStores: { [id]: null }, snapshots: { s: { storeId: "other" } } });
  expect((await api("listImageStores", { id })).status).toBe(431);
  await control.patch("cloudstack", { imageStores: { other: null } });
  expect((await control.state()).cloudstack["snapshots"]).toEqual({});
});

test("secrets are masked unless they are asked for", async () => {
  await api("addImageStore", { name: "one", provider: "S3", ...details({ secretkey: "s3cr3t", accesskey: "AKIA" }) });
  const shown = await (await fetch(`${lab.addresses.control}/state`)).text();
  expect(shown).not.toContain("s3cr3t");
  expect(shown).not.toContain("lab-secret-key");
  expect(Object.values((await control.state()).cloudstack.imageStores)).toEqual([
    expect.objectContaining({ details: { secretkey: "s3cr3t", accesskey: "AKIA" } }),
  ]);
});

test("a patch fits as a whole or changes nothing", async () => {
  const before = await control.state();
  for (const [body, error] of [
    [{ zone: {} }, /The state has no "zone": use options, zones, imageStores, /],
    [{ options: { release: "new" } }, /Option "release" must be a release such as "4.19.1.0", or "next"/],
    [{ zones: { z: {} }, volumes: { v: { storeId: "x" } } }, /volumes: v: there is no such store/],
    [{ imageStores: { s: { zoneId: "x" } } }, /imageStores: s: there is no such zone/],
    [{ imageStores: { s: { role: "Cache" } } }, /role must be one of Image, ImageCache/],
    [{ templates: { t: { stores: { x: {} } } } }, /templates: t: there is no such store/],
    [{ systemVms: { v: { zoneId: "x" } } }, /systemVms: v: there is no such zone/],
  ] as const) {
    const response = await patch(body);
    expect([response.status, await response.json()]).toEqual([400, { error: expect.stringMatching(error) }]);
  }
  expect(await control.state()).toEqual(before);
});

test("a job goes on over a patch, and a reset forgets everything", async () => {
  const [id = ""] = Object.keys((await control.state()).cloudstack["systemVms"] ?? {});
  await api("rebootSystemVm", { id });
  await control.patch("cloudstack", { systemVms: { [id]: { name: "renamed" } } });
  await control.advance(1);
  expect((await control.state()).cloudstack["systemVms"]).toEqual({
    [id]: expect.objectContaining({ name: "renamed", agentState: "Up" }),
  });
  await control.reset();
  const { systemVms, jobs } = (await control.state()).cloudstack;
  expect([systemVms?.[id], jobs]).toEqual([expect.objectContaining({ name: "s-1-VM" }), {}]);
});
