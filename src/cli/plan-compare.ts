// `headroom plan FOLDER`: what the rules of a folder would change in the running daemon, now and
// within a day, before they take effect.

import { readFolder } from '../language/folder.ts';
import type { ComparedView, DifferenceView, FloorView, RuleAmounts } from '../live/compare.ts';
import { callApi } from './api.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import type { Fault } from './orders.ts';
import { counted, showProblem, wholeSecond } from './show-problems.ts';

/** Looking ahead twice at every Worker of a large Workspace takes a while. */
const PATIENCE_MS = 300_000;

export async function planFolder(
  folder: string,
  options: { readonly json?: true },
  io: Io,
): Promise<Exit> {
  const { files, diagnostics } = await readFolder(folder);
  for (const each of diagnostics) {
    for (const line of showProblem(each, folder, new Map())) io.err(line);
  }
  if (diagnostics.length > 0) return EXIT.failed;
  if (files.length === 0) {
    io.err(`${folder}: the folder has no rules; expected *.yaml, *.yml or *.ics.`);
    return EXIT.findings;
  }
  const order = { files: files.map(({ name, text }) => ({ name, text })) };
  const answer = await callApi('/api/v1/plan', io, order, PATIENCE_MS);
  if (!answer.ok) {
    const { faults } = (answer.body ?? {}) as { readonly faults?: readonly Fault[] };
    for (const { file, line, column, severity, message } of faults ?? []) {
      io.err(`${file}:${line}:${column}: ${severity}: ${message}`);
    }
    return answer.exit;
  }
  if (options.json) io.out(JSON.stringify(answer.body, null, 2));
  else for (const line of comparedLines(answer.body as ComparedView)) io.out(line);
  return EXIT.done;
}

/** Exported for its test: the text that a person reads. */
export function comparedLines(found: ComparedView): readonly string[] {
  const { from, to, now, within, hours, rules, some, floors, looked, unread, more } = found;
  if (from === to) return [`these rules are already in force (set ${to})`];
  const whole = Date.parse(found.until) - Date.parse(found.at) >= hours * 3_600_000;
  return [
    `rule set ${to} instead of ${from ?? 'none'}, ${counted(looked, 'Worker')} checked; nothing is written`,
    `this would change ${counted(now.workers, 'Worker')} now, ${within.workers} within ${hours} h (${now.channels} and ${within.channels} Worker Channels)`,
    ...(rules.length > 0 ? ['Worker Channels by rule:'] : []),
    ...rules.map((each) => ruleLine(each, hours)),
    ...some.map((each) => differenceLine(each, found.at)),
    ...(within.channels > some.length ? [`  and ${within.channels - some.length} more`] : []),
    ...floors.map(floorLine),
    ...(found.observing ? ['HEADROOM_MODE=observe: nothing would be written'] : []),
    ...(whole
      ? []
      : [
          `incomplete for some Workers after ${wholeSecond(found.until)}: too many changes to compute`,
        ]),
    ...(unread > 0 ? [`${counted(unread, 'Worker')} must be read from TaskRouter first`] : []),
    ...(more ? [`only the first ${counted(looked, 'Worker')} were checked`] : []),
  ];
}

function ruleLine({ rule, now, within }: RuleAmounts, hours: number): string {
  return `  ${rule ?? 'restored to baseline'}: ${now} now, ${within} within ${hours} h`;
}

function differenceLine(
  { friendlyName, worker, channel, text, rule, at }: DifferenceView,
  now: string,
) {
  const when = at === now ? 'now' : wholeSecond(at);
  return `  ${when} ${friendlyName ?? worker} ${channel}: ${text}${rule === null ? '' : `  (${rule})`}`;
}

function floorLine({ group, channel, open, atLeast, at }: FloorView): string {
  return `keep_open for ${group} on ${channel} would hold back writes: without it, ${open} open at ${wholeSecond(at)}, minimum ${atLeast}`;
}
