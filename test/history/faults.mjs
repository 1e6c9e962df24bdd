// Ten small faults, put one by one into a copy of src, each of which has to make the laws of histories
// fail: `npm run faults [COUNT [SEED]]`. Prints a table and ends with 1 if one survives. The cases
// are where a slip would be likely: a comparison, a forgotten step, a field left out.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const [count = '600', seed = '20260610'] = process.argv.slice(2);

const FAULTS = [
  {
    what: 'decide: an edit outlives its time',
    file: 'src/core/decide.ts',
    from: 'at < edit.until && edit.winner',
    to: 'edit.winner === bare.winner && at < edit.until + 3_600_000 && edit.winner',
  },
  {
    what: 'decide: an edit outlives the set that won',
    file: 'src/core/decide.ts',
    from: 'at < edit.until && edit.winner === bare.winner',
    to: 'at < edit.until',
  },
  {
    what: 'fold: a hard claim does not fold over an edit',
    file: 'src/core/fold.ts',
    from: 'start.edited ? all.filter((c) => c.hard) : all;\n  const set',
    to: 'start.edited ? [] : all;\n  const set',
  },
  {
    what: 'settle: for ends at once',
    file: 'src/core/settle.ts',
    from: 'return at >= due ? begin(terms, at)',
    to: 'return at >= state.since ? begin(terms, at)',
  },
  {
    what: 'settle: keep counts from the beginning of the claim',
    file: 'src/core/settle.ts',
    from: 'const due = state.exitedAt + terms.when.keepMs;',
    to: 'const due = state.since + terms.when.keepMs;',
  },
  {
    what: 'settle: a released rule claims again at once',
    file: 'src/core/settle.ts',
    from: "return entering === 'fails' ? idle('rule.fails') : still(state, false, 'rule.released', null);",
    to: "return idle('rule.fails');",
  },
  {
    what: 'plan: the dwell holds nothing back',
    file: 'src/core/plan.ts',
    from: 'channel.lastWriteAt !== null && at < dwell',
    to: 'channel.lastWriteAt !== null && at < 0',
  },
  {
    what: 'plan: a pause waits for the dwell',
    file: 'src/core/plan.ts',
    from: 'protective: !available,',
    to: 'protective: false,',
  },
  {
    what: 'absorb: an event that was seen half-way is left out',
    file: 'src/control/absorb.ts',
    from: 'const now = deps.clock.now();',
    to: 'await deps.store.markSeen(event.sid, event.at);\n    const now = deps.clock.now();',
  },
  {
    what: 'evolve: every event of a channel is taken for an echo',
    file: 'src/core/evolve.ts',
    from: 'return { stale: true, staleBy: sid, tellers: withTeller(channel, event, field) };',
    to: 'return { tellers: withTeller(channel, event, field) };',
  },
];

// Not below node_modules: what lies there is not compiled.
const folder = mkdtempSync(join(tmpdir(), 'headroom-faults-'));
let survivors = 0;
for (const { what, file, from, to } of FAULTS) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const each of ['src', 'test', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
    cpSync(join(root, each), join(folder, each), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const text = readFileSync(join(folder, file), 'utf8');
  if (text.split(from).length !== 2) {
    say('LOST', what, `${file} no longer holds, once, what this fault replaces`);
    survivors += 1;
    continue;
  }
  writeFileSync(join(folder, file), text.replace(from, to));
  const began = performance.now();
  const { status, stdout } = histories();
  const seconds = `${((performance.now() - began) / 1000).toFixed(0)} s`;
  const said = stdout.split('\n').filter((line) => line !== '');
  if (status === 1 && said.some((line) => line.startsWith('broken after'))) {
    const after = /broken after (\d+)/.exec(stdout)?.[1];
    const error = said.find((line) => line.startsWith('Error: '))?.slice(7, 90) ?? '';
    say('found', what, `after ${after} histories, ${seconds}: ${error}`);
  } else {
    survivors += 1;
    say('SURVIVED', what, `${said.at(-1) ?? ''} (${seconds})`);
  }
}
rmSync(folder, { recursive: true, force: true });
process.exit(survivors === 0 ? 0 : 1);

/** Compiled and run in the copy, without shrinking: that it fails is all that is asked. */
function histories() {
  const script = join(folder, 'test/history/run.mjs');
  const env = { ...process.env, HISTORIES_CACHE: join(folder, 'compiled'), SHRINK: 'no' };
  return spawnSync(process.execPath, [script, 'many', count, seed], { env, encoding: 'utf8' });
}

function say(outcome, what, more) {
  process.stdout.write(`${outcome.padEnd(9)} ${what.padEnd(56)} ${more}\n`);
}
