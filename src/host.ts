/**
 * How the code below the command talks with a person. The command implements it for the terminal, and tests
 * with fixed answers.
 */

export interface Host {
  /** Prints a message that `--quiet` suppresses. */
  notice(text: string): void;
  /** Prints a message that the person should see in any case. */
  warn(text: string): void;
  /** Asks before something is done; false as well without a terminal. */
  confirm(question: string): Promise<boolean>;
  /** What the person types; undefined without a terminal. */
  ask(question: string): Promise<string | undefined>;
  /** Shows that work of unknown length is in progress. */
  wait<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Shows how far work on a number of resources or tickers is. */
  progress(what: string, total: number): ProgressDisplay;
  /**
   * What continues in AWS by itself, and how to follow it, for the case that the command is interrupted from
   * here on; undefined when nothing does.
   */
  setBackgroundNotice(text: string | undefined): void;
}

export interface ProgressDisplay {
  step(step: ProgressStep): void;
  stop(): void;
}

/** One resource has a new state. */
interface ProgressStep {
  readonly line: string;
  /** Whether its work is done or failed; else it is under way. */
  readonly isFinished: boolean;
  readonly done: number;
  readonly total: number;
}
