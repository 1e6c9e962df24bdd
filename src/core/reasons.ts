// The closed set of reason codes. Log, metric label, journal, page and rule tests use these same
// words, so that "why?" has one answer wherever it is asked.

export const REASONS = {
  // why a Worker Channel is set as it is
  'rule.claimed': 'one or more rules claim it',
  'baseline.restored': 'no rule claims it any more, so it went back to its baseline',
  'baseline.unknown': 'no rule claims it, and what it was before headroom is not known',
  'person.edit': 'a person set it, and that is respected for a while',
  'person.named': 'TaskRouter told who made an edit that was found before',
  'channel.unclaimed': 'no rule claims it and headroom does not hold it',
  // why nothing is written
  'mode.observe': 'the rule or the daemon only observes',
  'mode.disabled': 'the rule is switched off',
  'pause.begun': 'a person paused headroom, or a part of it',
  'pause.ended': 'what was paused goes on',
  'pause.release': 'a person gave the channels back to what they were',
  'jobs.replayed': 'a person had jobs that had failed for good tried again',
  'jobs.discarded': 'a person threw away jobs that had failed for good',
  'worker.unknown': "the Worker's attributes are not known yet",
  'worker.opted_out': 'the Worker is opted out of all rules',
  'worker.gone': 'the Worker was deleted',
  'channel.absent': 'the Worker has no such Worker Channel',
  'channel.contested': 'someone else keeps changing it, so headroom stopped',
  'dwell.waiting': 'it was written a moment ago',
  'bounds.clamped': 'the guardrail bounds limit it',
  'keep_open.floor': 'the guardrail keep_open would be left with too few open Workers',
  'max_change.spent': 'the guardrail max_change allows no more Workers for now',
  // why a rule does or does not claim
  'rule.standing': 'it has no condition: it always claims',
  'rule.entered': 'its condition holds',
  'rule.pending': 'its condition holds, but not yet for long enough',
  'rule.kept': 'its condition ended a moment ago and its keep time runs',
  'rule.latched': 'it stays until its release',
  'rule.released': 'it was released and waits for its condition to fail once',
  'rule.outside_who': 'it is not for this Worker',
  'rule.fails': 'its condition does not hold',
  'rule.paused': 'a person paused it',
  'rule.expired': 'its `until` has passed',
  'limit.waiting': 'its limit takes only some of the Workers, and not this one',
  'facts.unknown': 'a fact its condition needs is unknown',
  'schedule.outside': 'the time is outside its schedule',
  'schedule.unnamed': 'the Worker names no schedule that exists',
  'zone.unknown': 'the Worker has no valid time zone',
  'ramp.ended': 'its ramp is over',
  'ramp.unknown': 'the instant its ramp counts from is not known',
  // what became of a write
  'write.done': 'written',
  'write.throttled': 'TaskRouter asked us to wait',
  'write.failed': 'TaskRouter could not be reached or failed; it is tried again',
  'write.refused': 'TaskRouter refused our credentials',
  'write.gone': 'TaskRouter no longer has it',
  'write.invalid': 'TaskRouter did not accept the value',
} as const;

export type Reason = keyof typeof REASONS;
