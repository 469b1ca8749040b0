import { CloudianGroup, type CloudianGroupArgs } from "pulumi-cloudstack-storage";
import type { TestStack } from "../harness/stack.ts";
import { unlimited } from "./limits-call.ts";

/** Each group manages one property only, so that a change of it alone shows what happens to its neighbors. */
export const names = ["named", "active", "ldap", "endpoints", "limited", "user-limited", "switched", "moving"] as const;
type Name = (typeof names)[number];

export const first: Record<Name, CloudianGroupArgs> = {
  named: { groupName: "/cust/" },
  active: { active: true },
  ldap: { ldap: { enabled: true, group: "cn=cust", serverUrl: "ldaps://dc1.example.com", search: "(uid={userId})" } },
  endpoints: { s3Endpoints: { http: ["b", "a", "b"] } },
  limited: { limits: { storageKiB: { hard: 1000, warning: 900 }, objectCount: { hard: 5 } } },
  "user-limited": { userLimits: { uploadKiBPerMinute: { warning: 7 } } },
  switched: {},
  moving: { groupId: "moving-1", groupName: "stays" },
};
export const second: Record<Name, CloudianGroupArgs> = {
  named: { groupName: "" },
  active: { active: false },
  ldap: { ldap: { enabled: true, group: "cn=other" } },
  endpoints: { s3Endpoints: { http: ["c"] } },
  limited: { limits: { objectCount: { hard: 0, warning: "none" }, requestsPerMinute: { hard: 60 } } },
  "user-limited": { userLimits: {} },
  switched: { onDestroy: "deactivate", forceDestroy: true, adopt: true },
  moving: { groupId: "moving-2", groupName: "stays" },
};
export const third: Record<Name, CloudianGroupArgs> = {
  named: { groupName: 'é "/" & ~' },
  active: { active: true },
  ldap: { ldap: { enabled: false } },
  endpoints: { s3Endpoints: { http: [], https: ["h"], website: ["w"] } },
  limited: {
    limits: {
      storageKiB: { hard: 1, warning: 2 },
      objectCount: { hard: 3, warning: 4 },
      requestsPerMinute: { hard: 5, warning: 6 },
      uploadKiBPerMinute: { hard: 7, warning: 8 },
      downloadKiBPerMinute: { hard: 9, warning: 10 },
    },
  },
  "user-limited": { userLimits: { downloadKiBPerMinute: { hard: 11 } } },
  switched: { onDestroy: "deactivate" },
  moving: { groupId: "moving-2", groupName: "stays" },
};
export const unmanaged = Object.fromEntries(names.map((name) => [name, {}])) as Record<Name, CloudianGroupArgs>;
unmanaged.moving = { groupId: "moving-2" };

/** What a HyperStore fills in, after the reference (Cloudian Admin API, 10.2). */
export const fresh = {
  groupName: "",
  active: "true",
  ldapEnabled: false,
  ldapGroup: null,
  ldapServerURL: null,
  ldapUserDNTemplate: null,
  ldapSearch: null,
  ldapSearchUserBase: null,
  ldapMatchAttribute: null,
  s3endpointshttp: ["ALL"],
  s3endpointshttps: ["ALL"],
  s3websiteendpoints: ["ALL"],
};
/** What somebody has set by hand on every group. */
export const byHand = {
  groupName: "by hand",
  active: "false",
  ldapEnabled: true,
  ldapGroup: "cn=hand",
  ldapServerURL: "ldaps://hand.example.com",
  ldapUserDNTemplate: "uid={userId},ou=hand",
  ldapSearch: "(hand=1)",
  ldapSearchUserBase: "ou=hand",
  ldapMatchAttribute: "mail",
  s3endpointshttp: ["hand-2", "hand-1"],
  s3endpointshttps: [],
  s3websiteendpoints: ["hand-w"],
};
export const limitsByHand = { ...unlimited, hlRequestRate: 77, wlDataKBytesOut: 78 };

export function programOf(args: Record<Name, CloudianGroupArgs>) {
  return async () => {
    for (const name of names) new CloudianGroup(name, { groupId: name, ...args[name] });
  };
}

export const noDirectory = {
  ldapGroup: "",
  ldapServerURL: "",
  ldapUserDNTemplate: "",
  ldapSearch: "",
  ldapSearchUserBase: "",
  ldapMatchAttribute: "",
};

/** Gives every group unusual values in everything that it does not manage itself. */
export async function setByHand(stack: TestStack, moving: string): Promise<void> {
  const own: Partial<Record<Name, readonly (keyof typeof byHand)[]>> = {
    named: ["groupName"],
    active: ["active"],
    ldap: ["ldapEnabled", "ldapGroup", "ldapServerURL", "ldapSearch"],
    endpoints: ["s3endpointshttp"],
  };
  const groups = names.map((name) => {
    const neighbors = Object.entries(byHand).filter(([field]) => !own[name]?.includes(field as keyof typeof byHand));
    return [name === "moving" ? moving : name, Object.fromEntries(neighbors)];
  });
  await stack.lab.patch("cloudian", {
    groups: Object.fromEntries(groups),
    limits: { "limited/ALL": limitsByHand, "user-limited/*": limitsByHand },
  });
}

/** Changes what each group manages, and deletes one group. */
export async function drift(stack: TestStack): Promise<void> {
  await stack.lab.patch("cloudian", {
    groups: {
      named: { groupName: "drifted" },
      active: { active: "false" },
      ldap: {
        ldapEnabled: true,
        ldapGroup: "d1",
        ldapServerURL: "d2",
        ldapUserDNTemplate: "d3",
        ldapSearch: "d4",
        ldapSearchUserBase: "d5",
        ldapMatchAttribute: "d6",
      },
      endpoints: { s3endpointshttp: ["d"], s3endpointshttps: ["d"], s3websiteendpoints: [] },
      "moving-2": null,
    },
    limits: {
      "limited/*": Object.fromEntries(Object.keys(unlimited).map((name, index) => [name, 1000 + index])),
      "user-limited/ALL": { ...unlimited, wlStorageQuotaKBytes: 1 },
    },
  });
}
