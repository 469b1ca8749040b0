/** Whether the battery runs in full, as every night, and not in the form that is part of `npm test`. */
export const soak = process.env["CLOUDSTACK_STORAGE_SOAK"] === "1";

/** How many of something: in `npm test`, and in full. */
export function many(usual: number, full: number): number {
  return soak ? full : usual;
}

/**
 * Where random numbers begin: fixed in `npm test`, so that a run says something about the change and not about its luck;
 * each night another, unless SEED repeats one.
 */
export function firstSeed(): number {
  const given = process.env["SEED"];
  if (given !== undefined) return Number(given);
  return soak ? Date.now() % 1_000_000_000 : 20_261_128;
}
