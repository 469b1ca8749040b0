import { UnexpectedAnswer } from "../core/errors.ts";
import { type Item, itemsOf, textIn } from "./answers.ts";

const mostReadings = 4;

type Page = Readonly<Record<string, string>>;
type Ask = (page: Page) => Promise<Item>;

interface Reading {
  readonly items: ReadonlyMap<string, Item>;
  /** What the pages say that there are; undefined where they do not agree. */
  readonly count: number | undefined;
  /** One answer is one moment; several are not. */
  readonly isOneAnswer: boolean;
}

/**
 * Every item of a list. The first request names no page, because CloudStack refuses a page size above its own largest,
 * which it does not tell; it cuts the answer there without a word, and `count` says that it did. Pages have no stable
 * order, so the items are counted by their ids, and a list that changed meanwhile is read anew.
 */
export async function everyPage(what: string, itemName: string, ask: Ask): Promise<Item[]> {
  return await read(what, itemName, ask, (reading) => reading.items.size === reading.count);
}

/**
 * The same for a list of which an absence has consequences. When an item goes between two pages the next one moves up
 * and is on neither, while the count is right again: only two readings of the same items are believed.
 */
export async function provenComplete(what: string, itemName: string, ask: Ask): Promise<Item[]> {
  let before: Reading | undefined;
  return await read(what, itemName, ask, (reading) => {
    if (reading.items.size !== reading.count) return false;
    const agrees = reading.isOneAnswer || (before !== undefined && haveSameItems(before, reading));
    before = reading;
    return agrees;
  });
}

async function read(
  what: string,
  itemName: string,
  ask: Ask,
  isEnough: (reading: Reading) => boolean,
): Promise<Item[]> {
  for (let reading = 1; ; reading += 1) {
    const found = await collect(itemName, ask);
    if (isEnough(found)) return [...found.items.values()];
    if (reading === mostReadings)
      throw new UnexpectedAnswer(
        `Could not ${what}: the list says that it has ${found.count ?? "changing numbers of"} items, its pages hold ${found.items.size}, ` +
          `and ${mostReadings} readings did not agree. Run the same command again.`,
        200,
      );
  }
}

async function collect(itemName: string, ask: Ask): Promise<Reading> {
  const first = await ask({});
  const found = itemsOf(first, itemName);
  const pageSize = found.length;
  const items = new Map(found.map((item, index) => [keyOf(item, index), item]));
  const wanted = countOf(first, pageSize);
  let count: number | undefined = wanted;
  if (pageSize === 0 || items.size >= wanted) return { items, count, isOneAnswer: true };
  for (let page = 2; items.size < wanted; page += 1) {
    const answer = await ask({ page: `${page}`, pagesize: `${pageSize}` });
    const before = items.size;
    for (const [index, item] of itemsOf(answer, itemName).entries())
      items.set(keyOf(item, page * pageSize + index), item);
    if (countOf(answer, wanted) !== wanted) count = undefined;
    // A server that knows no pages, or has no more.
    if (items.size === before) break;
  }
  return { items, count, isOneAnswer: false };
}

function haveSameItems(one: Reading, other: Reading): boolean {
  return one.items.size === other.items.size && [...one.items.keys()].every((key) => other.items.has(key));
}

function countOf(content: Item, fallback: number): number {
  const count = Number(textIn(content, "count"));
  return Number.isInteger(count) ? count : fallback;
}

/** A template is listed once for each zone; settings have no id, but names. */
function keyOf(item: Item, position: number): string {
  return `${textIn(item, "id") ?? textIn(item, "name") ?? position}@${textIn(item, "zoneid") ?? ""}`;
}
