import type { CheckResult, DiffResult, InitFailure, Properties, ReadResult } from "../provider-client.ts";
import { ProviderCallError } from "../provider-client.ts";
import type { ProviderProcess } from "./provider-process.ts";

type Dynamic = Pick<typeof import("../../../provider/dynamic.ts"), "provider">;
type Provider = ReturnType<Dynamic["provider"]>;

const secretKey = "4dabf18193072939515e22adb298388d";

/** What Pulumi's server for dynamic providers does around one, without its messages. */
export class ServedProvider implements ProviderProcess {
  readonly #dynamic: Dynamic;
  readonly #config: Properties;
  readonly #providers = new Map<string, Provider>();

  constructor(dynamic: Dynamic, config: Properties) {
    this.#dynamic = dynamic;
    this.#config = config;
  }

  async check(olds: Properties, news: Properties): Promise<CheckResult> {
    return await this.#call(news, async (provider) => {
      const { inputs = {}, failures = [] } = (await provider.check?.(plain(olds), plain(news))) ?? {};
      return { inputs: withText(inputs, news), failures };
    });
  }

  async diff(id: string, olds: Properties, news: Properties): Promise<DiffResult> {
    return await this.#call(news, async (provider) => {
      const {
        changes,
        replaces = [],
        deleteBeforeReplace = false,
      } = (await provider.diff?.(id, plain(olds), plain(news))) ?? {};
      const word = changes === undefined ? "UNKNOWN" : changes ? "SOME" : "NONE";
      return { changes: word, replaces, deleteBeforeReplace };
    });
  }

  async create(properties: Properties): Promise<{ id: string; properties: Properties }> {
    return await this.#call(properties, async (provider) => {
      const { id, outs } = await provider.create(plain(properties));
      return { id, properties: withText(outs, properties) };
    });
  }

  async read(id: string, properties: Properties = {}): Promise<ReadResult> {
    return await this.#call(properties, async (provider) => {
      const result = (await provider.read?.(id, plain(properties))) ?? {};
      const inputs = "inputs" in result ? withText(result.inputs, properties) : undefined;
      return { id: result.id ?? "", properties: withText(result.props, properties), inputs };
    });
  }

  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    return await this.#call(news, async (provider) => {
      const { outs } = (await provider.update?.(id, plain(olds), plain(news))) ?? {};
      return withText(outs, news);
    });
  }

  async delete(id: string, properties: Properties): Promise<void> {
    await this.#call(properties, async (provider) => await provider.delete?.(id, plain(properties)));
  }

  /** One for each text, as Pulumi's server keeps them; what fails comes back as it does from that server. */
  async #call<T>(values: Properties, work: (provider: Provider) => Promise<T>): Promise<T> {
    const kind = /provider\("(\w+)",1\)/.exec(String(values["__provider"]))?.[1] ?? "";
    let provider = this.#providers.get(kind);
    if (!provider) {
      provider = this.#dynamic.provider(kind, 1);
      await provider.configure?.({
        config: {
          get: (key: string) => textOf(this.#config[key]),
          require: (key: string) => String(this.#config[key]),
        },
      } as never);
      this.#providers.set(kind, provider);
    }
    try {
      return await work(provider);
    } catch (error) {
      throw callError(error);
    }
  }
}

function callError(error: unknown): ProviderCallError {
  const { message, id, properties, reasons } = error as Error & Partial<InitFailure>;
  if (reasons === undefined) return new ProviderCallError(message, 2, undefined);
  const failure = { id: id ?? "", properties: wired(properties ?? {}), reasons };
  return new ProviderCallError(message, 2, failure);
}

/** The server puts the text into what it returns. */
function withText(values: unknown, asked: Properties): Properties {
  return { ...wired(values ?? {}), __provider: asked["__provider"] };
}

/** As values look after their way through a message, which holds the keys of a map in their order. */
function wired(values: unknown): Properties {
  return JSON.parse(JSON.stringify(values, (_key, value) => sorted(value))) as Properties;
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Pulumi's server takes the wrapping of secrets away before it calls. */
function plain(values: Properties): Properties {
  return JSON.parse(JSON.stringify(wired(values)), (_key, value) => unwrapped(value)) as Properties;
}

function unwrapped(value: unknown): unknown {
  const isSecret = typeof value === "object" && value !== null && secretKey in value && "value" in value;
  return isSecret ? value.value : value;
}

function textOf(value: unknown): string | undefined {
  const inner = unwrapped(value);
  return inner === undefined ? undefined : String(inner);
}
