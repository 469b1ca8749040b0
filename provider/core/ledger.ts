/**
 * What one provider process knows about who holds which object, so that no two resources of one run hold the same one
 * and a replacement never takes over the very object that it replaces. A process is one phase of one command.
 */
export class Ledger {
  readonly #recorded = new Set<string>();
  readonly #taken = new Set<string>();

  /** The state holds the object, as the one that a resource already has. */
  noteRecorded(kind: string, endpoint: string, id: string): void {
    this.#recorded.add(keyOf(kind, endpoint, id));
  }

  /** The system said that the object is gone, so its name is free again. */
  noteGone(kind: string, endpoint: string, id: string): void {
    this.#recorded.delete(keyOf(kind, endpoint, id));
    this.#taken.delete(keyOf(kind, endpoint, id));
  }

  /** Claims an object for a resource of this run; false where another one has it. */
  take(kind: string, endpoint: string, id: string): boolean {
    const key = keyOf(kind, endpoint, id);
    if (this.#taken.has(key)) return false;
    this.#taken.add(key);
    return true;
  }

  /** Gives a claim back after a create that came to nothing. */
  release(kind: string, endpoint: string, id: string): void {
    this.#taken.delete(keyOf(kind, endpoint, id));
  }

  isRecorded(kind: string, endpoint: string, id: string): boolean {
    return this.#recorded.has(keyOf(kind, endpoint, id));
  }

  isTaken(kind: string, endpoint: string, id: string): boolean {
    return this.#taken.has(keyOf(kind, endpoint, id));
  }
}

function keyOf(kind: string, endpoint: string, id: string): string {
  return JSON.stringify([kind, endpoint, id]);
}
