import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DOUBTS } from '../../../src/emulator/trouble/doubts.ts';
import { FAULT_KINDS } from '../../../src/emulator/trouble/faults.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/emulator.md'), 'utf8');
/** The first cell of each table row, and the rest. */
const ROWS = new Map(
  [...PAGE.matchAll(/^\| `([a-z][\w-]*)`[^|]*\|(.*)\|$/gm)].map(([, name = '', rest = '']) => [
    name,
    rest.trim(),
  ]),
);

describe('docs/emulator.md', () => {
  it.each(Object.entries(DOUBTS))('documents the doubt %s with its settings', (name, settings) => {
    expect(ROWS.get(name)).toBe(settings.map((setting) => `\`${setting}\``).join(', '));
  });

  it.each(FAULT_KINDS)('documents the fault %s', (kind) => {
    expect(ROWS.get(kind)).toMatch(/^(calls|events) \|/);
  });

  it('documents nothing that the emulator lacks', () => {
    const known = [...Object.keys(DOUBTS), ...FAULT_KINDS];
    expect([...ROWS.keys()].filter((name) => !known.includes(name))).toEqual([]);
  });
});
