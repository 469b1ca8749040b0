import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { detail } from "./report.ts";

const example = fileURLToPath(new URL("../ecs-tenant/", import.meta.url));
const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));

/** Logical names of the example's buckets. */
export const backups = "blue-backups";
export const website = "blue-website";

/** One log-in and one log-out of each provider process that asks the array anything. */
const session = 2;
/** The user and its keys; the backups with policy and versioning; the website with policy and CORS rules. */
const read = 2 + 3 + 3;
/** Which keys the owner has: once a process, for what goes through S3. */
const ownersKey = 1;
/** This release has no versioning call, which one try a process shows. */
const versioningTry = 1;

/** The provider's promise in requests for this program: no more, no fewer. */
export const tenantBudget = {
  /** The user and its key; each bucket and what its creation cannot carry; once, whether the namespace encrypts. */
  create: session + 2 + (1 + 1) + (1 + 1 + 1) + 1 + ownersKey + versioningTry,
  read: session + read + ownersKey + versioningTry,
  /** The two limits in one request, the policy in another. */
  repair: 2,
  refused: 0,
  /** The deletion that the array refuses, whose the bucket is, and a page of each of its two lists. */
  refusedDestroy: session + 1 + 1 + ownersKey + 2,
  /** A switch of ours. */
  forceDestroy: 0,
  /**
   * A bucket: refused, looked at, emptied in the background, asked about, gone, and its namespace still there. The user:
   * whether it owns anything, and its deletion.
   */
  destroy: session + 2 * 6 + 2,
};

/** A change that somebody makes in the program: this text, wherever it stands, becomes that one. */
export interface Edit {
  readonly from: string;
  readonly to: string;
}

export const edits = {
  withoutEncryption: { from: "encryption: true,", to: "encryption: false," },
  withObjectLock: { from: "versioning: true,", to: "versioning: true,\n  objectLock: true," },
  withForceDestroy: { from: "owner: user.userName,", to: "owner: user.userName,\n  forceDestroy: true," },
} as const satisfies Record<string, Edit>;

/** A copy of examples/ecs-tenant in the demo's folder, which the demo may edit. */
export class TenantProgram {
  readonly folder: string;
  readonly #original: string;

  constructor(parent: string) {
    this.folder = join(parent, "ecs-tenant");
    this.#original = readFileSync(join(example, "index.ts"), "utf8");
    mkdirSync(this.folder);
    for (const file of ["package.json", "index.ts"])
      writeFileSync(join(this.folder, file), readFileSync(join(example, file)));
    // The example's own project file names a place for the state.
    writeFileSync(join(this.folder, "Pulumi.yaml"), "name: ecs-tenant\nruntime: nodejs\n");
    symlinkSync(modules, join(this.folder, "node_modules"), "junction");
  }

  /** Writes the original with this change alone. */
  edit({ from, to }: Edit): void {
    writeFileSync(join(this.folder, "index.ts"), editedText(this.#original, { from, to }));
    detail(`index.ts: "${from}" is now "${to.replaceAll(/\s+/g, " ")}"`);
  }

  undo(): void {
    writeFileSync(join(this.folder, "index.ts"), this.#original);
  }
}

/** A text with an edit; one that has nothing to edit is an error. */
export function editedText(text: string, { from, to }: Edit): string {
  if (!text.includes(from)) throw new Error(`examples/ecs-tenant/index.ts has no "${from}".`);
  return text.replaceAll(from, to);
}
