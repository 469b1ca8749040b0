import { CloudianUser, type CloudianUserArgs } from "pulumi-cloudstack-storage";
import type { TestStack } from "../harness/stack.ts";
import { unlimited } from "./limits-call.ts";

type UserArgs = Partial<CloudianUserArgs>;

/** Each user manages one property only, so that a change of it alone shows what happens to its neighbors. */
export const names = [
  "admin",
  "mail",
  "address",
  "phone",
  "website",
  "active",
  "limited",
  "password",
  "switched",
  "rotated",
  "lost-key",
  "off-key",
  "moving",
] as const;
type Name = (typeof names)[number];

export const first: Record<Name, UserArgs> = {
  admin: { userType: "GroupAdmin", fullName: "Ada Admin (aadmin)" },
  mail: { email: "a@example.com" },
  address: { address: { line1: "1 Main St", city: "Reno" } },
  phone: { phone: "+1 555 0100" },
  website: { website: "https://example.com/?a=b" },
  active: { active: true },
  limited: { limits: { storageKiB: { hard: 1000, warning: 900 } } },
  password: { password: "First-Pass-1" },
  switched: {},
  rotated: {},
  "lost-key": {},
  "off-key": {},
  moving: { userId: "moving-1", fullName: "Stays" },
};
export const second: Record<Name, UserArgs> = {
  ...first,
  admin: { userType: "GroupAdmin", fullName: "Åsa & Co" },
  mail: { email: "" },
  address: { address: { city: "Elko", country: "US" } },
  phone: { phone: "2" },
  website: { website: "3" },
  active: { active: false },
  limited: { limits: { objectCount: { warning: 0 } } },
  password: { password: "Second+Pass/2 &" },
  switched: { previousKeys: "delete", onDestroy: "deactivate", adopt: true },
  rotated: { keyGeneration: 2 },
  moving: { userId: "moving-2", fullName: "Stays" },
};
export const third: Record<Name, UserArgs> = {
  ...second,
  admin: { userType: "GroupAdmin", fullName: "" },
  mail: { email: "b@example.com" },
  address: { address: { line1: "l1", line2: "l2", city: "c", state: "s", zip: "z", country: "y" } },
  phone: { phone: "" },
  website: { website: "" },
  active: { active: true },
  limited: { limits: { requestsPerMinute: { hard: 60 }, uploadKiBPerMinute: { hard: 1, warning: 1 } } },
  password: { password: "Third=Pass3" },
  switched: { onDestroy: "deactivate" },
  rotated: { keyGeneration: 3, previousKeys: "delete" },
};
export const unmanaged = Object.fromEntries(names.map((name) => [name, {}])) as Record<Name, UserArgs>;
unmanaged.admin = { userType: "GroupAdmin" };
unmanaged.switched = { onDestroy: "deactivate" };
unmanaged.rotated = { keyGeneration: 3, previousKeys: "delete" };
unmanaged.moving = { userId: "moving-2" };

export const fresh = {
  userType: "User",
  fullName: null,
  emailAddr: null,
  active: "true",
  address1: null,
  address2: null,
  city: null,
  state: null,
  zip: null,
  country: null,
  phone: null,
  website: null,
  ldapEnabled: false,
};
/** What somebody has set by hand on every user; nothing here manages `ldapEnabled`. */
export const byHand = {
  fullName: "by hand",
  emailAddr: "hand@example.com",
  active: "false",
  address1: "h1",
  address2: "h2",
  city: "h3",
  state: "h4",
  zip: "h5",
  country: "h6",
  phone: "h7",
  website: "h8",
  ldapEnabled: true,
};
export const limitsByHand = { ...unlimited, hlRequestRate: 77, wlDataKBytesOut: 78 };

export function programOf(args: Record<Name, UserArgs>) {
  return async () => {
    for (const name of names) new CloudianUser(name, { groupId: "home", userId: name, ...args[name] });
  };
}

const own: Partial<Record<Name, readonly string[]>> = {
  admin: ["fullName"],
  mail: ["emailAddr"],
  address: ["address1", "city"],
  phone: ["phone"],
  website: ["website"],
  active: ["active"],
};

/** Gives every user unusual values in everything that it does not manage itself, and keys that nobody here manages. */
export async function setByHand(stack: TestStack): Promise<void> {
  const users = names.map((name) => {
    const neighbors = Object.entries(byHand).filter(([field]) => !own[name]?.includes(field));
    return [`home/${name === "moving" ? "moving-1" : name}`, Object.fromEntries(neighbors)];
  });
  await stack.lab.patch("cloudian", {
    users: Object.fromEntries(users),
    credentials: {
      "iam-key": { groupId: "home", userId: "phone", iam: true, createDate: 5 },
      "other-key": { groupId: "home", userId: "mail", createDate: 5 },
    },
    limits: { "home/mail": limitsByHand },
    passwords: { "home/mail": "By-Hand-123" },
  });
}

/** Changes what each user manages and the keys of two, and deletes one user. */
export async function drift(stack: TestStack, lostKey: string, offKey: string): Promise<void> {
  await stack.lab.patch("cloudian", {
    users: {
      "home/admin": { fullName: "drifted" },
      "home/mail": { emailAddr: "drifted" },
      "home/address": { address1: "d1", address2: "d2", city: "d3", state: "d4", zip: "d5", country: "d6" },
      "home/phone": { phone: "drifted" },
      "home/website": { website: "drifted" },
      "home/active": { active: "false" },
      "home/switched": { fullName: "not managed" },
      "home/moving-2": null,
    },
    credentials: { [lostKey]: null, [offKey]: { active: false } },
    limits: { "home/limited": { hlRequestRate: 61, wlDataKBytesIn: -1 } },
  });
}
