// The valid name nearest to a wrong one, for error messages.

/** The one of `names` with the smallest edit distance; null if there are no names. */
export function nearest(name: string, names: readonly string[]): string | null {
  const ranked = names.map((each) => ({ each, steps: editDistance(name, each) }));
  const first = ranked[0];
  if (first === undefined) return null;
  return ranked.reduce((best, next) => (next.steps < best.steps ? next : best), first).each;
}

/** The name that `found` was most likely meant to be; null when none is near. */
export function likelyMeant(found: string, names: readonly string[]): string | null {
  const lower = found.toLowerCase();
  const furthest = found.length <= 3 ? 1 : Math.max(2, Math.floor(found.length / 3));
  const ranked = names
    .map((name) => ({ name, steps: editDistance(lower, name.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps);
  const best = ranked[0];
  return best !== undefined && best.steps <= furthest ? best.name : null;
}

/** How many letters to insert, remove, change or swap with the next turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const options = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) options.push((before[j - 2] ?? 0) + 1);
      next.push(Math.min(...options));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
