/** Variables that are set while at least one call of their server is under way. */
export class BorrowedEnvironment {
  readonly #own: Readonly<Record<string, string>>;
  #before: [name: string, value: string | undefined][] = [];
  #calls = 0;

  constructor(own: Readonly<Record<string, string>>) {
    this.#own = own;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#calls++ === 0) this.#lend();
    try {
      return await work();
    } finally {
      if (--this.#calls === 0) this.#giveBack();
    }
  }

  #lend(): void {
    this.#before = Object.keys(this.#own).map((name) => [name, process.env[name]]);
    Object.assign(process.env, this.#own);
  }

  #giveBack(): void {
    for (const [name, value] of this.#before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
}
