// Small arithmetic on instants (epoch ms) in which null means never.

/** The earliest of those that are not null. */
export function earliest(...instants: readonly (number | null | undefined)[]): number | null {
  let best: number | null = null;
  for (const at of instants) if (at != null && (best === null || at < best)) best = at;
  return best;
}
