// What is wrong, each in a few words, worst first: pure.

import type { StatusView } from '../live/types.ts';

interface Counts {
  readonly contested: number;
  /** Channels whose writes failed in the last hour. */
  readonly failing: number;
}

export function problemsOf(status: StatusView, { contested, failing }: Counts): readonly string[] {
  const { rules, queues, statistics, workers, drift, events } = status;
  const dead = queues.events.failed + queues.passes.failed;
  const stale = statistics.filter(({ unknown }) => unknown !== null).length;
  const found: readonly (readonly [boolean, string])[] = [
    [rules.id === null, 'no rules are in force'],
    [!rules.lastReloadOk, `${counted(rules.faults.length, 'problem')} in the rules folder`],
    [
      rules.broken > 0 && rules.lastReloadOk,
      `${counted(rules.broken, 'replica')} with problems in the rules folder`,
    ],
    [allRefused(events.deliveries), 'every delivery is refused'],
    [dead > 0, counted(dead, 'dead job')],
    [stale > 0, `${counted(stale, 'TaskQueue')} with stale statistics`],
    [failing > 0, `writes to ${counted(failing, 'channel')} failed in the last hour`],
    [contested > 0, counted(contested, 'contested channel')],
    [workers.resyncFault !== null, 'the resync failed'],
    [drift.fault !== null, 'the check for undelivered changes failed'],
  ];
  const [first, ...rest] = found.filter(([is]) => is).map(([, text]) => text);
  return first === undefined ? [] : [first.charAt(0).toUpperCase() + first.slice(1), ...rest];
}

/** What became of deliveries, in words. Those that begin with `refused` were not taken. */
const OUTCOMES: Readonly<Record<string, string>> = {
  queued: 'stored',
  'type.unused': 'of an unused type',
  'type.unknown': 'of an unknown type',
  'field.missing': 'incomplete',
  'workspace.other': 'from another Workspace',
  'signature.missing': 'refused: no signature',
  'signature.wrong': 'refused: wrong signature',
  'body.too_large': 'refused: too large',
  'body.not_form': 'refused: not a form',
  'body.packed': 'refused: compressed',
  'body.malformed': 'refused: malformed',
  'store.down': 'refused: the store was down',
};

export function outcomeWords(outcome: string): string {
  return OUTCOMES[outcome] ?? outcome;
}

/** One that was taken shows that address and token are right: then others may be guesses. */
function allRefused(deliveries: Readonly<Record<string, number>>): boolean {
  const outcomes = Object.entries(deliveries).flatMap(([outcome, n]) => (n > 0 ? [outcome] : []));
  const refused = outcomes.filter((outcome) => outcomeWords(outcome).startsWith('refused'));
  return refused.length > 0 && refused.length === outcomes.length;
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
