/** Preloaded into a process: leaves the most memory that it ever held, in bytes, in a file when it ends. */
import { readFileSync, writeFileSync } from 'node:fs';

const path = process.env.PYNVEST_BENCH_PEAK_FILE;
if (path) process.on('exit', () => writeFileSync(path, String(peakBytes())));

function peakBytes() {
  try {
    // Where there is /proc: what resourceUsage says includes the parent's memory at the fork.
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
    if (kilobytes) return Number(kilobytes) * 1024;
  } catch {
    // No /proc on this system.
  }
  return process.resourceUsage().maxRSS * 1024;
}
