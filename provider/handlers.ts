import { groupHandler } from "./cloudian/group.handler.ts";
import { userHandler } from "./cloudian/user.handler.ts";
import { settingHandler } from "./cloudstack/global-setting.handler.ts";
import { poolHandler } from "./cloudstack/object-storage-pool.handler.ts";
import { secondaryStorageHandler } from "./cloudstack/secondary-storage.handler.ts";
import { stagingStoreHandler } from "./cloudstack/staging-store.handler.ts";
import { rosterHandler } from "./components/roster.handler.ts";
import { type AnyHandler, anyHandler } from "./core/handler.ts";
import { bucketHandler as ecsBucketHandler } from "./ecs/bucket.handler.ts";
import { objectUserHandler } from "./ecs/object-user.handler.ts";
import { bucketHandler as s3BucketHandler } from "./s3/bucket.handler.ts";

const all: readonly AnyHandler[] = [
  anyHandler(groupHandler),
  anyHandler(userHandler),
  anyHandler(ecsBucketHandler),
  anyHandler(objectUserHandler),
  anyHandler(settingHandler),
  anyHandler(poolHandler),
  anyHandler(s3BucketHandler),
  anyHandler(secondaryStorageHandler),
  anyHandler(stagingStoreHandler),
  anyHandler(rosterHandler),
];

const byKind = new Map(all.map((handler) => [handler.kind, handler]));

/** Everything that is known about one kind; undefined where this release has no such kind. */
export function handlerOf(kind: string): AnyHandler | undefined {
  return byKind.get(kind);
}
