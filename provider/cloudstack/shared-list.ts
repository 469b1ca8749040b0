import { UnexpectedAnswer } from "../core/errors.ts";
import { saysAbsent } from "./absence.ts";

const goodForMs = 60_000;

/**
 * A list that all reads of a run share: a refresh asks once for a hundred objects. What this process changes itself
 * ends it.
 */
export class SharedList<Element> {
  readonly #load: () => Promise<Element[]>;
  #current: { readonly at: number; readonly elements: Promise<Element[]> } | undefined;

  constructor(load: () => Promise<Element[]>) {
    this.#load = load;
  }

  async read(): Promise<Element[]> {
    if (this.#current && performance.now() - this.#current.at < goodForMs) return await this.#current.elements;
    const current = { at: performance.now(), elements: this.#load() };
    this.#current = current;
    current.elements.catch(() => {
      if (this.#current === current) this.#current = undefined;
    });
    return await current.elements;
  }

  /** Runs what changes the list: what is read meanwhile may be either. */
  async changing<T>(work: () => Promise<T>): Promise<T> {
    this.#current = undefined;
    try {
      return await work();
    } finally {
      this.#current = undefined;
    }
  }
}

/**
 * The object of an id, from a shared list. That it is not listed proves nothing, so `ask` asks for it by its id;
 * undefined only where CloudStack says that it does not exist.
 */
export async function byId<Element extends { readonly id: string }>(
  list: SharedList<Element>,
  id: string,
  ask: () => Promise<Element[]>,
): Promise<Element | undefined> {
  const known = (await list.read()).find((element) => element.id === id);
  if (known) return known;
  try {
    const found = (await ask()).find((element) => element.id === id);
    if (found) return found;
  } catch (error) {
    if (saysAbsent(error)) return undefined;
    throw error;
  }
  throw new UnexpectedAnswer(
    `Could not look ${id} up: CloudStack neither lists it nor says that it does not exist. Run the same command again.`,
    200,
  );
}
