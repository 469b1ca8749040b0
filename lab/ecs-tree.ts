import { bucketNode, isoTime, shown } from "./bucket-tree.ts";
import { attributesOf } from "./ecs-bucket.ts";
import { dropDeadTokens, dropExpiredKeys, type EcsStore, type ObjectUser, type SecretKey } from "./ecs-store.ts";
import { secretMask } from "./query.ts";
import type { S3Bucket, S3Store } from "./s3-store.ts";

type Documents = Record<string, unknown>;

/** What `GET /state` shows of the ECS. */
export function ecsTree(store: EcsStore, buckets: S3Store, now: number, secrets: boolean): Documents {
  const { options, namespaces, replicationGroups, users, sessions } = store;
  dropDeadTokens(store, now);
  const hidden = (secret: string) => (secrets ? secret : secretMask);
  return {
    options: { ...options, password: hidden(options.password) },
    namespaces: shown(namespaces, ({ name: _, ...namespace }) => namespace),
    replicationGroups: Object.fromEntries(replicationGroups),
    users: shown(users, (user) => userTree(user, now, hidden)),
    buckets: Object.fromEntries(
      buckets.buckets().map((bucket) => [`${bucket.namespace}/${bucket.name}`, tree(bucket)]),
    ),
    sessions: {
      live: sessions.tokens.size,
      logins: sessions.logins,
      failures: sessions.failures,
      locked: sessions.locked,
    },
  };
}

function userTree(user: ObjectUser, now: number, hidden: (secret: string) => string): Documents {
  dropExpiredKeys(user, now);
  const { locked, tags, keys, created } = user;
  return {
    created: isoTime(created),
    locked,
    tags: Object.fromEntries(tags.map(({ name, value }) => [name, value])),
    keys: keys.map((key) => (key === null ? null : keyTree(key, hidden))),
  };
}

function keyTree({ secret, created, expires }: SecretKey, hidden: (secret: string) => string): Documents {
  return { secret: hidden(secret), created: isoTime(created), expires: expires === null ? null : isoTime(expires) };
}

function tree(bucket: S3Bucket): Documents {
  const { task, ...attributes } = attributesOf(bucket);
  return { ...bucketNode(bucket), ...attributes, emptying: task?.status ?? null };
}
