/**
 * The terminal as the host of operations in AWS: shows messages and progress, asks questions, handles Ctrl-C.
 */

import { createInterface } from 'node:readline/promises';
import type { Host, ProgressDisplay } from '../../host.ts';
import { ExitStatus } from '../exit.ts';
import { startBar } from './progress.ts';
import type { Terminal } from './terminal.ts';

interface TerminalHostOptions {
  /** Yes to every question but those that `ask` asks. */
  readonly yes?: boolean;
}

export interface TerminalHost extends Host {
  /** Whether a person answered the last question of yes or no: a no of theirs is no failure. */
  wasAnswered(): boolean;
}

export function createTerminalHost(
  terminal: Terminal,
  { yes = false }: TerminalHostOptions,
): TerminalHost {
  let goingOn: string | undefined;
  let answered = false;
  let isAsking = false;
  const interrupted = (): void => {
    const before = isAsking ? 'Nothing was changed.' : 'Run the command again to go on.';
    terminal.stderr.write(`\nInterrupted. ${goingOn ?? before}\n`);
    process.exit(ExitStatus.interrupted);
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);

  const typed = async (question: string): Promise<string | undefined> => {
    if (process.stdin.isTTY !== true) return undefined;
    const lines = createInterface({ input: process.stdin, output: terminal.stderr });
    // While it reads, a Ctrl-C is a key and no signal.
    lines.on('SIGINT', interrupted);
    // At the end of the input (Ctrl-D) the question alone would never be answered.
    const ended = new Promise<undefined>((resolve) => {
      lines.once('close', () => resolve(undefined));
    });
    isAsking = true;
    try {
      return await Promise.race([lines.question(question), ended]);
    } finally {
      isAsking = false;
      lines.close();
    }
  };

  return {
    notice: (text) => terminal.notice(text),
    warn: (text) => terminal.warn(text),
    async confirm(question) {
      if (yes) return true;
      const answer = await typed(`${question} [y/N] `);
      answered = answer !== undefined;
      if (answer === undefined) {
        terminal.warn(`${question} Nobody is here to answer: no. --yes says yes.`);
        return false;
      }
      return /^y(es)?$/i.test(answer.trim());
    },
    ask: typed,
    wasAnswered: () => answered,
    progress: (what, total) => showProgress(terminal, what, total),
    setBackgroundNotice(text) {
      goingOn = text;
    },
  };
}

/** A bar on a terminal; elsewhere, or with --verbose, a line for each resource that is done. */
function showProgress(terminal: Terminal, what: string, total: number): ProgressDisplay {
  if (terminal.quiet) return { step: () => undefined, stop: () => undefined };
  if (!terminal.stderr.isTTY || terminal.verbose) {
    terminal.notice(what);
    return {
      step({ line, isFinished: isOver, done, total: all }) {
        if (isOver) terminal.notice(`  ${done}/${all}  ${line}`);
      },
      stop: () => undefined,
    };
  }
  const format = `${what} {bar} {value}/{total}  {duration_formatted}  {line}`;
  const bar = startBar(terminal, format, total, { line: '' });
  // The time goes on while nothing happens.
  const clock = setInterval(() => bar.tick(), 1_000);
  return {
    step({ line, done, total: all }) {
      bar.setTotal(all);
      bar.update(done, { line });
    },
    stop() {
      clearInterval(clock);
      bar.stop();
    },
  };
}
