/** The bench: runs the jobs asked for, all without any, and prints what it found. Nothing fails on a time. */
import { cpus } from 'node:os';
import { type Context, createContext } from './context.ts';
import { type Figure, type Findings, figuresText, targetsText } from './figures.ts';
import { dayJob } from './jobs/day.ts';
import { functionsJob } from './jobs/functions.ts';
import { growthJob } from './jobs/growth.ts';
import { historyJob } from './jobs/history.ts';
import { pagesJob } from './jobs/pages.ts';
import { quotesJob } from './jobs/quotes.ts';
import { reportJob } from './jobs/report.ts';
import { startupJob } from './jobs/startup.ts';
import { writeJob } from './jobs/write.ts';

const jobs: Readonly<Record<string, (context: Context) => Promise<Findings>>> = {
  pages: pagesJob,
  write: writeJob,
  day: dayJob,
  quotes: quotesJob,
  startup: startupJob,
  functions: functionsJob,
  report: reportJob,
};

/** Only if they are named: they take minutes, and gigabytes of the disk. */
const longJobs: typeof jobs = { growth: growthJob, history: historyJob };

const words = process.argv.slice(2);
if (words.includes('--help')) {
  console.log(
    `npm run bench [-- job… --quick]\nThe jobs, all without any: ${Object.keys(jobs).join(', ')}.\nOnly by name: ${Object.keys(longJobs).join(', ')}.`,
  );
  process.exit();
}
const quick = words.includes('--quick');
const asked = words.filter((word) => word !== '--quick');
const allJobs = { ...jobs, ...longJobs };
const unknown = asked.filter((word) => !Object.hasOwn(allJobs, word));
if (unknown.length > 0) {
  console.error(
    `no such job: ${unknown.join(', ')}. The jobs: ${Object.keys(allJobs).join(', ')}.`,
  );
  process.exit(2);
}

const context = await createContext(quick);
const startedAt = performance.now();
const figures: Figure[] = [];
const remarks: string[] = [];
for (const [name, job] of Object.entries(asked.length === 0 ? jobs : allJobs)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.error(`… ${name}`);
  const findings = await job(context);
  figures.push(...findings.figures);
  remarks.push(...findings.remarks);
}

const [cpu] = cpus();
console.log(
  `Node ${process.version}, ${cpus().length} × ${cpu?.model.trim() || 'a CPU without a name'}`,
);
console.log('Medians and minima of rounds in which ours and the peer take turns.\n');
console.log(figuresText(figures));
const targets = targetsText(figures);
if (targets !== '') console.log(`Against the targets\n\n${targets}`);
for (const remark of new Set(remarks)) console.log(`note: ${remark}`);
console.error(`… done in ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
