/**
 * How the code below the command talks with a person. The command has an implementation for the terminal,
 * tests have one that answers by itself.
 */

/**
 * Whoever deploys: the one way in which this folder talks with a person. The command has one for the
 * terminal, tests have one that answers by itself.
 */
export interface Host {
  /** Says something in passing. */
  notice(text: string): void;
  /** Says something that the person should know in any case. */
  warn(text: string): void;
  /** Asks before something is done; false as well where nobody can answer. */
  confirm(question: string): Promise<boolean>;
  /** What the person types; undefined where nobody can. */
  ask(question: string): Promise<string | undefined>;
  /** Shows how far CloudFormation has come. */
  progress(what: string, total: number): ProgressDisplay;
  /**
   * What goes on in AWS by itself, and how to follow it, in case that the command is interrupted from
   * here on; undefined when nothing does.
   */
  setBackgroundNotice(text: string | undefined): void;
}

export interface ProgressDisplay {
  step(step: ProgressStep): void;
  stop(): void;
}

/** One resource has come further. */
interface ProgressStep {
  readonly line: string;
  /** Whether it is where it should be, or failed; else it is on its way. */
  readonly isFinished: boolean;
  readonly done: number;
  readonly total: number;
}
