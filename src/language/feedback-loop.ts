// A rule whose condition reads what its own `then` changes would switch itself on and off for ever.
// It is refused unless a separate exit, or a release, decides when it ends.

import type { Condition, Mention } from '../core/condition/condition.ts';
import type { Setting, Then, When } from '../core/rules.ts';
import type { SourceValue } from './source-value.ts';

interface Feedback {
  readonly mention: Mention | null;
  /** What is read, as written: `channel("chat").load`. */
  readonly read: string;
  readonly changed: string;
}

export function checkFeedbackLoop(options: {
  readonly when: When;
  readonly what: Then;
  readonly released: boolean;
  /** The value of `when`, or of its `enter`. */
  readonly spot: SourceValue;
}): void {
  const { when, what, released, spot } = options;
  if (when.exit !== null || released) return;
  const found = feedback(when.enter, what);
  if (found === null) return;
  const offset = found.mention === null ? spot.offset : spot.offsetInText(found.mention.start);
  const loop = `"when" reads ${found.read}, which this rule's own "then" changes (${found.changed})`;
  spot.reportAt('when.feeds_itself', offset, `${loop}; expected a separate "exit" to end it`);
}

function feedback(condition: Condition, then: Then): Feedback | null {
  for (const mention of condition.mentions) {
    const field = fieldAfter(condition.text, mention.end);
    const read = `${mention.kind}("${mention.name}").${field}`;
    if (mention.kind === 'channel') {
      const setting = then.channels.get(mention.name) ?? then.any;
      if (setting === null || !changes(setting, field)) continue;
      return { mention, read, changed: `then.${shown(then, mention.name)}` };
    }
    if (mention.kind === 'group' && field === 'load' && settings(then).some(setsNumber)) {
      return { mention, read, changed: 'then' };
    }
  }
  if (!condition.reads.allChannels) return null;
  const field = ['capacity', 'available', 'load'].find((each) =>
    new RegExp(`\\.\\s*${each}\\b`).test(condition.text),
  );
  if (field === undefined || !settings(then).some((each) => changes(each, field))) return null;
  return { mention: null, read: `the ${field} of its channels`, changed: 'then' };
}

function shown(then: Then, channel: string): string {
  return then.channels.has(channel) ? channel : 'any';
}

function settings({ channels, any }: Then): readonly Setting[] {
  return any === null ? [...channels.values()] : [...channels.values(), any];
}

function setsNumber({ set, add, min, max }: Setting): boolean {
  return set !== null || add !== null || min !== null || max !== null;
}

function changes(setting: Setting, field: string): boolean {
  if (field === 'available') return setting.pause;
  return (field === 'capacity' || field === 'load') && setsNumber(setting);
}

/** The field read from a name: `load` in `channel("chat").load` and `channels.chat.load`. */
function fieldAfter(text: string, end: number): string {
  return /^["']?\s*[)\]]?\s*\.\s*([a-z_]+)/.exec(text.slice(end))?.[1] ?? '';
}
