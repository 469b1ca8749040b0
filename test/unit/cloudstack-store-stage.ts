import { beforeEach } from "vitest";
import { secondaryStorageHandler } from "../../provider/cloudstack/secondary-storage.handler.ts";
import { cloudStackKind } from "./cloudstack-kind-stage.ts";
import { says } from "./cloudstack-server.ts";

export const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

export const LEAST = {
  storeName: "main",
  endpoint: "https://s3.example.test:443",
  bucket: "box",
  accessKeyId: "AKLITERAL",
  secretAccessKey: "Canary-store-1",
};

/** What a program may leave out, as it is then. */
export const SWITCHES = {
  useHttps: true,
  verifyBucket: true,
  requireStagingStores: false,
  onDestroy: "delete",
  adopt: false,
};

/** A cloud with one zone that has all it needs, whose stores a test lists, and which does whatever it is told. */
export function storeStage() {
  const stage = cloudStackKind(secondaryStorageHandler);
  const { cloud } = stage;
  /** As `check` returns them, and the engine hands them on; nobody looks for the bucket. */
  const inputs = (more: object = {}): Record<string, unknown> => ({
    ...LEAST,
    ...SWITCHES,
    verifyBucket: false,
    __provider: "text",
    ...more,
  });
  /** As CloudStack up to 4.22 lists one. */
  const live = (more: object = {}) => ({
    id: "id-1",
    name: "main",
    providername: "S3",
    protocol: "https",
    url: "https://s3.example.test/box",
    readonly: false,
    ...more,
  });
  const list = (command: string, itemName: string, items: object[]) => {
    cloud.answers[command] = [says("r", { count: items.length, [itemName]: items })];
  };
  beforeEach(() => {
    list("listImageStores", "imagestore", []);
    list("listSecondaryStagingStores", "imagestore", [{ id: "s-1", name: "cache", zoneid: "z-1" }]);
    list("listStorageProviders", "dataStoreProvider", [{ name: "NFS" }, { name: "S3" }]);
    list("listZones", "zone", [{ id: "z-1", name: "one" }]);
    list("listSystemVms", "systemvm", [{ id: "v-1", name: "s-1-VM", zoneid: "z-1", state: "Running" }]);
    cloud.answers["addImageStore"] = [says("r", { imagestore: live() })];
    cloud.answers["updateImageStore"] = [says("r", { imagestore: live() })];
    cloud.answers["deleteImageStore"] = [says("r", { success: true })];
    for (const command of ["listSnapshots", "listTemplates", "listIsos"]) cloud.answers[command] = [says("r", {})];
  });
  return Object.assign(stage, {
    inputs,
    recorded: (more: object = {}) =>
      inputs({ systemEndpoint: cloud.endpoint, protocol: "https", url: "https://s3.example.test/box", ...more }),
    live,
    lists: (...stores: object[]) => list("listImageStores", "imagestore", stores),
    templates: (...items: object[]) => list("listTemplates", "template", items),
    stagingStores: (...items: object[]) => list("listSecondaryStagingStores", "imagestore", items),
  });
}
