import * as pulumi from "@pulumi/pulumi";
import { differences, type Permission, permitAdoption } from "./adoption.ts";
import { canonicalRecord, containsUnknown, parseInputs, same, type Values } from "./canonical.ts";
import { Conflict, messageOf, OutcomeUnknown, PartialFailure, Refused, SettingsError, StorageError } from "./errors.ts";
import type { Connected, Created, Handler, Live, Refusal } from "./handler.ts";
import type { Ledger } from "./ledger.ts";
import { warn } from "./log.ts";
import { normalizeEndpoint } from "./names.ts";
import { withinOperation } from "./operation.ts";
import { redact, rememberSecret } from "./redact.ts";
import { Settings, type SettingsSource } from "./settings.ts";
import { defaultNameKey, derivedKey, providerKey, toWire } from "./wire.ts";

const unknownMarker: string = pulumi.runtime.unknownValue;

/** Our creation may show itself this much older than we waited: clocks tick in seconds. */
const ageSlackMs = 2000;

type AnyHandler = Handler<Values, Values, Connected>;

/**
 * Serves one kind to the dynamic provider server. This is the only place that knows Pulumi's calling rules (design and
 * reference: Pulumi dynamic providers, section 3); a handler sees plain values.
 */
export class Lifecycle<Args extends object, State extends Args, Client extends Connected>
  implements pulumi.dynamic.ResourceProvider
{
  readonly #handler: AnyHandler;
  readonly #ledger: Ledger;
  #source: SettingsSource = { get: () => undefined };
  #settings: Settings | undefined;

  constructor(handler: Handler<Args, State, Client>, ledger: Ledger) {
    // From here on a value is only known to have passed the kind's own schema.
    this.#handler = handler as unknown as AnyHandler;
    this.#ledger = ledger;
  }

  configure(request: pulumi.dynamic.ConfigureRequest): Promise<void> {
    this.#source = request.config;
    return Promise.resolve();
  }

  check(olds: Values, news: Values): Promise<pulumi.dynamic.CheckResult> {
    return this.#guarded(async () => {
      const { name, derived, rest } = this.#named(olds, news);
      const parsed = parseInputs(this.#handler.args, { ...rest, ...name }, unknownMarker);
      this.#rememberSecrets(parsed.known);
      const before = canonicalRecord(this.#handler.args, olds);
      const isUpdate = Object.keys(olds).some((key) => key in this.#handler.args.shape);
      const refusals =
        parsed.problems.length === 0 && isUpdate ? this.#refusals(before, parsed.known, parsed.unknown) : [];
      const failures = [...parsed.problems, ...refusals];
      // The engine prints the raw value of a property that a failure names, even of a secret one.
      if (failures.length > 0)
        return { inputs: news, failures: failures.map((f) => ({ property: "", reason: redact(reasonOf(f)) })) };
      await this.#noteOlds(isUpdate ? before : undefined);
      const inputs = { ...parsed.known, ...parsed.unknown, ...(derived ? { [derivedKey]: true } : {}) };
      return { inputs: toWire(inputs, this.#handler.secrets), failures: [] };
    });
  }

  async diff(id: string, olds: Values, news: Values): Promise<pulumi.dynamic.DiffResult> {
    // Outputs that another host of the same handlers wrote cannot be read or deleted here before they are written anew.
    if (olds[providerKey] === undefined) return { changes: true };
    try {
      this.#noteRecorded(id, olds);
      const before = canonicalRecord(this.#handler.args, olds);
      const after = canonicalRecord(this.#handler.args, news);
      const keys = Object.keys(this.#handler.args.shape).filter((key) => !same(before[key], after[key]));
      if (keys.length === 0) return { changes: false };
      return { replaces: keys.filter((key) => this.#handler.replaces.includes(key)) };
    } catch {
      // Refresh calls diff as well, and nothing may stop it; without an answer the engine compares by itself.
      return {};
    }
  }

  create(news: Values): Promise<pulumi.dynamic.CreateResult> {
    return this.#operation(async (client) => {
      const args = this.#args(news);
      const id = this.#handler.idOf(args);
      if (!this.#ledger.take(this.#handler.kind, client.endpoint, id))
        throw new Conflict(
          `${this.#handler.noun} ${id} is declared by another resource of this run as well; give one of them another ${this.#handler.nameKey}.`,
        );
      let made: Created<Values>;
      try {
        made = await this.#make(client, id, args, permissionOf(args, news));
      } catch (error) {
        this.#ledger.release(this.#handler.kind, client.endpoint, id);
        throw error;
      }
      return { id: made.id, outs: await this.#finish(client, made, args, news) };
    });
  }

  async read(id: string, olds: Values): Promise<pulumi.dynamic.ReadResult> {
    return this.#operation(async (client) => {
      const managed = Object.keys(this.#handler.args.shape).filter(
        (key) => olds[key] !== undefined && olds[key] !== null,
      );
      const byIdAlone = managed.length === 0;
      this.#requireSameSystem(client, id, olds);
      const last = byIdAlone ? undefined : { ...olds, ...canonicalRecord(this.#handler.args, olds) };
      const live = await this.#handler.read(client, id, last);
      if (!live) {
        this.#ledger.noteGone(this.#handler.kind, client.endpoint, id);
        return {};
      }
      if (!byIdAlone) this.#ledger.noteRecorded(this.#handler.kind, client.endpoint, id);
      this.#rememberSecrets(live.state);
      const inputs = byIdAlone ? this.#readable(live.state) : this.#managedInputs(managed, last ?? {}, live.state);
      if (olds[derivedKey] === true) inputs[derivedKey] = true;
      const props = { ...inputs, ...this.#computed(live.state), systemEndpoint: client.endpoint };
      return { id, props: toWire(props, this.#handler.secrets), inputs: toWire(inputs, this.#handler.secrets) };
    });
  }

  update(id: string, olds: Values, news: Values): Promise<pulumi.dynamic.UpdateResult> {
    return this.#operation(async (client) => {
      const args = this.#args(news);
      this.#requireSameSystem(client, id, olds);
      let progress: Values | undefined;
      const done = (state: Values) => {
        progress = { ...progress, ...state };
      };
      try {
        const state = await this.#handler.update(client, id, this.#recorded(olds), args, done);
        return { outs: this.#outputs(state, args, news, client) };
      } catch (error) {
        if (!progress) throw error;
        this.#rememberSecrets(progress);
        throw new PartialFailure(id, toWire({ ...olds, ...progress }, this.#handler.secrets), redact(messageOf(error)));
      }
    });
  }

  delete(id: string, olds: Values): Promise<void> {
    return this.#operation(async (client) => {
      this.#requireSameSystem(client, id, olds);
      if (this.#ledger.isTaken(this.#handler.kind, client.endpoint, id)) {
        await warn(
          `${this.#handler.noun} ${id} is not deleted: another resource of this run has made or taken over the object of this name.`,
        );
        return;
      }
      await this.#handler.delete(client, id, this.#recorded(olds));
      this.#ledger.noteGone(this.#handler.kind, client.endpoint, id);
    });
  }

  /** The name as given, else as it was, else derived: so a derived name stays whatever happens to stack or alias. */
  #named(olds: Values, news: Values): { name: Values; derived: boolean; rest: Values } {
    const { [providerKey]: _text, [defaultNameKey]: defaultName, [derivedKey]: wasDerived, ...rest } = news;
    const key = this.#handler.nameKey;
    const given = rest[key] ?? undefined;
    const name = given ?? olds[key] ?? defaultName ?? undefined;
    return {
      name: name === undefined ? {} : { [key]: name },
      derived: given === undefined ? name !== undefined : wasDerived === true,
      rest,
    };
  }

  #refusals(before: Values, known: Values, unknown: Values): Refusal[] {
    const ids = this.#handler.replaces;
    // The new object comes first and the old one goes after it, so nothing is changed in place.
    if (ids.some((key) => key in unknown || !same(before[key], known[key]))) return [];
    const fixed = this.#handler.fixed
      .filter((key) => known[key] !== undefined && before[key] !== undefined && !same(before[key], known[key]))
      .map((key) => ({
        property: key,
        reason:
          `cannot be changed from ${JSON.stringify(before[key])} to ${JSON.stringify(known[key])} under the same ${ids.join(" and ")}: ` +
          `a replacement under the same name would delete the live object. Declare ${JSON.stringify(before[key])}, or give the new object another ${this.#handler.nameKey}`,
      }));
    return [...fixed, ...(this.#handler.refuses?.(before, known) ?? [])];
  }

  /** A preview needs no credentials; that they are missing is worth a warning only. */
  async #noteOlds(before: Values | undefined): Promise<void> {
    try {
      const client = this.#handler.connect(this.#resolved());
      if (before) this.#ledger.noteRecorded(this.#handler.kind, client.endpoint, this.#handler.idOf(before));
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      await warn(error.message);
    }
  }

  #noteRecorded(id: string, olds: Values): void {
    const endpoint = olds["systemEndpoint"];
    if (typeof endpoint === "string") this.#ledger.noteRecorded(this.#handler.kind, endpoint, id);
  }

  async #make(client: Connected, id: string, args: Values, may: Permission): Promise<Created<Values>> {
    const started = performance.now();
    let lost = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#handler.create(client, args);
      } catch (error) {
        lost ||= error instanceof OutcomeUnknown;
        if (!(error instanceof OutcomeUnknown || error instanceof Conflict)) throw error;
        const live = await this.#look(client, args, error);
        if (live && lost && (await this.#isOurs(id, live, args, client, performance.now() - started)))
          return { id, state: live.state };
        if (live) return await this.#adopt(client, id, live, args, may);
        // The system says that there is no such object, so the request was not carried out.
        if (!lost || attempt === 3) throw error;
      }
    }
  }

  async #look(client: Connected, args: Values, cause: StorageError): Promise<Live<Values> | undefined> {
    try {
      return await this.#handler.find(client, args);
    } catch (error) {
      throw new OutcomeUnknown(`${cause.message} Looking it up failed, too: ${messageOf(error)}`);
    }
  }

  async #isOurs(id: string, live: Live<Values>, args: Values, client: Connected, waitedMs: number): Promise<boolean> {
    if (live.ageMs !== undefined) return live.ageMs <= waitedMs + ageSlackMs;
    if (this.#ledger.isRecorded(this.#handler.kind, client.endpoint, id)) return false;
    if (differences(this.#handler, live, args).some((difference) => !difference.atDefault)) return false;
    await warn(
      `The reply to the creation of ${this.#handler.noun} ${id} was lost. It exists as declared and is taken to be ours; ` +
        `nothing in this system proves who made it.`,
    );
    return true;
  }

  async #adopt(
    client: Connected,
    id: string,
    live: Live<Values>,
    args: Values,
    may: Permission,
  ): Promise<Created<Values>> {
    if (this.#ledger.isRecorded(this.#handler.kind, client.endpoint, id))
      throw new Refused(
        `${this.#handler.noun} ${id} would replace itself: the new object has the name of the one that it replaces, so ` +
          `deleting the old one would delete it. Give the new one another ${this.#handler.nameKey}, or delete the old one first (deleteBeforeReplace) if its data may go.`,
      );
    const warning = permitAdoption(this.#handler, id, live, args, may);
    if (warning) await warn(warning);
    return { id, state: live.state };
  }

  /** Brings a new object to what is wanted. If that fails, state keeps the object and what is true of it. */
  async #finish(client: Connected, made: Created<Values>, args: Values, news: Values): Promise<Values> {
    this.#rememberSecrets(made.state);
    let truth = made.state;
    const done = (state: Values) => {
      truth = { ...truth, ...state };
    };
    try {
      const state = await this.#handler.update(client, made.id, made.state, args, done);
      return this.#outputs(state, args, news, client);
    } catch (error) {
      this.#rememberSecrets(truth);
      const kept = this.#outputs(truth, this.#pick(args, this.#handler.local), news, client);
      throw new PartialFailure(
        made.id,
        { ...this.#onlyDeclared(kept, args), [providerKey]: news[providerKey] },
        redact(
          `${this.#handler.noun} ${made.id} exists, but is not finished: ${messageOf(error)} The next pulumi up goes on.`,
        ),
      );
    }
  }

  #outputs(state: Values, args: Values, news: Values, client: Connected): Values {
    this.#rememberSecrets(state);
    const hidden = news[derivedKey] === true ? { [derivedKey]: true } : {};
    return toWire({ ...state, ...args, ...hidden, systemEndpoint: client.endpoint }, this.#handler.secrets);
  }

  /** Without the inputs that the program leaves unmanaged, which an adopted object shows all the same. */
  #onlyDeclared(outputs: Values, args: Values): Values {
    return Object.fromEntries(
      Object.entries(outputs).filter(([key]) => !(key in this.#handler.args.shape) || args[key] !== undefined),
    );
  }

  #recorded(olds: Values): Values {
    const { [providerKey]: _text, ...rest } = olds;
    this.#rememberSecrets(rest);
    return { ...rest, ...canonicalRecord(this.#handler.args, olds) };
  }

  #managedInputs(managed: string[], last: Values, live: Values): Values {
    const kept = new Set([...this.#handler.local, ...this.#handler.writeOnly]);
    return Object.fromEntries(
      managed.flatMap((key) => {
        const value = kept.has(key) ? last[key] : live[key];
        return value === undefined ? [] : [[key, value]];
      }),
    );
  }

  #readable(live: Values): Values {
    return this.#pick(live, Object.keys(this.#handler.args.shape));
  }

  #computed(live: Values): Values {
    return Object.fromEntries(Object.entries(live).filter(([key]) => !(key in this.#handler.args.shape)));
  }

  #pick(values: Values, keys: readonly string[]): Values {
    return Object.fromEntries(keys.flatMap((key) => (values[key] === undefined ? [] : [[key, values[key]]])));
  }

  #args(news: Values): Values {
    const { [providerKey]: _text, [derivedKey]: _derived, ...inputs } = news;
    if (containsUnknown(inputs, unknownMarker))
      throw new StorageError(
        `${this.#handler.noun}: a value is still unknown; this is a defect of the program or of its tools.`,
      );
    const { known, problems } = parseInputs(this.#handler.args, inputs, unknownMarker);
    if (problems.length > 0) throw new Refused(`${this.#handler.noun}: ${problems.map(reasonOf).join("; ")}.`);
    this.#rememberSecrets(known);
    return known;
  }

  #rememberSecrets(values: Values): void {
    for (const key of this.#handler.secrets) if (typeof values[key] === "string") rememberSecret(values[key]);
  }

  /** An object that one system holds is never looked for, changed or deleted in another one. */
  #requireSameSystem(client: Connected, id: string, olds: Values): void {
    const recorded = olds["systemEndpoint"];
    if (typeof recorded !== "string") return;
    const before = normalizeEndpoint(recorded) ?? recorded;
    if (before === client.endpoint || client.aliases.includes(before)) return;
    throw new Refused(
      `${this.#handler.noun} ${id} is recorded at ${before}, but the settings now name ${client.endpoint}. Nothing was read or changed, ` +
        `because an object of the same name there may be somebody else's. If it is the same system under a new address, set ` +
        `${client.settingPrefix}EndpointAliases to ${before}; if it is another system, keep the old endpoint (an explicit Provider) until the object is destroyed.`,
    );
  }

  #resolved(): Settings {
    this.#settings ??= new Settings(this.#source, process.env);
    return this.#settings;
  }

  #operation<T>(work: (client: Connected) => Promise<T>): Promise<T> {
    return this.#guarded(async () => {
      const settings = this.#resolved();
      const client = this.#handler.connect(settings);
      return await withinOperation(settings.transport().operationTimeoutSeconds, () => work(client));
    });
  }

  /** Towards the engine an error is a message and a name; whatever a library adds could be taken for a status. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PartialFailure) throw error;
      if (!(error instanceof StorageError))
        throw new StorageError(
          redact(`${this.#handler.noun}: unexpected failure, please report it: ${messageOf(error)}`),
        );
      error.message = redact(error.message);
      if (!process.env["CLOUDSTACK_STORAGE_DEBUG"]) error.stack = error.message;
      throw error;
    }
  }
}

function permissionOf(args: Values, news: Values): Permission {
  const differing = args["adopt"] === true;
  const wholeRun = process.env["CLOUDSTACK_STORAGE_ADOPT"] === "identical";
  return { differing, identical: differing || wholeRun || news[derivedKey] === true };
}

function reasonOf(refusal: Refusal): string {
  return refusal.property === "" ? refusal.reason : `${refusal.property}: ${refusal.reason}`;
}
