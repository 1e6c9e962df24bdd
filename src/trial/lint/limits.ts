// How far the linter searches. It tries situations one by one with the real core, so every number
// that could grow with the rules is bounded here; what lies beyond is not reported, never guessed.

const DAY_MS = 86_400_000;

export const LINT_LIMITS = {
  /** Schedules are followed this far from the day of the check. */
  horizonMs: 366 * DAY_MS,
  /** How far a schedule is followed that does not open within the horizon. */
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
  /** Situations tried in total; the questions after that are skipped, and the linter says so. */
  evaluations: 400_000,
  /** Pairs of rules compared in total. */
  pairs: 50_000,
  /** Rules that are tested together for masking one rule. */
  company: 8,
  /** Passes for which one Worker is followed, to see whether two rules settle. */
  passes: 24,
  /** A Worker Channel that flips back this often without a new fact does not settle. */
  flips: 4,
  /** Situations from which the most instructive one is chosen. */
  shown: 64,
  /** Findings of one kind. */
  findings: 50,
} as const;
