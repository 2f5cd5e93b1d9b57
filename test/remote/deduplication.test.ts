import { expect, test } from 'vitest';
import { findFailureCause, parseRowCounts } from '../../src/remote/deduplication.ts';

const answer = { partition: 20261120, table: 'tb', rowsBefore: 4, rowsAfter: 3 };
const at = { timestamp: new Date(0), id: 1 };

test('the counts are what the functions answered, as AWS wraps it and as it is', () => {
  const wrapped = JSON.stringify({ ExecutedVersion: '$LATEST', StatusCode: 200, Payload: answer });
  const asText = JSON.stringify({ Payload: JSON.stringify({ ...answer, table: 'ta' }) });
  const events = [wrapped, asText].map((output) => ({
    ...at,
    type: 'TaskSucceeded' as const,
    taskSucceededEventDetails: { resourceType: 'lambda', resource: 'invoke', output },
  }));
  expect(parseRowCounts([{ ...at, type: 'ExecutionStarted' }, ...events])).toEqual([
    { table: 'ta', rowsBefore: 4, rowsAfter: 3 },
    { table: 'tb', rowsBefore: 4, rowsAfter: 3 },
  ]);
});

test('the cause is what the function threw at its last try', () => {
  const failed = (errorMessage: string) => ({
    ...at,
    type: 'TaskFailed' as const,
    taskFailedEventDetails: {
      resourceType: 'lambda',
      resource: 'invoke',
      error: 'LakeError',
      cause: JSON.stringify({ errorType: 'BrokenFileError', errorMessage }),
    },
  });
  expect(findFailureCause([failed('at first'), failed('at last')])).toBe(
    'BrokenFileError: at last',
  );
  expect(findFailureCause([])).toBeUndefined();
});
