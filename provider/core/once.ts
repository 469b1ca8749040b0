/** A result that is asked for once and then known; a failure is forgotten, so that the next one who asks tries again. */
export class Once<T> {
  readonly #ask: () => Promise<T>;
  #asked: Promise<T> | undefined;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  async get(): Promise<T> {
    const asked = this.#asked ?? this.#ask();
    this.#asked = asked;
    try {
      return await asked;
    } catch (error) {
      if (this.#asked === asked) this.#asked = undefined;
      throw error;
    }
  }
}
