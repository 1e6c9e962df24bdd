// The nearest valid name to a wrong one, for the sentences that tell people of their mistakes.

/** The one of `names` that takes the fewest changed letters to reach; null where there is none. */
export function nearest(name: string, names: readonly string[]): string | null {
  const ranked = names.map((each) => ({ each, steps: editDistance(name, each) }));
  const first = ranked[0];
  if (first === undefined) return null;
  return ranked.reduce((best, next) => (next.steps < best.steps ? next : best), first).each;
}

/** How many letters must be put in, taken out or changed to make `a` into `b`. */
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
