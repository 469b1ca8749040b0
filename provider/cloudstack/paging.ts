import { UnexpectedAnswer } from "../core/errors.ts";
import { type Item, textIn } from "./answers.ts";

const mostAttempts = 3;

/**
 * Every item of a list. The first request names no page, because CloudStack refuses a page size above its own largest,
 * which it does not tell; it cuts the answer there without a word, and `count` says that it did. Pages have no stable
 * order, so the items are counted by their ids, and a list that changed meanwhile is read anew.
 */
export async function everyPage(
  what: string,
  itemName: string,
  ask: (page: Readonly<Record<string, string>>) => Promise<Item>,
): Promise<Item[]> {
  for (let attempt = 1; ; attempt += 1) {
    const { items, count } = await collect(itemName, ask);
    if (items.length === count) return items;
    if (attempt === mostAttempts)
      throw new UnexpectedAnswer(
        `Could not ${what}: the list says that it has ${count} items, but its pages hold ${items.length}. Run the same command again.`,
        200,
      );
  }
}

async function collect(
  itemName: string,
  ask: (page: Readonly<Record<string, string>>) => Promise<Item>,
): Promise<{ items: Item[]; count: number }> {
  const first = await ask({});
  const found = itemsOf(first, itemName);
  const pageSize = found.length;
  let count = countOf(first, pageSize);
  const items = new Map(found.map((item, index) => [keyOf(item, index), item]));
  for (let page = 2; pageSize > 0 && items.size < count; page += 1) {
    const answer = await ask({ page: `${page}`, pagesize: `${pageSize}` });
    const more = itemsOf(answer, itemName);
    count = countOf(answer, count);
    for (const [index, item] of more.entries()) items.set(keyOf(item, page * pageSize + index), item);
    if (more.length === 0) break;
  }
  return { items: [...items.values()], count };
}

/** Nothing found is `{}`, a page behind the end has a count alone. */
function itemsOf(content: Item, itemName: string): Item[] {
  const items = content[itemName];
  return Array.isArray(items) ? (items as Item[]) : [];
}

function countOf(content: Item, fallback: number): number {
  const count = Number(content["count"]);
  return Number.isInteger(count) ? count : fallback;
}

/** A template is listed once for each zone; settings have no id, but names. */
function keyOf(item: Item, position: number): string {
  return `${textIn(item, "id") ?? textIn(item, "name") ?? position}@${textIn(item, "zoneid") ?? ""}`;
}
