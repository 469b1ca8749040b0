import {
  answer,
  bodyOf,
  type Call,
  done,
  type Members,
  namespaceGiven,
  type Operation,
  optionalText,
  optionalWhole,
  ownNamespace,
  param,
} from "./ecs-call.ts";
import { EcsRefused, invalidParameter, missingParameter } from "./ecs-error.ts";
import { dropExpiredKeys, newSecret, type ObjectUser, removeKey, type SecretKey, secretKeyId } from "./ecs-store.ts";
import { foundUser, userOfBody } from "./ecs-users.ts";
import type { LabReply } from "./system.ts";

/** A generated key, or the one in `secretkey`; any other spelling of that name is ignored. */
export const createKey: Operation = (call) => {
  const body = bodyOf(call, "user_secret_key_create");
  return addedKey(call, userOfBody(call, body, param(call, 0)), body, optionalText(body, "secretkey"));
};

/** Of the object user with the name of the caller; a key cannot be supplied. */
export const createOwnKey: Operation = (call) =>
  addedKey(call, ownUser(call), bodyOf(call, "secret_key_create_param"), undefined);

export const readOwnKeys: Operation = (call) => shown(call, ownUser(call), false);

export const deleteOwnKeys: Operation = (call) =>
  deletedKeys(call, ownUser(call), bodyOf(call, "secret_key_delete_param"));

function ownUser(call: Call): ObjectUser {
  const { options } = call.store;
  return foundUser(call, options.username, options.userScope === "NAMESPACE" ? ownNamespace : "");
}

function addedKey(call: Call, user: ObjectUser, body: Members, given: string | undefined): LabReply {
  const { clock } = call;
  dropExpiredKeys(user, clock.now());
  const minutes = optionalWhole(body, "existing_key_expiry_time_mins");
  const held = user.keys.find((key) => key !== null && key.secret === given);
  if (held) return repeated(call, user, held);
  const slot = user.keys.indexOf(null);
  if (slot !== 0 && slot !== 1) throw new EcsRefused(400, 1031, `User ${user.name} already has 2 valid keys`);
  const key: SecretKey = { secret: given ?? newSecret(), created: clock.stamp(), expires: null };
  if (minutes !== undefined) expireOthers(user, clock.now() + minutes * 60_000, minutes);
  user.keys[slot] = key;
  return made(call, user, key);
}

export const readKeys: Operation = (call) =>
  shown(call, foundUser(call, param(call, 0), namespaceGiven(call, call.params[1])), false);

/** Only whether there are keys. */
export const readKeyFlags: Operation = (call) =>
  shown(call, foundUser(call, param(call, 0), namespaceGiven(call, call.params[1])), true);

/** Without a key in the body: all keys of the user. */
export const deleteKeys: Operation = (call) => {
  const body = bodyOf(call, "user_secret_key_delete");
  return deletedKeys(call, userOfBody(call, body, param(call, 0)), body);
};

function deletedKeys(call: Call, user: ObjectUser, body: Members): LabReply {
  const now = call.clock.now();
  dropExpiredKeys(user, now);
  const fits = wantedKey(call, user, body);
  const slots = ([0, 1] as const).filter((slot) => user.keys[slot] !== null && fits(user.keys[slot].secret));
  const named = optionalText(body, "secret_key") ?? optionalText(body, "secret_key_id");
  if (named !== undefined && slots.length === 0) throw new EcsRefused(400, 1004, "Unable to find the secret key");
  for (const slot of slots) removeKey(user, slot, now);
  if (call.store.options.keySlotsMoveUp && user.keys[0] === null) user.keys = [user.keys[1], null];
  const reply: LabReply =
    call.format === "json" ? { status: 200, body: "null", contentType: "application/json" } : done;
  return { ...reply, destructive: true };
}

function wantedKey({ store }: Call, user: ObjectUser, body: Members): (secret: string) => boolean {
  const { release, hideSecretKeys } = store.options;
  const id = release === "4.x" ? optionalText(body, "secret_key_id") : undefined;
  if (id !== undefined) return (secret) => secretKeyId(user, secret) === id;
  const given = optionalText(body, "secret_key");
  if (given === undefined) return () => true;
  if (release === "4.x" && hideSecretKeys) throw missingParameter("secret_key_id");
  return (secret) => secret === given;
}

function repeated(call: Call, user: ObjectUser, key: SecretKey): LabReply {
  if (call.store.options.repeatedKey === "accept") return made(call, user, key);
  throw invalidParameter("secretkey", "the user has this key already");
}

function expireOthers(user: ObjectUser, expires: number, minutes: number): void {
  if (minutes < 0) throw invalidParameter("existing_key_expiry_time_mins", "it must not be negative");
  if (user.keys.every((key) => key === null)) {
    throw invalidParameter("existing_key_expiry_time_mins", "there is no existing key");
  }
  user.keys = [expiring(user.keys[0], expires), expiring(user.keys[1], expires)];
}

function expiring(key: SecretKey | null, expires: number): SecretKey | null {
  return key === null ? null : { ...key, expires };
}

function made(call: Call, user: ObjectUser, key: SecretKey): LabReply {
  const id = call.store.options.release === "4.x" ? { secret_key_id: secretKeyId(user, key.secret) } : {};
  return answer(call, "user_secret_key", {
    secret_key: key.secret,
    key_timestamp: timestamp(key.created),
    key_expiry_timestamp: timestamp(key.expires),
    ...id,
    link: { rel: "self", href: `/object/user-secret-keys/${user.name}` },
  });
}

function shown(call: Call, user: ObjectUser, flagsOnly: boolean): LabReply {
  const { hideSecretKeys, release } = call.store.options;
  dropExpiredKeys(user, call.clock.now());
  const slots = user.keys.map((key, index) => {
    const number = index + 1;
    const secret = key === null ? "" : key.secret;
    return {
      [`secret_key_${number}`]: hideSecretKeys || flagsOnly ? "" : secret,
      [`secret_key_${number}_exist`]: key !== null,
      [`key_timestamp_${number}`]: key === null ? "" : timestamp(key.created),
      [`key_expiry_timestamp_${number}`]: key === null ? "" : timestamp(key.expires),
      ...(release === "4.x" ? { [`secret_key_${number}_id`]: key === null ? "" : secretKeyId(user, secret) } : {}),
    };
  });
  const link = { rel: "self", href: "/object/secret-keys" };
  return answer(call, "user_secret_keys", { ...slots[0], ...slots[1], link });
}

/** As in `2026-02-25 11:16:48.000`, without a zone. */
function timestamp(time: number | null): string {
  return time === null ? "" : new Date(time).toISOString().replace("T", " ").replace("Z", "");
}
