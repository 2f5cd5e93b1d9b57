/** One change of a lake, before it is made. */
export interface LakeChange {
  /** From 1. */
  readonly number: number;
  /** `mkdir`, `open`, `write` … */
  readonly what: string;
  readonly needsRoom: boolean;
  /** Whether it belongs to another: Node removes a folder with all that is in it by `rmdir`, too. */
  readonly isPart: boolean;
  /** Makes the change. */
  whole(): Promise<unknown>;
  /** Makes so much of it as has happened when the process dies, or fails, on the way. */
  half(): Promise<unknown>;
  /** Makes what is left of it then. */
  rest(): Promise<unknown>;
}

export type Around = (change: LakeChange) => Promise<unknown>;

export interface Watch {
  /** What each change so far was. */
  readonly changes: readonly string[];
  stop(): void;
}

export function watchChanges(root: string, around: Around, lockFiles: object): Watch;
export function copyAround(copy: (number: number, when: 'before' | 'after') => void): Around;
export function copyLake(lake: string, to: string): void;
export function failFrom(first: number): Around;
