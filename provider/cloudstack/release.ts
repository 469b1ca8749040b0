/** A release of CloudStack, as far as features depend on it. */
export class Release {
  /** As CloudStack says it; vendors add suffixes. */
  readonly text: string;
  readonly #numbers: readonly number[] | undefined;

  constructor(text: string) {
    this.text = text;
    const match = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
    this.#numbers = match?.slice(1).map((part) => Number(part ?? 0));
  }

  /** True as well where the text names no release: then the system itself has to say what it cannot do. */
  isAtLeast(wanted: string): boolean {
    if (!this.#numbers) return true;
    const parts = wanted.split(".").map(Number);
    for (const [index, part] of parts.entries()) {
      const own = this.#numbers[index] ?? 0;
      if (own !== part) return own > part;
    }
    return true;
  }
}

/** The release that brought a command (reference: CloudStack API, 3 to 9); all others are older than any release in use. */
const commandsSince: Readonly<Record<string, string>> = {
  updateCloudToUseObjectStore: "4.3",
  updateImageStore: "4.15",
  cloudianIsEnabled: "4.11",
  resetConfiguration: "4.18",
  listObjectStoragePools: "4.19",
  addObjectStoragePool: "4.19",
  updateObjectStoragePool: "4.19",
  deleteObjectStoragePool: "4.19",
  listBuckets: "4.19",
};

export function releaseOf(command: string): string | undefined {
  return Object.hasOwn(commandsSince, command) ? commandsSince[command] : undefined;
}
