import type { Part } from "./part.ts";
import { deletingUser, group, keepingUser, s3Bucket } from "./parts-cloudian.ts";
import { memberSetting, pool, staging, store, valueSetting } from "./parts-cloudstack.ts";
import { ecsBucket, guest, tenant } from "./parts-ecs.ts";

/** In the order in which a program declares them. */
const parts: readonly Part[] = [
  group,
  keepingUser,
  deletingUser,
  tenant,
  guest,
  ecsBucket,
  s3Bucket,
  store,
  staging,
  pool,
  valueSetting,
  memberSetting,
];

export const partNames: readonly string[] = parts.map(({ name }) => name);

/** With what they are inside of. */
export function partsOf(names: readonly string[]): Part[] {
  const outer = parts.flatMap(({ name, inside }) => (names.includes(name) && inside !== undefined ? [inside] : []));
  return parts.filter(({ name }) => names.includes(name) || outer.includes(name));
}
