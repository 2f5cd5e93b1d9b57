/** What is said of one code that the doctor can find. Pure. */
export interface CodeEntry {
  /** What is so when it is found. */
  readonly meaning: string;
  /** What a person does about it; DAY stands for the day that was found. "" where there is nothing to do. */
  readonly remedy: string;
  /** What `--fix` does about it; absent where it does nothing. */
  readonly fix?: string;
}

export const BY_FIX = '`pynvest doctor --fix` mends it.';
