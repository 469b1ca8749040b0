/** A name that must resolve, and for whom. */
export interface NameToResolve {
  /** The host name. */
  readonly name: string;
  /** Who has to be able to resolve it. */
  readonly resolvedBy: string[];
}

/** One entry a name, in the order of their first mention. An address needs nobody to resolve it and is left out. */
export function namesToResolve(wanted: readonly NameToResolve[]): NameToResolve[] {
  const parties = new Map<string, Set<string>>();
  for (const { name, resolvedBy } of wanted) {
    if (isAddress(name)) continue;
    parties.set(name, new Set([...(parties.get(name) ?? []), ...resolvedBy]));
  }
  return [...parties].map(([name, resolvedBy]) => ({ name, resolvedBy: [...resolvedBy] }));
}

/** The names of a store: CloudStack addresses its bucket as `bucket.host`, except where the host is an address. */
export function namesOfStore(endpoint: string, bucketName: string, adminEndpoint: string): NameToResolve[] {
  const host = hostOf(endpoint);
  const all = ["management servers", "system VMs", "users who download"];
  return namesToResolve([
    { name: host, resolvedBy: all },
    ...(isAddress(host) ? [] : [{ name: `${bucketName}.${host}`, resolvedBy: all }]),
    { name: hostOf(adminEndpoint), resolvedBy: ["management servers"] },
  ]);
}

/** Empty where it is no URL: the resource that takes the endpoint says so, and an output must not fail (see `Arguments`). */
function hostOf(endpoint: string): string {
  return URL.parse(endpoint)?.hostname ?? "";
}

/** Nothing at all counts, too. */
function isAddress(host: string): boolean {
  return host === "" || host.includes(":") || /^\d+(\.\d+){3}$/.test(host);
}
