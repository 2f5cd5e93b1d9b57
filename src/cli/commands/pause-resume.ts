/**
 * `pynvest pause` and `pynvest resume`: turns the schedules in AWS off and on.
 */

import { type ScheduleState, switchSchedules } from '../../aws/schedules.ts';
import { ExitStatus } from '../exit.ts';
import { openSystem } from '../open-system.ts';
import type { LakeOptions, OutputOptions } from '../options.ts';
import { writeRows } from '../output/rows.ts';
import type { Terminal } from '../terminal/terminal.ts';

type SchedulesOptions = OutputOptions & LakeOptions;

export function pause(terminal: Terminal, options: SchedulesOptions): Promise<ExitStatus> {
  return setSchedules(terminal, options, 'DISABLED');
}

export function resume(terminal: Terminal, options: SchedulesOptions): Promise<ExitStatus> {
  return setSchedules(terminal, options, 'ENABLED');
}

async function setSchedules(
  terminal: Terminal,
  options: SchedulesOptions,
  state: ScheduleState,
): Promise<ExitStatus> {
  const isPause = state === 'DISABLED';
  const command = isPause ? 'pynvest pause' : 'pynvest resume';
  const system = await openSystem(terminal, options, command);
  const schedules = await switchSchedules(system, state);
  await writeRows(terminal, options.format, {
    columns: ['rule', 'state'],
    rows: schedules.map(({ rule, state: now }) => [rule, now]),
  });
  const failed = schedules.filter((schedule) => schedule.state !== state);
  for (const { rule, error, state: now } of failed) {
    terminal.warn(`${rule} is still ${now}: ${error ?? 'AWS has not taken it up yet'}`);
  }
  if (failed.length > 0) {
    terminal.warn(`Run \`${command}\` again when that is mended.`);
    return failed.length < schedules.length ? ExitStatus.doneInPart : ExitStatus.failed;
  }
  const already = schedules.every(({ before }) => before === state) ? 'already ' : '';
  terminal.notice(
    isPause
      ? `The schedules are ${already}off: nothing starts by itself until \`pynvest resume\`. What is running goes on.`
      : `The schedules are ${already}on; \`pynvest pause\` turns them off.`,
  );
  const prefix = system.stack.parameters['NamePrefix'] ?? 'pynvest';
  if (isPause && system.stack.parameters['SchedulesEnabled'] === 'ENABLED') {
    terminal.notice(
      `They stay off when it is deployed again. Until then the alarm ${prefix}-no-new-data goes off ` +
        'after a day without data.',
    );
  }
  return ExitStatus.done;
}
