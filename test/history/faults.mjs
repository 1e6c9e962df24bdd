// Fourteen small faults, put one by one into the compiled src, each of which must make the laws of
// histories fail: `npm run faults -- [COUNT [SEED]]`; FAULTS is a pattern for the names of some.
// Prints a table and exits with 1 if one survives. The cases are where a slip is likely: a
// comparison, a forgotten step, an omitted field.

import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
/** A loop that runs away has a long history to print. */
const MOST_PRINTED = 256 * 1024 ** 2;
const [count = '1000', seed = '20260610'] = process.argv.slice(2);

const FAULTS = [
  {
    what: 'edits: an edit outlives its time',
    file: 'src/core/desired-setting.ts',
    from: 'at < edit.until && edit.winner',
    to: 'edit.winner === bare.winner && at < edit.until + 3_600_000 && edit.winner',
  },
  {
    what: 'edits: an edit outlives the set that won',
    file: 'src/core/desired-setting.ts',
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
    from: 'isWithin(lastWriteAt, at, guardrails.minDwellMs)',
    to: 'isWithin(lastWriteAt, at, 0)',
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
    from: 'return { stale: true, staleBy: sid, tellers: withForeignEvent(channel, event, field) };',
    to: 'return { tellers: withForeignEvent(channel, event, field) };',
  },
  {
    what: 'ledger: a place is not held for a write under way',
    kind: 'several',
    file: 'src/core/guardrails/worker-standing.ts',
    from: 'return open - total(held);',
    to: 'return open;',
  },
  {
    what: 'places: max_change lets one too many through',
    kind: 'several',
    file: 'src/core/guardrails/free-places.ts',
    from: 'amountOf(maxChange.workers, claimable) - total(spent)',
    to: 'amountOf(maxChange.workers, claimable) + 1 - total(spent)',
  },
  {
    what: 'guard: a Worker that closed reports nothing',
    kind: 'several',
    file: 'src/control/guard.ts',
    from: 'if (isReported && !concerned) return { state, planned };',
    to: 'if (!concerned && before.length > 0) return { state, planned };',
  },
  {
    what: 'limit: a share is rounded down',
    kind: 'several',
    file: 'src/core/limit.ts',
    from: 'Math.ceil(amount.share * all - 1e-9)',
    to: 'Math.floor(amount.share * all)',
  },
];

const cache = join(root, 'node_modules', '.cache', `headroom-faults-${process.pid}`);
const compiled = join(cache, 'headroom-history-many');
let failed = false;
try {
  // The faults are put into what this first run compiles.
  const sound = run(join(root, 'test/history/run.mjs'), ['many', '20', seed]);
  say(sound.status === 0 ? 'holds' : 'BROKEN', 'no fault at all', sound.stderr);
  failed = sound.status !== 0;
  const faults = FAULTS.filter(({ what }) => new RegExp(process.env.FAULTS ?? '').test(what));
  for (const fault of failed ? [] : faults) if (!found(fault)) failed = true;
} finally {
  rmSync(cache, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

function found({ what, file, from, to, kind = 'alone' }) {
  const path = join(compiled, file.replace(/ts$/, 'js'));
  const sound = readFileSync(path, 'utf8');
  const parts = sound.split(asCompiled(from));
  if (parts.length !== 2) {
    say('LOST', what, `${file} no longer holds, once, what this fault replaces`);
    return false;
  }
  writeFileSync(path, parts.join(to));
  const began = performance.now();
  const { status, stdout, stderr } = run(
    join(compiled, 'test/history/many.js'),
    [count, seed],
    kind,
  );
  const seconds = `${((performance.now() - began) / 1000).toFixed(0)} s`;
  writeFileSync(path, sound);
  const [, after] = /broken after (\d+)/.exec(stdout) ?? [];
  if (status !== 1 || after === undefined) {
    say('SURVIVED', what, `${(stderr || stdout).trimEnd().split('\n').at(-1)} (${seconds})`);
    return false;
  }
  const [, error = ''] = /^Error: (.*)$/m.exec(stdout) ?? [];
  say('found', what, `history ${after.padStart(3)}, ${seconds}: ${error.slice(0, 90)}`);
  return true;
}

/** Compiling changes only the white space. */
function asCompiled(text) {
  const words = text.split(/\s+/).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(words.join('\\s+'));
}

/** Without shrinking: it only matters that it fails. */
function run(script, args, kind = '') {
  const env = { ...process.env, HISTORIES_CACHE: cache, SHRINK: 'no', KIND: kind };
  const options = { env, encoding: 'utf8', maxBuffer: MOST_PRINTED };
  return spawnSync(process.execPath, [script, ...args], options);
}

function say(outcome, what, more) {
  process.stdout.write(`${outcome.padEnd(9)} ${what.padEnd(56)} ${more}\n`);
}
