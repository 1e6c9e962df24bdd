// Why one Worker Channel is set as it is, in plain sentences: pure, from the answer of `explain`.

import type {
  ClaimExplained,
  FoldStep,
  LiveChannel,
  LiveExplanation,
  RuleExplained,
  Seen,
  Setting,
} from '../live/types.ts';
import { isolateBidi, stripBidiControls } from '../ui/names.ts';
import { readableText } from '../ui/readable-text.ts';
import { when } from '../ui/time.ts';

/** One statement, and what it is based on. */
export interface Line {
  readonly text: string;
  readonly details: readonly string[];
}

export function headline(name: string, { channel, observed }: LiveChannel): string {
  if (observed === null || observed.capacity === null) {
    return `${name}’s ${channel} has not been read yet.`;
  }
  const { capacity, available, assigned } = observed;
  const tasks = assigned === undefined ? '' : `, with ${assigned} assigned`;
  const state = available ? 'open' : 'paused';
  return `${name}’s ${channel} is ${state} at capacity ${capacity}${tasks}.`;
}

/** The most telling sentence: what stops it, who set it, or which rule decides. */
export function shortReason({ stopped, observing }: LiveExplanation, channel: LiveChannel): string {
  if (stopped !== null) return sentence(`No rule applies: ${stopped.sentence}`);
  const { told: reason, fold, holds, paused } = channel;
  if (paused !== null) {
    const until = paused.until === null ? '' : ` until ${when(paused.until)}`;
    return `headroom is paused here${until}, by ${isolateBidi(paused.by)}: ${quoted(isolateBidi(paused.reason))}.`;
  }
  const edit = holds.capacity.edit ?? holds.available.edit;
  if (edit !== null) {
    const until =
      edit.until === null ? 'until the rules ask for another value' : `until ${when(edit.until)}`;
    return `Set by a person at ${when(edit.at)}; respected ${until}.`;
  }
  const decisive = fold.findLast(({ step }) => step !== 'baseline' && step !== 'bounds');
  if (decisive === undefined) return sentence(reason.sentence);
  const by = decisive.by.join(' and ');
  const written = channel.refused === null && !observing;
  if (decisive.step === 'pause') return `${written ? 'Paused' : 'Would be paused'} by ${by}.`;
  if (decisive.capacity === null) return `Decided by ${by}.`;
  return `${written ? 'Set' : 'Would be set'} to ${decisive.capacity} by ${by}.`;
}

/** Why what the rules decide is not written; null if it is. */
export function refusalText({ refused }: LiveChannel): string | null {
  return refused === null ? null : `Not written: ${readableText(refused.sentence)}.`;
}

export function claimLine(claim: ClaimExplained): Line {
  const { rule, asks, why, hard, mode } = claim;
  const observes = mode === 'observe' ? ' Observe mode: not written.' : '';
  const above = hard ? ' Overrides manual edits.' : '';
  const reason = why === null ? '' : ` ${sentence(why)}`;
  return {
    text: `${rule}: ${asks.map(asked).join(', ')}.${reason}${above}${observes}`,
    details: [...detailsOf(claim), ...untilOf(claim)],
  };
}

export function inactiveRuleLine(rule: RuleExplained): Line {
  return {
    text: `${rule.rule}: ${rule.sentence}.`,
    details: [...rule.unknown.map(sentence), ...rule.seen.map(seenText), ...untilOf(rule)],
  };
}

function detailsOf({ sentence: said, seen, unknown }: RuleExplained): readonly string[] {
  return [sentence(said), ...unknown.map(sentence), ...seen.map(seenText)];
}

function untilOf({ until }: RuleExplained): readonly string[] {
  return until === null ? [] : [`Next time-based check: ${soon(until.at)}.`];
}

const VERDICTS = { holds: 'true', fails: 'false', unknown: 'unknown' } as const;
const CONDITIONS = { enter: '', exit: 'Exit: ', release: 'Release: ' } as const;

function seenText({ condition, text, verdict, values }: Seen): string {
  // Of a fact that is itself true or false, the value would repeat the verdict.
  const shown = values.filter((value) => value !== `${text} = ${VERDICTS[verdict]}`);
  const saw = shown.length === 0 ? '' : ` (${shown.join(', ')})`;
  return `${CONDITIONS[condition]}${text} is ${VERDICTS[verdict]}${saw}.`;
}

/** `set 3` → `capacity 3`; `add 1` → `+1`; `max 1` → `at most 1`. */
function asked(ask: string): string {
  const [kind = '', number = ''] = ask.split(' ');
  switch (kind) {
    case 'set':
      return `capacity ${number}`;
    case 'add':
      return number.startsWith('-') ? number : `+${number}`;
    case 'min':
      return `at least ${number}`;
    case 'max':
      return `at most ${number}`;
    case 'pause':
      return 'paused';
    default:
      return ask;
  }
}

const STEPS: Readonly<Record<FoldStep['step'], string>> = {
  baseline: 'Baseline',
  edit: 'Manual edit',
  set: 'Set',
  add: 'Add',
  min: 'At least',
  max: 'At most',
  pause: 'Paused',
  bounds: 'Bounds (guardrail)',
};

export function stepName({ step }: FoldStep): string {
  return STEPS[step];
}

export function settingText({ capacity, available }: Pick<Setting, 'capacity' | 'available'>) {
  const number = capacity === null ? 'unchanged' : String(capacity);
  if (available === null) return number;
  return `${number}, ${available ? 'open' : 'paused'}`;
}

export function lastLine({ last }: LiveChannel): Line {
  if (last === null) return { text: 'No change in the journal.', details: [] };
  const at = when(last.at, undefined, true);
  const by = readableText(stripBidiControls(last.actor));
  return { text: sentence(stripBidiControls(last.text)), details: [`${at}, by ${by}.`] };
}

/** What happens next if nothing but time passes. */
export function nextLines({ next }: LiveExplanation, channel: string): readonly string[] {
  const changes = next.changes.filter((change) => change.channel === channel);
  if (changes.length === 0) {
    return [`No change due in the next ${next.hours} hours.`];
  }
  return changes.map(({ at, from, to, rule }) => {
    const why = rule === null ? 'restored to baseline' : rule;
    return `${soon(at)}: ${changeText(from, to)} (${why}).`;
  });
}

/** Shows seconds only if the instant is not a full minute, as those of schedules are. */
function soon(at: string): string {
  return when(at, undefined, Date.parse(at) % 60_000 !== 0);
}

function changeText(from: Setting, to: Setting): string {
  const parts: string[] = [];
  if (from.capacity !== to.capacity) parts.push(`${from.capacity ?? '?'} → ${to.capacity ?? '?'}`);
  if (from.available !== to.available) {
    parts.push(`${open(from.available)} → ${open(to.available)}`);
  }
  return parts.join(' and ');
}

function open(available: boolean | null): string {
  return available === null ? '?' : available ? 'open' : 'paused';
}

export function sentence(text: string): string {
  const trimmed = readableText(text.trim());
  const begun = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}

function quoted(text: string): string {
  return `“${text}”`;
}
