// Whether a rule's schedule covers now, for one Worker: covered, or not and why, and when to look
// again.

import { describe, expect, it } from 'vitest';
import { evaluateDuring } from '../../../src/core/during.ts';
import type { Attributes } from '../../../src/core/facts.ts';
import type { During } from '../../../src/core/rules.ts';
import { HOUR, T0 } from '../../support/builders.ts';
import { during, type RuleSetSpec, rule, ruleSet, schedule } from '../../support/rules.ts';

const spec: RuleSetSpec = {
  zone: { kind: 'worker', path: ['timezone'] },
  schedules: {
    day: schedule('mon-fri', '08:30-17:30'),
    night: schedule('mon-sun', '22:00-06:00'),
    london: schedule('mon-fri', '08:30-17:30', { zone: { kind: 'fixed', id: 'Europe/London' } }),
  },
  calendars: {
    holidays: {
      name: 'holidays',
      zone: null,
      dates: new Set(['2026-06-10']),
      spans: [],
      lastDay: '2026-06-10',
    },
  },
};
const UTC = { timezone: 'UTC' };
const shift: During = { kind: 'attribute', path: ['shift'] };
const any = (...of: During[]): During => ({ kind: 'any', of });

function covered(of: During | null, at: number, attributes: Attributes = UTC) {
  const rules = ruleSet([], spec);
  return evaluateDuring(rule('r', { chat: 1 }, { during: of }), { rules, attributes, at });
}

const midnight = T0 - 10 * HOUR;
const opens = midnight + 8.5 * HOUR;
const closes = midnight + 17.5 * HOUR;

describe('a schedule', () => {
  it('that is absent always covers', () => {
    expect(covered(null, T0)).toMatchObject({ covered: true, lookAt: null });
  });

  it.each([
    [opens - 1, false, opens],
    [opens, true, closes],
    [closes - 1, true, closes],
    [closes, false, opens + 24 * HOUR],
  ])('is half-open (%#)', (at, is, lookAt) => {
    expect(covered(during('day'), at)).toMatchObject({ covered: is, lookAt, unknown: [] });
  });

  it("is in the Worker's zone, or in its own", () => {
    const tokyo = { timezone: 'Asia/Tokyo' };
    expect(covered(during('day'), midnight, tokyo).covered).toBe(true);
    expect(covered(during('london'), midnight, tokyo).covered).toBe(false);
    expect(covered(during('london'), T0, {}).covered).toBe(true);
  });

  it('list covers while one of its members does, with a look when the next one changes', () => {
    const both = any(during('day'), during('night'));
    expect(covered(both, T0)).toMatchObject({ covered: true, lookAt: closes });
    const evening = covered(both, closes + HOUR);
    expect(evening).toMatchObject({
      covered: false,
      reason: 'schedule.outside',
      lookAt: midnight + 22 * HOUR,
    });
    expect(covered(any(), T0)).toMatchObject({ covered: false, lookAt: null });
  });

  it('that is undefined does not hide the others of a list', () => {
    const list = any(shift, during('day'));
    expect(covered(list, T0)).toMatchObject({ covered: true, lookAt: closes });
    expect(covered(list, closes)).toMatchObject({ covered: false, lookAt: opens + 24 * HOUR });
  });
});

describe('no claim, with the reason', () => {
  const none = (reason: string) => ({
    covered: false,
    reason,
    unknown: [expect.any(String)],
    lookAt: null,
  });

  it('4: a zone that the Worker lacks or that is invalid', () => {
    expect(covered(during('day'), T0, {})).toEqual(none('zone.unknown'));
    expect(covered(during('day'), T0, { timezone: 'Europe/Atlantis' })).toEqual(
      none('zone.unknown'),
    );
    const calendar: During = { kind: 'calendar', name: 'holidays' };
    expect(covered(calendar, T0, {})).toEqual(none('zone.unknown'));
  });

  it.each([{}, { shift: 'weekend' }, { shift: 7 }, { shift: null }, { shift: 'constructor' }])(
    '4: an undefined schedule named by %o',
    (attributes) => {
      expect(covered(shift, T0, { ...UTC, ...attributes })).toEqual(none('schedule.unnamed'));
    },
  );

  it('4: a schedule named by the attribute is followed', () => {
    const day = { ...UTC, shift: 'day' };
    expect(covered(shift, T0, day)).toMatchObject({ covered: true, lookAt: closes });
    const night = { ...UTC, shift: 'night' };
    expect(covered(shift, T0, night)).toMatchObject({ covered: false, reason: 'schedule.outside' });
  });
});

describe('a calendar', () => {
  const calendar: During = { kind: 'calendar', name: 'holidays' };

  it('covers its days, midnight to midnight in the zone', () => {
    expect(covered(calendar, midnight - 1)).toMatchObject({ covered: false, lookAt: midnight });
    const day = covered(calendar, midnight);
    expect(day).toMatchObject({ covered: true, lookAt: midnight + 24 * HOUR });
    expect(covered(calendar, midnight + 24 * HOUR)).toMatchObject({ covered: false, lookAt: null });
  });

  it('that is undefined covers nothing', () => {
    const missing: During = { kind: 'calendar', name: 'easter' };
    expect(covered(missing, T0)).toMatchObject({ covered: false, reason: 'schedule.unnamed' });
  });
});
