/** Command lines that are about the same lake as the one that was given. Pure. */
import type { LakeOptions } from './options.ts';
import { pynvestLine } from './shell-line.ts';

/** Those that are about the stack: they know no folder. */
const OF_THE_STACK = /^(deploy|plan|destroy)\b/;

/** The text with what says which lake in every command that it names: copied as it stands, it acts on this one. */
export function forThisLake(
  text: string,
  { target, lake, stackName, region, profile }: LakeOptions,
): string {
  return text.replace(/`pynvest ([^`]+)`/g, (_, command: string) => {
    const ofAws = { stackName, region, profile };
    const words = OF_THE_STACK.test(command) ? ofAws : { target, lake, ...ofAws };
    return `\`${pynvestLine(command, words)}\``;
  });
}
