import type { ExitStatus } from '../exit.ts';
import type { Terminal, TerminalOptions } from '../terminal.ts';

/** Runs a command's work on a terminal of these options and makes its answer the process's exit status. */
export type Start = (
  options: TerminalOptions,
  work: (terminal: Terminal) => Promise<ExitStatus>,
) => Promise<void>;
