/**
 * The terminal as the host of operations in AWS: shows messages and progress, asks questions, handles Ctrl-C.
 */

import { createInterface } from 'node:readline/promises';
import type { Host, ProgressDisplay } from '../../host.ts';
import { escapeControls } from '../../text.ts';
import { getSignalStatus } from '../exit.ts';
import {
  formatBar,
  formatSeconds,
  isInteractive,
  startStatusLine,
  withSpinner,
} from './progress.ts';
import type { Terminal } from './terminal.ts';

interface TerminalHostOptions {
  /** Answers yes to every question of `confirm`; those of `ask` are asked all the same. */
  readonly yes?: boolean;
}

export interface TerminalHost extends Host {
  /** Whether a person answered the last question of yes or no: their no is no failure. */
  wasAnswered(): boolean;
}

export function createTerminalHost(
  terminal: Terminal,
  { yes = false }: TerminalHostOptions,
): TerminalHost {
  let backgroundNotice: string | undefined;
  let answered = false;
  let isAsking = false;
  const interrupt = (signal: NodeJS.Signals = 'SIGINT'): void => {
    const before = isAsking ? 'Nothing was changed.' : 'Run the command again to go on.';
    terminal.stderr.write('\n');
    terminal.stderr.write(`${terminal.format(`Interrupted. ${backgroundNotice ?? before}`)}\n`);
    process.exit(getSignalStatus(signal));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);

  const readAnswer = async (question: string): Promise<string | undefined> => {
    if (process.stdin.isTTY !== true) return undefined;
    const lines = createInterface({ input: process.stdin, output: terminal.stderr });
    // While it reads, Ctrl-C is a key and not a signal.
    lines.on('SIGINT', () => interrupt());
    // At the end of the input (Ctrl-D) the question alone would never be answered.
    const ended = new Promise<undefined>((resolve) => {
      lines.once('close', () => resolve(undefined));
    });
    isAsking = true;
    try {
      return await Promise.race([lines.question(escapeControls(question)), ended]);
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
      const answer = await readAnswer(`${question} [y/N] `);
      answered = answer !== undefined;
      if (answer === undefined) {
        terminal.warn(`${question} Not interactive: pass --yes to confirm.`);
        return false;
      }
      return /^y(es)?$/i.test(answer.trim());
    },
    ask: readAnswer,
    wasAnswered: () => answered,
    wait: (what, work) => withSpinner(terminal, what, work),
    progress: (what, total) => showProgress(terminal, what, total),
    setBackgroundNotice(text) {
      backgroundNotice = text;
    },
  };
}

/** A bar on a terminal; elsewhere, or with --verbose, a line for each resource that is finished. */
function showProgress(terminal: Terminal, what: string, total: number): ProgressDisplay {
  if (!isInteractive(terminal)) {
    terminal.notice(what);
    return {
      step({ line, isFinished, done, total: newTotal }) {
        if (isFinished) terminal.notice(`  ${done}/${newTotal}  ${line}`);
      },
      stop: () => undefined,
    };
  }
  const startedAt = performance.now();
  let current = { line: '', done: 0, total };
  const stop = startStatusLine(terminal, what, () => {
    const { line, done, total: newTotal } = current;
    const time = formatSeconds(Math.floor((performance.now() - startedAt) / 1000));
    return `${formatBar(terminal, done, newTotal)}${done}/${newTotal}  ${time}  ${line}`;
  });
  return {
    step: (step) => {
      current = step;
    },
    stop,
  };
}
