/**
 * The customers of a simulated day: who arrives when, about what, how much work it is, and how long
 * they wait before they give up. All of it is drawn before any Task is answered.
 */
import { drawArrivals } from './arrivals.ts';
import {
  BURSTS,
  CHANNEL_PROFILES,
  CHANNELS,
  type ChannelName,
  DAY_SHAPE,
  TEAM_SHARE,
  TEAMS,
  type Team,
} from './channel-profiles.ts';
import { chanceFor, exponential, logNormal } from './distributions.ts';
import type { Simulation } from './simulation.ts';

const HOUR_MS = 3_600_000;
const SPANISH = 0.12;
/** Bursts come while people are awake, this long after the day's start. */
const BURST_HOURS = [2, 12] as const;

export interface Customer {
  readonly number: number;
  readonly offsetMs: number;
  readonly team: Team;
  readonly channel: ChannelName;
  readonly language: 'en' | 'es';
  readonly workMs: number;
  readonly patienceMs: number | null;
}

/** Everyone who arrives on this day, in order. */
export function drawCustomers(expected: number, seed: number): readonly Customer[] {
  const bursts = drawBursts(seed);
  const coming = TEAMS.flatMap((team) =>
    CHANNELS.flatMap((channel) => {
      const share = TEAM_SHARE[team] * CHANNEL_PROFILES[channel].share;
      const own = bursts.filter((burst) => burst.team === team);
      const arrivals = { expected: expected * share, shape: DAY_SHAPE, bursts: own };
      const chance = chanceFor(seed, 'arrivals', team, channel);
      return drawArrivals(arrivals, chance).map((offsetMs) => ({ offsetMs, team, channel }));
    }),
  );
  return coming
    .sort((a, b) => a.offsetMs - b.offsetMs)
    .map((each, index) => ({ ...each, ...drawRequest(each.channel, index + 1, seed) }));
}

function drawRequest(channel: ChannelName, number: number, seed: number) {
  const chance = chanceFor(seed, 'customer', number);
  const { handleMs, spread, patienceMs } = CHANNEL_PROFILES[channel];
  return {
    number,
    language: chance.happens(SPANISH) ? ('es' as const) : ('en' as const),
    workMs: Math.round(logNormal(chance, handleMs, spread)),
    patienceMs: patienceMs === null ? null : Math.round(exponential(chance, patienceMs)),
  };
}

function drawBursts(seed: number) {
  const chance = chanceFor(seed, 'bursts');
  return Array.from({ length: BURSTS.perDay }, () => ({
    // Half of all bursts hit the largest team.
    team: chance.pick<Team>(['support', 'support', 'sales', 'billing']) ?? 'support',
    fromMs: Math.round(chance.between(...BURST_HOURS) * HOUR_MS),
    forMs: Math.round(chance.between(...BURSTS.forMs)),
    times: chance.between(...BURSTS.times),
  }));
}

/** Schedules one customer's arrival; `came` and `left` receive the Task's SID. */
export function scheduleArrival(
  stage: Simulation,
  customer: Customer,
  on: { came(taskSid: string): void; left(taskSid: string): void },
): void {
  const { world } = stage;
  const { number, team, channel, language, patienceMs } = customer;
  stage.atOffset(customer.offsetMs, () => {
    const attributes = { topic: team, language, number };
    world.engine.run(() => {
      // `came` runs inside the operation, so that the work is known before the Task is offered.
      const task = world.createTask({ channel, attributes });
      on.came(task.sid);
      if (patienceMs === null) return;
      stage.later(patienceMs, () => {
        const waits = task.status === 'pending' || task.status === 'reserved';
        if (!waits) return;
        on.left(task.sid);
        world.cancelTask(task, 'abandoned');
      });
    });
  });
}
