/** The keys and indices that lead to a value. */
export type Path = readonly (string | number)[];

/** The engine's spelling of a path: `tags["a.b"].list[0]`. */
export function parsePath(text: string): Path {
  const parts = text.matchAll(/\["((?:\\"|[^"])*)"\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...parts].map(([, quoted, index, plain]) =>
    index !== undefined ? Number(index) : (quoted?.replaceAll('\\"', '"') ?? plain ?? ""),
  );
}

/** The same spelling. */
export function formatPath(path: Path): string {
  return path
    .map((part, place) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[^\s.[\]"]+$/.test(part)) return `["${part.replaceAll('"', '\\"')}"]`;
      return place === 0 ? part : `.${part}`;
    })
    .join("");
}

/** The value at a path; null and absent are the same. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const part of path) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<string | number, unknown>)[part];
  }
  return here ?? undefined;
}
