// Converting what the SDK returned: a Worker that cannot be parsed affects only itself.

import { describe, expect, it } from 'vitest';
import { parseAttributes } from '../../src/core/evolve.ts';
import { workerReadings } from '../../src/taskrouter/readings.ts';
import { AVAILABLE, sid, T0 } from '../support/builders.ts';

type Found = Parameters<typeof workerReadings>[0];

function listed(...differing: readonly Readonly<Record<string, unknown>>[]): Found {
  const common = {
    ...{ friendlyName: 'Ann', attributes: '{}', activitySid: AVAILABLE, activityName: 'Available' },
    ...{ available: true, dateStatusChanged: new Date(T0), dateUpdated: new Date(T0) },
  };
  return differing.map((each, n) => ({ sid: sid('WK', n), ...common, ...each })) as never;
}

describe('2: a list of Workers', () => {
  it.each([
    ['no text', ''],
    ['null', null],
    ['nothing at all', undefined],
  ])('with %s for attributes has the rest, and the attributes as unknown', (_, odd) => {
    const readings = workerReadings(listed({ attributes: odd }, {}));
    const [first, second] = readings.map(({ attributes }) => attributes);
    expect(parseAttributes(first ?? '')).toBeNull();
    expect([second, readings[0]?.activityName]).toEqual(['{}', 'Available']);
  });

  it('with an entry without Activity reads all others, and reports that one separately', () => {
    const odd: string[] = [];
    const readings = workerReadings(listed({}, { activitySid: null }, {}), (w) => odd.push(w));
    expect(readings.map((reading) => reading.sid)).toEqual([sid('WK', 0), sid('WK', 2)]);
    expect(odd).toEqual([sid('WK', 1)]);
  });

  it('fails if no one handles the bad entry, or if not even its SID is known', () => {
    const told = 'TaskRouter sent a Worker whose';
    expect(() => workerReadings(listed({ activitySid: null }))).toThrow(`${told} activitySid is`);
    expect(() => workerReadings(listed({ sid: 'x' }), () => {})).toThrow(`${told} sid is "x"`);
  });
});
