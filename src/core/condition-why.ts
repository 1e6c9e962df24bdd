// The sentence of `why` with its placeholders: `{queue.Support.waiting}`, `{channel.voice.assigned}`,
// `{worker.team}`, `{activity.name}`. What is not known prints as `?`.

import type { ConditionError } from './condition.types.ts';
import type { Facts } from './facts.ts';

export interface WhyError extends Omit<ConditionError, 'code'> {
  readonly code: 'why.unknown_placeholder' | 'why.unclosed';
}

/** Every placeholder that means nothing, with its offsets in the template. */
export function checkWhy(_template: string): readonly WhyError[] {
  throw new Error('to be written');
}

export function fillWhy(_template: string, _facts: Facts): string {
  throw new Error('to be written');
}
