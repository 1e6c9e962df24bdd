// The daemon, put together: the one place where the edges meet. `startService` builds them in the
// order in which data flows and `stop` takes them down in reverse, so that tests and the command
// line run the same thing.

import type { Backend } from './backends.ts';
import type { Config } from './config.ts';
import { absorb } from './control/absorb.ts';
import { CONTROL_LIMITS } from './control/deps.ts';
import { DirectoryKeeper } from './control/directory.ts';
import { modeOf, notesOf, unsupported, type Where } from './control/mode.ts';
import { reconcile } from './control/reconcile.ts';
import { Records } from './control/records.ts';
import { lookAtAll, RESYNC_WAKE, type ResyncDeps, Resyncs } from './control/resync.ts';
import { type RuleSource, RulesKeeper } from './control/rules-keeper.ts';
import { Ticks } from './control/ticks.ts';
import { workerViews } from './control/views.ts';
import type { World } from './core/decide.ts';
import type { WorkerSid } from './core/ids.ts';
import type { RuleSet } from './core/rules.ts';
import { isLoopback } from './ingress/access.ts';
import { createApp } from './ingress/app.ts';
import { listen } from './ingress/listen.ts';
import { adminEntry, type TokenEntry } from './ingress/tokens.ts';
import type { Log } from './log.ts';
import { openBackend } from './open-backend.ts';
import type { Clock, JournalEntry } from './ports.ts';
import { buildStatus, type StatusView } from './status.ts';
import { createBudget, paceOf } from './taskrouter/budget.ts';
import { createGateway } from './taskrouter/gateway.ts';

/** Everything that the daemon cannot work without, already checked. */
export interface Identity {
  readonly accountSid: string;
  readonly authToken: string;
  readonly workspaceSid: NonNullable<Config['workspaceSid']>;
  readonly baseUrl: string | null;
  /** Run against an emulator that was started beside it. */
  readonly emulated: boolean;
}

export interface ServiceOptions {
  readonly config: Config;
  readonly identity: Identity;
  readonly tokens: readonly TokenEntry[];
  readonly rules: RuleSource;
  readonly log: Log;
  readonly version: string;
  readonly clock?: Clock;
}

export interface Service {
  /** Where it listens, e.g. `http://127.0.0.1:3000`. */
  readonly url: string;
  readonly backend: Backend;
  /** What a person should know about the store. */
  readonly notes: readonly string[];
  status(): Promise<StatusView>;
  /** Stops accepting, finishes what is in hand, closes; ends within about `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 10_000;
const GRACE_MS = 15_000;

export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, identity, log } = options;
  const clock = options.clock ?? { now: () => Date.now() };
  const taskrouter = identity.emulated ? 'http://emulated' : identity.baseUrl;
  const { backend, notes: storeNotes } = await openBackend({
    config,
    workspaceSid: identity.workspaceSid,
    taskrouter,
    log: log.child({ part: 'store' }),
  });
  const { store, queues } = backend;
  const startedAt = clock.now();
  const deliveries: Record<string, number> = {};
  const where: Where = {
    live: identity.baseUrl === null && !identity.emulated,
    observeAll: config.mode === 'observe',
  };

  const pace = paceOf(config.rate);
  const budget = createBudget({
    take: () => store.takeCall(pace.limit, pace.windowMs),
    clock,
  });
  const gateway = createGateway({
    username: config.apiKey?.sid ?? identity.accountSid,
    password: config.apiKey?.secret.reveal() ?? identity.authToken,
    accountSid: identity.accountSid,
    workspaceSid: identity.workspaceSid,
    baseUrl: identity.baseUrl,
    edge: config.edge,
    region: config.region,
    timeoutMs: REQUEST_TIMEOUT_MS,
    beforeCall: (urgency) => budget.place(urgency),
    onThrottled: (waitMs) => budget.pauseUntil(clock.now() + waitMs),
    clock,
  });

  const records = new Records(store);
  const directory = new DirectoryKeeper(store, gateway);
  const onFault = (what: string) => (error: unknown) => log.error({ err: error }, what);
  let rulesNotes: readonly string[] = [];
  const rules = new RulesKeeper({
    store,
    source: options.rules,
    now: () => clock.now(),
    async onActive(set, _files) {
      rulesNotes = notesOf(set, where);
      log.info({ set: set.id, rules: set.rules.length }, `rules in force: ${namesOf(set)}`);
      for (const note of rulesNotes) log.warn({ set: set.id }, note);
      await lookAtAll({ records, queues });
    },
    onRefused(faults, inForce) {
      for (const f of faults) log.error({}, `rules: ${f.file}:${f.line}:${f.column}: ${f.message}`);
      log.error(
        {},
        inForce
          ? `the rules folder has faults: set ${inForce.id} stays in force`
          : 'no valid rules: events are received, nothing is written',
      );
    },
    onError: onFault('the rules could not be reloaded'),
  });

  const world: World = {
    get directory() {
      return directory.current();
    },
    queue: () => ({ unknown: 'the daemon does not feed queue statistics yet' }),
    group: () => ({ unknown: 'the daemon does not feed group facts yet' }),
    // Before this process listened, and while it was down, events may have been missed.
    blindUntil: startedAt,
    queueTarget: () => null,
    unsupported,
    modeOf: (rule) => modeOf(rule, rules.active(), where),
  };
  const deps: ResyncDeps = {
    store,
    records,
    gateway,
    clock,
    queues,
    directory,
    journal: { append: (entries) => journal(entries) },
    rules: () => rules.active(),
    world: () => world,
    observing: () => where.observeAll,
    limits: { ...CONTROL_LIMITS, requestTimeoutMs: REQUEST_TIMEOUT_MS, resyncMs: config.resyncMs },
  };

  async function journal(entries: readonly JournalEntry[]): Promise<void> {
    if (entries.length === 0) return;
    for (const e of entries) {
      const fields = { worker: e.worker, channel: e.channel, reason: e.reason, rule: e.rule };
      // Real people's names stay out of the log; the emulator's people are nobody.
      const who = identity.emulated ? (e.workerName ?? e.worker) : e.worker;
      log.info(fields, `${who ?? ''} ${e.text}`.trim());
    }
    await store.appendJournal(entries);
  }

  const resyncs = new Resyncs(deps, {
    info: (text) => log.info({}, text),
    error: (err, text) => log.error({ err }, text),
  });

  let url = '';
  const publicUrl = () => config.publicUrl ?? url;
  const views = workerViews({ store, records, directory: () => directory.current() });
  const status = () =>
    buildStatus({
      version: options.version,
      taskrouter: identity.emulated
        ? 'emulated'
        : (identity.baseUrl ?? 'https://taskrouter.twilio.com'),
      observing: where.observeAll,
      backend,
      startedAt,
      rules: rules.status(),
      active: rules.active(),
      where,
      deliveries,
      sync: resyncs.state(),
      config,
      waitingCalls: budget.waiting(),
      notes: [...storeNotes, ...rulesNotes],
    });
  const app = createApp({
    receiver: {
      publicUrl,
      authTokens: [
        identity.authToken,
        ...(config.authTokenPrevious ? [config.authTokenPrevious.reveal()] : []),
      ],
      workspaceSid: identity.workspaceSid,
      queues,
      clock,
      log: log.child({ part: 'ingress' }),
      onOutcome: (outcome) => {
        deliveries[outcome] = (deliveries[outcome] ?? 0) + 1;
      },
      onAlarm: (code, sentence) => log.error({ code }, sentence),
    },
    access: {
      tokenAlways: config.publicUrl !== null || !isLoopback(config.host),
      tokens: [
        ...(config.adminToken ? [adminEntry(config.adminToken.reveal())] : []),
        ...options.tokens,
      ],
    },
    views: {
      status,
      workers: (query) => views.workers(query),
      worker: (sid) => views.worker(sid),
      journal: (query) => store.readJournal(query),
    },
    ready: () => store.ping(),
    log: log.child({ part: 'http' }),
  });

  const ticks = new Ticks({
    store,
    queues,
    clock,
    // Not waited for: boundaries must not stand behind a long listing.
    resync: () => void resyncs.run(),
    onError: onFault('a tick failed; the next one looks at the same again'),
  });

  // From here on things run: first what can receive, then what decides, last the clock.
  const listener = await listen(app, config.host, config.port).catch(async (error: unknown) => {
    await queues.close(0);
    await store.close();
    throw error;
  });
  url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${listener.port}`;
  await directory.restore();
  await rules.start();
  await queues.consume({
    event: async (event) => {
      await absorb(event, { ...deps, workspaceChanged });
    },
    pass: (key) => reconcile(key as WorkerSid, deps),
  });
  await store.setWake(RESYNC_WAKE, clock.now());
  ticks.start();

  async function workspaceChanged(): Promise<void> {
    await directory.refresh();
    await lookAtAll({ records, queues });
  }

  return {
    url,
    backend,
    notes: storeNotes,
    status,
    async stop(graceMs = GRACE_MS) {
      await listener.close(graceMs / 3);
      await ticks.stop();
      await rules.stop();
      await queues.close(graceMs / 3);
      budget.close();
      await resyncs.idle();
      gateway.close();
      await store.close();
    },
  };
}

function namesOf(rules: RuleSet): string {
  const names = rules.rules.map((r) => r.name);
  const more = names.length > 8 ? ` and ${names.length - 8} more` : '';
  return `${names.slice(0, 8).join(', ')}${more} (set ${rules.id})`;
}
