import type { Lab } from "../../../lab/index.ts";
import type { Attack } from "./attacks.ts";
import { type Front, type FrontOptions, type Heard, startFront } from "./front.ts";
import type { Assignment, Ending } from "./hostile-child.ts";
import { HostileProcess } from "./hostile-process.ts";
import { type Specimen, specimens } from "./specimens.ts";
import { kind, startTarget } from "./ways.ts";

const methods = ["create", "read", "update", "delete"] as const;
type Method = (typeof methods)[number];

/** One request of one operation of one kind. */
export interface Aim {
  readonly specimen: Specimen;
  readonly method: Method;
  readonly request: string;
}

/** What came of one attack on one request. */
export interface Case extends Ending {
  readonly name: string;
  /** How often the aimed request came. */
  readonly hits: number;
}

/** A lab, and a process whose requests go there through a server that turns hostile. */
export class HostileStage {
  readonly victim = new HostileProcess();
  readonly #lab: Lab;
  readonly #operationSeconds: number;
  readonly #origins = new Set<string>();
  #names = 0;

  private constructor(lab: Lab, operationSeconds: number) {
    this.#lab = lab;
    this.#operationSeconds = operationSeconds;
  }

  static async open(operationSeconds: number): Promise<HostileStage> {
    const { lab, control } = await startTarget();
    // A setting belongs to one resource of a process.
    const counts = Array.from({ length: 999 }, (_, index) => [`lab.count.${index}`, { value: "5", type: "Number" }]);
    await control.patch("cloudstack", { settings: Object.fromEntries(counts) });
    return new HostileStage(lab, operationSeconds);
  }

  async close(): Promise<void> {
    await Promise.all([this.victim.close(), this.#lab.close()]);
  }

  /** Every request that any operation of any kind sends, each once. */
  async aims(): Promise<Aim[]> {
    const found = new Map<string, Aim>();
    for (const specimen of specimens)
      for (const method of methods) {
        if (method === "update" && specimen.change === undefined) continue;
        for (const request of await this.#requestsOf(specimen, method)) {
          const key = `${specimen.way.prefix} ${request}`;
          if (!found.has(key)) found.set(key, { specimen, method, request });
        }
      }
    return [...found.values()];
  }

  /** Carries the operation out once more, and the aimed request is answered by the attack each time that it comes. */
  async strike(aim: Aim, attack: Attack): Promise<Case> {
    let hits = 0;
    const seizure = attack.start();
    const answer = (heard: Heard) => {
      if (signatureOf(heard) !== aim.request) return undefined;
      hits += 1;
      return seizure;
    };
    return await this.#over(aim.specimen, { answer }, async (front) => {
      const ending = await this.victim.run(await this.#assignment(aim.specimen, aim.method, front));
      return { ...ending, name: `${aim.method} ${aim.specimen.kind}, ${aim.request}: ${attack.name}`, hits };
    });
  }

  async #requestsOf(specimen: Specimen, method: Method): Promise<string[]> {
    return await this.#over(specimen, {}, async (front) => {
      const { outcome } = await this.victim.run(await this.#assignment(specimen, method, front));
      if (outcome) throw new Error(`${method} ${specimen.kind} without any attack: ${outcome.message}`);
      return front.heard.map(signatureOf);
    });
  }

  async #over<T>({ way }: Specimen, options: FrontOptions, work: (front: Front) => Promise<T>): Promise<T> {
    const { addresses } = this.#lab;
    const target = { url: way.target(addresses), caPem: addresses.ecs.caPem };
    const front = await this.#frontElsewhere({ target, ...options });
    try {
      return await work(front);
    } finally {
      await front.close();
    }
  }

  /** Where none has been: a process that has logged in at an address does not do so again, whoever answers there now. */
  async #frontElsewhere(options: FrontOptions): Promise<Front> {
    const front = await startFront(options);
    if (!this.#origins.has(front.origin)) {
      this.#origins.add(front.origin);
      return front;
    }
    try {
      return await this.#frontElsewhere(options);
    } finally {
      await front.close();
    }
  }

  /** What is read, changed or deleted has been made before, by another process and past the front. */
  async #assignment(specimen: Specimen, method: Method, front: Front): Promise<Omit<Assignment, "number">> {
    this.#names += 1;
    const { addresses } = this.#lab;
    const { way, change = {} } = specimen;
    const inputs = specimen.inputs(`a-${this.#names}`, addresses);
    const time = { requestTimeoutSeconds: "3", operationTimeoutSeconds: `${this.#operationSeconds}` };
    const settings = { ...way.settings(addresses, front.origin), ...time };
    const here = way.prefix === "s3" ? { endpoint: front.origin } : {};
    const declared = { ...inputs, ...here };
    const about = { kind: specimen.kind, settings, method, change: { ...declared, ...change } };
    if (method === "create") return { ...about, id: "", values: declared };
    const straight = {
      ...way.settings(addresses, new URL(way.target(addresses)).origin),
      ...(way.prefix === "ecs" ? { ecsCaPem: addresses.ecs.caPem, ecsS3Endpoint: addresses.ecs.s3Endpoint } : {}),
    };
    const { id, outs } = await kind(specimen.kind, straight).create(inputs);
    return { ...about, id, values: { ...unwrapped(outs), systemEndpoint: undefined, ...here } };
  }
}

/** A request without what differs from one object to the next. */
function signatureOf({ method, url, body }: Heard): string {
  const target = new URL(url, "http://any");
  const command = target.searchParams.get("command") ?? new URLSearchParams(body).get("command") ?? "";
  const keys = [...target.searchParams.keys()].filter((key) => !/^(x-id|marker|offset|page)/.test(key)).sort();
  return `${method} ${target.pathname.replace(/a-\d+/, "NAME")} ${command || keys.join("&")}`;
}

/** Outputs as the engine sends them back: without its wrapping of secrets. */
function unwrapped(outputs: object): Record<string, unknown> {
  const plain = (value: unknown) =>
    typeof value === "object" && value !== null && "value" in value ? value.value : value;
  return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, plain(value)]));
}
