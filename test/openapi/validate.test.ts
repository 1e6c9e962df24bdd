import { expect, it } from 'vitest';
import { type Description, faults } from './validate.ts';

const description: Description = {
  paths: {},
  components: {
    schemas: {
      worker: {
        type: 'object',
        properties: {
          sid: { type: 'string', pattern: '^WK[0-9a-f]{32}$', minLength: 34, maxLength: 34 },
          made: { type: 'string', format: 'date-time', nullable: true },
          load: { type: 'integer' },
          status: { type: 'string', enum: ['on', 'off'] },
        },
      },
    },
  },
};
const list = { type: 'array', items: { $ref: '#/components/schemas/worker' } };
const good = { sid: `WK${'0'.repeat(32)}`, made: null, load: 1, status: 'on' };

it('finds no fault in a conforming value', () => {
  expect(faults(description, list, [good, { ...good, made: '2026-06-10T10:00:00Z' }])).toEqual([]);
});

it.each([
  [{ ...good, sid: 'WK1' }, "[0].sid: 'WK1' is no ^WK[0-9a-f]{32}$"],
  [{ ...good, made: '10 June' }, "[0].made: '10 June' is no date-time"],
  [{ ...good, load: 1.5 }, '[0].load: 1.5 is no integer'],
  [{ ...good, load: null }, '[0].load: is null'],
  [{ ...good, status: 'half' }, "[0].status: 'half' is none of on, off"],
  [{ ...good, more: 1 }, '[0].more: is not in the description'],
  [{ sid: good.sid, made: null, load: 1 }, '[0].status: is missing'],
  ['text', '[0]: is string, not object'],
])('finds the fault in %j', (value, fault) => {
  expect(faults(description, list, [value])).toEqual([fault]);
});
