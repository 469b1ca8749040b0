import type { Release } from "./cloudstack-options.ts";
import { type SettingRow, settingRows } from "./cloudstack-setting-table.ts";

export const settingScopes = ["Global", "Zone", "Cluster", "StoragePool", "ImageStore", "Account", "Domain"] as const;

/** Where a setting may have a value of its own, beside the global one. */
export type SettingScope = (typeof settingScopes)[number];

export const settingTypes = ["String", "Boolean", "Number", "Decimal"] as const;

export type SettingType = (typeof settingTypes)[number];

export interface Setting {
  readonly name: string;
  category: string;
  component: string;
  description: string;
  type: SettingType;
  /** What a reset goes back to. */
  initial: string | null;
  value: string | null;
  /** What the API says; it is no promise that a change acts without a restart. */
  dynamic: boolean;
  scope: SettingScope;
  /** The first release that has it. */
  since: Release | null;
  /** Values of single zones, accounts …, by `Zone/<UUID>`. */
  scoped: Map<string, string>;
}

/** Something that settings may be scoped to, of which the lab knows nothing else. */
export interface SettingTarget {
  readonly id: string;
  name: string;
}

export interface SettingStore {
  settings: Map<string, Setting>;
  clusters: Map<string, SettingTarget>;
  storagePools: Map<string, SettingTarget>;
}

/** Fixed, so that yesterday's stack still finds them. */
export const firstClusterId = "3d1b8e57-f604-4c9a-a27d-80e6c5f19b34";
export const firstStoragePoolId = "84f7c02e-9a5d-4163-b8e0-2c7d6a31f59b";

export function newSettings(): SettingStore {
  return {
    settings: new Map(settingRows.map((row) => [row.name, fromRow(row)])),
    clusters: new Map([[firstClusterId, { id: firstClusterId, name: "lab-cluster" }]]),
    storagePools: new Map([[firstStoragePoolId, { id: firstStoragePoolId, name: "lab-primary" }]]),
  };
}

/** A setting of which only the name is given. */
export function newSetting(name: string): Setting {
  return {
    name,
    category: "Advanced",
    component: "management-server",
    description: "",
    type: "String",
    initial: null,
    value: null,
    dynamic: true,
    scope: "Global",
    since: null,
    scoped: new Map(),
  };
}

/** Whether its values are kept encrypted. */
export function isEncrypted({ category }: Setting): boolean {
  return category === "Secure" || category === "Hidden";
}

function fromRow(row: SettingRow): Setting {
  return { ...newSetting(row.name), ...row, value: row.initial };
}
