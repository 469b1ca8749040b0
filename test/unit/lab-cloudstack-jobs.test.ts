import { beforeEach, describe, expect, test } from "vitest";
import { details, openCloudStack, type Params } from "./lab-cloudstack-stage.ts";

const { lab, control, api } = await openCloudStack();
const { zoneId } = lab.addresses.cloudstack;

const options = (values: object) => control.patch("cloudstack", { options: values });

async function systemVm(): Promise<Record<string, unknown>> {
  const { value } = await api("listSystemVms", { systemvmtype: "secondarystoragevm", zoneid: zoneId });
  const [vm = {}] = (value["systemvm"] ?? []) as Record<string, unknown>[];
  return vm;
}

const reboot = async () =>
  String((await api("rebootSystemVm", { id: String((await systemVm())["id"]) })).value["jobid"]);
const poll = (jobid: string) => api("queryAsyncJobResult", { jobid });

describe("jobs", () => {
  test("run on the lab's clock, and are shown late", async () => {
    const jobid = await reboot();
    expect(await poll(jobid)).toMatchObject({
      status: 200,
      key: "queryasyncjobresultresponse",
      value: { jobid, jobstatus: 0, jobresultcode: 0, created: expect.stringMatching(/^\d{4}-.*\+0000$/) },
    });
    expect(await systemVm()).toMatchObject({ state: "Running", agentstate: "Connecting" });
    await control.advance(1);
    expect(await systemVm()).toMatchObject({ state: "Running", agentstate: "Up" });
    expect((await poll(jobid)).value).toMatchObject({ jobstatus: 0 });
    expect((await poll(jobid)).value).toMatchObject({
      jobstatus: 1,
      jobresultcode: 0,
      jobresulttype: "object",
      jobresult: { systemvm: { agentstate: "Up" } },
      completed: expect.stringMatching(/\+0000$/),
    });
    expect((await api("listAsyncJobs", { listall: "true" })).value).toMatchObject({
      count: 1,
      asyncjobs: [{ jobid, jobstatus: 1 }],
    });
  });

  test("a failed one is told under 200", async () => {
    await options({ jobSeconds: 5, jobPolls: 0 });
    const jobid = await reboot();
    await control.patch("cloudstack", { systemVms: { [String((await systemVm())["id"])]: null } });
    await control.advance(5);
    expect(await poll(jobid)).toMatchObject({
      status: 200,
      value: { jobstatus: 2, jobresultcode: 530, jobresult: { errorcode: 530, errortext: /not there/ } },
    });
  });

  test("may be cancelled, lost or refused", async () => {
    await options({ jobSeconds: 0, jobPolls: 0, cancelJobs: true });
    expect((await poll(await reboot())).value).toMatchObject({ jobstatus: 3, jobresult: { errorcode: 530 } });
    await options({ cancelJobs: false, loseJobs: true });
    expect((await poll(await reboot())).status).toBe(431);
    expect(await systemVm()).toMatchObject({ agentstate: "Up" });
    await options({ maintenance: true });
    expect((await api("rebootSystemVm", { id: String((await systemVm())["id"]) })).status).toBe(503);
    expect((await poll("1a2b3c4d-0000-4000-8000-000000000000")).status).toBe(431);
  });

  test("a destroyed system VM has a successor", async () => {
    const { id } = await systemVm();
    await api("destroySystemVm", { id: String(id) });
    await control.advance(1);
    expect(await systemVm()).toMatchObject({
      id: expect.not.stringMatching(String(id)),
      name: "s-2-VM",
      agentstate: "Up",
    });
  });
});

describe("templates", () => {
  let storeId = "";

  beforeEach(async () => {
    storeId = await added("one");
  });

  async function added(name: string): Promise<string> {
    const { value } = await api("addImageStore", { name, provider: "S3", ...details({ bucket: "b" }) });
    return (value["imagestore"] as { id: string }).id;
  }

  /** State and percentage on the store by the template's type. */
  async function progress(params: Params = {}): Promise<Record<string, unknown>> {
    const { value } = await api("listTemplates", { templatefilter: "all", ...params });
    const rows = value["template"] as { templatetype: string; downloaddetails: Record<string, string>[] }[];
    return Object.fromEntries(
      rows.map(({ templatetype, downloaddetails }) => {
        const copy = downloaddetails.find(({ datastoreId }) => datastoreId === storeId);
        return [templatetype, copy && [copy["downloadState"], copy["downloadPercent"]]];
      }),
    );
  }

  test("system templates begin at once and move with time and with polls, others do not begin", async () => {
    await options({ downloadSeconds: 100, downloadPolls: 2 });
    expect(await progress()).toEqual({ SYSTEM: ["DOWNLOAD_IN_PROGRESS", "0"], BUILTIN: undefined });
    await control.advance(25);
    expect(await progress()).toEqual({ SYSTEM: ["DOWNLOAD_IN_PROGRESS", "25"], BUILTIN: undefined });
    await control.advance(100);
    expect(await progress()).toEqual({ SYSTEM: ["DOWNLOADED", "100"], BUILTIN: undefined });
  });

  test("time alone does not end a download that nobody looked at", async () => {
    await control.advance(500);
    expect(await progress()).toMatchObject({ SYSTEM: ["DOWNLOAD_IN_PROGRESS", "0"] });
    expect(await progress()).toMatchObject({ SYSTEM: ["DOWNLOAD_IN_PROGRESS", "50"] });
    expect(await progress()).toMatchObject({ SYSTEM: ["DOWNLOADED", "100"] });
  });

  test("a row tells the place to administrators", async () => {
    await options({ downloadSeconds: 0, downloadPolls: 0 });
    const { value } = await api("listTemplates", { templatefilter: "all", templatetype: "SYSTEM" });
    expect(value).toEqual({
      count: 1,
      template: [expect.objectContaining({ isready: true, status: "Download Complete" })],
    });
    const [row] = value["template"] as { downloaddetails: object[] }[];
    expect(row?.downloaddetails).toEqual([
      {
        datastore: "one",
        datastoreId: storeId,
        datastoreRole: "Image",
        downloadPercent: "100",
        downloadState: "DOWNLOADED",
      },
    ]);
  });

  test("a reboot of the system VM syncs the others, but not private ones", async () => {
    await control.patch("cloudstack", {
      options: { downloadSeconds: 0, downloadPolls: 0 },
      templates: { private: { public: false } },
    });
    await reboot();
    await control.advance(1);
    expect(await progress()).toEqual({
      SYSTEM: ["DOWNLOADED", "100"],
      BUILTIN: ["DOWNLOADED", "100"],
      USER: undefined,
    });
    await control.patch("cloudstack", { templates: { private: { public: true } } });
    await reboot();
    await control.advance(1);
    expect(await progress()).toMatchObject({ USER: ["DOWNLOADED", "100"] });
    expect((await api("deleteImageStore", { id: storeId })).status).toBe(431);
  });

  test("without a secondary storage VM nothing begins; when one comes, it does", async () => {
    await control.patch("cloudstack", { options: { systemVmMissing: true, downloadSeconds: 0, downloadPolls: 0 } });
    storeId = await added("two");
    expect(await systemVm()).toEqual({});
    await control.advance(500);
    expect(await progress()).toEqual({ SYSTEM: undefined, BUILTIN: undefined });
    await options({ systemVmMissing: false });
    expect(await progress()).toEqual({ SYSTEM: ["DOWNLOADED", "100"], BUILTIN: ["DOWNLOADED", "100"] });
  });

  test("a failed download has an empty text, and a sync tries again", async () => {
    await options({ downloadSeconds: 0, downloadPolls: 0, downloadFails: true });
    const { value } = await api("listTemplates", { templatefilter: "all", templatetype: "SYSTEM" });
    expect(value["template"]).toEqual([
      expect.objectContaining({
        isready: false,
        status: "",
        downloaddetails: [expect.objectContaining({ downloadState: "DOWNLOAD_ERROR", downloadPercent: "0" })],
      }),
    ]);
    await options({ downloadFails: false });
    expect(await progress()).toMatchObject({ SYSTEM: ["DOWNLOAD_ERROR", "0"] });
    await reboot();
    await control.advance(1);
    expect(await progress()).toMatchObject({ SYSTEM: ["DOWNLOADED", "100"] });
  });

  test("one row for each zone", async () => {
    await control.patch("cloudstack", { zones: { z2: { name: "far" } } });
    const rows = async (params: Params) =>
      (await api("listTemplates", { templatefilter: "all", templatetype: "SYSTEM", ...params })).value["count"];
    expect([await rows({}), await rows({ zoneid: "z2" })]).toEqual([2, 1]);
  });

  test("filters are known ones", async () => {
    expect((await api("listTemplates")).status).toBe(431);
    expect((await api("listTemplates", { templatefilter: "every" })).status).toBe(431);
    expect((await api("listTemplates", { templatefilter: "featured" })).value).toMatchObject({
      count: 1,
      template: [{ templatetype: "BUILTIN" }],
    });
  });
});

describe("migration of data", () => {
  const migrate = (params: Params) => api("migrateSecondaryStorageData", params);
  const outcome = async (jobid: unknown) => {
    const { jobstatus, jobresult } = (await poll(String(jobid))).value;
    return [jobstatus, jobresult];
  };

  beforeEach(() =>
    control.patch("cloudstack", {
      options: { jobPolls: 0 },
      imageStores: { from: {}, to: {}, s3: { provider: "S3" } },
      snapshots: { s: { storeId: "from" } },
    }),
  );

  test("moves records and leaves the source read-only", async () => {
    const { jobid } = (await migrate({ srcpool: "from", destpools: "from,to" })).value;
    await control.advance(1);
    expect(await outcome(jobid)).toEqual([1, { imagestore: expect.objectContaining({ success: true }) }]);
    const { imageStores, snapshots } = (await control.state()).cloudstack;
    expect([imageStores["from"]?.readOnly, snapshots?.["s"]]).toEqual([true, { name: "s", storeId: "to" }]);
  });

  test("never goes to S3", async () => {
    const { jobid } = (await migrate({ srcpool: "from", destpools: "s3" })).value;
    await control.advance(1);
    expect(await outcome(jobid)).toEqual([2, expect.objectContaining({ errorcode: 530 })]);
  });

  test("a second run ends like a success", async () => {
    await migrate({ srcpool: "from", destpools: "to" });
    const { jobid } = (await migrate({ srcpool: "to", destpools: "from" })).value;
    await control.advance(1);
    const message = expect.stringContaining("migrate job is in progress");
    expect(await outcome(jobid)).toEqual([1, { imagestore: { success: false, message, migrationtype: "complete" } }]);
  });
});

describe("the cloud itself", () => {
  test("capabilities are one object that names the release", async () => {
    expect((await api("listCapabilities")).value).toMatchObject({ capability: { cloudstackversion: "4.22.0.0" } });
    await options({ release: "4.19.1.0-vendor" });
    expect((await api("listCapabilities")).value).toMatchObject({
      capability: { cloudstackversion: "4.19.1.0-vendor" },
    });
  });

  test.each([
    ["image", "4.22.0.0", ["NFS", "S3"]],
    ["object", "4.19.1.0", ["MinIO"]],
    ["object", "4.20.0.0", ["MinIO", "Ceph"]],
    ["object", "4.22.0.0", ["MinIO", "Ceph", "Cloudian HyperStore"]],
    ["object", "next", ["MinIO", "Ceph", "Cloudian HyperStore", "ECS"]],
  ])("%s storage providers of %s", async (type, release, expected) => {
    await options({ release });
    const { value } = await api("listStorageProviders", { type });
    expect((value["dataStoreProvider"] as { name: string }[]).map(({ name }) => name)).toEqual(expected);
  });

  test("there are no other types of providers", async () => {
    expect((await api("listStorageProviders")).status).toBe(431);
    expect((await api("listStorageProviders", { type: "tape" })).status).toBe(431);
  });
});
