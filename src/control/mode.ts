// Where a rule set runs decides what it may do: against Twilio itself, a sample or a rule without
// an explicit mode only observes.

import type { Mode, Rule, RuleSet } from '../core/rules.ts';

export interface ModeContext {
  /** Against Twilio itself, not an emulator or another server. */
  readonly live: boolean;
  /** `HEADROOM_MODE=observe`. */
  readonly observeAll: boolean;
}

export function modeOf(rule: Rule, rules: RuleSet | null, where: ModeContext): Mode {
  const written = rule.mode ?? rules?.defaults.mode ?? null;
  if (written === 'disabled') return 'disabled';
  if (where.observeAll) return 'observe';
  if (where.live && (rule.sample || written === null)) return 'observe';
  return written ?? 'enforce';
}

/** Why rules that could be enforced only observe here, as sentences for log and status. */
export function modeNotes(rules: RuleSet, where: ModeContext): readonly string[] {
  const reasons: string[] = [];
  if (where.observeAll) reasons.push('HEADROOM_MODE=observe: nothing is written');
  if (!where.live) return reasons;
  if (rules.rules.some((r) => r.sample)) {
    reasons.push(
      'the shipped sample rules only observe against Twilio itself: copy them and remove `sample: true`',
    );
  }
  if (rules.defaults.mode === null && rules.rules.some((r) => r.mode === null && !r.sample)) {
    reasons.push(
      'the rule set has no explicit `mode`, so against Twilio itself it only observes; to enforce it, write `defaults: { mode: enforce }`',
    );
  }
  return reasons;
}
