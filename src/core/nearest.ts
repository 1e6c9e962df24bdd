// The valid name nearest to a wrong one, for error messages.

/** The one of `names` with the smallest edit distance; null if there are no names. */
export function nearest(name: string, names: readonly string[]): string | null {
  const ranked = names.map((each) => ({ each, steps: editDistance(name, each) }));
  const first = ranked[0];
  if (first === undefined) return null;
  return ranked.reduce((best, next) => (next.steps < best.steps ? next : best), first).each;
}

/** How many letters must be inserted, removed or changed to turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const options = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same];
      next.push(Math.min(...options));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
