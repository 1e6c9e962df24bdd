// A process that opens a backend and does one thing with it, chosen by its environment.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const { COMPILED, BACKEND, WHERE, PREFIX, TASK, COUNT, HANDLER_MS } = process.env;
const { openEmbedded, openPostgres, openRedis } = await import(
  pathToFileURL(join(COMPILED, 'daemon/backends.js')).href
);

const say = (line) => process.stdout.write(`${line}\n`);
const place = {
  keyPrefix: PREFIX,
  workspaceSid: `WS${'0'.repeat(32)}`,
  baseUrl: null,
  onError: (error) => say(`error ${error.message}`),
};
const eventOf = (n) => ({
  sid: `EV${String(n).padStart(32, '0')}`,
  at: Date.now(),
  type: 'workspace.changed',
  what: 'a test',
});
const open = {
  embedded: () => openEmbedded({ ...place, dataDir: WHERE }),
  postgres: () => openPostgres({ ...place, url: WHERE }),
  redis: () => openRedis({ ...place, url: WHERE }),
};

try {
  const { store, queues, close } = await open[BACKEND]();
  const count = Number(COUNT);
  const consume = () =>
    queues.consume({
      event: async (event) => {
        await sleep(Number(HANDLER_MS ?? 0));
        await store.markSeen(event.sid, event.at);
        await queues.addPass('one');
        say(`done ${event.sid}`);
      },
      pass: async () => undefined,
    });
  const tasks = {
    hold: async () => undefined,
    /** Adds events until it is killed, printing each one that is acknowledged. */
    async add() {
      for (let n = 1; ; n += 10) {
        const some = Array.from({ length: 10 }, (_, i) => eventOf(n + i));
        await Promise.all(
          some.map((event) => queues.addEvent(event).then(() => say(`added ${event.sid}`))),
        );
        await store.putDocument('last', n, n === 1 ? 0 : (n - 1) / 10);
        say(`saved ${n}`);
      }
    },
    async work() {
      await Promise.all(Array.from({ length: count }, (_, n) => queues.addEvent(eventOf(n + 1))));
      await consume();
    },
    /** Processes what is there. */
    consume,
    /** A complete run: the process must end by itself. */
    async once() {
      await tasks.work();
      while ((await store.countSeen()) < count) await sleep(10);
      await close(2_000);
      say('closed');
    },
  };
  say('open');
  await tasks[TASK]();
  say('ready');
} catch (error) {
  say(`refused ${error.message}`);
  process.exitCode = 1;
}
