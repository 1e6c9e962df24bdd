// The process under load, so that it shares no event loop with what loads it. It serves one side of
// the comparison, or reads back, in a life of its own, what another life of it has stored.

import { Queue } from 'bullmq';
import express, { type Express } from 'express';
import twilio from 'twilio';
import { type Backend, openEmbedded, openRedis } from '../../src/backends.ts';
import { createApp } from '../../src/ingress/app.ts';
import { listen } from '../../src/ingress/listen.ts';
import { createLogger } from '../../src/log.ts';
import { redisBacking, sqlBacking } from '../../src/queue/backing.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded.ts';
import { prefixOf } from '../../src/store/scope.ts';
import { AUTH_TOKEN, PATH, PUBLIC_URL, WORKSPACE_SID } from './ingest-deliveries.ts';

export type Side = 'sdk' | 'redis' | 'embedded';

/** What is asked of this process, and what it answers. */
export type Ask = 'cpu' | 'stored';
export type Answer =
  | { readonly port: number }
  /** Processor time used so far, µs. */
  | { readonly cpu: number }
  /** The events that wait in the queue. */
  | { readonly stored: readonly string[] };

const PAGE = 1_000;

const [side, where = '', task] = process.argv.slice(2);
const place = {
  keyPrefix: 'headroom',
  workspaceSid: WORKSPACE_SID,
  baseUrl: null,
  onError: (error: Error) => process.stderr.write(`${side}: ${error.message}\n`),
};

/** What every guide shows: the body parsed, the signature checked by the SDK, nothing behind it. */
function sdkAlone(): Express {
  const app = express();
  app.post(
    PATH,
    express.urlencoded({ extended: false }),
    twilio.webhook(AUTH_TOKEN, { url: PUBLIC_URL + PATH }),
    (_req, res) => void res.status(204).end(),
  );
  return app;
}

/** The daemon's own HTTP surface on its own queue; nothing consumes, so all that is stored waits. */
function headroom({ queues, store }: Backend): Express {
  const log = createLogger({ logLevel: 'info' });
  const nothing = () => Promise.reject(new Error('not part of this'));
  return createApp({
    receiver: {
      publicUrl: () => PUBLIC_URL,
      authTokens: [AUTH_TOKEN],
      workspaceSid: WORKSPACE_SID,
      queues,
      clock: { now: () => Date.now() },
      log,
      onOutcome: () => undefined,
      onAlarm: (code, sentence) => log.error({ code }, sentence),
    },
    access: { tokenAlways: true, tokens: [] },
    views: { status: nothing, workers: nothing, worker: nothing, journal: nothing },
    ready: () => store.ping(),
    log,
  });
}

async function appOf(): Promise<Express> {
  if (side === 'sdk') return sdkAlone();
  if (side === 'redis') return headroom(await openRedis({ ...place, url: where }));
  return headroom(await openEmbedded({ ...place, dataDir: where }));
}

async function stored(): Promise<readonly string[]> {
  const prefix = prefixOf(place);
  const backing =
    side === 'redis'
      ? await redisBacking(where, prefix, place.onError)
      : await sqlBacking((await openEmbeddedDatabase(where, place.onError)).pool, prefix, {
          sole: true,
        });
  const queue = new Queue(backing.nameOf('events'), backing.consumer, backing.factory);
  const sids: string[] = [];
  for (let from = 0; ; from += PAGE) {
    const jobs = await queue.getJobs(['waiting'], from, from + PAGE - 1);
    for (const job of jobs) sids.push(JSON.parse(job.data.event).sid);
    if (jobs.length < PAGE) return sids;
  }
}

function answer(message: Answer): void {
  process.send?.(message);
}

process.on('message', (ask: Ask) => {
  const { user, system } = process.cpuUsage();
  if (ask === 'cpu') answer({ cpu: user + system });
});
process.on('disconnect', () => process.exit());
if (task === 'stored') answer({ stored: await stored() });
else answer({ port: (await listen(await appOf(), '127.0.0.1', 0)).port });
