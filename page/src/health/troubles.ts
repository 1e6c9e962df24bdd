// What is wrong, each in a few words, worst first: pure.

import type { StatusView } from '../live/types.ts';

export function troublesOf(status: StatusView, contested: number): readonly string[] {
  const { rules, queues, statistics, workers, drift } = status;
  const dead = queues.events.failed + queues.passes.failed;
  const stale = statistics.filter(({ unknown }) => unknown !== null).length;
  const found: readonly (readonly [boolean, string])[] = [
    [rules.id === null, 'no rules are in force'],
    [!rules.lastReloadOk, `rules with ${counted(rules.faults.length, 'fault')}`],
    [
      rules.broken > 0 && rules.lastReloadOk,
      `${counted(rules.broken, 'replica')} with faulty rules`,
    ],
    [dead > 0, counted(dead, 'dead job')],
    [stale > 0, `${counted(stale, 'TaskQueue')} with stale statistics`],
    [contested > 0, counted(contested, 'contested channel')],
    [workers.resyncFault !== null, 'the resync failed'],
    [drift.fault !== null, 'the look for lost events failed'],
  ];
  const [first, ...rest] = found.filter(([is]) => is).map(([, text]) => text);
  return first === undefined ? [] : [first.charAt(0).toUpperCase() + first.slice(1), ...rest];
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
