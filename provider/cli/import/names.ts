import type { Found } from "./found.ts";

/** What a resource is called in the program. */
export interface ResourceName {
  /** Its logical name, part of its URN. */
  readonly logical: string;
  /** The variable that holds it. */
  readonly variable: string;
}

/** Names that the generated program uses itself, and words that TypeScript keeps. */
const taken = new Set(
  (
    "config pulumi break case catch class const continue debugger default delete do else enum export extends false finally for function if " +
    "import in instanceof new null return super switch this throw true try typeof var void while with as implements interface let " +
    "package private protected public static yield any boolean constructor declare get module require number set string symbol " +
    "type from of async await arguments eval undefined exports globalThis"
  ).split(" "),
);

/** A logical name and a variable for each object, in order, none of them twice and none that is used already. */
export function namesFor(objects: readonly Found[], used: readonly string[]): Map<Found, ResourceName> {
  const logicals = new Set(used);
  const variables = new Set(taken);
  return new Map(
    objects.map((object) => {
      const logical = unique(logicalOf(object.stem), logicals, "-");
      return [object, { logical, variable: unique(variableOf(logical), variables, "") }];
    }),
  );
}

/** Neither the separators of URNs nor of paths. */
function logicalOf(stem: string): string {
  return stem.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|[-.]+$/g, "") || "resource";
}

function variableOf(logical: string): string {
  const words = logical.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const name = words
    .map((word, index) =>
      index === 0 ? `${word[0]?.toLowerCase()}${word.slice(1)}` : `${word[0]?.toUpperCase()}${word.slice(1)}`,
    )
    .join("");
  return /^[a-z]/.test(name) ? name : `resource${name}`;
}

function unique(name: string, used: Set<string>, separator: string): string {
  let result = name;
  for (let number = 2; used.has(result); number += 1) result = `${name}${separator}${number}`;
  used.add(result);
  return result;
}
