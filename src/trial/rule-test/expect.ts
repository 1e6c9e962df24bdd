// The expectations of a rule test, resolved: which Worker Channel has to be how at which instant.

import { quote, suggestion } from '../../language/diagnostic.ts';
import { type Binding, channelEntry } from './binding.ts';
import type { ExpectDraft } from './entries.ts';
import { BECAUSE_WORDS, type Names } from './names.ts';
import { matchWorkers } from './test-workers.ts';
import type { Expectation } from './types.ts';
import { expected, type Placed } from './values.ts';

const FIELDS = ['after', 'at', 'worker', 'because'];

/** One for each channel that it names. */
export function bindExpect(draft: ExpectDraft, binding: Binding): readonly Expectation[] {
  const { clock, workers: known, names } = binding;
  const at = clock.at(draft.when);
  const workers = matchWorkers(draft.worker, known);
  const because = draft.because && becauseOf(draft.because, names);
  if (draft.others.length === 0) {
    const message = 'this expectation has no channel, expected one such as chat: 3';
    draft.spot.report('test.expect', message);
  }
  const { value, spot } = draft.when;
  const writtenTime = `${value.kind === 'offset' ? 'after' : 'at'} ${spot.written}`;
  return draft.others.flatMap((entry) => {
    if (!channelEntry(entry, known, FIELDS)) return [];
    const read = expected.read(entry.value);
    if (read === undefined || at === undefined) return [];
    const { place } = entry.at;
    return [{ place, at, writtenTime, workers, channel: entry.name, expected: read, because }];
  });
}

function becauseOf({ value, spot }: Placed<string>, names: Names): string {
  if (names.because.includes(value)) return value;
  const end = suggestion(value, names.because);
  const known = [...BECAUSE_WORDS].join(', ');
  const message = `${quote(value)} is not a rule, not one of ${known}, and not a reason code`;
  spot.report('test.because', end.startsWith('; did') ? `${message}${end}` : message);
  return value;
}
