import { type Found, OutputOf } from "./found.ts";

/**
 * Arguments that would come from a resource which is not in the program are said by their value; a secret is never
 * said, so that such an object is left alone.
 */
export function settleReferences(found: readonly Found[]): Found[] {
  const declared = new Set(found.filter(({ way }) => way !== "none").map(({ kind, id }) => `${kind} ${id}`));
  return found.map((object) => {
    const lost = Object.entries(object.instead).filter(
      (entry): entry is [string, OutputOf] =>
        entry[1] instanceof OutputOf && !declared.has(`${entry[1].kind} ${entry[1].id}`),
    );
    if (object.way === "none" || lost.length === 0) return object;
    const secret = lost.find(([property]) => object.takeover?.secrets.includes(property));
    if (secret) return { ...object, way: "none", reason: reasonOf(object, secret, found) };
    const instead = Object.fromEntries(
      Object.entries(object.instead).filter((entry) => !lost.some(([key]) => key === entry[0])),
    );
    return { ...object, instead };
  });
}

function reasonOf(object: Found, [property, { kind, id }]: [string, OutputOf], found: readonly Found[]): string {
  const owner = found.find((other) => other.kind === kind && other.id === id);
  const start = `its ${property} is that of ${kind} ${id}, which`;
  if (owner?.heldBy === undefined) return `${start} is not among what is taken over`;
  return `${start} the stack holds already, as ${owner.heldBy}: declare an ${object.kind} with adopt: true and the outputs of that resource`;
}
