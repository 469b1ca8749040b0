import { formOf } from "./cloudstack-request.ts";
import { isEncrypted, type SettingStore } from "./cloudstack-setting-store.ts";
import { masked, secretMask } from "./query.ts";
import type { LabRequest, RecordedParams } from "./system.ts";

/** What the record of requests shows of a call: its parameters, a form body's too, without secrets. */
export function recorded(store: SettingStore, request: LabRequest): RecordedParams {
  const form = formOf(request);
  const query = request.query ?? new Map<string, string>();
  const all = new Map([...(form ?? []), ...query]);
  const shown = (params: ReadonlyMap<string, string>) =>
    Object.fromEntries(
      [...params].map(([name, value]) => [name, isSecret(store, all, name) ? secretMask : masked(name, value)]),
    );
  return { query: shown(query), ...(form === undefined ? {} : { body: shown(form) }) };
}

const secretDetails = /secret|password/i;
const secretSettings = /secret|password|passphrase|sso\.key|encryption/i;

/** Values of secret details and settings: their names stand in another parameter, or in the brackets' rest. */
function isSecret({ settings }: SettingStore, params: ReadonlyMap<string, string>, name: string): boolean {
  const [, index, part = ""] = /^details\[(\d+)\]\.(.+)$/.exec(name) ?? [];
  if (index !== undefined) {
    return secretDetails.test(part === "value" ? (params.get(`details[${index}].key`) ?? "") : part);
  }
  if (name !== "value") return false;
  const setting = settings.get(params.get("name") ?? "");
  return secretSettings.test(params.get("name") ?? "") || (setting !== undefined && isEncrypted(setting));
}
