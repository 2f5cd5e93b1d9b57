/** What a person may have meant. Pure. */
import { distance } from 'fastest-levenshtein';

/** The candidate nearest to what was typed, where one is near enough to be meant. */
export function findClosest(typed: string, candidates: readonly string[]): string | undefined {
  return findNearest(typed, candidates, 1).at(0);
}

/** The candidates as near as the nearest; where none is near, those that have what was typed in them. */
export function findNearest(
  typed: string,
  candidates: readonly string[],
  most: number,
): readonly string[] {
  const tolerance = Math.max(1, Math.floor(typed.length / 4));
  const edits = candidates.map((each) => distance(typed.toLowerCase(), each.toLowerCase()));
  const fewest = Math.min(...edits);
  if (fewest <= tolerance) {
    return candidates.filter((_, at) => edits[at] === fewest).slice(0, most);
  }
  const part = typed.toLowerCase();
  return part.length < 3 ? [] : candidates.filter((each) => each.includes(part)).slice(0, most);
}
