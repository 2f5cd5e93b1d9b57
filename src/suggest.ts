/** Suggestions for a misspelt word. Pure. */
import { distance } from 'fastest-levenshtein';

/** The closest candidate, if one is close enough to be a misspelling. */
export function findClosest(typed: string, candidates: readonly string[]): string | undefined {
  return findNearest(typed, candidates, 1).at(0);
}

/** The closest candidates, all at the same distance; if none is close, those that contain the typed text. */
export function findNearest(
  typed: string,
  candidates: readonly string[],
  limit: number,
): readonly string[] {
  const near = findMisspelt(typed, candidates);
  if (near.length > 0) return near.slice(0, limit);
  const part = typed.toLowerCase();
  return part.length < 3 ? [] : candidates.filter((each) => each.includes(part)).slice(0, limit);
}

/**
 * The closest candidates, all at the same distance, if they are close enough to be misspelt.
 * @param tolerance the most edits of a slip: one of a short word, and one of every four letters of a longer one
 */
export function findMisspelt(
  typed: string,
  candidates: readonly string[],
  tolerance = Math.max(1, Math.floor(typed.length / 4)),
): readonly string[] {
  const edits = candidates.map((each) => countEdits(typed.toLowerCase(), each.toLowerCase()));
  const fewest = Math.min(...edits);
  return fewest > tolerance ? [] : candidates.filter((_, at) => edits[at] === fewest);
}

/** The edits from one word to another; two letters in each other's place are one. */
function countEdits(typed: string, candidate: string): number {
  const swapped = Array.from(
    { length: Math.max(0, typed.length - 1) },
    (_, at) =>
      1 +
      distance(
        `${typed.slice(0, at)}${typed[at + 1]}${typed[at]}${typed.slice(at + 2)}`,
        candidate,
      ),
  );
  return Math.min(distance(typed, candidate), ...swapped);
}
