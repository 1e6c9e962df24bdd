// Reads events from a file: JSON lines or a JSON array, each an object of callback parameters.
// Mistakes are reported with their line, or their place in the array.

import { type DeliveryFields, deliveryFields } from '../core/delivery-fields.ts';

export interface EventFile {
  readonly deliveries: readonly DeliveryFields[];
  readonly problems: readonly string[];
}

/** Further ones are only counted: the first show what is wrong with the file. */
const MAX_PROBLEMS = 20;
const EXPECTED = 'expected an object of callback parameters such as {"EventType": …}';

export function readEventFile(text: string): EventFile {
  const deliveries: DeliveryFields[] = [];
  const problems: string[] = [];
  for (const [place, value] of text.trimStart().startsWith('[') ? items(text) : lines(text)) {
    const problem =
      value instanceof Error ? `is not valid JSON (${value.message})` : problemIn(value);
    if (problem === null) deliveries.push(deliveryFields(value as object));
    else problems.push(`${place} ${problem}, ${EXPECTED}`);
  }
  if (problems.length <= MAX_PROBLEMS) return { deliveries, problems };
  const more = `${problems.length - MAX_PROBLEMS} more are like these`;
  return { deliveries, problems: [...problems.slice(0, MAX_PROBLEMS), more] };
}

function items(text: string): readonly (readonly [string, unknown])[] {
  const found = json(text);
  if (!Array.isArray(found)) return [['the list', found]];
  return found.map((value, n) => [`[${n}]`, value]);
}

function lines(text: string): readonly (readonly [string, unknown])[] {
  return text
    .split(/\r\n|\n/)
    .map((line, n) => [`line ${n + 1}`, line] as const)
    .filter(([, line]) => line.trim() !== '')
    .map(([place, line]) => [place, json(line)]);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

function problemIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `is ${shortened(JSON.stringify(value))}`;
  }
  const names = Object.keys(deliveryFields(value));
  if (names.includes('EventType')) return null;
  return `has no EventType but ${shortened(names.join(', ') || 'nothing')}`;
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
