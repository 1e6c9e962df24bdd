// Pauses as people read them: with the Worker's name rather than its SID.

import type { StatusView } from '../daemon/status.ts';
import { callApi } from './api.ts';
import type { Io } from './io.ts';
import { wholeSecond } from './show-problems.ts';

export type PauseView = StatusView['paused'][number];
export type WorkerNames = ReadonlyMap<string, string>;

/** Of more Workers, the SIDs are shown. */
const MAX_LOOKUPS = 20;

/** The friendly names of the Workers that these pauses cover, by SID, as far as they are known. */
export async function workerNames(pauses: readonly PauseView[], io: Io): Promise<WorkerNames> {
  const sids = new Set(pauses.flatMap(({ worker }) => worker ?? []));
  // A Worker that is paused may be deleted by now: that is no problem to report.
  const quiet = { ...io, err: () => {} };
  const found = await Promise.all(
    [...sids].slice(0, MAX_LOOKUPS).map(async (sid) => {
      const answer = await callApi(`/api/v1/workers/${sid}`, quiet);
      const { friendlyName = null } = answer.ok
        ? (answer.body as { readonly friendlyName?: string | null })
        : {};
      return friendlyName === null ? [] : [[sid, friendlyName] as const];
    }),
  );
  return new Map(found.flat());
}

export function scopeText({ rule, worker, channel }: PauseView, names: WorkerNames): string {
  if (rule !== null) return `rule ${rule}`;
  if (worker === null) return 'everything';
  return [names.get(worker) ?? worker, channel].filter((part) => part !== null).join(' ');
}

/** `Ana chat, until resumed, by dana: a drill` */
export function pausedText(pause: PauseView, names: WorkerNames): string {
  const restored = pause.released ? ', baselines restored' : '';
  const end = pause.until === null ? 'until resumed' : `until ${wholeSecond(pause.until)}`;
  return `${scopeText(pause, names)}${restored}, ${end}, by ${pause.by}: ${pause.reason}`;
}
