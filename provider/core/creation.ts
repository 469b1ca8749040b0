import { differences, type Permission, permitAdoption } from "./adoption.ts";
import { Conflict, FailedHalfway, messageOf, OutcomeUnknown, Refused, type StorageError } from "./errors.ts";
import type { AnyHandler, Connected, Created, Live } from "./handler.ts";
import type { Ledger } from "./ledger.ts";
import { warn } from "./log.ts";
import type { Values } from "./values.ts";

/** Our own object may show itself this much older than we waited: clocks tick in seconds. */
const ageSlackMs = 2000;

const attempts = 3;

/**
 * Makes one object exactly once as seen from outside: a lost reply is answered by looking, a name that is taken by
 * looking and then adopting or refusing.
 */
export class Creation {
  readonly #handler: AnyHandler;
  readonly #ledger: Ledger;
  readonly #client: Connected;
  readonly #args: Values;
  readonly #id: string;
  readonly #may: Permission;

  constructor(handler: AnyHandler, ledger: Ledger, client: Connected, args: Values, may: Permission) {
    this.#handler = handler;
    this.#ledger = ledger;
    this.#client = client;
    this.#args = args;
    this.#id = handler.idOf(args);
    this.#may = may;
  }

  async run(): Promise<Created<Values>> {
    const { kind, noun, nameKey } = this.#handler;
    if (this.#handler.alwaysThere && this.#isHeld()) throw this.#held();
    if (!this.#ledger.take(kind, this.#client.endpoint, this.#id))
      throw new Conflict(
        `${noun} ${this.#id} is declared by another resource of this run as well; give one of them another ${nameKey}.`,
      );
    try {
      const made = await this.#make();
      // Where the system makes the ids, the claim so far was on a name.
      if (made.id !== this.#id && !this.#ledger.take(kind, this.#client.endpoint, made.id))
        throw new Conflict(`${noun} ${made.id} is held by another resource of this run as well; remove one of them.`);
      return made;
    } catch (error) {
      this.#ledger.release(kind, this.#client.endpoint, this.#id);
      throw error;
    }
  }

  async #make(): Promise<Created<Values>> {
    const started = performance.now();
    let lost = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#handler.create(this.#client, this.#args, this.#may.hide);
      } catch (error) {
        const failed = error instanceof FailedHalfway;
        if (!(failed || error instanceof OutcomeUnknown || error instanceof Conflict)) throw error;
        lost ||= error instanceof OutcomeUnknown;
        const live = await this.#look(error);
        if (live && (lost || failed) && (await this.#isOurs(live, error, performance.now() - started)))
          return { id: live.id ?? this.#id, state: live.state };
        if (live) return await this.#adopt(live);
        // The system says that there is no such object, so the request was not carried out.
        if (failed || !lost || attempt === attempts) throw error;
      }
    }
  }

  async #look(cause: StorageError): Promise<Live<Values> | undefined> {
    try {
      return await this.#handler.find(this.#client, this.#args);
    } catch (error) {
      if (error instanceof Refused) throw error;
      throw new OutcomeUnknown(`${cause.message} Looking it up failed, too: ${messageOf(error)}`);
    }
  }

  async #isOurs(live: Live<Values>, cause: StorageError, waitedMs: number): Promise<boolean> {
    // What our own request has made carries what it said, and nothing that anybody else has set.
    if (differences(this.#handler, live, this.#args).some((difference) => !difference.atDefault)) return false;
    if (live.ageMs !== undefined) return live.ageMs <= waitedMs + ageSlackMs;
    if (this.#isHeld(live)) return false;
    const what =
      cause instanceof FailedHalfway
        ? cause.message
        : `The reply to the creation of ${this.#handler.noun} ${this.#id} was lost.`;
    await warn(`${what} It exists as declared and is taken to be ours; nothing in this system proves who made it.`);
    return true;
  }

  async #adopt(live: Live<Values>): Promise<Created<Values>> {
    if (this.#isHeld(live)) throw this.#held();
    await warn(permitAdoption(this.#handler, this.#id, live, this.#args, this.#may));
    return { id: live.id ?? this.#id, state: live.state };
  }

  #held(): Refused {
    return new Refused(
      `${this.#handler.noun} ${this.#id} is held by a resource of this stack already. If this is its replacement, it would replace ` +
        `itself, and deleting the old object would delete it: give the new one another ${this.#handler.nameKey} (or, if its data may go, ` +
        `delete first with the resource option deleteBeforeReplace). If the resource was only renamed, give it the old name in the ` +
        `resource option aliases. If another resource declares the same object, remove one of them. If an earlier run has deleted the old ` +
        `object already (pulumi stack export shows pendingReplacement), run pulumi state delete with the resource's URN, then pulumi up ` +
        `with CLOUDSTACK_STORAGE_ADOPT=identical.`,
    );
  }

  /** By a resource that the state knows: this one as its own successor, or another one. */
  #isHeld(live?: Live<Values>): boolean {
    const keys = [this.#id, ...(live?.id === undefined ? [] : [live.id])];
    return keys.some((key) => this.#ledger.isRecorded(this.#handler.kind, this.#client.endpoint, key));
  }
}
