/** What the doctor can find around a lake: in AWS, and at the site. Pure data. */
import { MADE_AGAIN } from '../../deploy/made-again.ts';
import { BY_FIX, type CodeEntry } from './code-entry.ts';

export const systemCodes = {
  'aws-access': {
    meaning: 'AWS does not know who asks, or where.',
    remedy: 'Say --profile and --region, or log in: `aws sso login`.',
  },
  'aws-permission': {
    meaning: 'These credentials may not look at a part of the system.',
    remedy: 'What could not be looked at was not checked. Ask for the permission that is named.',
  },
  'not-looked-at': {
    meaning: 'A part of the lake, or of the system around it, did not let itself be looked at.',
    remedy: 'What it would have shown was not checked: run `pynvest doctor` again.',
  },
  'aws-quota': {
    meaning: 'The account lets fewer functions run at once than the chain may start.',
    remedy:
      'Nothing is lost, it only takes longer. Service Quotas raises it: Lambda, "Concurrent executions".',
  },
  stack: {
    meaning: 'The stack is not there, or not in a state in which it works.',
    remedy: '`pynvest deploy` mends it.',
  },
  function: {
    meaning: 'A function of the chain is not there, or cannot be started.',
    remedy: MADE_AGAIN,
  },
  'queue-trigger': {
    meaning: 'A queue does not start its function: its event source mapping is gone or disabled.',
    remedy: BY_FIX,
    fix: 'enables one that is disabled',
  },
  notification: {
    meaning: 'New files in a bucket do not start the next function.',
    remedy: BY_FIX,
    fix: "adds pynvest's own to the bucket's notifications; all others stay",
  },
  schedule: {
    meaning: 'A schedule is disabled: nothing is collected by itself.',
    remedy: '`pynvest resume` enables it.',
  },
  'dead-letters': {
    meaning: 'Tickers that failed for good wait in a dead-letter queue.',
    remedy: '`pynvest redrive` shows them with their reasons, and sends them back.',
  },
  site: {
    meaning: 'The site answers with its list of tickers.',
    remedy: '',
  },
  'site-blocked': {
    meaning: 'The site refuses us.',
    remedy: 'Wait, then ask more slowly: --concurrency 2 --pause 2000.',
  },
  'site-unavailable': {
    meaning: 'The site does not answer, or not to the end.',
    remedy: 'Check the network, and try again later.',
  },
  'site-layout': {
    meaning: 'The site answers with pages that this version cannot read.',
    remedy: 'A newer version of pynvest may know them.',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;
