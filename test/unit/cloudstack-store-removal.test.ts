import { describe, expect, test } from "vitest";
import { capabilities, fails, says } from "./cloudstack-server.ts";
import { storeStage } from "./cloudstack-store-stage.ts";

const stage = storeStage();
const { cloud, lists, live, recorded } = stage;

const remove = (more: object = {}) => stage.kind.delete("id-1", recorded(more));
const refuses = (text: string) => {
  cloud.answers["deleteImageStore"] = [fails(431, text)];
};

test("is one command, and what is gone already is gone", async () => {
  await remove();
  expect(stage.changes()).toEqual([{ command: "deleteImageStore", id: "id-1" }]);
  refuses("entity does not exist");
  await remove();
});

describe("onDestroy: readOnly", () => {
  test("keeps the store, without new data", async () => {
    lists(live());
    await remove({ onDestroy: "readOnly" });
    expect(stage.changes()).toEqual([{ command: "updateImageStore", id: "id-1", readonly: "true" }]);
  });

  test("is done where the store is gone", async () => {
    cloud.answers["listImageStores"] = [says("r", {}), fails(431, "entity does not exist")];
    await remove({ onDestroy: "readOnly" });
    expect(stage.changes()).toEqual([]);
  });
});

describe("a store that CloudStack does not delete", () => {
  const said =
    'Could not delete secondary storage id-1: CLOUD answered 431, "Cannot delete image store with active Templates backup!".';
  const holds = "It holds 1 user template (golden). ";
  const advice =
    "Move what is on it, or delete what nobody needs any more, in CloudStack, and run the same command again";
  const ways =
    ', or keep the store without new data: onDestroy: "readOnly" with a pulumi up before it is removed or replaced, or, where its successor stands ' +
    "already, updateImageStore id=id-1 readonly=true and pulumi state delete of the old resource";
  const withTemplate = () => {
    refuses("Cannot delete image store with active Templates backup!");
    stage.templates({ id: "t-1", name: "golden", templatetype: "USER" });
  };

  test("is told with what is on it, and all ways on", async () => {
    withTemplate();
    expect(await stage.messageOf(remove())).toBe(
      `S3 secondary storage main is not deleted: ${said} ${holds}${advice}${ways}.`,
    );
    expect(cloud.asked.find(({ params }) => params["command"] === "listTemplates")?.params).toMatchObject({
      imagestoreid: "id-1",
    });
  });

  test("is told without the way that a release before 4.15 does not have", async () => {
    withTemplate();
    cloud.answers["listCapabilities"] = [capabilities("4.14.1.0")];
    expect(await stage.messageOf(remove())).toBe(
      `S3 secondary storage main is not deleted: ${said} ${holds}${advice}.`,
    );
  });

  test("is called by its id where its name is not recorded", async () => {
    withTemplate();
    const { storeName: _name, ...nameless } = recorded();
    expect(await stage.messageOf(stage.kind.delete("id-1", nameless))).toBe(
      `S3 secondary storage id-1 is not deleted: ${said} ${holds}${advice}${ways}.`,
    );
  });

  test("for uploaded volumes is told with those of the cloud", async () => {
    refuses("Cannot delete image store with active volumes backup!");
    cloud.answers["listVolumes"] = [says("r", { count: 1, volume: [{ id: "v-1", name: "disk" }] })];
    expect(await stage.messageOf(remove())).toContain("The cloud has 1 uploaded volume (disk), and CloudStack");
  });
});
