import type { LabClock } from "./clock.ts";
import type { EcsStore } from "./ecs-store.ts";
import { Misfit } from "./patch.ts";
import type { S3Store } from "./s3-store.ts";

/** What a patch is applied to: all of it or nothing becomes the state. */
export interface EcsDraft {
  readonly store: EcsStore;
  readonly buckets: S3Store;
  readonly clock: LabClock;
}

/** Splits `namespace/name` at its first slash. */
export function splitName(key: string): { namespace: string; name: string } {
  const slash = key.indexOf("/");
  const name = key.slice(slash + 1);
  if (slash < 1 || name === "") throw new Misfit("its key must be of the form namespace/name");
  return { namespace: key.slice(0, slash), name };
}
