/** What a layer, or one check of it, came to. */
export interface Outcome {
  passed: number;
  failed: number;
  /** What ran, where the counts alone do not tell. */
  detail?: string;
  /** Printed only when something failed. */
  output: string;
}

export const failure = (output: string): Outcome => ({ passed: 0, failed: 1, output });
