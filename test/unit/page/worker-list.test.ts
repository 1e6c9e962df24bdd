// The order of people on the page's floor: sorted on request, and unchanged until then.

import { describe, expect, it } from 'vitest';
import { WorkerList } from '../../../page/src/floor/worker-list.ts';
import type { ChannelView, WorkerView } from '../../../src/control/views.ts';

function worker(sid: string, more: Partial<WorkerView> & { chat?: Partial<ChannelView> } = {}) {
  const { chat, ...rest } = more;
  const channel: ChannelView = {
    ...{ channel: 'chat', sid: null, capacity: 3, available: true, assigned: 0 },
    ...{ heldBy: 'nobody', actor: null, rules: [], refused: null },
    baseline: { capacity: null, available: null },
    ...{ respectedUntil: null, unanswered: false, asOf: null },
    ...chat,
  };
  const view: WorkerView = {
    ...{ sid, friendlyName: sid, activity: 'Available', available: true, since: null },
    ...{ groups: [], channels: [channel], rules: [] },
    ...rest,
  };
  return view;
}

function floorOf(...workers: readonly WorkerView[]): Map<string, WorkerView> {
  return new Map(workers.map((each) => [each.sid, each]));
}

const names = ({ people }: WorkerList) => people.map(({ name }) => name);
const DRAINING = { assigned: 5 };

describe('a crowd', () => {
  it('is sorted by what needs attention, then by name with numbers as numbers', () => {
    const crowd = new WorkerList();
    crowd.update(floorOf(worker('w10'), worker('w9'), worker('w1', { chat: DRAINING })));
    crowd.sort('attention');
    expect(names(crowd)).toEqual(['w1', 'w9', 'w10']);
    crowd.sort('name');
    expect(names(crowd)).toEqual(['w1', 'w9', 'w10']);
  });

  it('keeps its order when somebody changes, until it is sorted', () => {
    const crowd = new WorkerList();
    const [a, b] = [worker('a'), worker('b')];
    crowd.update(floorOf(a, b));
    crowd.sort('attention');
    crowd.update(floorOf(a, worker('b', { chat: DRAINING })));
    expect(names(crowd)).toEqual(['a', 'b']);
    expect(crowd.people[1]?.weight).toBe(5);
    crowd.sort('attention');
    expect(names(crowd)).toEqual(['b', 'a']);
  });

  it('puts new people last, and closes the gaps of those who are gone', () => {
    const crowd = new WorkerList();
    const [b, c] = [worker('b'), worker('c')];
    crowd.update(floorOf(b, c));
    crowd.sort('name');
    crowd.update(floorOf(b, c, worker('a')));
    expect(names(crowd)).toEqual(['b', 'c', 'a']);
    crowd.update(floorOf(c, worker('a')));
    expect(names(crowd)).toEqual(['c', 'a']);
    crowd.sort('name');
    expect(names(crowd)).toEqual(['a', 'c']);
  });

  it('sorts a new name and a changed one into place', () => {
    const crowd = new WorkerList();
    const others = [worker('b'), worker('d')];
    crowd.update(floorOf(...others, worker('x', { friendlyName: 'e' })));
    crowd.sort('name');
    crowd.update(floorOf(...others, worker('x', { friendlyName: 'c' }), worker('a')));
    crowd.sort('name');
    expect(names(crowd)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('counts each filter and each channel as people come, change and go', () => {
    const crowd = new WorkerList();
    const full = { assigned: 3, heldBy: 'rule', rules: ['r'] } as const;
    const a = worker('a', { chat: full });
    crowd.update(floorOf(a, worker('b', { chat: { ...DRAINING, channel: 'sms' } })));
    expect(crowd.counts).toMatchObject({ full: 1, rule: 1, draining: 1, attention: 1, person: 0 });
    expect(crowd.channels).toEqual(['chat', 'sms']);
    crowd.update(floorOf(worker('a')));
    expect(crowd.counts).toMatchObject({ full: 0, rule: 0, draining: 0, attention: 0 });
    expect(crowd.channels).toEqual(['chat']);
  });

  it('counts only the channels that are shown', () => {
    const crowd = new WorkerList();
    const floor = floorOf(worker('a', { chat: DRAINING }), worker('b'));
    crowd.update(floor, new Set(['sms']));
    expect(crowd.counts).toMatchObject({ draining: 0, attention: 0 });
    const chat = new Set(['chat']);
    crowd.update(floor, chat);
    expect(crowd.counts).toMatchObject({ draining: 1, attention: 1 });
    const { people } = crowd;
    crowd.update(floor, chat);
    expect(crowd.people).toBe(people);
  });

  it('is the same array while nothing changes, so that nothing is redrawn', () => {
    const crowd = new WorkerList();
    const floor = floorOf(worker('a'));
    crowd.update(floor);
    const { people } = crowd;
    crowd.update(floor);
    expect(crowd.people).toBe(people);
  });
});
