/** The connector's own two secrets are in a category whose values CloudStack shows (reference: CloudStack API, 6.3). */
const known = new Set(["cloudian.admin.password", "cloudian.sso.key"]);

const telling =
  /(^|[._-])(passwords?|passphrase|secrets?|credentials?|token|apikey)($|[._-])|secretkey|private[._-]?key/i;

/** Whether a setting's value is a secret, as far as its name tells. */
export function holdsSecret(settingName: string): boolean {
  return known.has(settingName) || telling.test(settingName);
}
