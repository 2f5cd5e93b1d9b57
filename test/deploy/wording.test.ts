/** What a deployment says of itself besides its resources. */
import { describe, expect, test } from 'vitest';
import { formatCommandLine } from '../../src/cli/command-line.ts';
import { findChangedParameters, formatCollectionSchedule } from '../../src/deploy/parameters.ts';
import { formatPreview } from '../../src/deploy/preview.ts';
import { parseTemplate } from '../../src/deploy/template.ts';

const template = parseTemplate(`
Parameters:
  Memory: { Type: Number, Default: 512 }
  Email: { Type: String, Default: '' }
  Bucket: { Type: String }
`);

describe('the parameters that change', () => {
  const changed = (previous: Record<string, string> | undefined, now: Record<string, string>) =>
    findChangedParameters(template, previous, now, new Set(['Bucket']));

  test('differ from those of the stack', () => {
    const previous = { Memory: '1024', Email: '', Bucket: 'a' };
    expect(changed(previous, { Memory: '512', Email: '', Bucket: 'b' })).toEqual([
      { name: 'Memory', before: '1024', after: '512' },
    ]);
    expect(changed(previous, previous)).toEqual([]);
  });

  test('differ from the defaults where there is no stack, or it does not know them yet', () => {
    const email = { name: 'Email', before: '', after: 'a@example.com' };
    const now = { Memory: '512', Email: 'a@example.com', Bucket: 'b' };
    expect(changed(undefined, now)).toEqual([email]);
    expect(changed({ Memory: '512' }, now)).toEqual([email]);
  });

  test('stand first, and the bucket that is no part of the stack', () => {
    const parameters = [
      { name: 'Memory', before: '512', after: '1024' },
      { name: 'Email', before: '', after: 'a@example.com' },
    ];
    expect(formatPreview([], { parameters, newBucket: 'pynvest-artifacts' }).split('\n')).toEqual([
      'Parameters:',
      '  Memory: 512 -> 1024',
      '  Email: nothing -> a@example.com',
      "Created first, outside the stack, for the functions' code:",
      '  + bucket pynvest-artifacts',
      'No resource changes, only outputs, tags or policies.',
    ]);
  });
});

test.each([
  [{ CollectSchedule: 'cron(45 21 * * ? *)' }, 'It collects every day at 18:45 (São Paulo)'],
  [{ CollectSchedule: 'cron(5 1 * * ? *)' }, 'It collects every day at 22:05 (São Paulo)'],
  [{ CollectSchedule: 'rate(1 day)' }, 'It collects by the schedule rate(1 day), which is in UTC'],
  [
    { CollectSchedule: 'cron(45 21 ? * MON-FRI *)' },
    'It collects by the schedule cron(45 21 ? * MON-FRI *), which is in UTC',
  ],
  [
    { CollectSchedule: 'cron(45 21 * * ? *)', SchedulesEnabled: 'DISABLED' },
    'It collects nothing by itself: SchedulesEnabled is DISABLED',
  ],
  [{}, undefined],
])('%j: %s', (parameters: Record<string, string>, text) => {
  expect(formatCollectionSchedule(parameters)).toBe(text);
});

test('a command line says the options again, quoted for a shell where that needs it', () => {
  expect(formatCommandLine('deploy', {})).toBe('pynvest deploy');
  const options = {
    parameter: ['FunctionMemory=1024', 'CollectSchedule=cron(0 1 * * ? *)'],
    tag: ["team=data's"],
    region: 'sa-east-1',
  };
  expect(formatCommandLine('deploy', options)).toBe(
    "pynvest deploy --parameter FunctionMemory=1024 --parameter 'CollectSchedule=cron(0 1 * * ? *)' " +
      "--tag 'team=data'\\''s' --region sa-east-1",
  );
});
