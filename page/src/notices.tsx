// What everyone should know at once, whichever view is open: that nothing is written, that
// something is paused, that the rules have faults, or that what is shown may be old.

import { nameOf } from './floor/channel-status.ts';
import type { Scope } from './hold/order.ts';
import type { Live } from './live/live.ts';
import { useTopics } from './live/topics.ts';
import type { PauseView, StatusView, WorkerView } from './live/types.ts';
import { isolateBidi } from './ui/names.ts';
import { when } from './ui/time.ts';

export function Notices({ live }: { live: Live }) {
  useTopics(live.topics, 'status', 'link');
  const notices = noticesOf(live);
  if (notices.length === 0) return null;
  return (
    <ul class="notices" role="status" aria-label="Notices">
      {notices.map(({ kind, text }) => (
        <li key={text} class={kind}>
          {text}
        </li>
      ))}
    </ul>
  );
}

interface Notice {
  readonly kind: 'fault' | 'held';
  readonly text: string;
}

function noticesOf(live: Live): readonly Notice[] {
  const { status, workers } = live;
  const away = awayOf(live);
  if (status === null) return away;
  const observing: readonly Notice[] = status.observing
    ? [
        {
          kind: 'held',
          text: 'Observe mode: headroom records what it would change and writes nothing.',
        },
      ]
    : [];
  return [
    ...away,
    ...faultsOf(status),
    ...unreadOf(status),
    ...observing,
    ...pausesOf(status.paused, workers),
  ];
}

function awayOf({ link, heardAt }: Live): readonly Notice[] {
  const since = heardAt === null ? '' : ` since ${when(heardAt)}`;
  switch (link) {
    case 'away':
      return [{ kind: 'fault', text: 'headroom cannot be reached. This page may be out of date.' }];
    case 'silent':
      return [
        { kind: 'fault', text: `No data from headroom${since}. This page may be out of date.` },
      ];
    case 'connecting':
    case 'live':
    case 'refused':
      return [];
  }
}

function faultsOf({ rules }: StatusView): readonly Notice[] {
  if (rules.lastReloadOk) return [];
  const stays = rules.id === null ? 'No rules are in force' : 'The last good set stays in force';
  const count = rules.faults.length;
  const text = `The rules folder has ${count} ${count === 1 ? 'problem' : 'problems'}. ${stays}. See Health.`;
  return [{ kind: 'fault', text }];
}

/** Until all Workers were read once, no number on the page is that of the whole floor. */
function unreadOf({ workers: { lastResync, resyncFault } }: StatusView): readonly Notice[] {
  if (lastResync !== null) return [];
  if (resyncFault === null) {
    const text = 'Reading Workers from TaskRouter. Some may be missing or out of date.';
    return [{ kind: 'held', text }];
  }
  const text =
    'Workers could not be read from TaskRouter. Some may be missing or out of date. See Health.';
  return [{ kind: 'fault', text }];
}

/** Paused rules that have a notice each, and how much of a reason it has: the floor needs room. */
const NOTICE_LIMITS = { rules: 2, reason: 120 } as const;

function pausesOf(
  paused: readonly PauseView[],
  workers: ReadonlyMap<string, WorkerView>,
): readonly Notice[] {
  const rules = paused.flatMap(({ rule }) => rule ?? []);
  const many = rules.length > NOTICE_LIMITS.rules;
  const own = paused.filter(({ rule, worker }) => worker === null && (rule === null || !many));
  const notices = own.map((pause) => pauseText(shortened(pause), workers));
  const [first, second] = rules;
  const rest = rules.length - 2;
  const others = `${rest} ${rest === 1 ? 'other' : 'others'}`;
  const text = `${rules.length} rules are paused: ${first}, ${second} and ${others}.`;
  return [...notices, ...(many ? [text] : [])].map((each) => ({ kind: 'held', text: each }));
}

function shortened(pause: PauseView): PauseView {
  const letters = [...pause.reason];
  if (letters.length <= NOTICE_LIMITS.reason) return pause;
  return { ...pause, reason: `${letters.slice(0, NOTICE_LIMITS.reason).join('')}…` };
}

/** `headroom is paused for Ana’s chat until 14:30 by Ann: odd numbers` */
export function pauseText(pause: PauseView, workers: ReadonlyMap<string, WorkerView>): string {
  const until = pause.until === null ? '' : ` until ${when(pause.until)}`;
  const restored = pause.released ? ', baselines restored,' : '';
  const why = `${isolateBidi(pause.by)}: ${isolateBidi(pause.reason)}`;
  return `${pausedSubject(pause, workers)}${restored}${until} by ${why}`;
}

/** A paused channel is `available: false`; what is paused here is headroom. */
function pausedSubject(scope: Scope, workers: ReadonlyMap<string, WorkerView>): string {
  if (scope.rule !== null) return `Rule ${scope.rule} is paused`;
  if (scope.worker === null) return 'headroom is paused';
  return `headroom is paused for ${scopeText(scope, workers)}`;
}

export function scopeText(
  { rule, worker, channel }: Scope,
  workers: ReadonlyMap<string, WorkerView>,
): string {
  if (rule !== null) return `Rule ${rule}`;
  if (worker === null) return 'Everything';
  const found = workers.get(worker);
  const name = found === undefined ? worker : nameOf(found);
  return channel === null ? name : `${name}’s ${channel}`;
}
