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
  const tolerance = Math.max(1, Math.floor(typed.length / 4));
  const edits = candidates.map((each) => distance(typed.toLowerCase(), each.toLowerCase()));
  const fewest = Math.min(...edits);
  if (fewest <= tolerance) {
    return candidates.filter((_, at) => edits[at] === fewest).slice(0, limit);
  }
  const part = typed.toLowerCase();
  return part.length < 3 ? [] : candidates.filter((each) => each.includes(part)).slice(0, limit);
}
