/** What a timer takes. */
const longestMs = 2 ** 31 - 1;

/** A number of places; who comes while none is free waits in line. */
export class Places {
  #free: number;
  readonly #line = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** Waits for a place, to be left again; false where none became free in so many milliseconds. */
  async take(patience: number): Promise<boolean> {
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return await new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          this.#line.delete(enter);
          resolve(false);
        },
        Math.min(patience, longestMs),
      );
      const enter = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#line.add(enter);
    });
  }

  leave(): void {
    const [next] = this.#line;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#line.delete(next);
    next();
  }
}
