// The process under load, separate so that it shares no event loop with the load generator. It
// serves one side of the comparison, or, as a new process, reads back what another one has stored.

import { Queue } from 'bullmq';
import express, { type Express } from 'express';
import twilio from 'twilio';
import { createApp } from '../../src/ingress/app.ts';
import { listen } from '../../src/ingress/listen.ts';
import { createLogger } from '../../src/log.ts';
import {
  type QueueBackend,
  redisQueueBackend,
  sqlQueueBackend,
} from '../../src/queue/queue-backend.ts';
import { BullQueues } from '../../src/queue/queues.ts';
import { openEmbeddedDatabase } from '../../src/store/embedded.ts';
import { prefixOf } from '../../src/store/scope.ts';
import { AUTH_TOKEN, PATH, PUBLIC_URL, WORKSPACE_SID } from './ingest-deliveries.ts';

export type Side = 'sdk' | 'redis' | 'embedded';

/** What this process is asked, and what it answers. */
export type Ask = 'cpu';
export type Answer =
  | { readonly port: number }
  /** Processor time used so far, µs. */
  | { readonly cpu: number }
  /** The events that wait in the queue. */
  | { readonly stored: readonly string[] };

const PAGE = 1_000;

const [side, where = '', task] = process.argv.slice(2);
const onError = (error: Error) => void process.stderr.write(`${side}: ${error.message}\n`);

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

/**
 * The daemon's own HTTP endpoints on its own queue, without a consumer: all that is stored waits.
 */
function headroom(backing: QueueBackend): Express {
  const queues = new BullQueues(backing, { onError }, Number.POSITIVE_INFINITY);
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
    ready: nothing,
    log,
  });
}

async function backing(): Promise<QueueBackend> {
  const prefix = prefixOf({ keyPrefix: 'headroom', workspaceSid: WORKSPACE_SID, baseUrl: null });
  if (side === 'redis') return redisQueueBackend(where, prefix, onError);
  const { pool } = await openEmbeddedDatabase(where, onError);
  return sqlQueueBackend(pool, prefix, { sole: true });
}

async function stored({ nameOf, consumer, factory }: QueueBackend): Promise<readonly string[]> {
  const queue = new Queue(nameOf('events'), consumer, factory);
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
if (task === 'stored') answer({ stored: await stored(await backing()) });
else {
  const app = side === 'sdk' ? sdkAlone() : headroom(await backing());
  answer({ port: (await listen(app, '127.0.0.1', 0)).port });
}
