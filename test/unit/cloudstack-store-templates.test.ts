import { beforeEach, describe, expect, test } from "vitest";
import { PartialFailure } from "../../provider/core/errors.ts";
import { errorOf } from "./cloudstack-server.ts";
import { storeStage } from "./cloudstack-store-stage.ts";

const stage = storeStage();
const { cloud, inputs, lists, live, recorded } = stage;

const update = (news: object, olds: object = {}) => stage.kind.update("id-1", recorded(olds), inputs(news));

/** A template of system VMs, and one of everybody that is still on its way. */
const templates = (downloadState = "DOWNLOADED") => {
  const on = (state: string) => [{ datastoreId: "id-1", downloadState: state }];
  stage.templates(
    { id: "t-1", name: "systemvm", templatetype: "SYSTEM", downloaddetails: on(downloadState) },
    { id: "t-2", name: "public", ispublic: true, downloaddetails: on("DOWNLOAD_IN_PROGRESS") },
  );
};

beforeEach(() => lists(live()));

describe("an update that waits for templates", () => {
  const system = { waitForTemplates: { set: "system", timeoutMinutes: 0.001 } };
  const soon = { waitForTemplates: { set: "all", timeoutMinutes: 0.001 } };

  test("is done when those of the set are there, and remembers the set", async () => {
    templates();
    expect((await update(system)).outs).toMatchObject({ ...system, __awaitedTemplates: "system" });
    expect(cloud.commands().slice(1)).toEqual(["listTemplates"]);
  });

  test.each([
    [system, "system"],
    [system, "all"],
    [soon, "all"],
    [{}, "system"],
  ])("for %j does not wait again after %s", async (news, __awaitedTemplates) => {
    expect((await update(news, { __awaitedTemplates })).outs).toMatchObject({ ...news, __awaitedTemplates });
    expect(cloud.commands()).toEqual([]);
  });

  test("waits for the others after those of system VMs, and says so when the time is up", async () => {
    templates();
    expect(await stage.messageOf(update(soon, { __awaitedTemplates: "system" }))).toMatch(
      /^S3 secondary storage main was added, but after 0.001 minutes of waitForTemplates: 1 of 2 templates downloaded; public\. /,
    );
  });

  test("does not wait for a template for direct download, which comes to no store", async () => {
    const there = [{ datastoreId: "id-1", downloadState: "DOWNLOADED" }];
    stage.templates(
      { id: "t-1", name: "systemvm", templatetype: "SYSTEM", directdownload: true, downloaddetails: there },
      { id: "t-2", name: "direct", ispublic: true, directdownload: true },
    );
    expect((await update(soon)).outs).toMatchObject({ __awaitedTemplates: "all" });
  });

  test("remembers none where none was waited for", async () => {
    expect(Object.keys((await update({})).outs ?? {})).not.toContain("__awaitedTemplates");
  });

  test("leaves in the state what it has changed before the time was up", async () => {
    lists();
    stage.stagingStores();
    templates("DOWNLOAD_IN_PROGRESS");
    const news = { storeName: "new", readOnly: true, ...soon };
    const error = await errorOf(update(news, { readOnly: false }));
    expect(error).toBeInstanceOf(PartialFailure);
    expect(error).toMatchObject({ id: "id-1", properties: { storeName: "new", readOnly: true } });
    expect(Object.keys((error as PartialFailure).properties)).not.toContain("waitForTemplates");
  });
});
