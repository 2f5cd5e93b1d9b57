/**
 * The alarms of the stack: what each one means while it is in ALARM, and what to do about it. Pure data.
 */
import { type FunctionName, functionNames, getFunctionId } from '../aws/resource-names.ts';

export interface AlarmDefinition {
  /** Its name in the template. */
  readonly id: string;
  readonly meaning: string;
  readonly remedy: string;
  /** `status` finds its cause for certain and without it, so that it is worth a note alone. */
  readonly coveredByOtherRules?: true;
}

/** Every alarm of the template. */
export const alarmDefinitions: readonly AlarmDefinition[] = [
  ...['Acoes', 'Fiis'].map((kind) => ({
    id: `${kind}DeadLettersAlarm`,
    meaning: 'tickers failed for good',
    remedy: '`pynvest redrive` shows why, and sends them back.',
  })),
  {
    id: 'NoNewDataAlarm',
    meaning: 'no deduplication of the last 24 hours counted quotes',
    remedy:
      '`pynvest run --remote` collects the day; where it is there already, `pynvest dedup now --remote` counts it.',
    // It rings from a first deployment to its first evening, and where a day came from a person's machine.
    coveredByOtherRules: true,
  },
  {
    id: 'DedupStateMachineFailedAlarm',
    meaning: 'a deduplication failed',
    remedy: '`pynvest logs --errors` says why; `pynvest dedup now --remote` does it again.',
  },
  {
    id: 'DedupStateMachineTimedOutAlarm',
    meaning: 'a deduplication took two hours and was stopped',
    remedy: '`pynvest logs --errors` says why; `pynvest dedup now --remote` does it again.',
  },
  ...functionNames.map((name) => ({
    id: `${getFunctionId(name)}Errors`,
    meaning: `the function ${name} failed`,
    remedy: `\`pynvest logs ${name} --errors\` says why.${startsCollection(name) ? ' `pynvest run --remote` starts the day again.' : ''}`,
  })),
];

/** Nothing else tries these again once AWS has: the day then has no tickers. */
function startsCollection(name: FunctionName): boolean {
  return name === 'check-and-delete-partitions' || name === 'get-tickers';
}
