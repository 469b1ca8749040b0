import { layersOf, needlesOf } from "./encodings.ts";

/** A secret that is planted somewhere to see where it turns up. */
export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** Where a canary turned up; it never holds the value. */
export interface Hit {
  readonly canary: string;
  readonly encoding: string;
  readonly place: string;
  /** What stands before it, the canaries in it masked. */
  readonly before: string;
}

type Found = Pick<Hit, "canary" | "encoding">;

const shownBefore = 80;

/** Searches texts for canaries in every encoding that a program may give them on its way. */
export class Scanner {
  readonly #found = new Map<string, Found>();
  /** All needles in one expression: a search of its own for each of some hundred takes seven times as long. */
  readonly #any: RegExp | undefined;

  constructor(canaries: readonly Canary[]) {
    for (const { name, value } of canaries)
      for (const { encoding, text } of needlesOf(value)) this.#found.set(text, { canary: name, encoding });
    // Longest first, so that a canary that begins with another one is told from it.
    const texts = [...this.#found.keys()].sort((a, b) => b.length - a.length);
    if (texts.length > 0) this.#any = new RegExp(texts.map(literal).join("|"), "g");
  }

  /** One hit for each canary and spelling, with the fewest layers around it. */
  scan(content: string | Buffer, place: string): Hit[] {
    const text = typeof content === "string" ? content : content.toString("utf8");
    const hits = new Map<Found, Hit>();
    for (const [layer, path] of layersOf(text))
      for (const { 0: needle, index } of this.#any ? layer.matchAll(this.#any) : []) {
        const found = this.#found.get(needle) as Found;
        if (hits.has(found)) continue;
        const before = this.masked(layer.slice(Math.max(0, index - shownBefore), index));
        const encoding = path === "" ? found.encoding : `${found.encoding}, in ${path}`;
        hits.set(found, { canary: found.canary, encoding, place, before });
      }
    return [...hits.values()];
  }

  /** A text in which no canary can be read. */
  masked(text: string): string {
    return this.#any ? text.replace(this.#any, "[canary]") : text;
  }
}

function literal(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
}
