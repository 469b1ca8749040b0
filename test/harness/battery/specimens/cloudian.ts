import type { Specimen } from "../specimen.ts";

const limits = { storageKiB: { hard: 1000, warning: 900 }, objectCount: { hard: 70 } };

/** Whose objects they are nobody here knows. */
const neighbors = {
  groups: { theirs: { groupName: "Theirs", s3endpointshttp: ["theirs.example.test"] } },
  users: { "theirs/grace": { fullName: "Grace" } },
  credentials: { abcdefabcdefabcdef00: { groupId: "theirs", userId: "grace" } },
  limits: {
    "theirs/*": { hlStorageQuotaKBytes: 5 },
    "theirs/ALL": { hlRequestRate: 6 },
    "theirs/grace": { hlRequestRate: 7 },
  },
};

export const cloudianGroup: Specimen = {
  kind: "CloudianGroup",
  seed: (arena) => arena.control.patch("cloudian", neighbors),
  derivable: "groupId",
  inputs: () => ({
    groupId: "blue",
    groupName: "Blue",
    active: true,
    ldap: { enabled: true, group: "cn=blue", serverUrl: "ldaps://ldap.example.test" },
    s3Endpoints: { http: ["a.example.test", "b.example.test"], https: ["a.example.test"] },
    limits,
    userLimits: { requestsPerMinute: { hard: 50 } },
  }),
  updates: [
    { aspect: "groupName", inputs: { groupName: "Blue, later" } },
    { aspect: "active", inputs: { active: false } },
    { aspect: "ldap", inputs: { ldap: { enabled: false } } },
    { aspect: "s3Endpoints", inputs: { s3Endpoints: { http: ["c.example.test"] } } },
    { aspect: "limits", inputs: { limits: { storageKiB: { hard: 2000 } } } },
    { aspect: "userLimits", inputs: { userLimits: {} } },
    { aspect: "onDestroy", inputs: { onDestroy: "deactivate" } },
    { aspect: "unmanaged", inputs: { groupName: undefined, limits: undefined, userLimits: undefined } },
  ],
  replacement: { aspect: "groupId", inputs: { groupId: "green" } },
  shown: {
    cloudian: {
      groups: {
        blue: {
          groupName: "Blue",
          active: "true",
          ldapGroup: "cn=blue",
          s3endpointshttp: ["a.example.test", "b.example.test"],
        },
      },
      limits: {
        "blue/*": { hlStorageQuotaKBytes: 1000, wlStorageQuotaKBytes: 900, hlStorageQuotaCount: 70 },
        "blue/ALL": { hlRequestRate: 50 },
      },
    },
  },
  byHand: [
    {
      input: "groupName",
      change: (arena) => arena.control.patch("cloudian", { groups: { blue: { groupName: "By hand" } } }),
    },
    {
      input: "limits",
      change: (arena) => arena.control.patch("cloudian", { limits: { "blue/*": { hlStorageQuotaKBytes: 3 } } }),
    },
  ],
  removeByHand: (arena) => arena.control.patch("cloudian", { groups: { blue: null } }),
};

export const cloudianUser: Specimen = {
  kind: "CloudianUser",
  seed: (arena) => arena.control.patch("cloudian", { ...neighbors, groups: { ...neighbors.groups, blue: {} } }),
  derivable: "userId",
  inputs: () => ({
    groupId: "blue",
    userId: "ada",
    fullName: "Ada",
    email: "ada@example.test",
    address: { line1: "1 Main Road", city: "London" },
    phone: "+44 1",
    website: "https://ada.example.test",
    active: true,
    limits,
    password: "Canary-Passw0rd-1",
  }),
  updates: [
    { aspect: "fullName", inputs: { fullName: "Ada, later" } },
    { aspect: "address", inputs: { address: { line1: "", city: "Paris" } } },
    { aspect: "active", inputs: { active: false } },
    { aspect: "limits", inputs: { limits: {} } },
    { aspect: "password", inputs: { password: "Canary-Passw0rd-2" } },
    { aspect: "onDestroy", inputs: { onDestroy: "deactivate" } },
    { aspect: "key rotation", inputs: { keyGeneration: 2 } },
    { aspect: "key rotation that deletes", inputs: { keyGeneration: 2, previousKeys: "delete" } },
    { aspect: "unmanaged", inputs: { fullName: undefined, email: undefined, limits: undefined } },
  ],
  replacement: { aspect: "userId", inputs: { userId: "eve" } },
  shown: {
    cloudian: {
      users: {
        "blue/ada": { fullName: "Ada", emailAddr: "ada@example.test", address1: "1 Main Road", active: "true" },
      },
      limits: { "blue/ada": { hlStorageQuotaKBytes: 1000, wlStorageQuotaKBytes: 900, hlStorageQuotaCount: 70 } },
      passwords: { "blue/ada": "Canary-Passw0rd-1" },
    },
  },
  byHand: [
    {
      input: "fullName",
      change: (arena) => arena.control.patch("cloudian", { users: { "blue/ada": { fullName: "By hand" } } }),
    },
    {
      input: "active",
      change: (arena) => arena.control.patch("cloudian", { users: { "blue/ada": { active: "false" } } }),
    },
    {
      input: "keyGeneration",
      change: async (arena) => {
        const { credentials } = (await arena.control.state()).cloudian;
        const own = Object.entries(credentials).filter(([, key]) => key["userId"] === "ada");
        await arena.control.patch("cloudian", { credentials: Object.fromEntries(own.map(([id]) => [id, null])) });
      },
    },
  ],
  removeByHand: (arena) => arena.control.patch("cloudian", { users: { "blue/ada": null } }),
};
