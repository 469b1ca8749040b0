import { pick, type Values } from "./values.ts";

/** What is true of an object while an update is under way. */
export class Progress {
  truth: Values;
  /** Whether a step was reported. */
  made = false;

  constructor(truth: Values) {
    this.truth = truth;
  }

  readonly note = (state: Values, undone: readonly string[] = []): void => {
    const merged = { ...this.truth, ...state };
    const stillTrue = Object.keys(merged).filter((key) => !undone.includes(key));
    this.truth = pick(merged, stillTrue);
    this.made = true;
  };
}
