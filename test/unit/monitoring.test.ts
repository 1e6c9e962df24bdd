// The dashboard and the alert rules shipped for `GET /metrics`: whatever they name exists.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Metrics } from '../../src/metrics.ts';

const FOLDER = resolve(import.meta.dirname, '../../docs/monitoring');
const COUNTS = { waiting: 0, active: 0, delayed: 0, failed: 0 };

/** The names of all metrics, each with the suffixes it may have. */
async function known(): Promise<ReadonlySet<string>> {
  const metrics = new Metrics();
  const text = await metrics.render({
    queues: { events: COUNTS, passes: COUNTS },
    forwards: null,
    callsWaiting: 0,
    rules: { id: null, lastReloadOk: true, modes: {} },
    resyncAge: 0,
    deliveryAge: 0,
    lostChanges: 0,
    ruleClaims: new Map([['day-chat', 3]]),
    workers: null,
    pauses: 0,
    contested: 0,
    observing: false,
  });
  metrics.stop();
  return new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map((found) => found[1] ?? ''));
}

function named(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/\bheadroom_\w+/g)].map((found) => found[0]))];
}

describe('what is shipped for monitoring', () => {
  it.each(['grafana.json', 'alerts.yaml'])('%s names only metrics that exist', async (file) => {
    const names = named(readFileSync(resolve(FOLDER, file), 'utf8'));
    expect(names.length).toBeGreaterThan(5);
    const all = await known();
    expect(names.filter((name) => !all.has(name))).toEqual([]);
  });

  it('every alert says in a sentence what is wrong, and waits before it fires', () => {
    const { groups } = parse(readFileSync(resolve(FOLDER, 'alerts.yaml'), 'utf8')) as {
      groups: { rules: { alert: string; for?: string; annotations?: { summary?: string } }[] }[];
    };
    const alerts = groups.flatMap(({ rules }) => rules);
    expect(alerts.length).toBeGreaterThan(5);
    for (const { alert, for: patience, annotations } of alerts) {
      expect([alert, patience, annotations?.summary]).toEqual([
        alert,
        expect.stringMatching(/^\d+[mh]$/),
        expect.stringMatching(/^[A-Z].*\.$/),
      ]);
    }
  });
});
