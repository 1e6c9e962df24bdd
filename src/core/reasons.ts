// The closed set of reason codes. Log, metric label, journal, page and rule tests use these same
// words, so that "why?" has one answer wherever it is asked.

export const REASONS = {
  // why a Worker Channel is set as it is
  'rule.claimed': 'one or more rules claim it',
  'baseline.restored': 'no rule claims it any more, so it is restored to its baseline',
  'baseline.unknown': 'no rule claims it, and its baseline is unknown',
  'person.edit': 'set by a person, and respected for now',
  'person.named': 'TaskRouter named the author of an earlier edit',
  'channel.unclaimed': 'no rule claims it, and headroom leaves it alone',
  // why nothing is written
  'mode.observe': 'decided, but not written (observe mode)',
  'mode.disabled': 'it is disabled',
  'pause.begun': 'a person paused headroom, or a part of it',
  'pause.ended': 'a pause ended',
  'pause.release': 'a person restored the channels to their baselines',
  'jobs.replayed': 'a person retried failed jobs',
  'jobs.discarded': 'a person discarded failed jobs',
  'worker.unknown': "the Worker's attributes are not known yet",
  'worker.opted_out': 'the Worker is opted out of all rules',
  'worker.gone': 'the Worker was deleted',
  'channel.absent': 'the Worker has no such Worker Channel',
  'channel.contested': 'somebody else keeps changing it, so headroom has stopped writing it',
  'dwell.waiting': 'it was written too recently (guardrail min_dwell)',
  'bounds.clamped': 'it is outside the allowed range (guardrail bounds)',
  'keep_open.floor': 'it would leave too few open Workers (guardrail keep_open)',
  'max_change.spent': 'too many Workers were changed recently (guardrail max_change)',
  // why a rule does or does not claim
  'rule.standing': 'it has no condition, so it always claims',
  'rule.entered': 'its condition holds',
  'rule.pending': 'its condition holds, but not yet for long enough',
  'rule.kept': 'its condition ended and its keep time is running',
  'rule.latched': 'it claims until its release',
  'rule.released': 'it was released; its condition must fail once before it can claim again',
  'rule.outside_who': 'it does not apply to this Worker',
  'rule.fails': 'its condition does not hold',
  'rule.paused': 'a person paused it',
  'rule.expired': 'its `until` has passed',
  'limit.waiting': 'its limit has not chosen this Worker',
  'facts.unknown': 'a fact its condition needs is unknown',
  'schedule.outside': 'it is outside its schedule',
  'schedule.unnamed': "the Worker's attribute does not name a schedule",
  'zone.unknown': 'the Worker has no valid time zone',
  'ramp.ended': 'its ramp is over',
  'ramp.unknown': 'the start of its ramp is unknown',
  // what became of a write
  'write.done': 'written',
  'write.throttled': 'the rate limit is reached; it is tried again',
  'write.failed': 'TaskRouter did not answer or failed; it is tried again',
  'write.refused': "TaskRouter rejected headroom's credentials",
  'write.gone': 'TaskRouter no longer has it',
  'write.invalid': 'TaskRouter rejected the value',
} as const;

export type Reason = keyof typeof REASONS;
