// The closed set of reason codes. Log, metric label, journal, page and rule tests use these same
// words, so that "why?" has one answer wherever it is asked.

export const REASONS = {
  // why a Worker Channel is set as it is
  'rule.claimed': 'one or more rules claim it',
  'baseline.restored': 'no rule claims it any more, so it was restored to its baseline',
  'baseline.unknown': 'no rule claims it, and its baseline is unknown',
  'person.edit': 'a person set it, and the edit is respected for a while',
  'person.named': 'TaskRouter named the author of an earlier edit',
  'channel.unclaimed': 'no rule claims it and headroom does not hold it',
  // why nothing is written
  'mode.observe': 'the rule or the daemon only observes',
  'mode.disabled': 'the rule is switched off',
  'pause.begun': 'a person paused headroom, or a part of it',
  'pause.ended': 'a pause ended',
  'pause.release': 'a person restored the channels to their baselines',
  'jobs.replayed': 'a person retried failed jobs',
  'jobs.discarded': 'a person discarded failed jobs',
  'worker.unknown': "the Worker's attributes are not known yet",
  'worker.opted_out': 'the Worker is opted out of all rules',
  'worker.gone': 'the Worker was deleted',
  'channel.absent': 'the Worker has no such Worker Channel',
  'channel.contested': 'somebody else keeps changing it, so headroom stopped',
  'dwell.waiting': 'it was written too recently (guardrail min_dwell)',
  'bounds.clamped': 'the guardrail bounds limit it',
  'keep_open.floor': 'it would leave too few open Workers (guardrail keep_open)',
  'max_change.spent': 'the guardrail max_change allows no more Workers for now',
  // why a rule does or does not claim
  'rule.standing': 'it has no condition: it always claims',
  'rule.entered': 'its condition holds',
  'rule.pending': 'its condition holds, but not yet for long enough',
  'rule.kept': 'its condition ended and its keep time is running',
  'rule.latched': 'it stays until its release',
  'rule.released': 'it was released and waits for its condition to fail once',
  'rule.outside_who': 'it is not for this Worker',
  'rule.fails': 'its condition does not hold',
  'rule.paused': 'a person paused it',
  'rule.expired': 'its `until` has passed',
  'limit.waiting': 'its limit did not choose this Worker',
  'facts.unknown': 'a fact its condition needs is unknown',
  'schedule.outside': 'the time is outside its schedule',
  'schedule.unnamed': "the Worker's attribute is not the name of a schedule",
  'zone.unknown': 'the Worker has no valid time zone',
  'ramp.ended': 'its ramp is over',
  'ramp.unknown': 'the start of its ramp is unknown',
  // what became of a write
  'write.done': 'written',
  'write.throttled': 'TaskRouter asked us to wait',
  'write.failed': 'TaskRouter could not be reached or failed; it is tried again',
  'write.refused': 'TaskRouter refused our credentials',
  'write.gone': 'TaskRouter no longer has it',
  'write.invalid': 'TaskRouter did not accept the value',
} as const;

export type Reason = keyof typeof REASONS;
