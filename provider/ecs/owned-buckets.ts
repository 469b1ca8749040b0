/** Which bucket is whose in one namespace. */
export type Owners = ReadonlyMap<string, string>;

/** Deletions that start together share a list; what this process does to buckets is entered in it. */
const goodForMs = 5000;

interface Listing {
  readonly at: number;
  readonly owners: Promise<Map<string, string>>;
}

/**
 * Who owns buckets, by namespace: one list for all users that a run deletes. Before a user is refused the list is read
 * anew, because another program may have deleted the bucket since.
 */
export class OwnedBuckets {
  readonly #list: (namespace: string) => Promise<Owners>;
  readonly #listings = new Map<string, Listing>();

  constructor(list: (namespace: string) => Promise<Owners>) {
    this.#list = list;
  }

  async of(namespace: string, owner: string): Promise<string[]> {
    const begun = performance.now();
    const known = ownedBy(await this.#read(namespace, begun - goodForMs), owner);
    return known.length === 0 ? known : ownedBy(await this.#read(namespace, begun), owner);
  }

  noteDeleted(namespace: string, bucketName: string): void {
    this.#enter(namespace, (owners) => owners.delete(bucketName));
  }

  noteOwner(namespace: string, bucketName: string, owner: string): void {
    this.#enter(namespace, (owners) => owners.set(bucketName, owner));
  }

  #enter(namespace: string, change: (owners: Map<string, string>) => void): void {
    // Whoever asked for a list that fails is told; there is nothing to enter it in.
    this.#listings.get(namespace)?.owners.then(change, () => undefined);
  }

  async #read(namespace: string, notBefore: number): Promise<Owners> {
    const known = this.#listings.get(namespace);
    if (known && known.at >= notBefore) return await known.owners;
    const owners = this.#list(namespace).then((listed) => new Map(listed));
    const listing = { at: performance.now(), owners };
    this.#listings.set(namespace, listing);
    owners.catch(() => {
      if (this.#listings.get(namespace) === listing) this.#listings.delete(namespace);
    });
    return await owners;
  }
}

function ownedBy(owners: Owners, owner: string): string[] {
  // ECS stores some names in lower case; two owners that differ in case only are taken for one, because doubt refuses.
  return [...owners].filter(([, each]) => each.toLowerCase() === owner.toLowerCase()).map(([bucketName]) => bucketName);
}
