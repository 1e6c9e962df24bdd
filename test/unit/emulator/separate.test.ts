import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../../../src/emulator');

/** The emulator is a witness only as long as it shares no code with what it checks. */
it('imports nothing from outside its folder but Node and twilio', () => {
  const outside: string[] = [];
  for (const entry of readdirSync(ROOT, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
    const file = join(entry.parentPath, entry.name);
    const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g);
    for (const [, name] of imports) {
      if (name === undefined || name.startsWith('node:') || name === 'twilio') continue;
      const inside =
        name.startsWith('.') && !relative(ROOT, resolve(dirname(file), name)).startsWith('..');
      if (!inside) outside.push(`${relative(ROOT, file)} imports ${name}`);
    }
  }
  expect(outside).toEqual([]);
});
