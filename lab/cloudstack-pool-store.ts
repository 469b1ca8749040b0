/** An object storage pool. */
export interface ObjectPool {
  readonly id: string;
  name: string;
  url: string;
  provider: string;
  /** Null where nobody gave a size, as before 4.21. */
  sizeGib: number | null;
  /** What was given at creation, secrets too. */
  details: Record<string, string>;
}

export interface Bucket {
  readonly id: string;
  name: string;
  poolId: string;
  accountId: string;
  state: "Allocated" | "Created" | "Destroyed";
  quotaGib: number | null;
  encryption: boolean;
  versioning: boolean;
  objectLocking: boolean;
  policy: string;
  created: number;
  accessKey: string;
  secretKey: string;
  /** Whether it holds objects: then it is not deleted. */
  empty: boolean;
}

export interface PoolStore {
  objectPools: Map<string, ObjectPool>;
  buckets: Map<string, Bucket>;
}

export function newPools(): PoolStore {
  return { objectPools: new Map(), buckets: new Map() };
}
