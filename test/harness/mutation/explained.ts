/** A change of the code that no test can or need notice. */
export interface Explained {
  file: string;
  /** The line that is changed, without its indentation. */
  line: string;
  /** What a part of it becomes; without this, whatever it becomes. */
  becomes?: string;
  why: string;
}

export const explained: readonly Explained[] = [];
