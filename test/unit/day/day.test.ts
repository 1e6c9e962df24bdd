import { describe, expect, it } from 'vitest';
import { type DayPlan, runDay } from '../../../src/cli/day.ts';
import { compileRules } from '../../../src/language/compile.ts';

const HOUR = 3_600_000;
const RULES = `
version: 1
defaults: { timezone: Europe/London, baseline: { chat: 3, voice: 1 } }
guardrails: { min_dwell: 1s }
rules:
  - name: on-a-call
    who: everyone
    when: channel("voice").assigned >= 1
    then: { chat: pause }
  - name: overload
    who: { where: 'worker.team == "support"' }
    when:
      enter: queue("Support").waiting >= 3
      exit: queue("Support").waiting == 0
      for: 30s
    then: { chat: { add: 1, max: 5 } }
`;

function rules(more = '') {
  const { ruleSet } = compileRules([{ name: 'day.yaml', text: RULES + more }]);
  if (ruleSet === null) throw new Error('the rules of this test have mistakes');
  return ruleSet;
}

/** A few busy hours with too few people, so that Tasks wait. */
const PLAN: DayPlan = { seed: 7, workers: 16, tasks: 900, rules: rules(), forMs: 7 * HOUR };

describe('the seeded day', () => {
  const day = runDay(PLAN);
  const bare = runDay({ ...PLAN, rules: null });

  it('ends the same for the same seed, to the byte', () => {
    expect(JSON.stringify(runDay(PLAN).end)).toBe(JSON.stringify(day.end));
    expect(JSON.stringify(runDay({ ...PLAN, rules: null }).end)).toBe(JSON.stringify(bare.end));
  });

  it('differs for another seed', () => {
    expect(runDay({ ...PLAN, seed: 8 }).figures).not.toEqual(day.figures);
  });

  it('has the same customers whatever the rules do', () => {
    const came = ({ figures }: typeof day) =>
      Object.values(figures.byChannel).reduce((sum, { offered }) => sum + offered, 0);
    // Customers who have waited too briefly at the end are not counted yet.
    expect(Math.abs(came(day) - came(bare))).toBeLessThan(15);
    expect(bare.writes).toEqual([]);
  });

  it('acts on channels: pauses chats during calls', () => {
    const paused = day.writes.filter(({ rule, to }) => rule === 'on-a-call' && !to.available);
    expect(paused.length).toBeGreaterThan(50);
  });

  it('acts on TaskQueues: a full queue raises the team, an empty one lets it go', () => {
    const lifted = day.writes.filter(({ rule, to }) => rule === 'overload' && to.capacity === 4);
    const back = day.writes.filter(({ from, to }) => from.capacity === 4 && to.capacity === 3);
    expect(lifted.length).toBeGreaterThan(0);
    expect(back.length).toBeGreaterThan(0);
  });

  it("never takes its own writes for a person's", () => {
    expect(day.writes.filter(({ reason }) => reason === 'person.edit')).toEqual([]);
    expect(JSON.stringify(day.end)).not.toContain('"foreign":[1');
  });

  it('respects a limit, and the guardrails that count Workers', () => {
    const limited = runDay({
      ...PLAN,
      rules: rules('    limit: { workers: 1 }\n'),
    });
    const at = new Map<number, Set<string>>();
    for (const { rule, at: when, worker, to } of limited.writes) {
      if (rule !== 'overload' || to.capacity !== 4) continue;
      at.set(when, (at.get(when) ?? new Set()).add(worker));
    }
    expect([...at.values()].every((who) => who.size === 1)).toBe(true);
  });
});
