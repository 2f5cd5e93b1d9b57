/**
 * `pynvest pause` and `pynvest resume`: turn the schedules in AWS off and on.
 */

import { type ScheduleState, switchSchedules } from '../../aws/schedules.ts';
import { defineCommand } from '../command.ts';
import { ExitStatus } from '../exit.ts';
import { openSystem } from '../open-system.ts';
import { type OutputOptions, outputOptions, writeRows } from '../output/rows.ts';
import { type LakeOptions, lakeOptions } from '../target.ts';
import type { Terminal } from '../terminal/terminal.ts';

export const pauseCommand = defineCommand({
  name: 'pause',
  description: 'stop both schedules in AWS; what is running goes on to its end',
  options: { ...outputOptions, ...lakeOptions },
  handler: ({ terminal, options }) => setSchedules(terminal, options, 'DISABLED'),
});

export const resumeCommand = defineCommand({
  name: 'resume',
  description: 'start both schedules in AWS again',
  options: { ...outputOptions, ...lakeOptions },
  handler: ({ terminal, options }) => setSchedules(terminal, options, 'ENABLED'),
});

async function setSchedules(
  terminal: Terminal,
  options: OutputOptions & LakeOptions,
  state: ScheduleState,
): Promise<ExitStatus> {
  const isPause = state === 'DISABLED';
  const command = isPause ? 'pynvest pause' : 'pynvest resume';
  const system = await openSystem(terminal, options, command);
  const schedules = await switchSchedules(system, state);
  await writeRows(terminal, options.format, {
    isReport: true,
    columns: ['rule', 'state'],
    rows: schedules.map((schedule) => [schedule.rule, schedule.state]),
  });
  const failed = schedules.filter((schedule) => schedule.state !== state);
  for (const { rule, error, state: current } of failed) {
    terminal.warn(`${rule} is still ${current}: ${error ?? 'AWS has not applied the change yet'}`);
  }
  if (failed.length > 0) {
    terminal.warn(`Run \`${command}\` again when that is fixed.`);
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
      `They stay off when the system is deployed again. While they are off, the alarm ${prefix}-no-new-data goes ` +
        'off after a day without data.',
    );
  }
  return ExitStatus.done;
}
