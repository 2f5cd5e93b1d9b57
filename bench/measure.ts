/** Times that can be compared on a noisy machine: every contestant takes its turn in every round. */

export interface Sample {
  readonly median: number;
  readonly min: number;
}

/** Does the work once and answers how long that took, in milliseconds. */
export type Contestant = () => Promise<number> | number;

/** A contestant that does `work` `times` times in a row; its time is that of one. */
export function timing(work: () => unknown, times = 1): Contestant {
  return async () => {
    const start = performance.now();
    for (let turn = 0; turn < times; turn += 1) {
      const result = work();
      if (result instanceof Promise) await result;
    }
    return (performance.now() - start) / times;
  };
}

/**
 * Lets the contestants take turns, and begins each round with another one, so that none profits
 * from its place. The warm-up rounds before are not counted.
 */
export async function interleave<Name extends string>(
  rounds: number,
  contestants: Readonly<Record<Name, Contestant>>,
  warmUp = 1,
): Promise<Record<Name, Sample>> {
  const names = Object.keys(contestants) as Name[];
  const times = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    Name,
    number[]
  >;
  for (let round = -warmUp; round < rounds; round += 1) {
    for (let turn = 0; turn < names.length; turn += 1) {
      const name = names[(turn + round + warmUp) % names.length] as Name;
      const time = await contestants[name]();
      if (round >= 0) times[name].push(time);
    }
  }
  const samples = names.map((name) => [name, sampleOf(times[name])] as const);
  return Object.fromEntries(samples) as Record<Name, Sample>;
}

export function sampleOf(times: readonly number[]): Sample {
  const sorted = [...times].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
  return { median, min: sorted[0] ?? Number.NaN };
}
