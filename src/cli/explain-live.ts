// `headroom explain WORKER` of the running daemon: why a Worker's channels are what they are now.

import type { LiveChannel, LiveExplanation } from '../live-explain.ts';
import { explanationLines } from '../trial/explain-lines.ts';
import { ask } from './api.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { workerSid } from './who.ts';

export async function explainLive(
  worker: string,
  options: { readonly channel?: string; readonly json?: true },
  io: Io,
): Promise<Exit> {
  const found = await workerSid(worker, io);
  if (!found.ok) return found.exit;
  const { channel } = options;
  const query = channel === undefined ? '' : `?channel=${encodeURIComponent(channel)}`;
  const answer = await ask(`/api/v1/workers/${found.sid}/explain${query}`, io);
  if (!answer.ok) return answer.exit;
  if (options.json) io.out(JSON.stringify(answer.body, null, 2));
  else for (const line of lines(answer.body as LiveExplanation)) io.out(line);
  return EXIT.done;
}

function lines(found: LiveExplanation): readonly string[] {
  return [
    ...explanationLines(found),
    ...(found.observing ? ['', 'HEADROOM_MODE=observe: none of it is written'] : []),
    ...found.limits.map(limitLine),
    ...found.channels.flatMap(heldLines),
  ];
}

function limitLine({
  rule,
  taken,
  members,
  candidates,
  allowed,
}: LiveExplanation['limits'][number]) {
  const it = taken ? 'this one among them' : 'not this one';
  return `limit of ${rule}: ${members} of ${candidates} Workers taken, ${it}; ${allowed} allowed`;
}

function heldLines(each: LiveChannel): readonly string[] {
  const { channel, holds, last, paused, refused, unanswered } = each;
  const told = (['capacity', 'available'] as const).flatMap((field) => {
    const { baseline, edit } = holds[field];
    const until = edit?.until ? `until ${edit.until}` : 'until rules change their mind';
    return [
      ...(baseline === null ? [] : [`  ${field} goes back to ${baseline}`]),
      ...(edit === null
        ? []
        : [`  ${field} was set to ${edit.value} by ${edit.by ?? 'a person'}, ${until}`]),
    ];
  });
  const more = [
    ...told,
    ...(last === null ? [] : [`  last: ${last.at} by ${last.actor}: ${last.text}`]),
    ...(unanswered ? ['  a write was sent and is not answered yet'] : []),
    ...(paused === null ? [] : [`  paused by ${paused.by}: ${paused.reason}`]),
    ...(refused === null ? [] : [`  not written: ${refused.sentence} (${refused.reason})`]),
  ];
  return more.length === 0 ? [] : ['', `${channel}:`, ...more];
}
