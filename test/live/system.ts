import type { OutputMap, PulumiFn } from "@pulumi/pulumi/automation/index.js";

/** What a program declares: at first, with other values in what can be updated, and under other names. */
export const steps = ["first", "second", "moved"] as const;
export type Step = (typeof steps)[number];

/** One real system under test, and a second client that looks at it. */
export interface LiveSystem {
  readonly name: string;
  /** The kinds that are tested here, each by one resource. */
  readonly kinds: readonly string[];
  /** Kinds that are not, each with what would have to be set. */
  readonly leftOut: readonly string[];
  /** Kinds of which no replacement is tested. */
  readonly stays: readonly string[];
  program(step: Step): PulumiFn;
  /** What there should be at a step, as `objectsWith` shows it. */
  expected(step: Step): string[];
  /** Objects whose name begins so, whoever made them. */
  objectsWith(prefix: string): Promise<string[]>;
  /** Changes by hand what each kind manages; tells how many resources that concerns. */
  drift(outputs: OutputMap): Promise<number>;
  /** Values that are there before and after, such as a global setting. */
  surroundings(): Promise<string>;
}
