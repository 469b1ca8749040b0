import { randomBytes } from "node:crypto";
import { type Answer, list, object } from "./cloudstack-answer.ts";
import { type Call, type Commands, fits, hasKeyword, optional, optionalEntity, required } from "./cloudstack-call.ts";
import { invalid } from "./cloudstack-error.ts";
import { atLeast, type CloudStackOptions } from "./cloudstack-options.ts";
import { storedValue } from "./cloudstack-setting-rules.ts";
import { isEncrypted, type Setting, type SettingScope } from "./cloudstack-setting-store.ts";
import type { CloudStackStore } from "./cloudstack-store.ts";

interface ScopedTo {
  readonly scope: SettingScope;
  readonly id: string;
}

/** All that a name is part of: hidden ones never, those of another scope not if a scope is given. */
function listConfigurations(call: Call): Answer {
  const target = scopeGiven(call, "imagestoreuuid");
  const name = optional(call, "name")?.toLowerCase();
  const found = known(call).filter(
    (setting) =>
      setting.category !== "Hidden" &&
      (target === undefined || setting.scope === target.scope) &&
      (name === undefined || setting.name.toLowerCase().includes(name)) &&
      fits(optional(call, "category"), setting.category) &&
      hasKeyword(call, setting.name, setting.component, setting.description, setting.category, readable(setting)),
  );
  const grouped = atLeast(call.store.options, [4, 18]) ? found.filter((setting) => inGroup(call, setting)) : found;
  const sorted = grouped.sort((a, b) => (a.name < b.name ? -1 : 1));
  return list(
    "configuration",
    sorted.map((setting) =>
      shown(call, setting, target ? valueFor(setting, target) : currentValue(call.store, setting), target),
    ),
  );
}

/** The answer repeats what was sent, not what is stored. */
function updateConfiguration(call: Call): Answer {
  const setting = settingNamed(call);
  const sent = call.params.get("value");
  if (sent === undefined) throw invalid(`The new value for the [${setting.name}] configuration must be given.`);
  const target = scopeGiven(call, "imagestoreuuid");
  assertScope(setting, target);
  const value = storedValue(setting, sent, target !== undefined, call.store.options);
  if (target === undefined) setting.value = value;
  else setting.scoped.set(scopeKey(target), value ?? "");
  return object("configuration", shown(call, setting, sent, target));
}

function resetConfiguration(call: Call): Answer {
  const setting = settingNamed(call);
  const target = scopeGiven(call, "imagestoreid");
  assertScope(setting, target);
  if (target === undefined) setting.value = setting.initial;
  else setting.scoped.delete(scopeKey(target));
  return object("configuration", shown(call, setting, valueFor(setting, target), target));
}

const scopeParams = "zoneid clusterid storageid accountid domainid";

export const settingCommands: Commands = {
  listConfigurations: {
    run: listConfigurations,
    changes: false,
    params: `name category keyword page pagesize ${scopeParams} imagestoreuuid group@4.18 subgroup@4.18 parent@4.18`,
    fields:
      "name value category component description scope isdynamic type@4.18 options@4.18 defaultvalue@4.18 group@4.18 subgroup@4.18 parent@4.18 displaytext@4.18",
  },
  updateConfiguration: {
    run: updateConfiguration,
    changes: true,
    params: `name! value ${scopeParams} imagestoreuuid`,
  },
  resetConfiguration: {
    run: resetConfiguration,
    changes: true,
    since: [4, 18],
    params: `name! ${scopeParams} imagestoreid`,
  },
};

/** Those that the simulated release has. */
function known({ store }: Call): Setting[] {
  return [...store.settings.values()].filter((setting) => isKnown(setting, store.options));
}

function isKnown({ since }: Setting, options: CloudStackOptions): boolean {
  return since === null || atLeast(options, since);
}

function settingNamed(call: Call): Setting {
  const name = required(call, "name");
  const setting = call.store.settings.get(name);
  if (setting === undefined || !isKnown(setting, call.store.options)) {
    throw invalid(`Config parameter with name ${name} doesn't exist`);
  }
  return setting;
}

/** The one zone, cluster … that a call is about; undefined for the global value. */
function scopeGiven(call: Call, imageStoreParam: string): ScopedTo | undefined {
  const { zones, clusters, storagePools, accounts, domains, imageStores } = call.store;
  const live = new Map([...imageStores].filter(([, store]) => !store.removed));
  const tables: [SettingScope, string, ReadonlyMap<string, { readonly id: string }>][] = [
    ["Zone", "zoneid", zones],
    ["Cluster", "clusterid", clusters],
    ["Account", "accountid", accounts],
    ["Domain", "domainid", domains],
    ["StoragePool", "storageid", storagePools],
    ["ImageStore", imageStoreParam, live],
  ];
  const given = tables.flatMap(([scope, param, table]) => {
    const entity = optionalEntity(call, param, table);
    return entity === undefined ? [] : [{ scope, id: entity.id }];
  });
  if (given.length > 1) {
    throw invalid("cannot handle multiple IDs, provide only one ID corresponding to the scope");
  }
  return given[0];
}

function assertScope({ name, scope }: Setting, target: ScopedTo | undefined): void {
  if (target !== undefined && target.scope !== scope) {
    throw invalid(`Invalid scope id provided for the parameter ${name}`);
  }
}

/** What a server runs with is what was set when it started; of this setting that is the option. */
function currentValue({ options }: CloudStackStore, { name, value }: Setting): string | null {
  return name === "encode.api.response" && options.encodeResponse ? "true" : value;
}

/** In a scope CloudStack answers what it has made of the text, and a number with a fraction is Java's text of it again. */
function valueFor({ type, value, scoped }: Setting, target: ScopedTo | undefined): string | null {
  if (target === undefined) return value;
  const text = scoped.get(scopeKey(target)) ?? value;
  return type === "Decimal" && text !== null && text !== "" ? javaDecimal(Number(text)) : text;
}

/** As Java's `Double.toString` writes it: always with a fraction, and with an exponent below 0.001 and from 10 million on. */
function javaDecimal(number: number): string {
  const size = Math.abs(number);
  const plain = size === 0 || (size >= 1e-3 && size < 1e7);
  const [digits = "", exponent] = (plain ? String(number) : number.toExponential()).split("e");
  const withFraction = digits.includes(".") ? digits : `${digits}.0`;
  return exponent === undefined ? withFraction : `${withFraction}E${Number(exponent)}`;
}

function scopeKey({ scope, id }: ScopedTo): string {
  return `${scope}/${id}`;
}

function inGroup(call: Call, setting: Setting): boolean {
  const { group, subgroup } = groupOf(setting);
  return (
    fits(optional(call, "group"), group) &&
    fits(optional(call, "subgroup"), subgroup) &&
    optional(call, "parent") === undefined
  );
}

function groupOf({ name }: Setting): { group: string; subgroup: string } {
  if (/^(?:secstorage|s3|image|storage|pool)\./.test(name)) return { group: "Storage", subgroup: "Secondary Storage" };
  if (name.startsWith("ldap.")) return { group: "Authentication", subgroup: "LDAP" };
  return { group: "Miscellaneous", subgroup: "Others" };
}

/** A setting in an answer; what is null is left out. */
function shown(call: Call, setting: Setting, value: string | null, target: ScopedTo | undefined): object {
  const { name, category, component, description, scope, dynamic, initial, type } = setting;
  const later = {
    ...(initial === null ? {} : { defaultvalue: initial }),
    ...groupOf(setting),
    displaytext: displayText(name),
    type,
  };
  return {
    category,
    name,
    ...(value === null ? {} : { value: isEncrypted(setting) ? encrypted(value) : value }),
    description,
    component,
    scope: target?.scope ?? scope,
    isdynamic: dynamic,
    ...(atLeast(call.store.options, [4, 18]) ? later : {}),
  };
}

function readable(setting: Setting): string | null {
  return isEncrypted(setting) ? null : setting.value;
}

/** Never the same twice, and nothing that can be read back. */
function encrypted(value: string): string {
  return randomBytes(28 + Buffer.byteLength(value)).toString("base64");
}

function displayText(name: string): string {
  const words = name.replaceAll(".", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
