/** Something that the demo did not expect; ends it with exit code 1. */
export class Surprise extends Error {
  constructor(what: string, expected: unknown, found: unknown) {
    super(`${what}\n  expected: ${shown(expected)}\n  found:    ${shown(found)}`);
    this.name = "Surprise";
  }
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Compares what JSON can hold. */
export function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Surprise(what, expected, found);
}

/** Every text has to be in the output; how lines are broken and indented does not count. */
export function expectShown(what: string, output: string, texts: readonly string[]): void {
  const words = output.replaceAll(/\s+/g, " ");
  const absent = texts.filter((text) => !words.includes(text));
  if (absent.length > 0) throw new Surprise(what, texts.join(", "), `an output without ${absent.join(", ")}`);
}

/** Only HyperStore's own administrators may be left. */
export function expectEmpty(state: LabContents): void {
  const found = {
    groups: Object.keys(state.groups),
    users: Object.keys(state.users),
    keys: Object.keys(state.credentials).length,
    limits: Object.keys(state.limits).length,
    buckets: Object.keys(state.s3Buckets).length,
  };
  expectEqual("The lab is not as empty as at its start.", found, {
    groups: ["0"],
    users: ["0/admin"],
    keys: 0,
    limits: 0,
    buckets: 0,
  });
}

/** An ECS has nothing of its own that counts here. */
export function expectEmptyEcs({ users, buckets, sessions }: EcsContents): void {
  const found = { users: Object.keys(users), buckets: Object.keys(buckets), tokens: sessions.live };
  expectEqual("The lab's ECS is not as empty as at its start.", found, { users: [], buckets: [], tokens: 0 });
}

/** Stores that were deleted stay in CloudStack's table; they do not count. */
export function expectEmptyCloudStack({ imageStores, settings }: CloudStackContents): void {
  const stores = Object.values(imageStores).filter(({ removed }) => !removed);
  const sites = settings?.["secstorage.allowed.internal.sites"] as { readonly value: string | null } | undefined;
  const found = { stores: stores.map(({ name }) => name), internalSites: sites?.value ?? "" };
  expectEqual("The lab's CloudStack is not as empty as at its start.", found, { stores: [], internalSites: "" });
}

export interface LabContents {
  readonly groups: object;
  readonly users: object;
  readonly credentials: object;
  readonly limits: object;
  readonly s3Buckets: object;
}

export interface EcsContents {
  readonly users: object;
  readonly buckets: object;
  readonly sessions: { readonly live: number };
}

export interface CloudStackContents {
  readonly imageStores: Readonly<Record<string, { readonly name: string; readonly removed: boolean }>>;
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface KeyPair {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Says that pairs differ, never what they are. */
export function expectSamePair(before: KeyPair, after: KeyPair | undefined): void {
  const expected = "the pair that was deleted";
  const what = "The deleted key was not repaired as it should be.";
  if (after === undefined) throw new Surprise(what, expected, "no key");
  if (after.accessKey !== before.accessKey) throw new Surprise(what, expected, "another access key id");
  if (after.secretKey !== before.secretKey) throw new Surprise(what, expected, "the same id with another secret");
}
