import { StorageError } from "../core/errors.ts";
import type { Settings } from "../core/settings.ts";
import { CloudianClient } from "./client.ts";

/** The release of the HyperStore that the settings name; undefined where none is named or it cannot be asked. */
export async function hyperStoreVersion(settings: Settings): Promise<string | undefined> {
  try {
    return await new CloudianClient(settings).version();
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}
