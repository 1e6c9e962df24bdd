// `headroom explain WORKER` of the running daemon: why a Worker's channels are set as they are, as
// they were, or as they will be if only time passes.

import { instantOf } from '../core/schedule/zone.ts';
import type { LiveChannel, LiveExplanation } from '../live/explain.ts';
import type { PastExplanation } from '../live/explain-at.ts';
import { explanationLines } from '../trial/explain-lines.ts';
import { callApi } from './api.ts';
import { badInstant, type ExplainOptions } from './explain.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { wholeSecond } from './show-problems.ts';
import { findWorkerSid } from './worker-lookup.ts';

export async function explainLive(worker: string, options: ExplainOptions, io: Io): Promise<Exit> {
  // The daemon has its own Workers and rules, so a file of either would have no effect.
  const file = (['worker', 'rules'] as const).find((name) => options[name] !== undefined);
  if (file !== undefined) {
    io.err(`--${file} cannot be combined with the Worker "${worker}" of the running daemon.`);
    return EXIT.misused;
  }
  // Checks the format only: the time zone is that of the rules, which the daemon knows.
  if (options.at !== undefined && instantOf(options.at, 'UTC') === null) {
    io.err(badInstant(options.at));
    return EXIT.misused;
  }
  const found = await findWorkerSid(worker, io);
  if (!found.ok) return found.exit;
  const { channel, at } = options;
  const query = new URLSearchParams({
    ...(channel !== undefined && { channel }),
    ...(at !== undefined && { at }),
  });
  const answer = await callApi(`/api/v1/workers/${found.sid}/explain?${query}`, io);
  if (!answer.ok) return answer.exit;
  if (options.json) io.out(JSON.stringify(answer.body, null, 2));
  else
    for (const line of linesOf(answer.body as LiveExplanation | PastExplanation, at)) io.out(line);
  return EXIT.done;
}

function linesOf(
  found: LiveExplanation | PastExplanation,
  at: string | undefined,
): readonly string[] {
  if ('keptSince' in found) return pastLines(found);
  return at === undefined
    ? lines(found)
    : [
        ...lines(found),
        '',
        'This is how it will be at that time if nothing else changes until then.',
      ];
}

function pastLines({ at, worker, channels, keptSince }: PastExplanation): readonly string[] {
  const since =
    keptSince === null ? '' : `; entries of this Worker are kept since ${wholeSecond(keptSince)}`;
  return [
    `${worker.friendlyName ?? worker.sid} at ${wholeSecond(at)}, from the journal`,
    ...channels.flatMap(({ channel, last }) =>
      last === null
        ? ['', `${channel}: the journal has no change before that time${since}`]
        : [
            '',
            `${channel}: since ${wholeSecond(last.at)} by ${last.actor}: ${last.text} (${last.reason})`,
          ],
    ),
  ];
}

function lines(found: LiveExplanation): readonly string[] {
  return [
    ...explanationLines(found),
    ...(found.observing ? ['', 'HEADROOM_MODE=observe: nothing is written'] : []),
    ...found.limits.map(limitLine),
    ...found.channels.flatMap(heldLines),
  ];
}

/** A capacity, or whether a channel takes Tasks. */
function valueText(value: number | boolean | string): string {
  if (typeof value !== 'boolean') return String(value);
  return value ? 'open' : 'paused';
}

function limitLine({
  rule,
  taken,
  members,
  candidates,
  allowed,
}: LiveExplanation['limits'][number]) {
  const it = taken ? 'including this one' : 'not this one';
  return `limit of ${rule}: ${members} of ${candidates} Workers chosen, ${it}; ${allowed} allowed`;
}

function heldLines(each: LiveChannel): readonly string[] {
  const { channel, holds, last, paused, refused, unanswered } = each;
  const changes = (['capacity', 'available'] as const).flatMap((field) => {
    const { baseline, edit } = holds[field];
    const until = edit?.until
      ? `until ${wholeSecond(edit.until)}`
      : 'until the rules ask for another value';
    return [
      ...(baseline === null ? [] : [`  ${field}: baseline ${valueText(baseline)}`]),
      ...(edit === null
        ? []
        : [
            `  ${field}: set to ${valueText(edit.value)} by ${edit.by ?? 'a person'}, respected ${until}`,
          ]),
    ];
  });
  const more = [
    ...changes,
    ...(last === null ? [] : [`  last: ${wholeSecond(last.at)} by ${last.actor}: ${last.text}`]),
    ...(unanswered ? ['  a write was sent and has no answer yet'] : []),
    ...(paused === null ? [] : [`  headroom is paused here by ${paused.by}: ${paused.reason}`]),
    ...(refused === null ? [] : [`  not written: ${refused.sentence} (${refused.reason})`]),
  ];
  return more.length === 0 ? [] : ['', `${channel}:`, ...more];
}
