import { EcsObjectUser, type EcsObjectUserArgs } from "pulumi-cloudstack-storage";
import type { TestStack } from "../harness/stack.ts";

type UserArgs = Partial<EcsObjectUserArgs>;

/** Each user manages one property only, so that a change of it alone shows what happens to its neighbors. */
export const names = ["locked", "tagged", "switched", "rotated", "lost-key", "odd", "moving"] as const;
type Name = (typeof names)[number];

/** Every character that has a meaning of its own in a URL. */
export const oddName = "a/b@c.example+d=e?f#g&h;i:j,k";
export const oddPath = encodeURIComponent(oddName);

export const first: Record<Name, UserArgs> = {
  locked: { locked: true },
  tagged: { tags: { a: "1", b: "two words", c: "" } },
  switched: {},
  rotated: {},
  "lost-key": {},
  odd: { userName: oddName },
  moving: { userName: "moving-1", tags: { stays: "yes" } },
};
export const second: Record<Name, UserArgs> = {
  ...first,
  locked: { locked: false },
  tagged: { tags: { b: "3", c: "", d: "é & ü" } },
  switched: { onDestroy: "lock", adopt: true, previousKeyExpiryMinutes: 7 },
  rotated: { keyGeneration: 2, previousKeyExpiryMinutes: 30 },
  moving: { userName: "moving-2", namespace: "ns2", tags: { stays: "yes" } },
};
export const third: Record<Name, UserArgs> = {
  ...second,
  locked: { locked: true },
  tagged: { tags: {} },
  switched: { onDestroy: "lock" },
  rotated: { keyGeneration: 3 },
  odd: { userName: oddName, tags: { "a/b": "c=d" } },
};
export const unmanaged = Object.fromEntries(names.map((name) => [name, {}])) as Record<Name, UserArgs>;
unmanaged.switched = { onDestroy: "lock" };
unmanaged.rotated = { keyGeneration: 3 };
unmanaged.odd = { userName: oddName };
// The namespace stays as it is, too, and not as the setting says.
unmanaged.moving = { userName: "moving-2" };

export function programOf(args: Record<Name, UserArgs>) {
  return async () => {
    for (const name of names) new EcsObjectUser(name, { userName: name, ...args[name] });
  };
}

export const keyByHand = "by-hand-0123456789-by-hand-0123456789-xy";
export const tagsByHand = { hand: "1", "b y": "" };

/** Gives every user unusual values in everything that it does not manage itself, and a key that nobody here manages. */
export async function setByHand(stack: TestStack): Promise<void> {
  const { users } = (await stack.lab.state()).ecs;
  const changed = Object.entries(users).map(([id, user]) => {
    const [key] = user["keys"] as unknown[];
    const name = id.slice("ns1/".length);
    return [
      id,
      {
        ...(name === "locked" ? {} : { locked: true }),
        ...(name === "tagged" || name === "moving-1" ? {} : { tags: tagsByHand }),
        ...(name === "rotated" ? {} : { keys: [key, keyByHand] }),
      },
    ];
  });
  await stack.lab.patch("ecs", { users: Object.fromEntries(changed) });
}

/** Changes what each user manages, deletes the managed key of one, and one user. */
export async function drift(stack: TestStack): Promise<void> {
  await stack.lab.patch("ecs", {
    users: {
      "ns1/locked": { locked: false },
      "ns1/tagged": { tags: { drifted: "1" } },
      "ns1/switched": { locked: false, tags: { "not managed": "1" } },
      "ns1/lost-key": { keys: [null, keyByHand] },
      [`ns1/${oddName}`]: { tags: { "a/b": "drifted", more: "1" } },
      "ns2/moving-2": null,
    },
  });
}
