import type { CloudStackDraft, CloudStackSection } from "./cloudstack-patch-draft.ts";
import {
  isEncrypted,
  newSetting,
  type Setting,
  type SettingStore,
  type SettingTarget,
  settingScopes,
  settingTypes,
} from "./cloudstack-setting-store.ts";
import { isObject } from "./errors.ts";
import { flagMember, type MemberForm, oneOf, parseMembers, textChanges, textMember, withChanges } from "./patch.ts";
import { secretMask } from "./query.ts";

/** Secrets that CloudStack itself takes for none. */
const openSecrets = new Set(["cloudian.admin.password", "cloudian.sso.key"]);

const valueMember: MemberForm<string | null> = {
  expected: "a text, or null for none",
  parse: (value) => (value === null || typeof value === "string" ? value : undefined),
};

const settingForms = {
  value: valueMember,
  initial: valueMember,
  category: textMember,
  component: textMember,
  description: textMember,
  type: oneOf(...settingTypes),
  dynamic: flagMember,
  scope: oneOf(...settingScopes),
  scoped: textChanges,
};

export const settingSections: Readonly<Record<string, CloudStackSection>> = {
  settings: patchSetting,
  clusters: targets(({ store }) => store.clusters),
  storagePools: targets(({ store }) => store.storagePools),
};

/** What the control API shows of the settings. */
export function settingTree(store: SettingStore, secrets: boolean): Record<string, unknown> {
  return {
    settings: Object.fromEntries([...store.settings].map(([name, setting]) => [name, settingNode(setting, secrets)])),
    clusters: Object.fromEntries([...store.clusters].map(([id, { name }]) => [id, { name }])),
    storagePools: Object.fromEntries([...store.storagePools].map(([id, { name }]) => [id, { name }])),
  };
}

/** A text is short for a `value`. */
function patchSetting({ store }: CloudStackDraft, name: string, change: unknown): void {
  if (change === null) {
    store.settings.delete(name);
    return;
  }
  const { scoped, ...members } = parseMembers(settingForms, isObject(change) ? change : { value: change });
  const current = store.settings.get(name) ?? newSetting(name);
  const values = withChanges(Object.fromEntries(current.scoped), scoped ?? {});
  store.settings.set(name, {
    ...current,
    ...members,
    scoped: new Map(Object.entries(values)),
  });
}

function targets(tableOf: (draft: CloudStackDraft) => Map<string, SettingTarget>): CloudStackSection {
  return (draft, id, change) => {
    const table = tableOf(draft);
    if (change === null) {
      table.delete(id);
      return;
    }
    const { name } = parseMembers({ name: textMember }, change);
    table.set(id, { id, name: name ?? table.get(id)?.name ?? id });
  };
}

function settingNode(setting: Setting, secrets: boolean): Record<string, unknown> {
  const { name, since: _, scoped, ...members } = setting;
  const masked = !secrets && (isEncrypted(setting) || openSecrets.has(name));
  const shown = (value: string | null): string | null => (masked && value !== null ? secretMask : value);
  return {
    ...members,
    initial: shown(setting.initial),
    value: shown(setting.value),
    scoped: Object.fromEntries([...scoped].map(([key, value]) => [key, shown(value)])),
  };
}
