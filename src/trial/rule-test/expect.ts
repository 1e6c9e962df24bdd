// The expectations of a rule test, resolved: which Worker Channel has to be how at which instant.

import { quote, suggestion } from '../../language/diagnostic.ts';
import { type Binding, channelEntry } from './binding.ts';
import type { ExpectDraft } from './happenings.ts';
import { BECAUSE_WORDS, type Names } from './names.ts';
import { meantBy } from './team.ts';
import type { Expectation } from './types.ts';
import { expected, type Placed } from './values.ts';

const FIELDS = ['after', 'at', 'worker', 'because'];

/** One for each channel that it names. */
export function bindExpect(draft: ExpectDraft, binding: Binding): readonly Expectation[] {
  const { clock, team, names } = binding;
  const at = clock.at(draft.when);
  const workers = meantBy(draft.worker, team);
  const because = draft.because && becauseOf(draft.because, names);
  if (draft.others.length === 0) {
    const message = 'this expectation has no channel, expected one such as chat: 3';
    draft.spot.report('test.expect', message);
  }
  const { value, spot } = draft.when;
  const said = `${value.kind === 'offset' ? 'after' : 'at'} ${spot.written}`;
  return draft.others.flatMap((entry) => {
    if (!channelEntry(entry, team, FIELDS)) return [];
    const read = expected.read(entry.value);
    if (read === undefined || at === undefined) return [];
    const { place } = entry.at;
    return [{ place, at, said, workers, channel: entry.name, expected: read, because }];
  });
}

function becauseOf({ value, spot }: Placed<string>, names: Names): string {
  if (names.because.includes(value)) return value;
  const end = suggestion(value, names.because);
  const known = [...BECAUSE_WORDS].join(', ');
  const message = `${quote(value)} is no rule, none of ${known} and no reason code`;
  spot.report('test.because', end.startsWith('; did') ? `${message}${end}` : message);
  return value;
}
