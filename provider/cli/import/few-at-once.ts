import type { Settings } from "../../core/settings.ts";

/**
 * What a look at each of them gives, in their order; under way are never more than there are connections. A request that
 * waits for a connection uses up its time-out, so that of thousands at once the last would never be sent.
 */
export async function fewAtOnce<Item, Result>(
  settings: Settings,
  items: readonly Item[],
  look: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  // All take from the same ones that are left.
  const left = items.entries();
  const oneAfterTheOther = async () => {
    for (const [index, item] of left) results[index] = await look(item);
  };
  const length = Math.min(items.length, settings.transport().maxConnections);
  await Promise.all(Array.from({ length }, oneAfterTheOther));
  return results;
}
