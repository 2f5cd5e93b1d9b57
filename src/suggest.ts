/** What a person may have meant. Pure. */
import { distance } from 'fastest-levenshtein';

/** The candidate nearest to what was typed, where one is near enough to be meant. */
export function closestTo(typed: string, candidates: readonly string[]): string | undefined {
  const tolerance = Math.max(1, Math.floor(typed.length / 4));
  let best: { candidate: string; edits: number } | undefined;
  for (const candidate of candidates) {
    const edits = distance(typed.toLowerCase(), candidate.toLowerCase());
    if (edits <= tolerance && edits < (best?.edits ?? Number.POSITIVE_INFINITY)) {
      best = { candidate, edits };
    }
  }
  const part = typed.toLowerCase();
  return (
    best?.candidate ??
    (part.length >= 3 ? candidates.find((each) => each.includes(part)) : undefined)
  );
}
