// A rule-test file as written: its YAML and its form, with every value's position. `bind.ts`
// resolves its names and instants, once the rules are known.

import type { SourceFile } from '../../language/decode.ts';
import { type Keyed, keyed, object } from '../../language/mapping.ts';
import type { Session } from '../../language/session.ts';
import { integer, list, oneOrMany, type Shape, text } from '../../language/shape.ts';
import type { SourceValue } from '../../language/source-value.ts';
import { readRoot } from '../../language/yaml-root.ts';
import {
  type EditDraft,
  type EventDraft,
  type ExpectDraft,
  edit,
  event,
  expectation,
} from './entries.ts';
import { instant, label, type Placed, placed } from './values.ts';
import { type WorkerDraft, type WorldDraft, worker, world } from './workers-and-world.ts';

export interface TestDraft {
  readonly spot: SourceValue;
  readonly name: Placed<string>;
  readonly worker: WorkerDraft | null;
  readonly world: WorldDraft | null;
  readonly from: Placed<string>;
  /** The end of a `walk`. */
  readonly to: Placed<string> | null;
  /** By the fact's name. */
  readonly series: readonly Keyed<string, SourceValue>[];
  readonly events: readonly EventDraft[];
  readonly edits: readonly EditDraft[];
  readonly expect: readonly ExpectDraft[];
  readonly changes: Placed<number> | null;
}

export interface TestFileDraft {
  /** null: every rules file of the folder. */
  readonly rules: readonly Placed<string>[] | null;
  readonly tests: readonly TestDraft[];
}

interface Walk {
  readonly from: Placed<string>;
  readonly to: Placed<string>;
}

const walkFields = {
  from: { shape: placed(instant), doc: 'Where it begins.', required: true },
  to: { shape: placed(instant), doc: 'Where it ends.', required: true },
} as const;

const walk = object<typeof walkFields, Walk>({
  what: 'a walk',
  fields: walkFields,
  hints: { start: 'from', end: 'to', until: 'to' },
  build: ({ values: { from, to } }) =>
    from === undefined || to === undefined ? undefined : { from, to },
});

/** Values are read once it is known which fact they are of. */
const anything: Shape<SourceValue> = {
  expected: 'values such as 18x3 21x4',
  schema: () => ({ type: ['string', 'number', 'array', 'boolean'] }),
  read: (spot) => spot,
};

const testFields = {
  name: { shape: placed(label), doc: 'What it proves, in a few words.', required: true },
  worker: { shape: worker, doc: 'The one Worker: attributes, and `channels` before the rules.' },
  world: { shape: world, doc: 'TaskQueues and Workers; group guardrails and `limit` act here.' },
  at: { shape: placed(instant), doc: 'When it begins, in the zone of defaults.timezone.' },
  walk: { shape: walk, doc: 'When it begins and ends, instead of `at`.' },
  series: {
    shape: keyed({ expected: 'values by fact', key: label, value: anything }),
    doc: 'One value a minute for a fact; `18x3` is 18 three times, `?` is unknown.',
  },
  events: { shape: list(event, 'a list of events'), doc: 'What TaskRouter tells, and when.' },
  edits: { shape: list(edit, 'a list of edits'), doc: 'What a person sets, and when.' },
  expect: {
    shape: list(expectation, 'a list of expectations', 1),
    doc: 'What must be so, and when.',
    required: true,
  },
  changes: {
    shape: placed(integer({ expected: 'a whole number', least: 0, most: 1_000_000 })),
    doc: 'How often the rules change the channels that `expect` names.',
  },
} as const;

const test = object<typeof testFields, TestDraft>({
  what: 'a test',
  fields: testFields,
  hints: { start: 'at', from: 'walk', workers: 'world', expects: 'expect' },
  build: ({ values, spots, spot }) => {
    if ((spots.at === undefined) === (spots.walk === undefined)) {
      const found =
        spots.at === undefined ? 'has neither "at" nor "walk"' : 'has both "at" and "walk"';
      spot.report('test.start', `the test ${found}, expected one of them`);
    }
    const from = values.at ?? values.walk?.from;
    if (values.name === undefined || from === undefined) return undefined;
    return {
      spot,
      name: values.name,
      worker: values.worker ?? null,
      world: values.world ?? null,
      from,
      to: values.walk?.to ?? null,
      series: values.series ?? [],
      events: values.events ?? [],
      edits: values.edits ?? [],
      expect: values.expect ?? [],
      changes: values.changes ?? null,
    };
  },
});

/** Inside a test, labels begin with its own fields. */
const named: Shape<TestDraft> = {
  expected: test.expected,
  schema: (defs) => defs.reference('test', () => test.schema(defs)),
  read: (spot) => test.read(spot.kind === 'map' ? spot.child(spot.node, '', spot.offset) : spot),
};

const path: Shape<string> = text({
  expected: 'a rules file, from the folder of the test',
  schema: { minLength: 1 },
  parse: (value) => value.replace(/^\.\//, ''),
});

const fileFields = {
  rules: {
    shape: oneOrMany(placed(path), path.expected),
    doc: 'The rules files that are tested; every one of the folder when left out.',
  },
  tests: { shape: list(named, 'a list of tests', 1), doc: 'The tests.', required: true },
} as const;

const testFile = object<typeof fileFields, TestFileDraft>({
  what: 'a rule-test file',
  fields: fileFields,
  hints: { test: 'tests', rule: 'rules', files: 'rules' },
  build: ({ values }) => {
    const tests = values.tests ?? [];
    const seen = new Map<string, SourceValue>();
    for (const { name } of tests) {
      const first = seen.get(name.value);
      if (first === undefined) seen.set(name.value, name.spot);
      else {
        const where = `line ${first.place.line}`;
        name.spot.report(
          'test.duplicate',
          `the test "${name.value}" is already defined in ${where}`,
        );
      }
    }
    return { rules: values.rules ?? null, tests };
  },
});

/** null if nothing could be read; the mistakes have been reported to the session. */
export function readTestFile(file: SourceFile, session: Session): TestFileDraft | null {
  const spot = readRoot(file, session, {
    expected: testFile.expected,
    empty: 'the file has no content, expected rules and tests',
  });
  return spot === null ? null : (testFile.read(spot) ?? null);
}
