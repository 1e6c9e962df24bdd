// The HTTP server of one daemon: access, views and webhooks.

import { Feed } from '../control/feed.ts';
import { searchJournal } from '../control/journal-search.ts';
import { stateOf } from '../control/records.ts';
import { RuleClaims } from '../control/rule-claims.ts';
import { workerView, workerViews } from '../control/views.ts';
import { createPage } from '../dashboard/page.ts';
import { createApp } from '../ingress/app.ts';
import type { Deliveries } from '../ingress/deliveries.ts';
import { RevokedSessions } from '../ingress/revoked-sessions.ts';
import { createSessions, sessionKey } from '../ingress/sessions.ts';
import { createStreams } from '../ingress/stream.ts';
import { createThrottle } from '../ingress/throttle.ts';
import { adminEntry, type TokenEntry } from '../ingress/tokens.ts';
import { type TokensWatch, watchTokens } from '../ingress/tokens-watch.ts';
import type { Log } from '../log.ts';
import type { GaugeValues, Metrics } from '../metrics.ts';
import type { Clock, DeadJobs, Queues, Store } from '../ports.ts';
import { isLoopback } from '../urls.ts';
import type { ServiceOptions } from './options.ts';
import type { StatusView } from './status.ts';
import type { Control } from './wire-control.ts';
import type { Forwarding } from './wire-forward.ts';
import { wireLive } from './wire-live.ts';
import { wireDeadJobs, wireOrders } from './wire-orders.ts';

export interface HttpParts {
  readonly options: ServiceOptions;
  readonly clock: Clock;
  readonly store: Store;
  readonly queues: Queues;
  readonly deadJobs: DeadJobs;
  readonly control: Control;
  /** Where the daemon listens, once it does. */
  url(): string;
  status(): Promise<StatusView>;
  readonly metrics: Metrics;
  readonly forwarding: Forwarding | null;
  /** Counts deliveries by outcome. */
  readonly deliveries: Deliveries;
}

export interface Http {
  readonly app: ReturnType<typeof createApp>;
  /** Reads what all replicas share; until then nobody can sign in. */
  begin(): Promise<void>;
  /** What people should know about it. */
  notes(): readonly string[];
  /** Ends what would stay open, so that the listener can close. */
  endStreams(): Promise<void>;
}

export function wireHttp(parts: HttpParts): Http {
  const { options, store, control, deliveries } = parts;
  const { config, identity, log } = options;
  const admin = config.adminToken?.reveal();
  const views = workerViews(control.deps);
  const feed = feedOf(parts);
  let key: Buffer | null = null;
  const streams = createStreams(feed);
  const admins = admin === undefined ? [] : [adminEntry(admin)];
  // One list for all readers: when the file changes, its tokens are replaced in this list.
  const tokens = [...admins, ...options.tokens];
  const signedOut = new RevokedSessions(store, () => parts.clock.now());
  const claims = new RuleClaims({
    records: control.deps.records,
    rules: () => control.rules.active(),
    onError: (err) => log.error({ err }, 'the Worker Channels per rule could not be counted'),
  });
  let watch: TokensWatch | null = null;
  const app = createApp({
    receiver: receiverOf(parts),
    access: {
      tokenAlways: config.publicUrl !== null || !isLoopback(config.host),
      tokens,
      throttle: createThrottle({
        log,
        now: () => parts.clock.now(),
        onFailure: (why) => parts.metrics.authFailed(why),
      }),
    },
    views: {
      status: parts.status,
      workers: (query) => views.workers(query),
      worker: (sid) => views.worker(sid),
      journal: (query) => searchJournal(store, query),
    },
    live: wireLive(control, identity.workspaceSid, (files) => options.rules.compile(files)),
    metrics: {
      contentType: parts.metrics.contentType,
      text: async () => {
        const more = { quietSince: deliveries.lastGenuineAt(), ruleClaims: claims.view() };
        return parts.metrics.render(gaugeValues(await parts.status(), more, parts.clock.now()));
      },
    },
    deadJobs: wireDeadJobs(parts.deadJobs, control, parts.clock),
    orders: wireOrders(control, parts.clock, log.child({ part: 'orders' })),
    streams,
    page: createPage(),
    signIn: createSessions({ tokens, key: () => key, now: () => parts.clock.now(), signedOut }),
    ready: readiness(parts),
    log: log.child({ part: 'http' }),
  });
  return {
    app,
    async begin() {
      await signedOut.refresh();
      key = await sessionKey(store);
      if (config.tokensFile === null) return;
      watch = followTokens(config.tokensFile, log, (read) => {
        tokens.splice(0, tokens.length, ...admins, ...read);
      });
    },
    notes: () => (watch?.problems() ?? []).map((problem) => `${problem} ${LAST_TOKENS}`),
    async endStreams() {
      watch?.stop();
      streams.close();
      await feed.stop();
      await claims.idle();
    },
  };
}

const READY_FOR_MS = 1_000;

/** Anybody may ask, and each answer writes: concurrent requests share one; a good one is reused. */
function readiness({ store, queues }: HttpParts): () => Promise<void> {
  let good = Number.NEGATIVE_INFINITY;
  let asking: Promise<unknown> | null = null;
  return async () => {
    if (performance.now() - good < READY_FOR_MS) return;
    asking ??= Promise.all([store.ping(), queues.ping()]).finally(() => {
      asking = null;
    });
    await asking;
    good = performance.now();
  };
}

const LAST_TOKENS = 'The previous tokens stay valid.';

function followTokens(
  file: string,
  log: Log,
  put: (read: readonly TokenEntry[]) => void,
): TokensWatch {
  return watchTokens(file, {
    onTokens(read) {
      put(read);
      log.info({ count: read.length }, 'HEADROOM_TOKENS_FILE was reloaded');
    },
    onProblems: (found) => log.error({}, `${found.join(' ')} ${LAST_TOKENS}`),
  });
}

function feedOf({ options: { version, log }, clock, store, control, status }: HttpParts): Feed {
  return new Feed({
    ...{ store, clock, version, status },
    view: (record) => workerView(stateOf(record), control.deps),
    onError: (err) => log.error({ err }, 'changes could not be read for the stream'),
  });
}

/** What receives deliveries, and what is notified of them. */
function receiverOf(parts: HttpParts): Parameters<typeof createApp>[0]['receiver'] {
  const { control, deliveries } = parts;
  const { config, identity, log } = parts.options;
  const previous = config.authTokenPrevious?.reveal();
  return {
    publicUrl: () => config.publicUrl ?? parts.url(),
    // On a local machine both names are in use; a PUBLIC_URL is the one that Twilio was given.
    aliases: () =>
      config.publicUrl === null ? [parts.url().replace('//127.0.0.1:', '//localhost:')] : [],
    authTokens: [identity.authToken, ...(previous === undefined ? [] : [previous])],
    workspaceSid: identity.workspaceSid,
    queues: parts.queues,
    clock: parts.clock,
    log: log.child({ part: 'ingress' }),
    onOutcome: (outcome) => {
      deliveries.count(outcome, parts.clock.now());
      parts.metrics.delivered(outcome);
      if (outcome === 'store.down') control.facts.coverage.deliveryRefused();
    },
    onQueueMentioned: (queue) => control.facts.keeper.touch(queue),
    ...(parts.forwarding && { forward: parts.forwarding.enqueue }),
    onAlarm: (code, sentence) => log.error({ code }, sentence),
  };
}

function gaugeValues(
  status: StatusView,
  more: { readonly quietSince: number; readonly ruleClaims: GaugeValues['ruleClaims'] },
  now: number,
): GaugeValues {
  const { quietSince, ruleClaims } = more;
  const secondsSince = (at: number) => Math.max(0, now - at) / 1_000;
  const { rules, workers, queues, calls, paused, observing } = status;
  const { lastResync, listed } = workers;
  return {
    queues,
    forwards: status.forward?.queue ?? null,
    callsWaiting: calls.waiting,
    rules,
    resyncAge: secondsSince(Date.parse(lastResync ?? status.since)),
    deliveryAge: secondsSince(quietSince),
    lostChanges: status.drift.lost,
    ruleClaims,
    workers: listed,
    pauses: paused.length,
    contested: status.contested.length,
    observing,
  };
}
