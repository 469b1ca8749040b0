import { Once } from "../core/once.ts";
import { textIn } from "./answers.ts";
import type { CloudStackApi } from "./api.ts";

/** CloudStack's plugins for secondary storage; a release does not change under a run. */
export function imageProviders(api: CloudStackApi): Once<string[]> {
  return new Once(async () => {
    const call = { what: "list the image storage providers", command: "listStorageProviders" };
    const items = await api.list({ ...call, parameters: { type: "image" } }, "dataStoreProvider");
    return items.map((item) => textIn(item, "name") ?? "");
  });
}
