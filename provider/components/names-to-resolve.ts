/** A name that must resolve, and for whom. */
export interface NameToResolve {
  readonly name: string;
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
  const host = new URL(endpoint).hostname;
  const all = ["management servers", "system VMs", "users who download"];
  return namesToResolve([
    { name: host, resolvedBy: all },
    ...(isAddress(host) ? [] : [{ name: `${bucketName}.${host}`, resolvedBy: all }]),
    { name: new URL(adminEndpoint).hostname, resolvedBy: ["management servers"] },
  ]);
}

function isAddress(host: string): boolean {
  return host.includes(":") || /^\d+(\.\d+){3}$/.test(host);
}
