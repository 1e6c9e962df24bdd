// What happens in a rule test, resolved: series to facts that its rules read, events and edits to
// their Workers and instants.

import type { SimulationInput } from '../../core/simulation.ts';
import { oneOf, quote, suggestion } from '../../language/diagnostic.ts';
import { type Binding, channelEntry, unknownChannel } from './binding.ts';
import type { EditDraft, EventDraft } from './entries.ts';
import type { TestDraft } from './file.ts';
import { editInput, eventInput, isReservationEvent, seriesInputs, TEST_EVENTS } from './inputs.ts';
import { factOf, type Series, valuesOf } from './series.ts';
import { matchOneWorker } from './test-workers.ts';
import type { Edit } from './types.ts';
import { setting } from './values.ts';
import { named } from './worker-records.ts';

export function seriesOf(draft: TestDraft, binding: Binding): readonly Series[] {
  return draft.series.flatMap(({ key, value, at }) => {
    const read = factOf(key, at);
    if (read === undefined) return [];
    const { fact, of } = read;
    const values = valuesOf(of, value);
    const series = { fact, values: values ?? [], spot: at };
    return isKnown(series, binding) && values !== undefined ? [series] : [];
  });
}

/** A fact that no rule reads is a mistake: the test would pass whatever its values are. */
function isKnown({ fact, values, spot }: Series, { names, workers }: Binding): boolean {
  if (fact.kind === 'queue' || fact.kind === 'group') {
    const known = [...(fact.kind === 'queue' ? names.queues : names.groups)];
    if (known.includes(fact.name)) return true;
    const what = fact.kind === 'queue' ? 'TaskQueue' : 'group';
    const end = known.length === 0 ? `; the rules read no ${what}` : suggestion(fact.name, known);
    spot.report('test.fact', `no rule reads the ${what} ${quote(fact.name)}${end}`);
    return false;
  }
  if (workers.members.length > 1) {
    const message = `${quote(spot.label)} is a fact of one Worker, but the test has several`;
    spot.report('test.worker', `${message}; expected events instead`);
    return false;
  }
  if (fact.kind === 'channel' && !workers.channels.includes(fact.name)) {
    unknownChannel(fact.name, spot, workers.channels);
    return false;
  }
  if (fact.kind === 'worker' || !values.includes(null)) return true;
  spot.report('test.series', `${quote(spot.label)} is never unknown, expected values without ?`);
  return false;
}

export function inputsOf(series: Series, { clock, workers }: Binding): readonly SimulationInput[] {
  const ofWorld = series.fact.kind === 'queue' || series.fact.kind === 'group';
  const only = workers.members[0]?.sid ?? null;
  return seriesInputs(series, clock.start, ofWorld ? null : only);
}

// ── events and edits ─────────────────────────────────────────────────────────────────────────

export function bindEvent(
  draft: EventDraft,
  n: number,
  binding: Binding,
): readonly SimulationInput[] {
  const { clock, workers } = binding;
  const at = clock.at(draft.at);
  const worker = matchOneWorker(draft.worker, draft.spot, workers);
  const type = TEST_EVENTS.find((each) => each === draft.type.value);
  if (type === undefined) unknownEvent(draft);
  else if (!fits(draft, type)) return [];
  if (draft.channel !== null && !workers.channels.includes(draft.channel.value)) {
    unknownChannel(draft.channel.value, draft.channel.spot, workers.channels);
  }
  if (at === undefined || worker === null || type === undefined) return [];
  const { reservation, attributes, activity } = draft;
  const channel = draft.channel?.value ?? null;
  const name = activity && named(activity).name;
  return [eventInput({ type, at, worker, n, channel, reservation, attributes, activity: name })];
}

function unknownEvent({ type }: EventDraft): void {
  const end = /^worker\.(?:capacity|channel)/.test(type.value)
    ? '; expected what a person sets under "edits"'
    : suggestion(type.value, TEST_EVENTS);
  type.spot.report('test.event', `${quote(type.value)} is not an event that a test can send${end}`);
}

/** Whether the event has only fields that its type has, and all that it requires. */
function fits(draft: EventDraft, type: (typeof TEST_EVENTS)[number]): boolean {
  const written = (['channel', 'reservation', 'activity', 'attributes'] as const).filter(
    (field) => draft[field] !== null,
  );
  const may: readonly string[] = isReservationEvent(type)
    ? ['channel', 'reservation', 'attributes']
    : type === 'worker.activity.update'
      ? ['activity', 'attributes']
      : ['attributes'];
  const wrong = written.find((field) => !may.includes(field));
  if (wrong !== undefined) {
    const message = `${type} has no field "${wrong}", expected only ${oneOf(may)}`;
    draft.spot.report('test.event', message);
    return false;
  }
  const needed = { 'worker.activity.update': 'activity', 'worker.attributes.update': 'attributes' };
  const missing = Object.entries(needed).find(
    ([of, field]) => of === type && !written.some((each) => each === field),
  );
  if (missing === undefined) return true;
  draft.spot.report('test.event', `${type} has no "${missing[1]}", expected one`);
  return false;
}

export function bindEdit(
  draft: EditDraft,
  binding: Binding,
): readonly { edit: Edit; input: SimulationInput }[] {
  const { clock, workers, respectMs } = binding;
  const at = clock.at(draft.at);
  const worker = matchOneWorker(draft.worker, draft.spot, workers);
  if (draft.others.length === 0) {
    draft.spot.report('test.expect', 'this edit has no channel, expected one such as chat: 4');
  }
  return draft.others.flatMap((entry) => {
    const to = channelEntry(entry, workers, ['at', 'worker'])
      ? setting.read(entry.value)
      : undefined;
    if (to === undefined || at === undefined || worker === null) return [];
    const edit = { at, worker, channel: entry.name, to };
    return [{ edit, input: editInput(edit, respectMs) }];
  });
}
