// Laws of parsing a delivery: it never throws, ignores unknown fields, and is deterministic.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseEvent } from '../../src/core/event.ts';

const WS = `WS${'a'.repeat(32)}`;
const WK = `WK${'b'.repeat(32)}`;
const names = fc.constantFrom(
  'EventType',
  'WorkspaceSid',
  'Sid',
  'Timestamp',
  'TimestampMs',
  'WorkerSid',
  'ReservationSid',
  'ResourceType',
  'ResourceSid',
  'TaskChannelUniqueName',
  '__proto__',
  'constructor',
  'toString',
);
const values = fc.oneof(
  fc.string(),
  fc.constantFrom(WS, WK, 'worker.created', 'reservation.failed', 'worker.capacity.update'),
  fc.integer().map(String),
);
const forms = fc
  .array(fc.tuple(fc.oneof(names, fc.string()), values))
  .map((pairs) => Object.fromEntries(pairs));

it('any fields give an event or a reason, and always the same one', () => {
  fc.assert(
    fc.property(forms, (fields) => {
      const first = parseEvent(fields, WS);
      expect('ignored' in first ? first.detail : first.type).toMatch(/./);
      expect(parseEvent(structuredClone(fields), WS)).toEqual(first);
    }),
  );
});

it('every event id is a valid job id: no colon, not only digits, not too long', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), (Sid, channel) => {
      const event = parseEvent(
        {
          EventType: 'worker.capacity.update',
          WorkspaceSid: WS,
          WorkerSid: WK,
          Timestamp: '1700000000',
          Sid,
          TaskChannelUniqueName: `x${channel}`,
        },
        WS,
      );
      expect(event).toMatchObject({ sid: expect.stringMatching(/^(?!\d+$)[\w$.-]{1,255}$/) });
    }),
  );
});

it('unknown parameters change nothing', () => {
  const fields = {
    EventType: 'worker.created',
    WorkspaceSid: WS,
    WorkerSid: WK,
    TimestampMs: '1700000000123',
  };
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.string().map((name) => `New${name}`),
        fc.string(),
      ),
      (extra) => {
        expect(parseEvent({ ...extra, ...fields }, WS)).toEqual(parseEvent(fields, WS));
      },
    ),
  );
});
