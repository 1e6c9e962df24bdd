// The version of this package, as package.json says.

import { readFileSync } from 'node:fs';

export function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const found =
    typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'version') : null;
  return typeof found === 'string' ? found : 'unknown';
}
