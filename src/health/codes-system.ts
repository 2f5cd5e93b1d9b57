/**
 * The codes of findings about the system in AWS and the site that its data comes from. Pure data.
 */
import { RECREATE_HINT } from '../aws/resource-names.ts';

const REPAIR_HINT = '`pynvest doctor --fix` repairs it.';

export const systemCodes = {
  'aws-access': {
    severity: 'problem',
    meaning: 'There are no valid AWS credentials, or no region.',
    remedy: 'Pass --profile and --region, or log in: `aws sso login`.',
  },
  'aws-permission': {
    severity: 'unavailable',
    meaning: 'These credentials may not read a part of the system.',
    remedy: 'That part was not checked. Ask for the permission that is named.',
  },
  'not-looked-at': {
    severity: 'unavailable',
    meaning: 'A part of the lake, or of the system around it, could not be read.',
    remedy: 'That part was not checked: run the command again.',
  },
  'aws-quota': {
    severity: 'note',
    meaning: 'The account may run fewer functions at once than the system starts.',
    remedy:
      'Nothing is lost, it only takes longer. Service Quotas raises it: Lambda, "Concurrent executions".',
  },
  stack: {
    severity: 'ok',
    meaning: 'The stack is in a state in which it works.',
    remedy: '',
  },
  'stack-unhealthy': {
    severity: 'problem',
    aliases: ['stack'],
    meaning: 'The stack does not exist, or a deployment or a removal of it failed.',
    remedy: '`pynvest deploy` shows what is wrong with it and completes it.',
  },
  'stack-busy': {
    severity: 'note',
    aliases: ['stack'],
    meaning: 'The stack is changing.',
    remedy: 'Wait until the change has ended.',
  },
  'stack-rolled-back': {
    severity: 'note',
    meaning: 'The last change of the stack failed and was undone.',
    remedy: '`pynvest deploy` tries it again.',
  },
  'stack-drifted': {
    severity: 'note',
    meaning: 'Resources of the stack were changed by hand.',
    remedy: '`pynvest status --drift` detects it again and names them.',
  },
  'drift-unknown': {
    severity: 'note',
    meaning: 'Drift could not be detected: resources may have been changed by hand.',
    remedy: '`pynvest status --drift` tries again.',
  },
  'stack-unprotected': {
    severity: 'note',
    meaning: 'The stack has no termination protection.',
    remedy: '`pynvest deploy` turns it on.',
  },
  function: {
    severity: 'problem',
    meaning: 'A function of the system does not exist, or cannot be started.',
    remedy: RECREATE_HINT,
  },
  'queue-trigger': {
    severity: 'problem',
    meaning:
      'A queue does not start its function: the event source mapping is missing or disabled.',
    remedy: REPAIR_HINT,
    fix: 'enables one that is disabled',
  },
  notification: {
    severity: 'problem',
    meaning: 'New files in a bucket do not start the next function.',
    remedy: REPAIR_HINT,
    fix: 'adds those of pynvest to the notifications of the bucket; all others stay',
  },
  schedule: {
    severity: 'ok',
    meaning: 'Both schedules are enabled.',
    remedy: '',
  },
  'schedule-disabled': {
    severity: 'problem',
    aliases: ['schedule'],
    meaning: 'A schedule is disabled: nothing is collected, or deduplicated, by itself.',
    remedy: '`pynvest resume` enables it.',
  },
  'schedule-missing': {
    severity: 'problem',
    aliases: ['schedule'],
    meaning: 'A schedule does not exist: its rule was removed by hand.',
    remedy: RECREATE_HINT,
  },
  'dead-letters': {
    severity: 'problem',
    meaning: 'Tickers failed for good and are in a dead-letter queue.',
    remedy: '`pynvest redrive` shows why, and sends them back.',
  },
  'failed-events': {
    severity: 'problem',
    meaning: 'A day could not be started: the event of its first functions failed for good.',
    remedy: '`pynvest redrive` shows why, and starts the day again.',
  },
  'state-machine-failed': {
    severity: 'problem',
    meaning: 'The last deduplication failed, was stopped or timed out.',
    remedy: '`pynvest logs` shows more; `pynvest dedup now` removes the duplicates.',
  },
  alarm: {
    severity: 'problem',
    noteWhere: 'it is the one for missing data: the days are checked themselves',
    meaning: 'An alarm of the stack is in ALARM.',
    remedy: 'What it names: each alarm has its own. It ends by itself once its cause is over.',
  },
  'alarm-missing': {
    severity: 'note',
    meaning: 'An alarm of the stack was removed by hand: it sends no notifications.',
    remedy: RECREATE_HINT,
  },
  site: {
    severity: 'ok',
    meaning: 'The site answers with its list of tickers, and with a page that can be read.',
    remedy: '',
  },
  'site-no-answer': {
    severity: 'note',
    meaning: 'The site does not list its tickers: they are compared with the day before.',
    remedy: 'Run it again when the site answers; --no-site does not ask it.',
  },
  'site-blocked': {
    severity: 'problem',
    meaning: 'The site refuses the requests of this machine.',
    remedy: 'Wait, then ask more slowly: --concurrency 2 --pause 2000.',
  },
  'site-redirected': {
    severity: 'problem',
    meaning: 'The site redirects to another one, which is not asked.',
    remedy:
      'Check PYNVEST_FUNDAMENTUS_URL, and set it if the site has moved; in AWS the parameter FundamentusUrl.',
  },
  'site-unavailable': {
    severity: 'problem',
    meaning: 'The site does not answer, or not completely.',
    remedy: 'Check the network, and try again later.',
  },
  'site-no-page': {
    severity: 'note',
    meaning: 'The site lists a few tickers, and has no page of them: it was asked for up to three.',
    remedy: 'A run asks for all tickers, and names those without a page.',
  },
  'site-layout': {
    severity: 'problem',
    meaning: 'The site answers with pages that this version cannot read.',
    remedy: 'A newer version of pynvest may read them.',
  },
} as const;

/** What `status` reads by itself, and names in `untold` where it cannot be read. */
export const statusParts = {
  'last-run': 'the reports of runs',
  imports: 'the tables of imports',
  schedules: 'the schedules',
  queues: 'the queues',
  'oldest-messages': 'the oldest messages',
  'state-machine': 'the state machine',
  alarms: 'the alarms',
  stack: 'the stack',
} as const;

/** What `doctor` reads beside these, and names in the subject of `aws-permission` and `not-looked-at`. */
export const doctorParts = {
  functions: 'the functions',
  'queue-triggers': 'the queue triggers',
  notifications: 'the notifications',
  quota: 'the quota',
  uploads: 'the uploads',
} as const;
