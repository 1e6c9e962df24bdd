// What the parts of one rule test are resolved with, and the mistake of an unknown channel.

import { quote, suggestion } from '../../language/diagnostic.ts';
import type { Entry } from '../../language/source-value.ts';
import type { Clock } from './clock.ts';
import type { Names } from './names.ts';
import type { TestWorkers } from './test-workers.ts';

/** What the parts of one test are resolved with. */
export interface Binding {
  readonly names: Names;
  readonly workers: TestWorkers;
  readonly clock: Clock;
  readonly respectMs: number;
}

export function unknownChannel(name: string, spot: Entry['at'], channels: readonly string[]): void {
  const end = suggestion(name, channels);
  spot.report(
    'test.channel',
    `neither the rules nor the Worker have a channel ${quote(name)}${end}`,
  );
}

/** Next to its fields, an edit or an expectation may have only channels. */
export function channelEntry(
  { name, at }: Entry,
  { channels }: TestWorkers,
  fields: readonly string[],
): boolean {
  if (channels.includes(name)) return true;
  const end = suggestion(name, [...channels, ...fields]);
  at.report('test.channel', `${quote(name)} is neither a field here nor a channel${end}`);
  return false;
}
