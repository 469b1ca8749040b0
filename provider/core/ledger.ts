import { Twins } from "./twins.ts";

/**
 * What one provider process knows about who holds which object, so that no two resources of one run hold the same one
 * and a replacement never takes over the very object that it replaces. A process is one phase of one command.
 */
export class Ledger {
  readonly twins = new Twins();
  readonly #recorded = new Set<string>();
  readonly #taken = new Set<string>();
  readonly #wanted = new Set<string>();
  readonly #declared = new Set<string>();
  readonly #kept = new Set<string>();
  readonly #claimed = new Set<string>();

  /** The state holds the object, as the one that a resource already has. */
  noteRecorded(kind: string, endpoint: string, id: string): void {
    this.#recorded.add(keyOf(kind, endpoint, id));
  }

  /** The system said that the object is gone, so its name is free again. */
  noteGone(kind: string, endpoint: string, id: string): void {
    this.#recorded.delete(keyOf(kind, endpoint, id));
    this.#taken.delete(keyOf(kind, endpoint, id));
    this.#kept.delete(keyOf(kind, endpoint, id));
    this.#wanted.delete(keyOf(kind, endpoint, id));
  }

  /** Claims an object for a resource of this run; false where another one has it. */
  take(kind: string, endpoint: string, id: string): boolean {
    const key = keyOf(kind, endpoint, id);
    if (this.#taken.has(key)) return false;
    this.#taken.add(key);
    this.#wanted.delete(key);
    return true;
  }

  /** Gives a claim back after a create that came to nothing; the program wants the object all the same. */
  release(kind: string, endpoint: string, id: string): void {
    this.#taken.delete(keyOf(kind, endpoint, id));
    this.#wanted.add(keyOf(kind, endpoint, id));
  }

  /** Whether a resource of this run declares the object but could not get hold of it. */
  isWanted(kind: string, endpoint: string, id: string): boolean {
    return this.#wanted.has(keyOf(kind, endpoint, id));
  }

  /** The program of this run declares the object that the state holds. */
  noteDeclared(kind: string, endpoint: string, id: string): void {
    this.noteRecorded(kind, endpoint, id);
    this.#declared.add(keyOf(kind, endpoint, id));
  }

  /**
   * A new resource of this run declares an object that is always there. False where another one has declared it, new or
   * not; a resource that is to replace itself is checked anew, as a new one.
   */
  claim(kind: string, endpoint: string, id: string): boolean {
    const key = keyOf(kind, endpoint, id);
    if (this.#claimed.has(key) || this.#declared.has(key)) return false;
    this.#claimed.add(key);
    return true;
  }

  isClaimed(kind: string, endpoint: string, id: string): boolean {
    return this.#claimed.has(keyOf(kind, endpoint, id));
  }

  /** A resource of this run holds the object and goes on holding it. */
  noteKept(kind: string, endpoint: string, id: string): void {
    this.#kept.add(keyOf(kind, endpoint, id));
  }

  /** That nothing about an object changes says nothing alone: a refresh compares what the program has dropped, too. */
  isDeclared(kind: string, endpoint: string, id: string): boolean {
    return this.#declared.has(keyOf(kind, endpoint, id));
  }

  isKept(kind: string, endpoint: string, id: string): boolean {
    return this.#kept.has(keyOf(kind, endpoint, id));
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
