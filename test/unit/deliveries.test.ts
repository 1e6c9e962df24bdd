// What happened to deliveries: the line in the status, and the note when Twilio itself is refused.

import { describe, expect, it } from 'vitest';
import { lines } from '../../src/cli/status.ts';
import type { StatusView } from '../../src/daemon/status.ts';
import { Deliveries } from '../../src/ingress/deliveries.ts';
import { LIMITS } from '../../src/ingress/limits.ts';

const URL_OF = 'https://hr.example.com/webhooks/…';

describe('refused deliveries in status', () => {
  it('are reported with their number, that none was genuine, and the likely cause', () => {
    const deliveries = new Deliveries(0);
    expect(deliveries.notes(0, URL_OF)).toEqual([]);
    for (let n = 0; n < 8; n += 1) deliveries.count('signature.wrong', 1_000);
    expect(deliveries.notes(2_000, URL_OF)).toEqual([
      "8 deliveries were refused because of the signature, the last at 1970-01-01T00:00:01.000Z, and no valid one has arrived yet; checked against https://hr.example.com/webhooks/…: probably PUBLIC_URL is not the URL configured in Twilio, or TWILIO_AUTH_TOKEN is not the account's primary token",
    ]);
  });

  it('are no longer reported an hour after the last, but stay counted', () => {
    const deliveries = new Deliveries(0);
    deliveries.count('queued', 0);
    deliveries.count('signature.missing', 0);
    expect(deliveries.notes(LIMITS.refusedNoteMs, URL_OF)[0]).toMatch(
      /^1 delivery was refused .*Z; checked .*the X-Twilio-Signature header is missing/,
    );
    expect(deliveries.notes(LIMITS.refusedNoteMs + 1, URL_OF)).toEqual([]);
    expect(deliveries.counts()).toEqual({ queued: 1, 'signature.missing': 1 });
  });

  it('are no sign of life; genuine ones are, whatever happened to them', () => {
    const deliveries = new Deliveries(5);
    deliveries.count('signature.wrong', 10);
    deliveries.count('body.malformed', 10);
    expect(deliveries.lastGenuineAt()).toBe(5);
    deliveries.count('type.unused', 20);
    expect(deliveries.lastGenuineAt()).toBe(20);
    deliveries.count('store.down', 30);
    expect(deliveries.lastGenuineAt()).toBe(30);
  });
});

describe('headroom status', () => {
  const COUNTS = { waiting: 0, active: 0, delayed: 0, failed: 0 };
  const shown = (begin: string, over: object) =>
    lines({
      version: '0',
      taskrouter: 'emulated',
      since: '',
      store: '',
      observing: false,
      paused: [],
      limits: [],
      guardrails: null,
      notes: [],
      rules: { id: null, lastReloadOk: true, faults: [] },
      events: { distinct: 0, deliveries: {} },
      queues: { events: COUNTS, passes: COUNTS, failed: [] },
      workers: { listed: null, lastResync: null, resyncFault: null },
      drift: { lastLook: null, lost: 0, fault: null },
      forward: null,
      calls: { rate: '', waiting: 0 },
      ...over,
    } as unknown as StatusView).find((line) => line.startsWith(begin));

  it.each([
    [{}, '0 queued'],
    [{ queued: 142, 'signature.missing': 8 }, '142 queued, 8 refused (signature.missing)'],
    [
      { 'type.unused': 3, 'store.down': 1, 'signature.wrong': 2, 'body.malformed': 1, queued: 5 },
      '5 queued, 3 ignored, 1 not stored (503), 3 refused (body.malformed 1, signature.wrong 2)',
    ],
  ])('prints deliveries %j', (deliveries, line) => {
    const events = { distinct: 0, deliveries };
    expect(shown('deliveries', { events })).toBe(`deliveries ${line}`);
  });

  it.each<[number | null, string | null, string | null, string]>([
    [null, null, null, 'not listed yet'],
    [40, '09:00', null, '40, last resync 09:00'],
    [null, null, 'a 401', 'not listed yet, no resync yet; the next one failed: a 401'],
    [40, '09:00', 'a 503', '40, last resync 09:00; the next one failed: a 503'],
  ])('prints Workers %s, resync %s, fault %s', (listed, lastResync, resyncFault, line) => {
    const workers = { listed, lastResync, resyncFault };
    expect(shown('Workers', { workers })).toBe(`Workers    ${line}`);
  });
});
