// The example of the language with its tests, unmodified, and tables of rule tests by topic.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFolder } from '../../../src/language/folder.ts';
import { report } from '../../../src/trial/rule-test/report.ts';
import { passed } from '../../../src/trial/rule-test/run.ts';
import { runSuite } from '../../../src/trial/rule-test/suite.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const TOPICS = readdirSync(join(FIXTURES, 'rule-tests')).map((topic) => `rule-tests/${topic}`);

async function suiteOf(folder: string) {
  const { files } = await readFolder(join(FIXTURES, folder));
  return runSuite(files);
}

describe.each(['design', ...TOPICS])('the rule tests in %s', (folder) => {
  it('all pass', async () => {
    const suite = await suiteOf(folder);
    expect(suite.diagnostics).toEqual([]);
    const failed = suite.outcomes.some((outcome) => !passed(outcome));
    // What a person would be shown, so that a failure here can be read.
    if (failed) expect(report(suite, ({ file, line }) => `${file}:${line}`)).toEqual([]);
    expect(suite.outcomes.length).toBeGreaterThan(0);
  });
});

describe('the example of the language', () => {
  it('has its four tests', async () => {
    const { outcomes } = await suiteOf('design');
    expect(outcomes.map(({ trial }) => trial.name)).toEqual([
      'overload does not flap around the limit',
      'the October night',
      "three misses protect for twenty minutes; then a person's edit is respected",
      'only half the team is lifted',
    ]);
  });

  it('makes exactly the expected changes, each at its instant', async () => {
    const { outcomes } = await suiteOf('design');
    const told = outcomes.map(({ rows }) =>
      rows.map(({ at, worker, channel, from, to, rule }) => {
        const time = new Date(at).toISOString().slice(11, 16);
        return `${time} ${worker} ${channel} ${JSON.stringify([from, to])} ${rule}`;
      }),
    );
    expect(told).toEqual([
      [
        '09:05 worker email [{"available":true},{"available":false}] support-overload',
        '09:05 worker chat [{"capacity":3},{"capacity":4}] support-overload',
        '09:20 worker chat [{"capacity":4},{"capacity":3}] day-chat',
        '09:20 worker email [{"available":false},{"available":true}] null',
      ],
      [
        '21:00 worker chat [{"capacity":1},{"capacity":2}] night',
        '06:00 worker chat [{"capacity":2},{"capacity":1}] null',
      ],
      [
        '09:09 worker chat [{"capacity":3},{"capacity":1}] protect-after-misses',
        '09:09 worker voice [{"available":true},{"available":false}] protect-after-misses',
        '09:29 worker voice [{"available":false},{"available":true}] null',
        '09:29 worker chat [{"capacity":1},{"capacity":3}] day-chat',
        '09:40 worker chat [{"capacity":3},{"capacity":4}] null',
      ],
      [
        '09:02 A email [{"available":true},{"available":false}] support-overload',
        '09:02 A chat [{"capacity":3},{"capacity":4}] support-overload',
      ],
    ]);
  });
});
