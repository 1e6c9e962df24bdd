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
    return `${name}’s ${channel} was not read yet.`;
  }
  const { capacity, available, assigned } = observed;
  const hands = assigned === undefined ? '' : `, with ${assigned} in hand`;
  const state = available ? 'open' : 'paused';
  return `${name}’s ${channel} holds ${capacity}, is ${state}${hands}.`;
}

/** The most telling sentence: what stops it, who set it, or which rule decides. */
export function shortReason({ stopped }: LiveExplanation, channel: LiveChannel): string {
  if (stopped !== null) return sentence(`No rule acts: ${stopped.sentence}`);
  const { told: reason, fold, holds, paused } = channel;
  if (paused !== null) {
    const until = paused.until === null ? '' : ` until ${when(paused.until)}`;
    return `headroom keeps its hands off${until}: paused by ${isolateBidi(paused.by)}, ${quoted(isolateBidi(paused.reason))}.`;
  }
  const edit = holds.capacity.edit ?? holds.available.edit;
  if (edit !== null) {
    const until =
      edit.until === null ? 'until the rules ask for something else' : `until ${when(edit.until)}`;
    return `A person set it at ${when(edit.at)}; that is respected ${until}.`;
  }
  const decisive = fold.findLast(({ step }) => step !== 'baseline' && step !== 'bounds');
  if (decisive === undefined) return sentence(reason.sentence);
  return `${decisive.by.join(' and ')} decides: ${stepWords(decisive)}.`;
}

/** Why what the rules decide is not written; null if it is. */
export function refusalText({ refused }: LiveChannel): string | null {
  return refused === null ? null : `It is not written: ${readableText(refused.sentence)}.`;
}

export function claimLine(claim: ClaimExplained): Line {
  const { rule, asks, why, hard, mode } = claim;
  const observes = mode === 'observe' ? ' It only observes, so it is not written.' : '';
  const above = hard ? ' It also stands above a person’s edit.' : '';
  const reason = why === null ? '' : ` ${sentence(why)}`;
  return {
    text: `${rule} asks for ${asks.map(asked).join(' and ')}.${reason}${above}${observes}`,
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
  return until === null ? [] : [`Time alone may change this at ${soon(until.at)}.`];
}

const VERDICTS = { holds: 'holds', fails: 'does not hold', unknown: 'is unknown' } as const;
const CONDITIONS = { enter: '', exit: 'Its exit ', release: 'Its release ' } as const;

function seenText({ condition, text, verdict, values }: Seen): string {
  const saw = values.length === 0 ? '' : `: ${values.join(', ')}`;
  return `${CONDITIONS[condition]}${text} ${VERDICTS[verdict]}${saw}.`;
}

/** `set 3` → `3`; `max 1` → `at most 1`. */
function asked(ask: string): string {
  const [kind = '', number = ''] = ask.split(' ');
  switch (kind) {
    case 'set':
      return number;
    case 'add':
      return `${number} more`;
    case 'min':
      return `at least ${number}`;
    case 'max':
      return `at most ${number}`;
    case 'pause':
      return 'a pause';
    default:
      return ask;
  }
}

const STEPS: Readonly<Record<FoldStep['step'], string>> = {
  baseline: 'Baseline',
  edit: 'A person’s edit',
  set: 'Set',
  add: 'Added',
  min: 'At least',
  max: 'At most',
  pause: 'Paused',
  bounds: 'Guardrail bounds',
};

export function stepName({ step }: FoldStep): string {
  return STEPS[step];
}

function stepWords(step: FoldStep): string {
  return step.step === 'pause' ? 'paused' : settingText(step);
}

export function settingText({ capacity, available }: Pick<Setting, 'capacity' | 'available'>) {
  const number = capacity === null ? 'as it is' : String(capacity);
  if (available === null) return number;
  return `${number}, ${available ? 'open' : 'paused'}`;
}

export function lastLine({ last }: LiveChannel): Line {
  if (last === null) return { text: 'The journal keeps no change of it.', details: [] };
  const at = when(last.at, undefined, true);
  const by = readableText(stripBidiControls(last.actor));
  return { text: sentence(stripBidiControls(last.text)), details: [`${at}, by ${by}.`] };
}

/** What happens next if nothing but time passes. */
export function nextLines({ next }: LiveExplanation, channel: string): readonly string[] {
  const changes = next.changes.filter((change) => change.channel === channel);
  if (changes.length === 0) {
    return [`If nothing but time passes, nothing changes in the next ${next.hours} hours.`];
  }
  return changes.map(({ at, from, to, rule }) => {
    const why = rule === null ? 'restored to its baseline' : rule;
    return `${soon(at)}: ${changeText(from, to)}, ${why}.`;
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
