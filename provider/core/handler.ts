import type { z } from "zod";
import type { Settings } from "./settings.ts";
import type { Values } from "./values.ts";

/** A change that is refused at preview. */
export interface Refusal {
  readonly property: string;
  readonly reason: string;
}

/** An object as the system shows it, in the canonical form of the arguments. */
export interface Live<State> {
  readonly state: Partial<State>;
  /** How long ago, by the system's own clock, the object was made; undefined where the system does not say. */
  readonly ageMs?: number;
}

/** What `create` really set: nothing that was only wished for. */
export interface Created<State> {
  readonly id: string;
  readonly state: Partial<State>;
}

/** What every client tells about the system it speaks to. */
export interface Connected {
  readonly endpoint: string;
  readonly aliases: readonly string[];
  /** How the names of its settings begin. */
  readonly settingPrefix: string;
}

/** Everything the provider process knows about one kind. Plain values in and out; no Pulumi here. */
export interface Handler<Args extends object, State extends Args, Client extends Connected> {
  /** The class name: part of every state file that holds one, so it is never renamed. */
  readonly kind: string;
  /** The kind in a sentence: `Cloudian group`. */
  readonly noun: string;
  /** Strict; parses to the canonical form; the one list of inputs. */
  readonly args: z.ZodObject;
  /** The input that is derived from the URN where the program does not give it. */
  readonly nameKey: keyof Args & string;
  /** Inputs that form the id; a change replaces. */
  readonly replaces: readonly (keyof Args & string)[];
  /** Inputs that the system cannot change under the same id; a change is refused. */
  readonly fixed: readonly (keyof Args & string)[];
  /** Our own switches: a change is an update without a request. */
  readonly local: readonly (keyof Args & string)[];
  /** Inputs that no call returns; carried over from the state, never compared. */
  readonly writeOnly: readonly (keyof Args & string)[];
  readonly secrets: readonly (keyof State & string)[];
  /** What a new object has where nothing was declared, in canonical form and the members that `args` manages. */
  creationDefaults(args: Args): Partial<Args>;
  /** `before` is undefined for a new object. */
  refuses?(before: Partial<Args> | undefined, after: Partial<Args>): Refusal[];
  idOf(args: Args): string;
  /** Cheap, no I/O; clients are shared per endpoint and principal. */
  connect(settings: Settings): Client;
  /** By name: conflicts, lost replies, adoption. */
  find(client: Client, args: Args): Promise<Live<State> | undefined>;
  /** Throws `Conflict` where the name is taken and `OutcomeUnknown` where the reply was lost. */
  create(client: Client, args: Args): Promise<Created<State>>;
  /** Undefined only where the system said that this object is gone. `last` is undefined for a look-up by id alone. */
  read(client: Client, id: string, last: Partial<State> | undefined): Promise<Live<State> | undefined>;
  /**
   * Brings the object from what is true to what is wanted; also called right after `create`. A step that cannot be
   * repeated is reported through `done` before the next one begins; `undone` names what is no longer true.
   */
  update(
    client: Client,
    id: string,
    from: Partial<State>,
    to: Args,
    done: (state: Partial<State>, undone?: readonly (keyof State & string)[]) => void,
  ): Promise<State>;
  /** Gone is success. */
  delete(client: Client, id: string, last: Partial<State>): Promise<void>;
}

/** A handler whose values are only known to have passed its own schema. */
export type AnyHandler = Handler<Values, Values, Connected>;
