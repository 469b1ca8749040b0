import { typeOf } from "../../core/resource.ts";
import { runPulumi } from "../pulumi.ts";
import type { Found } from "./found.ts";

interface Deployment {
  readonly deployment?: {
    readonly resources?: readonly { readonly type: string; readonly id?: string; readonly urn: string }[];
  };
}

/** Marks what the stack holds already, so that no object is declared twice. */
export async function withoutHeld(
  found: readonly Found[],
  project: string,
  stack: string | undefined,
): Promise<Found[]> {
  const named = stack === undefined ? [] : ["--stack", stack];
  const exported = await runPulumi(["stack", "export", ...named], { cwd: project });
  if (exported.code !== 0) return [...found];
  const { deployment } = JSON.parse(exported.stdout) as Deployment;
  const holders = new Map(deployment?.resources?.map(({ type, id, urn }) => [`${type} ${id}`, urn]));
  return found.map((object) => {
    const urn = holders.get(`${typeOf(object.kind)} ${object.id}`);
    if (urn === undefined) return object;
    return { ...object, way: "none", reason: `the stack holds it already, as ${urn}` };
  });
}
