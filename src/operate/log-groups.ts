/** The log groups of the system: one a function, and the state machine's. */
import { UsageError } from '../errors.ts';
import { closestTo } from '../suggest.ts';
import type { RunningSystem } from './running-system.ts';

export interface LogGroup {
  /** What CloudWatch calls it. */
  readonly name: string;
  /** The part of its function's or state machine's name behind the prefix, such as `get-tickers`. */
  readonly source: string;
  /** The whole name of what writes it. */
  readonly writer: string;
}

const PLACES = ['/aws/lambda/', '/aws/vendedlogs/states/'];

export async function logGroups({ stack, resources }: RunningSystem): Promise<LogGroup[]> {
  const prefix = `${stack.parameters['NamePrefix'] ?? 'pynvest'}-`;
  const groups = [...(await resources()).values()].flatMap((name) => {
    const place = PLACES.find((each) => name.startsWith(each));
    if (place === undefined) return [];
    const writer = name.slice(place.length);
    const source = writer.replace(prefix, '').replace(/^lambda-/, '');
    return [{ name, source, writer }];
  });
  return groups.sort((a, b) => (a.source < b.source ? -1 : 1));
}

/**
 * The groups that `typed` means: all of them without it.
 * @throws UsageError where it names none
 */
export function chooseGroups(groups: readonly LogGroup[], typed: string | undefined): LogGroup[] {
  if (typed === undefined) return [...groups];
  const chosen = groups.filter(({ source, writer }) => source === typed || writer === typed);
  if (chosen.length > 0) return chosen;
  const names = groups.map(({ source }) => source);
  const near = closestTo(typed, names);
  throw new UsageError(`${JSON.stringify(typed)} is no function of the system`, {
    hint: near === undefined ? `It has ${names.join(', ')}.` : `Did you mean ${near}?`,
  });
}
