import { typeOf } from "../../core/provider-text.ts";
import { runPulumi } from "../pulumi.ts";
import type { Found } from "./found.ts";

interface Deployment {
  readonly deployment?: {
    readonly resources?: readonly { readonly type: string; readonly id?: string; readonly urn: string }[];
  };
}

/** What a stack holds already. */
export class Held {
  readonly #holders: ReadonlyMap<string, string>;
  /** Logical names, none of which another resource should get. */
  readonly names: readonly string[];

  constructor({ deployment }: Deployment) {
    const resources = deployment?.resources ?? [];
    this.#holders = new Map(resources.map(({ type, id, urn }) => [`${type} ${id}`, urn]));
    this.names = resources.map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2));
  }

  /** The URN of the resource that holds the object. */
  holderOf({ kind, id }: Found): string | undefined {
    return this.#holders.get(`${typeOf(kind)} ${id}`);
  }

  /** The same objects, those that are held left alone, so that none is declared twice. */
  leftAlone(found: readonly Found[]): Found[] {
    return found.map((object) => {
      const urn = this.holderOf(object);
      return urn === undefined ? object : { ...object, way: "none", reason: `the stack holds it already, as ${urn}` };
    });
  }
}

/** A stack that cannot be read, because there is none yet, holds nothing. */
export async function heldBy(project: string | undefined, stack: string | undefined): Promise<Held> {
  if (project === undefined) return new Held({});
  const named = stack === undefined ? [] : ["--stack", stack];
  const exported = await runPulumi(["stack", "export", ...named], { cwd: project });
  return new Held(exported.code === 0 ? (JSON.parse(exported.stdout) as Deployment) : {});
}
