// Recurrences that the ICS library would iterate over for ever, or get wrong: days that no month
// has, and events that repeat by the hour or faster.

import type ICAL from 'ical.js';

const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];

interface Rule {
  readonly frequency: string;
  readonly months: readonly number[];
  readonly monthDays: readonly number[];
  readonly yearDays: boolean;
}

/** Why this event's recurrence cannot be expanded; null if it can, or there is none. */
export function recurrenceProblem(component: ICAL.Component): string | null {
  for (const rule of rulesOf(component)) {
    if (!FREQUENCIES.includes(rule.frequency)) {
      return `it repeats ${rule.frequency}, expected DAILY, WEEKLY, MONTHLY or YEARLY`;
    }
    if (rule.yearDays && rule.frequency !== 'YEARLY') {
      return `BYYEARDAY is used with ${rule.frequency}, expected YEARLY`;
    }
    const months = rule.months.length > 0 ? rule.months : [1];
    const longest = Math.max(...months.map((month) => LONGEST_MONTH[month - 1] ?? 0));
    if (rule.monthDays.length > 0 && rule.monthDays.every((day) => Math.abs(day) > longest)) {
      return 'it repeats on a day that its month does not have';
    }
  }
  return null;
}

/** The library moves 30 February into March; such a day does not belong to the rule. */
export function occurrenceFilter(component: ICAL.Component): (at: ICAL.Time) => boolean {
  const rules = rulesOf(component);
  if (rules.length === 0 || component.hasProperty('rdate')) return () => true;
  return (at) =>
    rules.some(({ months, monthDays }) => {
      const inMonth = months.length === 0 || months.includes(at.month);
      const named = monthDays.some((day) => day < 0 || day === at.day);
      return inMonth && (monthDays.length === 0 || named);
    });
}

function rulesOf(component: ICAL.Component): readonly Rule[] {
  return component.getAllProperties('rrule').flatMap((property) => {
    const value: unknown = property.getFirstValue();
    if (typeof value !== 'object' || value === null) return [];
    const parts = 'parts' in value && typeof value.parts === 'object' ? value.parts : null;
    const frequency = 'freq' in value ? String(value.freq) : '';
    return [
      {
        frequency,
        months: numbers(parts, 'BYMONTH'),
        monthDays: numbers(parts, 'BYMONTHDAY'),
        yearDays: numbers(parts, 'BYYEARDAY').length > 0,
      },
    ];
  });
}

function numbers(parts: object | null, name: string): readonly number[] {
  const found: unknown =
    parts === null ? undefined : Object.entries(parts).find(([k]) => k === name)?.[1];
  return Array.isArray(found) ? found.map(Number) : [];
}
