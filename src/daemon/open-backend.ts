// Chooses the store by the environment, and refuses one that could lose data.

import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { type Backend, openEmbedded, openPostgres, openRedis } from './backends.ts';

export interface OpenOptions {
  readonly config: Config;
  readonly workspaceSid: string;
  /** Names the TaskRouter that the Workspace belongs to; null: Twilio itself. */
  readonly taskrouter: string | null;
  readonly log: Log;
}

/** The backend, and what people should know about it. */
export interface Opened {
  readonly backend: Backend;
  readonly notes: readonly string[];
}

export async function openBackend(options: OpenOptions): Promise<Opened> {
  const { config, log } = options;
  const place = {
    keyPrefix: config.keyPrefix,
    workspaceSid: options.workspaceSid,
    baseUrl: options.taskrouter,
    journalKeepMs: config.journalKeepMs,
    onError: onceAMinute(log),
    onJobFailed: (err: Error) =>
      log.warn({ job: err.message }, 'a job failed; it will be retried, or kept as failed'),
  };
  const { redisUrl, databaseUrl, dataDir } = config;
  if (redisUrl !== null)
    return await checked(await openRedis({ ...place, url: redisUrl.reveal() }));
  if (databaseUrl !== null) {
    return {
      backend: await openPostgres({ ...place, url: databaseUrl.reveal() }),
      notes: [ONE_PROCESS],
    };
  }
  return { backend: await openEmbedded({ ...place, dataDir }), notes: [EMBEDDED] };
}

const ONE_PROCESS = 'on PostgreSQL headroom runs as one process; several replicas need REDIS_URL';
const EMBEDDED =
  'the embedded store serves one process and does not survive a power cut; for production set REDIS_URL';

async function checked(backend: Backend): Promise<Opened> {
  const { errors, warnings } = await backend.check();
  if (errors.length === 0) return { backend, notes: warnings };
  await backend.close(0);
  throw new Error(errors.join(' '));
}

const MINUTE_MS = 60_000;

/** A store that is down fails many times a second; the log says so once a minute. */
function onceAMinute(log: Log): (error: Error) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (Date.now() - last < MINUTE_MS) return;
    last = Date.now();
    log.warn({ err: error }, 'the store or the queue reported an error');
  };
}
