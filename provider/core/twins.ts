import { Refused } from "./errors.ts";
import type { Twin } from "./handler.ts";

/**
 * The objects that the program of this run declares and that a resource of another kind, or of the same kind under
 * another address, may hold as well. A successor of that sort takes the object over, and deleting the "old" one would
 * delete it. A destroy declares nothing, so that it deletes everything.
 */
export class Twins {
  readonly #declared = new Map<string, Map<string, Twin>>();

  noteDeclared(twin: Twin): void {
    const twins = this.#declared.get(twin.label) ?? new Map<string, Twin>();
    this.#declared.set(twin.label, twins.set(twin.name, twin));
  }

  /**
   * The declared resource that holds the very object which another one is about to delete. Two objects of one name were
   * made at different times; where no date tells, or two of one date were each made and not taken over, nothing is deleted.
   */
  async holderOf(own: Twin): Promise<string | undefined> {
    for (const other of this.#declared.get(own.label)?.values() ?? []) {
      const byId = other.kind === own.kind && !own.hasAddressInId;
      if (byId || other.name === own.name) continue;
      const [here, there] = [await own.created(), await other.created()];
      if (here !== undefined && there !== undefined && datesDiffer(here, there, other.kind === own.kind)) continue;
      if (other.mayAdopt && here !== undefined && there !== undefined) return other.name;
      throw new Refused(
        `${own.name} is not deleted: this program declares ${other.name}, and nothing tells whether the two are one ${own.label}. ` +
          `Nothing was deleted. If they are two, delete this one by hand; if they are one, it stays where it is. Then remove ` +
          `the old resource from the state (pulumi state delete).`,
      );
    }
    return undefined;
  }
}

/** Two APIs may date one object differently below the second, and some know whole seconds only. */
function datesDiffer(here: number, there: number, isSameApi: boolean): boolean {
  const isExact = isSameApi && here % 1000 !== 0 && there % 1000 !== 0;
  return isExact ? here !== there : Math.floor(here / 1000) !== Math.floor(there / 1000);
}
