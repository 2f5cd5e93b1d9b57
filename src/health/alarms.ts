/**
 * The alarms of the stack: what each one means while it is in ALARM, and what to do about it. Pure data.
 */
import { type FunctionName, functionNames, getFunctionId } from '../aws/resource-names.ts';

export interface AlarmDefinition {
  /** Its name in the template. */
  readonly id: string;
  readonly meaning: string;
  readonly remedy: string;
  /** Whether other rules find its cause with certainty, so that it is only a note. */
  readonly isCoveredByOtherRules?: true;
}

/** Every alarm of the template. */
export const alarmDefinitions: readonly AlarmDefinition[] = [
  ...['Acoes', 'Fiis'].map((kind) => ({
    id: `${kind}DeadLettersAlarm`,
    meaning: 'tickers failed for good',
    remedy: '`pynvest redrive` shows why, and sends them back.',
  })),
  {
    id: 'FailedEventsAlarm',
    meaning: 'a day could not be started',
    remedy: '`pynvest redrive` shows why, and starts it again.',
  },
  {
    id: 'NoNewDataAlarm',
    meaning: 'no deduplication of the last 24 hours counted quotes',
    remedy:
      '`pynvest run --remote` collects the day; if it is already collected, `pynvest dedup now --remote` counts it.',
    // It is in ALARM from the first deployment to its first evening, and where a local machine collected the day.
    isCoveredByOtherRules: true,
  },
  {
    id: 'DedupStateMachineFailedAlarm',
    meaning: 'a deduplication failed',
    remedy: '`pynvest logs --errors` shows why; `pynvest dedup now --remote` runs it again.',
  },
  {
    id: 'DedupStateMachineTimedOutAlarm',
    meaning: 'a deduplication was stopped after two hours',
    remedy: '`pynvest logs --errors` shows why; `pynvest dedup now --remote` runs it again.',
  },
  ...functionNames.map((name) => ({
    id: `${getFunctionId(name)}Errors`,
    meaning: `the function ${name} failed`,
    remedy: `\`pynvest logs ${name} --errors\` shows why.${startsCollection(name) ? ' `pynvest redrive` starts the day again once AWS has stopped trying.' : ''}`,
  })),
];

/** When AWS has stopped retrying these, nothing else starts them: the day has no tickers then. */
function startsCollection(name: FunctionName): boolean {
  return name === 'check-and-delete-partitions' || name === 'get-tickers';
}
