/** What a function's line must have for Lambda to filter it by its level. */
import { expect, test, vi } from 'vitest';
import { createLog } from '../../lambda-src/handler.ts';
import { contextOf } from '../support/lambda-events.ts';

test('a line has a level and an ISO timestamp: without one Lambda gives it the level INFO', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  createLog(contextOf()).error('a ticker failed', { ticker: 'PETR4' });
  const [[text] = ['']] = write.mock.calls;
  write.mockRestore();
  const line: unknown = JSON.parse(String(text));
  expect(line).toMatchObject({ level: 'ERROR', message: 'a ticker failed', ticker: 'PETR4' });
  expect(line).toHaveProperty('timestamp', expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/));
});
