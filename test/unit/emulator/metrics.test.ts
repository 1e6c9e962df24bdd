import { describe, expect, it } from 'vitest';
import {
  AgentMeter,
  type Contact,
  figures,
  percentile,
} from '../../../src/emulator/floor/metrics.ts';

const MINUTE = 60_000;
const NOBODY = { agents: [], targetMs: { chat: 60_000, voice: 20_000 }, endAt: 10 * MINUTE };

function contact(channel: string, answeredS: number | null, abandonedS: number | null = null) {
  const at = (seconds: number | null) => (seconds === null ? null : seconds * 1_000);
  const all: Contact = {
    channel,
    offeredAt: 0,
    acceptedAt: at(answeredS === null ? null : answeredS - 15),
    answeredAt: at(answeredS),
    abandonedAt: at(abandonedS),
  };
  return all;
}

describe('service', () => {
  it('is the share answered in time; customers who gave up were not served', () => {
    const contacts = [contact('voice', 20), contact('voice', 21), contact('voice', null, 5)];
    const { serviceLevel, abandonment, answered, abandoned } = figures({ ...NOBODY, contacts });
    expect(serviceLevel).toBeCloseTo(1 / 3);
    expect(abandonment).toBeCloseTo(1 / 3);
    expect([answered, abandoned]).toEqual([2, 1]);
  });

  it('is also measured at acceptance, which precedes the first word', () => {
    const contacts = [contact('voice', 34), contact('voice', 36), contact('voice', null, 5)];
    const { serviceLevel, acceptedLevel } = figures({ ...NOBODY, contacts });
    expect(serviceLevel).toBe(0);
    expect(acceptedLevel).toBeCloseTo(1 / 3);
  });

  it('has a target and figures for each channel', () => {
    const contacts = [contact('voice', 30), contact('chat', 30)];
    const { byChannel } = figures({ ...NOBODY, contacts });
    expect(byChannel.voice?.serviceLevel).toBe(0);
    expect(byChannel.chat?.serviceLevel).toBe(1);
  });

  it('counts customers still waiting at the end only once the target has passed', () => {
    const still: Contact = { ...contact('chat', null), offeredAt: 9.5 * MINUTE };
    expect(figures({ ...NOBODY, contacts: [still] }).offered).toBe(0);
    const long = figures({ ...NOBODY, contacts: [contact('chat', null)] });
    expect([long.offered, long.serviceLevel, long.waitP95Ms]).toEqual([1, 0, 10 * MINUTE]);
  });

  it('is zero, not undefined, if nobody came', () => {
    const none = figures({ ...NOBODY, contacts: [] });
    expect([none.serviceLevel, none.waitMedianMs, none.strainP95Min]).toEqual([0, 0, 0]);
  });
});

describe('strain', () => {
  const spell = { present: true, busy: true, load: 0.5, raised: false };

  it('is time at nine tenths or more, or raised above the baseline', () => {
    const meter = new AgentMeter(0);
    meter.change(0, spell);
    meter.change(1 * MINUTE, { ...spell, load: 0.9 });
    meter.change(3 * MINUTE, { ...spell, load: 0.89 });
    meter.change(6 * MINUTE, { ...spell, load: 0.1, raised: true });
    meter.close(7 * MINUTE);
    expect(meter.strainMs).toBe(3 * MINUTE);
    expect(meter.presentMs).toBe(7 * MINUTE);
  });

  it('treats three thirds as a whole', () => {
    const meter = new AgentMeter(0);
    meter.change(0, { ...spell, load: 0.3 + 0.3 + 0.3 });
    meter.close(MINUTE);
    expect(meter.strainMs).toBe(MINUTE);
  });

  it('leaves out absent people; occupancy is busy time of present time', () => {
    const [worked, absent] = [new AgentMeter(0), new AgentMeter(0)];
    worked.change(0, { ...spell, busy: false, load: 0 });
    worked.change(3 * MINUTE, { ...spell, load: 1 });
    for (const meter of [worked, absent]) meter.close(4 * MINUTE);
    const day = figures({ ...NOBODY, contacts: [], agents: [worked, absent] });
    expect([day.strainMedianMin, day.strainP95Min]).toEqual([1, 1]);
    expect(day.occupancy).toBe(0.25);
  });
});

it('a percentile is the smallest value not exceeded by that share', () => {
  const values = [5, 1, 4, 2, 3];
  expect([0, 0.2, 0.21, 0.5, 0.95, 1].map((share) => percentile(values, share))).toEqual([
    1, 1, 2, 3, 5, 5,
  ]);
});
