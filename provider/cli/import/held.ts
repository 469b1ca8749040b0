import { StorageError } from "../../core/errors.ts";
import { typeOf } from "../../core/provider-text.ts";
import { askPulumi, NoPulumi } from "../pulumi.ts";
import type { Found } from "./found.ts";

interface HeldResource {
  readonly type: string;
  readonly id?: string;
  readonly urn: string;
  /** Waits for its deletion; its successor has another one. */
  readonly delete?: boolean;
  /** The program only looks it up, by `.get`. */
  readonly external?: boolean;
  readonly outputs?: { readonly systemEndpoint?: unknown };
}

/** What a stack holds already. */
export class Held {
  readonly #resources: readonly HeldResource[];
  /** Logical names, none of which another resource should get. */
  readonly names: readonly string[];

  constructor(resources: readonly HeldResource[]) {
    this.#resources = resources.filter((resource) => resource.delete !== true && resource.external !== true);
    this.names = resources.map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2));
  }

  /** Whether the stack holds anything that only a program keeps from being deleted. */
  get holdsOurs(): boolean {
    return this.#resources.some(({ type }) => type.startsWith(typeOf("")));
  }

  /** The same objects, those that are held left alone, so that none is declared twice. */
  leftAlone(found: readonly Found[]): Found[] {
    return found.map((object) => {
      const holder = this.#resources.find((resource) => holds(resource, object));
      if (!holder) return object;
      const { urn } = holder;
      return { ...object, way: "none", heldBy: urn, reason: `the stack holds it already, as ${urn}` };
    });
  }
}

/** An object of the same name on another system is another one. */
function holds({ type, id, outputs }: HeldResource, { kind, id: found, takeover }: Found): boolean {
  if (type !== typeOf(kind) || id !== found) return false;
  const [theirs, ours] = [outputs?.systemEndpoint, takeover?.outputs["systemEndpoint"]];
  return theirs === undefined || ours === undefined || theirs === ours;
}

/** Outside a project, without a stack or without pulumi there is nothing to look at; what cannot be read stops. */
export async function heldBy(project: string | undefined, stack: string | undefined): Promise<Held> {
  if (project === undefined) return new Held([]);
  try {
    return await readHeld(project, stack);
  } catch (error) {
    if (error instanceof NoPulumi && stack === undefined) return new Held([]);
    throw error;
  }
}

async function readHeld(project: string, stack: string | undefined): Promise<Held> {
  const named = stack === undefined ? [] : ["--stack", stack];
  const { code, stdout, stderr } = await askPulumi(["stack", "export", ...named], { cwd: project });
  if (code !== 0 && stack === undefined && stderr.includes("no stack selected")) return new Held([]);
  if (code !== 0) throw new StorageError(`Could not read what the stack holds already: ${stderr.trim()}`);
  const state = JSON.parse(stdout) as { deployment?: { resources?: readonly HeldResource[] } };
  return new Held(state.deployment?.resources ?? []);
}
