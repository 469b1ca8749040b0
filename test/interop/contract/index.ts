import type { ServerId } from "../../harness/interop/surroundings.ts";
import { buckets } from "./buckets.ts";
import type { Answer, Check } from "./check.ts";
import { cors } from "./cors.ts";
import { listings } from "./listings.ts";
import { locks } from "./locks.ts";
import { multiDeletes } from "./multi-deletes.ts";
import { objects } from "./objects.ts";
import { policies } from "./policies.ts";
import { settings } from "./settings.ts";
import { signatures } from "./signatures.ts";
import { uploads } from "./uploads.ts";
import { versions } from "./versioning.ts";

/** What every S3 server is asked, the lab's as well as real ones. */
export const contract: readonly Check[] = [
  ...buckets,
  ...versions,
  ...locks,
  ...policies,
  ...objects,
  ...listings,
  ...multiDeletes,
  ...uploads,
  ...settings,
  ...cors,
  ...signatures,
];

/** Where a server answers otherwise than the others, by name. */
export function differences(id: ServerId): { check: string; expected: Answer; answer: Answer; why: string }[] {
  return contract.flatMap(({ name, expected, differs }) => {
    const difference = differs?.[id];
    return difference === undefined ? [] : [{ check: name, expected, ...difference }];
  });
}
