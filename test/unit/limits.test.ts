// The table of limits in ARCHITECTURE.md agrees with the code.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, B: 1, kB: 1024, MB: 1024 ** 2 },
  ...{ s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 },
};

/** Rows of `| what | 256 kB | \`ingress/limits.ts\` \`bodyBytes\` |`. */
const rows = [
  ...readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').matchAll(
    /^\| (.+) \| ([\d,]+) ?(\w*) \| `(\S+\.ts)` `(\w+)` \|$/gm,
  ),
].map(([, what = '', number = '', unit = '', file = '', key = '']) => ({
  ...{ what, file, key },
  value: Number(number.replaceAll(',', '')) * (UNITS[unit] ?? Number.NaN),
}));

it('lists many limits', () => {
  expect(rows.length).toBeGreaterThan(25);
});

it.each(rows)('$what: $file $key', async ({ file, key, value }) => {
  const module: Record<string, unknown> = await import(pathToFileURL(join(ROOT, 'src', file)).href);
  const found = Object.entries(module)
    .filter(([name]) => name.endsWith('LIMITS'))
    .map(([, limits]) => (limits as Readonly<Record<string, unknown>>)[key])
    .filter((limit) => limit !== undefined);
  expect(found).toEqual([value]);
});
