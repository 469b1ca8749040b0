import { isIPv4, isIPv6 } from "node:net";
import { invalid } from "./cloudstack-error.ts";
import { atLeast, type CloudStackOptions } from "./cloudstack-options.ts";
import type { Setting, SettingType } from "./cloudstack-setting-store.ts";

/** Whoever could change this one would decide who may change anything. */
const reserved = "dynamic.apichecker.enabled";

const internalSites = "secstorage.allowed.internal.sites";

/** What is stored for a value that was sent; null for a global one that was cleared. Refuses what does not fit. */
export function storedValue(
  setting: Setting,
  sent: string,
  scoped: boolean,
  options: CloudStackOptions,
): string | null {
  const { name, type } = setting;
  if (name === reserved) throw invalid(`Configuration ${name} is not allowed to be changed`);
  const value = sent.trim();
  if (value === "" || value === "null") return scoped || type === "String" ? "" : null;
  if (!forms[type].test(value)) throw invalid(`Value [${value}] is not a valid [${type}].`);
  if (name === internalSites && atLeast(options, [4, 19, 2])) assertNetworks(name, value);
  return value;
}

const forms: Readonly<Record<SettingType, RegExp>> = {
  String: /^/,
  Boolean: /^(?:true|false)$/,
  Number: /^[+-]?\d{1,18}$/,
  Decimal: /^[+-]?(?:\d+\.?\d*|\.\d+)$/,
};

function assertNetworks(name: string, value: string): void {
  const wrong = value.split(",").find((entry) => !isIPv4(entry) && !isIPv6(entry) && !isNetwork(entry));
  if (wrong !== undefined) throw invalid(`Invalid CIDR ${wrong} value specified for the config ${name}`);
}

/** An IPv4 network whose address has no bits behind the mask. */
function isNetwork(entry: string): boolean {
  const [, address = "", size = ""] = /^([0-9.]+)\/(\d|[12]\d|3[0-2])$/.exec(entry) ?? [];
  if (!isIPv4(address)) return false;
  const bits = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return bits % 2 ** (32 - Number(size)) === 0;
}
