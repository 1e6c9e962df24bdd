/**
 * A local TaskRouter in one process: the engine, its REST API over HTTP, its signed event callbacks
 * and, on request, a simulated contact centre. It shares no code with what is tested against it.
 */
import { Callbacks, type DeliveryRecord } from './delivery/callbacks.ts';
import { FaultInjector } from './delivery/fault-injector.ts';
import { type StreamRecord, Streams } from './delivery/streams.ts';
import { DayFloor } from './floor/day-floor.ts';
import { setUpSmallFloor } from './floor/set-up.ts';
import { SmallFloor } from './floor/small-floor.ts';
import type { ApiContext } from './http/api.ts';
import { control } from './http/control.ts';
import { type CallRecord, Records } from './http/records.ts';
import { type Credentials, Rest } from './http/rest.ts';
import { streamRoutes } from './http/routes/streams.ts';
import { listen } from './http/server.ts';
import type { Doubts } from './trouble/doubts.ts';
import type { Fault } from './trouble/faults.ts';
import { Engine } from './world/engine.ts';
import { createWorkspace } from './world/workspaces.ts';
import { World } from './world/world.ts';

export interface EmulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0 picks any free port. */
  readonly port?: number | undefined;
  /** Derived from the seed where absent, as are the two below. */
  readonly accountSid?: string | undefined;
  readonly authToken?: string | undefined;
  readonly workspaceSid?: string | undefined;
  /** A second pair of credentials for Basic auth. */
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  /** The base of `url`, `links` and page addresses; default the listening address. */
  readonly publicUrl?: string | undefined;
  /** May carry connection overrides in its fragment. */
  readonly eventCallbackUrl?: string | undefined;
  readonly floor?: 'none' | 'small' | 'large' | undefined;
  /**
   * Large floor only: its Workers, the Tasks expected per day, and its speed as a multiple of real
   * time.
   */
  readonly workers?: number | undefined;
  readonly tasks?: number | undefined;
  readonly speed?: number | undefined;
  readonly seed?: number | undefined;
  /** Faults from the start; more can be added while it runs. */
  readonly faults?: readonly Fault[] | undefined;
  /** Settings of what is not known for certain about TaskRouter. */
  readonly doubts?: Partial<Doubts> | undefined;
  /** Limits lists filtered by an expression to three a second, as TaskRouter does; default off. */
  readonly rateLimit?: boolean | undefined;
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
  /** One plain line for each noteworthy event. */
  readonly log?: ((line: string) => void) | undefined;
}

export interface Emulator {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly workspaceSid: string;
  readonly world: World;
  calls(): CallRecord[];
  deliveries(): DeliveryRecord[];
  /** What went to Event Streams sinks. */
  streamed(): StreamRecord[];
  /** Resolves when no event callback is held back, waiting or in flight. */
  delivered(): Promise<void>;
  stop(): Promise<void>;
}

/** How often the scheduler is checked; whatever is due runs at most this much late. */
const TICK_MS = 20;
const SEED = 1;
/**
 * A large floor has its own clock, so that it shows people at work whenever it is started: from
 * half past nine in London on an ordinary Wednesday.
 */
const LATE_MORNING = { dawn: Date.parse('2026-06-10T05:00:00Z'), skippedMs: 3.5 * 3_600_000 };
/** A large floor's defaults. */
export const LARGE_FLOOR_DEFAULTS = { workers: 60, tasks: 1_500, speed: 1 } as const;

export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const seed = options.seed ?? SEED;
  const log = options.log ?? (() => {});
  const engine = new Engine({
    seed,
    now: options.now ?? Date.now,
    accountSid: options.accountSid,
    doubts: options.doubts,
  });
  const { now, doubts, faults } = engine;
  for (const fault of options.faults ?? []) faults.add(fault);
  const authToken = options.authToken ?? engine.sids.secret('auth-token');
  const space = engine.run(() =>
    createWorkspace(engine, {
      sid: options.workspaceSid,
      friendlyName:
        (options.floor ?? 'none') === 'none' ? 'Emulated Workspace' : 'Headroom Contact Centre',
      eventCallbackUrl: options.eventCallbackUrl,
    }),
  );
  const world = new World(engine, space);
  const floor = floorOf(world, options, { seed, log });
  const callbacks = new Callbacks({ authToken, now, doubts, log });
  const streams = new Streams(engine, { authToken, seed });
  const faultInjector = new FaultInjector(engine, { seed, log });
  const unlisten = engine.listen((event) => {
    const from = engine.spaces.get(event.workspaceSid);
    faultInjector.relay(event, () => {
      if (from !== undefined) callbacks.send(event, from);
      streams.send(event);
    });
  });

  let url = '';
  const calls = new Records<CallRecord>();
  const site: ApiContext = {
    engine,
    base: () => options.publicUrl?.replace(/\/+$/, '') ?? url,
    pageTokens: new Map(),
  };
  const rest = new Rest(site, {
    accepted: credentials(options, engine.accountSid, authToken),
    rateLimit: options.rateLimit ?? false,
    more: streamRoutes(streams),
  });
  const listener = await listen(
    {
      rest,
      calls,
      now,
      log,
      faults,
      doubts,
      requestId: () => engine.sids.next('RQ'),
      control: (call) =>
        control({ world, url: () => url, calls: () => calls.all(), deliveries, streamed }, call),
    },
    options.host ?? '127.0.0.1',
    options.port ?? 0,
  );
  url = listener.url;

  const leave = floor.start();
  const ticking = setInterval(() => engine.advance(), TICK_MS);

  function deliveries(): DeliveryRecord[] {
    return callbacks.records.all();
  }

  function streamed(): StreamRecord[] {
    return streams.records.all();
  }

  return {
    url,
    accountSid: engine.accountSid,
    authToken,
    workspaceSid: space.workspace.sid,
    world,
    calls: () => calls.all(),
    deliveries,
    streamed,
    delivered: async () => {
      await faultInjector.idle();
      await callbacks.idle();
    },
    stop: async () => {
      clearInterval(ticking);
      leave();
      unlisten();
      await listener.close();
      await Promise.all([callbacks.stop(), streams.stop()]);
    },
  };
}

/** Sets the floor up at once; `start` begins its activity and returns a function that ends it. */
function floorOf(
  world: World,
  options: EmulatorOptions,
  more: { readonly seed: number; readonly log: (line: string) => void },
): { start(): () => void } {
  switch (options.floor) {
    case 'small':
      setUpSmallFloor(world);
      return new SmallFloor(world, more);
    case 'large': {
      const {
        workers = LARGE_FLOOR_DEFAULTS.workers,
        tasks = LARGE_FLOOR_DEFAULTS.tasks,
        speed = LARGE_FLOOR_DEFAULTS.speed,
      } = options;
      return new DayFloor(world, { ...LATE_MORNING, seed: more.seed, workers, tasks, pace: speed });
    }
    case 'none':
    case undefined:
      return { start: () => () => {} };
  }
}

function credentials(
  options: EmulatorOptions,
  accountSid: string,
  authToken: string,
): Credentials[] {
  const own = { user: accountSid, password: authToken };
  const { apiKey, apiSecret } = options;
  return apiKey === undefined || apiSecret === undefined
    ? [own]
    : [own, { user: apiKey, password: apiSecret }];
}
