// Turns a test as written into one that can run: names resolved, instants computed, Workers built.
// Every mistake is reported at its place; a file with a mistake does not run.

import type { RuleSet } from '../../core/rules.ts';
import {
  type SimulationInput,
  type SimulationState,
  settleInitially,
} from '../../core/simulation.ts';
import { bindEdit, bindEvent, inputsOf, seriesOf } from './bind-inputs.ts';
import type { Binding } from './binding.ts';
import { Clock, showInstant } from './clock.ts';
import { bindExpect } from './expect.ts';
import type { TestDraft } from './file.ts';
import { namesOf } from './names.ts';
import { MINUTE_MS, type Series } from './series.ts';
import { testWorkersOf } from './test-workers.ts';
import type { Trial } from './types.ts';
import { directoryOf, workerOf } from './worker-records.ts';
import { worldOf } from './world.ts';

/** null: the test has no start, which has been reported. */
export function bindTest(draft: TestDraft, rules: RuleSet): Trial | null {
  const names = namesOf(rules);
  const workers = testWorkersOf(draft, names);
  const only = workers.members.length === 1 ? workers.members[0]?.attributes : undefined;
  const clock = Clock.from(draft.from, rules.defaults.zone, only);
  if (clock === null) return null;
  const binding: Binding = { names, workers, clock, respectMs: rules.defaults.respectMs };
  const series = seriesOf(draft, binding);
  const edits = draft.edits.flatMap((edit) => bindEdit(edit, binding));
  const inputs = [
    ...series.flatMap((each) => inputsOf(each, binding)),
    ...draft.events.flatMap((event, n) => bindEvent(event, n, binding)),
    ...edits.map(({ input }) => input),
  ];
  const expectations = draft.expect.flatMap((each) => bindExpect(each, binding));
  const simulation = simulationOf(draft, { rules, series, inputs, binding });
  const state: SimulationState = {
    at: clock.start,
    workers: new Map(workers.members.map((spec) => [spec.sid, workerOf(spec, clock.start)])),
    members: new Map(),
    spent: [],
  };
  return {
    name: draft.name.value,
    place: draft.name.spot.place,
    zone: clock.zone,
    start: clock.start,
    end: Math.max(
      walkEnd(draft, clock),
      ...expectations.map(({ at }) => at),
      ...inputs.map(({ at }) => at),
      ...series.map(({ values }) => clock.start + (values.length - 1) * MINUTE_MS),
    ),
    simulation,
    initialState: settleInitially(simulation, state),
    edits: edits.map(({ edit }) => edit),
    expectations: expectations.sort((a, b) => a.at - b.at),
    changes: draft.changes && { count: draft.changes.value, place: draft.changes.spot.place },
  };
}

function simulationOf(
  draft: TestDraft,
  parts: {
    readonly rules: RuleSet;
    readonly series: readonly Series[];
    readonly inputs: readonly SimulationInput[];
    readonly binding: Binding;
  },
) {
  const { rules, series, inputs, binding } = parts;
  const { workers, clock } = binding;
  const directory = directoryOf([
    ...workers.members.map(({ activity }) => activity),
    ...draft.events.map(({ activity }) => activity),
  ]);
  const { complete } = workers;
  const options = { rules, directory, world: draft.world, series, start: clock.start, complete };
  return { rules, inputs, crossWorker: complete, world: worldOf(options) };
}

function walkEnd({ to }: TestDraft, clock: Clock): number {
  if (to === null) return clock.start;
  const at = clock.at({ value: { kind: 'instant', text: to.value }, spot: to.spot });
  if (at === clock.start) {
    const found = `the walk begins and ends at ${showInstant(at, clock.zone)}`;
    to.spot.report('test.order', `${found}, expected a later end`);
  }
  return at ?? clock.start;
}
