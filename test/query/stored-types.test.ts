import { expect, test } from 'vitest';
import { getStoredType } from '../../src/query/engine.ts';

test.each([
  ['VARCHAR', 'string'],
  ['varchar(12)', 'string'],
  ['string', 'string'],
  ['TIMESTAMP WITH TIME ZONE', 'string'],
  ['INTEGER[]', 'string'],
  ['STRUCT(a INTEGER)', 'string'],
  ['row(a integer)', 'string'],
  ['array(bigint)', 'string'],
  ['INTEGER', 'integer'],
  ['smallint', 'integer'],
  ['UINTEGER', 'bigint'],
  ['HUGEINT', 'bigint'],
  ['bigint', 'bigint'],
  ['DECIMAL(18,3)', 'decimal'],
  ['decimal', 'decimal'],
  ['real', 'double'],
  ['DOUBLE', 'double'],
  ['boolean', 'boolean'],
  ['DATE', 'date'],
])('a %s is stored as %s', (sql, stored) => {
  expect(getStoredType(sql)).toBe(stored);
});
