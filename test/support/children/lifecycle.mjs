// A long-running command in a process of its own; its environment says how it ends.

import { pathToFileURL } from 'node:url';

const { COMPILED, RUNS, STOPS, GRACE_MS } = process.env;
const { untilStopped, whileRunning } = await import(
  pathToFileURL(`${COMPILED}/cli/lifecycle.js`).href
);

const say = (line) => process.stdout.write(`${line}\n`);
// Stands for what a daemon has open, so that it does not end by itself.
const open = setInterval(() => {}, 60_000);

async function stop() {
  say('stopping');
  if (STOPS === 'never') await new Promise(() => {});
  if (STOPS === 'badly') throw new Error('the store is gone');
  if (STOPS === 'faulty') {
    setImmediate(() => {
      throw new Error('another fault');
    });
    await new Promise(() => {});
  }
  clearInterval(open);
  say('stopped');
}

const ending = {
  onFault: (fault) => say(`fault: ${fault.message}`),
  onLate: () => say('late'),
};
const grace = GRACE_MS === undefined ? [] : [Number(GRACE_MS)];
const ways = {
  signal: () => untilStopped(stop, ending, ...grace),
  throws: () => {
    setImmediate(() => {
      throw new Error('nobody caught this');
    });
    return untilStopped(stop, ending, ...grace);
  },
  rejects: () => {
    setImmediate(() => void Promise.reject(new Error('nobody awaited this')));
    return untilStopped(stop, ending, ...grace);
  },
  work: () =>
    whileRunning(async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await stop();
      return 0;
    }),
};
const running = ways[RUNS]();
say('ready');
process.exitCode = await running;
