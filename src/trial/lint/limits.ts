// How far the linter looks. It tries situations one by one with the real core, so every number that
// could grow with the rules is bounded here; what lies beyond is not reported, never guessed.

const DAY_MS = 86_400_000;

export const LINT_LIMITS = {
  /** Schedules are followed this far from the day of the check. */
  horizonMs: 366 * DAY_MS,
  /** A rule whose schedule does not open within the horizon is looked for this far. */
  farHorizonMs: 5 * 366 * DAY_MS,
  /** Instants tried for one kind of Worker. */
  instants: 16,
  /** Combinations of attribute values tried to find Workers whom a rule is for. */
  people: 1_024,
  /** Kinds of Worker that are followed further. */
  models: 12,
  /** Combinations of facts tried at one instant. */
  facts: 1_024,
  /** Situations tried for one question about one rule, or about two together. */
  situations: 6_000,
  /** Situations tried in all; the questions after that stay unasked, and the linter says so. */
  evaluations: 400_000,
  /** Pairs of rules compared in all. */
  pairs: 50_000,
  /** Rules above one rule that are asked together whether they mask it. */
  company: 8,
  /** Passes that one Worker is followed for, to see whether two rules come to rest. */
  passes: 24,
  /** A Worker Channel that flips back this often without a new fact does not come to rest. */
  flips: 4,
  /** Situations among which the most telling one is looked for. */
  shown: 64,
  /** Findings of one kind. */
  findings: 50,
} as const;
