export interface Domain {
  readonly id: string;
  name: string;
  /** Null for ROOT. */
  parentId: string | null;
  state: "Active" | "Inactive";
  networkDomain: string | null;
}

/** 0 is a user, 1 a root administrator, 2 a domain administrator, 5 a project. */
export type AccountType = 0 | 1 | 2 | 3 | 4 | 5;

export interface Account {
  readonly id: string;
  name: string;
  domainId: string;
  type: AccountType;
  state: "enabled" | "disabled" | "locked";
  created: number;
  /** Whether the background task has still to remove its resources. */
  cleanupRequired: boolean;
  /** When it was deleted, as long as it waits for its clean-up; its users are gone by then. */
  removed: number | null;
}

export interface User {
  readonly id: string;
  username: string;
  firstName: string;
  lastName: string;
  email: string | null;
  accountId: string;
  state: "enabled" | "disabled" | "locked";
  created: number;
  /** Null for a user who cannot call the API by key. */
  apiKey: string | null;
  secretKey: string | null;
  password: string;
}

export interface Directory {
  domains: Map<string, Domain>;
  accounts: Map<string, Account>;
  users: Map<string, User>;
}

export const rootDomainId = "6f2b0a9e-3c61-4d57-9f0e-1a8b5c7d2e40";
export const adminAccountId = "a1d4c8f2-7b35-4e09-8c6a-52e9f0b3d716";
export const adminUserId = "c93e5d70-18af-4b62-b7d4-0e6f2a9c8b15";

/** What the first line of the lab names. */
export const adminKeys = { apiKey: "lab-api-key-Root_Admin.01", secretKey: "lab-secret-key-Root_Admin.01" } as const;

/** The domain ROOT with the account `admin`, whose one user is `admin`. */
export function newDirectory(): Directory {
  const root: Domain = { id: rootDomainId, name: "ROOT", parentId: null, state: "Active", networkDomain: null };
  const account: Account = {
    id: adminAccountId,
    name: "admin",
    domainId: rootDomainId,
    type: 1,
    state: "enabled",
    created: Date.UTC(2026, 0, 1),
    cleanupRequired: false,
    removed: null,
  };
  const user: User = {
    id: adminUserId,
    username: "admin",
    firstName: "Admin",
    lastName: "User",
    email: "admin@example.test",
    accountId: adminAccountId,
    state: "enabled",
    created: Date.UTC(2026, 0, 1),
    ...adminKeys,
    password: "password",
  };
  return {
    domains: new Map([[root.id, root]]),
    accounts: new Map([[account.id, account]]),
    users: new Map([[user.id, user]]),
  };
}
