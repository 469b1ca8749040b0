import type * as pulumi from "@pulumi/pulumi";
import { canonicalRecord, containsUnknown, parseInputs } from "./canonical.ts";
import { refusals, sentenceOf, withName, withoutForeign } from "./checking.ts";
import { Creation } from "./creation.ts";
import { messageOf, PartialFailure, Refused, SettingsError, StorageError } from "./errors.ts";
import type { AnyHandler, Connected, Created } from "./handler.ts";
import type { Ledger } from "./ledger.ts";
import { warn } from "./log.ts";
import { normalizeEndpoint } from "./names.ts";
import { withinOperation } from "./operation.ts";
import { Progress } from "./progress.ts";
import { redact } from "./redact.ts";
import { Secrecy } from "./secrecy.ts";
import { Settings, type SettingsSource } from "./settings.ts";
import { pick, same, type Values } from "./values.ts";
import {
  derivedKey,
  derivedNameKey,
  hiddenOf,
  inputsOf,
  providerKey,
  refusalKey,
  secretNames,
  secretsKey,
  toWire,
  unknownMarker,
} from "./wire.ts";

/**
 * Serves one kind to the dynamic provider server. Only this module knows Pulumi's calling rules (reference: Pulumi
 * dynamic providers, section 3); a handler sees plain values.
 */
export class Lifecycle implements pulumi.dynamic.ResourceProvider {
  readonly #handler: AnyHandler;
  readonly #ledger: Ledger;
  readonly #secrecy: Secrecy;
  readonly #inputKeys: readonly string[];
  #source: SettingsSource = { get: () => undefined };
  #settings: Settings | undefined;

  constructor(handler: AnyHandler, ledger: Ledger) {
    this.#handler = handler;
    this.#ledger = ledger;
    this.#secrecy = new Secrecy(this.#handler);
    this.#inputKeys = Object.keys(handler.args.shape);
  }

  configure(request: pulumi.dynamic.ConfigureRequest): Promise<void> {
    this.#source = request.config;
    return Promise.resolve();
  }

  check(olds: Values, news: Values): Promise<pulumi.dynamic.CheckResult> {
    return this.#guarded(async () => {
      const defaults = this.#handler.settingDefaults?.(this.#settingsOfProcess()) ?? {};
      const { inputs, derived } = withName(this.#handler, olds, news, defaults);
      const { own, refused: foreign } = withoutForeign(this.#handler, inputs);
      const { known, unknown, problems } = parseInputs(this.#handler.args, own, unknownMarker);
      const isUpdate = this.#inputKeys.some((key) => key in olds);
      const before = isUpdate ? canonicalRecord(this.#handler.args, olds) : undefined;
      // A refusal may name the old value, which is as secret as the new one.
      const marks = { [secretsKey]: [...secretNames(olds), ...secretNames(news)] };
      for (const values of [before ?? {}, known]) this.#secrecy.remember({ ...values, ...marks });
      const hide = this.#secrecy.keysOf({ ...olds, ...known, ...hiddenOf(olds), ...hiddenOf(news) });
      if (derived) this.#nameSuccessor(before, known, unknown, hide);
      const refused = problems.length === 0 ? refusals(this.#handler, before, known, unknown, hide) : [];
      const objection = news[refusalKey];
      const objected = typeof objection === "string" && objection !== unknownMarker ? [objection] : [];
      const failures = [...objected, ...[...foreign, ...problems, ...refused].map(sentenceOf)].map(redact);
      if (failures.length > 0) return refusedFor(failures, news, hide);
      for (const caution of (before && this.#handler.cautions?.(before, known)) ?? []) await warn(caution);
      const doubled = await this.#noteOldInputs(before, known);
      if (doubled) return refusedFor([doubled], news, hide);
      const hidden = hiddenOf({ ...news, [derivedKey]: derived, [secretsKey]: this.#secrecy.namesAfter(olds, news) });
      return { inputs: this.#secrecy.wired({ ...known, ...unknown, ...hidden }), failures: [] };
    });
  }

  async diff(id: string, olds: Values, news: Values): Promise<pulumi.dynamic.DiffResult> {
    // Outputs that another host of the same handlers wrote cannot be read or deleted here before they are written anew.
    if (olds[providerKey] === undefined) return { changes: true };
    try {
      const endpoint = this.#endpointOf(olds);
      const before = canonicalRecord(this.#handler.args, olds);
      if (endpoint !== undefined) this.#noteRecorded(endpoint, id, before);
      const after = canonicalRecord(this.#handler.args, news);
      const isSame = (key: string) =>
        same(before[key], after[key]) || this.#handler.sameValue?.(key, olds, after[key]) === true;
      const changed = this.#inputKeys.filter((key) => !isSame(key));
      if (changed.length === 0) {
        if (endpoint !== undefined && this.#ledger.isDeclared(this.#handler.kind, endpoint, this.#nameOf(id, before)))
          this.#ledger.noteKept(this.#handler.kind, endpoint, id);
        return { changes: false };
      }
      // Without `changes` the engine compares by itself, shows property paths and honors its own options.
      return { replaces: changed.filter((key) => this.#handler.replaces.includes(key)) };
    } catch {
      // Refresh calls diff as well, and nothing may stop it.
      return {};
    }
  }

  create(news: Values): Promise<pulumi.dynamic.CreateResult> {
    return this.#operation(news, async (client, settings) => {
      const args = this.#args(news);
      const differing = args["adopt"] === true;
      const identical = differing || news[derivedKey] === true || settings.adoptsIdentical();
      const may = { differing, identical, hide: this.#secrecy.keysOf(news) };
      const made = await new Creation(this.#handler, this.#ledger, client, args, may).run();
      return { id: made.id, outs: await this.#finish(client, made, args, news) };
    });
  }

  read(id: string, olds: Values): Promise<pulumi.dynamic.ReadResult> {
    return this.#operation(olds, async (client) => {
      this.#requireSameSystem(client, id, olds);
      const managed = this.#inputKeys.filter((key) => olds[key] !== undefined && olds[key] !== null);
      // `.get` hands over nothing but the id; then everything that can be read is wanted.
      const last = managed.length === 0 ? undefined : this.#recorded(olds);
      const live = await this.#handler.read(client, id, last);
      if (!live) {
        this.#noteGone(client.endpoint, id, last);
        return {};
      }
      if (last) this.#noteRecorded(client.endpoint, id, last);
      const inputs = last ? this.#managedInputs(managed, last, live.state) : pick(live.state, this.#inputKeys);
      Object.assign(inputs, hiddenOf(olds), this.#derivedName(olds, inputs));
      const computed = pick(
        live.state,
        Object.keys(live.state).filter((key) => !this.#inputKeys.includes(key)),
      );
      this.#secrecy.remember({ ...inputs, ...computed });
      const props = this.#secrecy.wired({ ...inputs, ...computed, systemEndpoint: client.endpoint });
      // What makes an input a secret may be among the outputs.
      return { id, props, inputs: pick(props, Object.keys(inputs)) };
    });
  }

  update(id: string, olds: Values, news: Values): Promise<pulumi.dynamic.UpdateResult> {
    return this.#operation(news, async (client) => {
      this.#requireSameSystem(client, id, olds);
      const args = this.#args(news);
      this.#ledger.noteKept(this.#handler.kind, client.endpoint, id);
      const progress = new Progress(olds);
      try {
        const state = await this.#handler.update(
          client,
          id,
          this.#recorded(olds),
          args,
          progress.note,
          this.#secrecy.keysOf(news),
        );
        return { outs: this.#outputs({ ...state, ...args }, news, client) };
      } catch (error) {
        if (!progress.made) throw error;
        // What is true may be of before or of now, and so are the secrets in it.
        const secrets = new Set([...secretNames(olds), ...secretNames(news)]);
        const truth = { ...progress.truth, ...hiddenOf({ [secretsKey]: [...secrets] }) };
        this.#secrecy.remember(truth);
        throw new PartialFailure(id, this.#secrecy.wired(truth), messageOf(error));
      }
    });
  }

  delete(id: string, olds: Values): Promise<void> {
    return this.#operation(olds, async (client) => {
      const { kind, noun } = this.#handler;
      this.#requireSameSystem(client, id, olds);
      const recorded = this.#recorded(olds);
      const name = this.#nameOf(id, recorded);
      if (this.#ledger.isTaken(kind, client.endpoint, id) || this.#ledger.isKept(kind, client.endpoint, id))
        return await warn(
          `${noun} ${name} is not deleted: another resource of this run holds the object of this name.`,
        );
      if (this.#ledger.isWanted(kind, client.endpoint, name))
        throw new Refused(
          `${noun} ${name} is not deleted: another resource of this run declares it, but its creation has failed. Run pulumi up again.`,
        );
      const twin = this.#handler.twin?.(client, recorded);
      const holder = twin && (await this.#ledger.twins.holderOf(twin));
      if (holder !== undefined)
        return await warn(
          `${noun} ${id} is not deleted: ${holder}, which this program declares, has the same name and date, so that it is taken to be the same one.`,
        );
      await this.#handler.delete(client, id, recorded);
      this.#noteGone(client.endpoint, id, recorded);
    });
  }

  /**
   * Notes whose object it is; tells where another resource of this run has just taken it over. A preview needs no
   * credentials, so that they are missing is worth a warning only.
   */
  async #noteOldInputs(before: Values | undefined, known: Values): Promise<string | undefined> {
    try {
      const { endpoint } = this.#connect(before ?? known);
      const twin = this.#handler.twin?.(this.#connect(known), known);
      if (twin) this.#ledger.twins.noteDeclared(twin);
      const { kind, noun } = this.#handler;
      if (!before) return this.#claimed(endpoint, known);
      const id = this.#handler.idOf(before);
      if (this.#ledger.isTaken(kind, endpoint, id) || this.#ledger.isClaimed(kind, endpoint, id))
        return `${noun} ${id} has just been made or taken over by another resource of this run; remove one of the two`;
      this.#ledger.noteDeclared(kind, endpoint, id);
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      await warn(error.message);
    }
    return undefined;
  }

  /** What is always there would be written over before anybody could tell that two resources declare it. */
  #claimed(endpoint: string, known: Values): string | undefined {
    const { alwaysThere, nameKey, kind, noun } = this.#handler;
    if (!alwaysThere || known[nameKey] === undefined) return undefined;
    const id = this.#handler.idOf(known);
    if (this.#ledger.claim(kind, endpoint, id)) return undefined;
    return (
      `${noun} ${id} is declared by another resource of this program as well, or would replace itself (it cannot be replaced, only changed): ` +
      `remove one of the two, or give a resource that was only renamed its old name in the resource option aliases`
    );
  }

  /** The name of a successor may depend on what is not known before the update. */
  #nameSuccessor(before: Values | undefined, known: Values, unknown: Values, hide: readonly string[]): void {
    const { nameKey, replaces, successorName } = this.#handler;
    const derived = known[nameKey];
    if (!successorName || typeof derived !== "string") return;
    if (replaces.some((key) => key in unknown)) {
      delete known[nameKey];
      unknown[nameKey] = unknownMarker;
      return;
    }
    // A replacement is checked twice, the second time without its old inputs; then the ledger knows what it replaces.
    const own = before?.[nameKey];
    const isHeld = (name: string) => name === own || this.#isDeclared(name, known);
    known[nameKey] = successorName(derived, before, known, hide, isHeld);
  }

  #isDeclared(name: string, values: Values): boolean {
    try {
      return this.#ledger.isDeclared(this.#handler.kind, this.#connect(values).endpoint, name);
    } catch {
      // A preview needs no settings.
      return false;
    }
  }

  /** Kept where the live name is another one, which the next check would else take for the derived one. */
  #derivedName(olds: Values, inputs: Values): Values {
    const { nameKey, makesIds } = this.#handler;
    const name = olds[derivedNameKey] ?? olds[nameKey];
    return makesIds && olds[derivedKey] === true && name !== inputs[nameKey] ? { [derivedNameKey]: name } : {};
  }

  /** By its id, which tells objects apart, and by its name, which is all that `check` knows. */
  #noteRecorded(endpoint: string, id: string, values: Values): void {
    for (const key of new Set([id, this.#nameOf(id, values)]))
      this.#ledger.noteRecorded(this.#handler.kind, endpoint, key);
  }

  #noteGone(endpoint: string, id: string, values: Values | undefined): void {
    for (const key of new Set([id, this.#nameOf(id, values)])) this.#ledger.noteGone(this.#handler.kind, endpoint, key);
  }

  #nameOf(id: string, values: Values | undefined): string {
    return this.#handler.makesIds && values ? this.#handler.idOf(values) : id;
  }

  /** Brings a new object to what is wanted. If that fails, the state keeps the object and what is true of it. */
  async #finish(client: Connected, made: Created<Values>, args: Values, news: Values): Promise<Values> {
    this.#secrecy.remember(made.state);
    const progress = new Progress(made.state);
    try {
      const state = await this.#handler.update(
        client,
        made.id,
        made.state,
        args,
        progress.note,
        this.#secrecy.keysOf(news),
      );
      return this.#outputs({ ...state, ...args }, news, client);
    } catch (error) {
      // An adopted object shows inputs, too, that the program leaves unmanaged.
      const { truth } = progress;
      const shown = Object.keys(truth).filter((key) => !this.#inputKeys.includes(key) || args[key] !== undefined);
      const kept = { ...pick(truth, shown), ...pick(args, this.#handler.local) };
      throw new PartialFailure(
        made.id,
        { ...this.#outputs(kept, news, client), [providerKey]: news[providerKey] },
        `${this.#handler.noun} ${made.id} exists, but is not finished: ${messageOf(error)} The next pulumi up goes on.`,
      );
    }
  }

  #outputs(values: Values, news: Values, client: Connected): Values {
    this.#secrecy.remember(values);
    return this.#secrecy.wired({ ...values, ...hiddenOf(news), systemEndpoint: client.endpoint });
  }

  /** Exactly the inputs that the state holds, as they are now; what no call returns is carried over. */
  #managedInputs(managed: readonly string[], last: Values, live: Values): Values {
    const { local, writeOnly } = this.#handler;
    const carried = managed.filter((key) => local.includes(key) || writeOnly.includes(key));
    return { ...pick(live, managed), ...pick(last, carried) };
  }

  #recorded(olds: Values): Values {
    const { [providerKey]: _text, ...rest } = olds;
    const recorded = { ...rest, ...canonicalRecord(this.#handler.args, olds) };
    this.#secrecy.remember(recorded);
    return recorded;
  }

  #args(news: Values): Values {
    const inputs = inputsOf(news);
    if (containsUnknown(inputs, unknownMarker))
      throw new StorageError(`${this.#handler.noun}: an input is still unknown, and no object can be made of that.`);
    const { known, problems } = parseInputs(this.#handler.args, inputs, unknownMarker);
    if (problems.length > 0) throw new Refused(`${this.#handler.noun}: ${problems.map(sentenceOf).join("; ")}.`);
    this.#secrecy.remember({ ...known, ...hiddenOf(news) });
    return known;
  }

  /** An object that one system holds is never looked for, changed or deleted in another one. */
  #requireSameSystem(client: Connected, id: string, olds: Values): void {
    const recorded = olds["systemEndpoint"];
    if (typeof recorded !== "string") return;
    const before = normalizeEndpoint(recorded) ?? recorded;
    if (isAt(client, before)) return;
    throw new Refused(
      `${this.#handler.noun} ${id} is recorded at ${before}, but the settings now name ${client.endpoint}. Nothing was read or ` +
        `changed, because an object of the same name there may be somebody else's. If it is the same system under a new address, ` +
        `set ${client.settingPrefix}EndpointAliases to ${before}; if it is another system, keep the old endpoint (an explicit ` +
        `Provider) until the object is destroyed.`,
    );
  }

  /** Where an object is recorded, an earlier address of the system being the same as today's. */
  #endpointOf(olds: Values): string | undefined {
    const recorded = olds["systemEndpoint"];
    if (typeof recorded !== "string") return undefined;
    try {
      const client = this.#connect(olds);
      return isAt(client, normalizeEndpoint(recorded) ?? recorded) ? client.endpoint : recorded;
    } catch {
      return recorded;
    }
  }

  #connect(values: Values): Connected {
    return this.#handler.connect(this.#settingsOfProcess(), values);
  }

  /** Not before somebody asks: `configure` comes first, and must not fail. */
  #settingsOfProcess(): Settings {
    this.#settings ??= new Settings(this.#source, process.env);
    return this.#settings;
  }

  #operation<T>(values: Values, work: (client: Connected, settings: Settings) => Promise<T>): Promise<T> {
    return this.#guarded(async () => {
      const settings = this.#settingsOfProcess();
      const client = this.#connect(values);
      return await withinOperation(settings.transport().operationTimeoutSeconds, () => work(client, settings));
    });
  }

  /** Towards the engine an error is a message and a name; whatever a library adds could be taken for a status. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StorageError) throw error.redacted();
      throw new StorageError(
        redact(`${this.#handler.noun}: unexpected failure, please report it: ${messageOf(error)}`),
      );
    }
  }
}

function isAt(client: Connected, endpoint: string): boolean {
  return endpoint === client.endpoint || client.aliases.includes(endpoint);
}

/** No property is named, since the engine prints the raw value of one that is, even of a secret; it logs the inputs, too. */
function refusedFor(reasons: readonly string[], news: Values, secrets: readonly string[]): pulumi.dynamic.CheckResult {
  return { inputs: toWire(news, secrets), failures: reasons.map((reason) => ({ property: "", reason })) };
}
