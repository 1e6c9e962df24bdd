// Which number a ramp gives at an instant, why it gives none, and when that changes.

import { describe, expect, it } from 'vitest';
import { rampStep } from '../../../src/core/ramp.ts';
import type { Zone } from '../../../src/core/schedule/schedule.ts';
import { factsOf } from '../../../src/core/worker-facts.ts';
import { BREAK, HOUR, MINUTE, T0, type WorkerSpec, worker, world } from '../../support/builders.ts';
import { type RampSpec, ramp, ruleSet } from '../../support/rules.ts';

const hired: RampSpec = {
  since: 'worker.hired_on',
  steps: { '0d': 1, '14d': 2, '30d': 3, '60d': 'end' },
};
const warmUp: RampSpec = {
  since: 'activity.available_since',
  steps: { '0m': 1, '5m': 2, '10m': 'end' },
};
const LONDON: Zone = { kind: 'fixed', id: 'Europe/London' };

function step(spec: RampSpec, at: number, who: WorkerSpec, zone: Zone = LONDON) {
  const state = worker(who);
  const facts = factsOf(state, world(), at, { worker: false, channels: false });
  const attributes = state.attributes?.value ?? {};
  return rampStep(ramp(spec), { rules: ruleSet([], { zone }), attributes, facts, at });
}

const since = (hired_on: unknown): WorkerSpec => ({ attributes: { hired_on } });
/** Midnight in London on this day of March 2026; summer time begins on the 29th. */
const march = (day: number) => Date.parse('2026-03-01T00:00:00Z') + (day - 1) * 24 * HOUR;

describe('days since a date', () => {
  it.each<[string, number, number | null, number | null]>([
    ['holds the first step from its day on', march(1), 1, march(15)],
    ['holds it to the last instant', march(15) - 1, 1, march(15)],
    ['goes on at midnight', march(15), 2, march(31) - HOUR],
    ['counts calendar days over the change of clocks', march(31) - HOUR - 1, 2, march(31) - HOUR],
    ['and not elapsed hours', march(31) - HOUR, 3, march(61) - HOUR],
    ['ends', march(61) - HOUR, null, null],
  ])('a newcomer %s', (_, at, value, lookAt) => {
    expect(step(hired, at, since('2026-03-01'))).toEqual({
      value,
      reason: value === null ? 'ramp.ended' : 'rule.standing',
      unknown: [],
      lookAt,
    });
  });

  it('a future date already gives the first step', () => {
    const early = step(hired, march(1) - 5 * HOUR, since('2026-03-01'));
    expect(early).toMatchObject({ value: 1, lookAt: march(1) });
  });

  it('an instant is counted from exactly', () => {
    const at = march(15) + 9 * HOUR;
    expect(step(hired, at - 1, since('2026-03-01T09:00:00Z')).value).toBe(1);
    expect(step(hired, at, since('2026-03-01T10:00:00+01:00')).value).toBe(2);
  });
});

describe('no claim, with the reason', () => {
  const none = (reason: string) => ({
    value: null,
    reason,
    unknown: [expect.any(String)],
    lookAt: null,
  });

  it.each([undefined, null, 'soon', 20260301, {}])('1: if the attribute is %o', (value) => {
    expect(step(hired, T0, since(value))).toEqual(none('ramp.unknown'));
  });

  it("4: if the zone is the Worker's and it names none", () => {
    const zone: Zone = { kind: 'worker', path: ['timezone'] };
    expect(step(hired, T0, since('2026-03-01'), zone)).toEqual(none('zone.unknown'));
    const known = { attributes: { hired_on: '2026-03-01', timezone: 'Europe/London' } };
    expect(step(hired, march(15), known, zone).value).toBe(2);
  });

  it('if the Worker is not in an available Activity', () => {
    const report = { at: T0, sid: 'EV', activity: BREAK, name: null, available: null };
    expect(step(warmUp, T0, { activities: [report] })).toEqual(none('ramp.unknown'));
  });
});

describe('minutes since an Activity began', () => {
  const began = T0 - HOUR;

  it.each([
    [0, 1, began + 5 * MINUTE],
    [5, 2, began + 10 * MINUTE],
    [10, null, null],
  ])('after %i minutes', (minutes, value, lookAt) => {
    expect(step(warmUp, began + minutes * MINUTE, {})).toMatchObject({ value, lookAt });
  });
});
