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
  /** What other objects of the kind show, and this one does not. */
  readonly unseen?: readonly (keyof State & string)[];
  /** Where the system makes the ids; else the id is what `idOf` says. */
  readonly id?: string;
  /** How long ago, by the system's own clock, the object was made; undefined where the system does not say. */
  readonly ageMs?: number;
}

/** An object that a resource of another kind, or of the same kind under another address, may hold as well. */
export interface Twin {
  /** What it is, and its name: `bucket invoices`. */
  readonly label: string;
  /** For messages, and what tells two resources apart: `S3 bucket invoices@host:443`. */
  readonly name: string;
  readonly kind: string;
  /** One object may have several ids, because its system has several addresses. */
  readonly hasAddressInId: boolean;
  /** Whether the resource may have taken over what was there, or has made its own object for certain. */
  readonly mayAdopt: boolean;
  /** When the object was made, by its system's clock, in milliseconds; undefined where nothing tells. */
  created(): Promise<number | undefined>;
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
  /** The input that is derived from the URN where the program does not give it; the one to change where a name is taken. */
  readonly nameKey: keyof Args & string;
  /** Inputs whose change replaces: those that form the id, and with `successorName` those that only a new object can have. */
  readonly replaces: readonly (keyof Args & string)[];
  /** The name is not derived; the program has to give it. */
  readonly nameIsGiven?: true;
  /** The object is always there and only its value is ours: two resources for one are refused, none is adopted. */
  readonly alwaysThere?: true;
  /** The system makes the ids; `idOf` gives the name that is unique there. */
  readonly makesIds?: true;
  /** Inputs that the system cannot change under the same id; a change is refused. */
  readonly fixed: readonly (keyof Args & string)[];
  /** Our own switches: a change is an update without a request. */
  readonly local: readonly (keyof Args & string)[];
  /** Inputs that no call returns; carried over from the state, never compared. */
  readonly writeOnly: readonly (keyof Args & string)[];
  /** Further inputs that a read carries over, because the object of this recorded state does not show them. */
  unseenIn?(recorded: Partial<State>): readonly (keyof Args & string)[];
  readonly secrets: readonly (keyof State & string)[];
  /** Encrypted in the state and shown nowhere, as secrets are, but with everyday words, which messages do not hide. */
  readonly confidential?: readonly (keyof State & string)[];
  /** The secrets inside what is confidential. */
  secretTexts?(values: Partial<State>): (string | undefined)[];
  /** Further secret properties, which the values tell. */
  secretsIn?(values: Partial<State>): readonly (keyof State & string)[];
  /** Outputs that show what inputs say, and are secret where the program has made one of these secret. */
  readonly echoes?: { readonly [Output in keyof State]?: readonly (keyof Args & string)[] };
  /** What a new object has where nothing was declared, in canonical form and the members that `args` manages. */
  creationDefaults(args: Args): Partial<Args>;
  /**
   * Inputs that stay as they are recorded where the program does not give them, and else are what settings say, if
   * anything; no I/O, and no credentials needed.
   */
  settingDefaults?(settings: Settings): { readonly [Key in keyof Args]?: Args[Key] | undefined };
  /** Why a fixed input cannot change and what to do instead; sentences to go behind "cannot be changed from … to …". */
  whyFixed?(property: keyof Args & string): string;
  /** Why an input that is not in `args` is refused; undefined for any other, `null` where its value means nothing. */
  foreign?(property: string, value: unknown): string | null | undefined;
  /**
   * A derived name that changes with what only a new object can have, so that the successor can stand beside the old
   * one. `derived` is the recorded name, or the one derived from the URN; `isHeld` says that the program's own object has
   * a name. Not called while one of `replaces` is unknown.
   */
  successorName?(
    derived: string,
    before: Partial<Args> | undefined,
    after: Partial<Args>,
    hidden: readonly string[],
    isHeld: (name: string) => boolean,
  ): string;
  /** Replacements that the system cannot make; called where one of `replaces` changes. */
  refusesReplacement?(before: Partial<Args>, after: Partial<Args>): Refusal[];
  /** `before` is undefined for a new object; `unknown` names what is declared and not known yet. */
  refuses?(before: Partial<Args> | undefined, after: Partial<Args>, unknown: readonly string[]): Refusal[];
  /** What is allowed, but may not be what somebody expects; sentences for warnings at preview and up. */
  cautions?(before: Partial<Args>, after: Partial<Args>): string[];
  /** Whether two spellings of an input are one value, as far as the recorded outputs tell. */
  sameValue?(property: keyof Args & string, recorded: Partial<State>, after: unknown): boolean;
  /** Whether two values of a fixed input may be one that only the system can tell; `update` then asks it. */
  sameUntilAsked?(property: keyof Args & string, before: unknown, after: unknown): boolean;
  /** The id, or with `makesIds` the name that is unique in the system. */
  idOf(args: Args): string;
  /** Cheap, no I/O; clients are shared per endpoint and principal. `values` are inputs or the recorded state. */
  connect(settings: Settings, values: Partial<State>): Client;
  /** The object as one that other resources may hold as well; undefined where too little is known. No I/O. */
  twin?(client: Client, values: Partial<State>): Twin | undefined;
  /** By name: conflicts, lost replies, adoption. */
  find(client: Client, args: Args): Promise<Live<State> | undefined>;
  /** `secret` names the properties that the state keeps encrypted. Throws `Conflict` where the name is taken and `OutcomeUnknown` where the reply was lost. */
  create(client: Client, args: Args, secret: readonly string[]): Promise<Created<State>>;
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
    secret: readonly string[],
  ): Promise<State>;
  /** Gone is success. */
  delete(client: Client, id: string, last: Partial<State>): Promise<void>;
}

/** A handler whose values are only known to have passed its own schema. */
export type AnyHandler = Handler<Values, Values, Connected>;

/** From here on a value is only known to have passed the kind's own schema. */
export function anyHandler<Args extends object, State extends Args, Client extends Connected>(
  handler: Handler<Args, State, Client>,
): AnyHandler {
  return handler as unknown as AnyHandler;
}
