/**
 * The figures of a day on the floor, as contact centres use them: service level, waiting time,
 * abandonment, occupancy, and how long each person was fully loaded. Pure.
 */

/** One customer's Task. Instants are epoch ms; null: it did not happen. */
export interface Contact {
  readonly channel: string;
  readonly offeredAt: number;
  /** When it was accepted: the click, before any word. */
  acceptedAt: number | null;
  /** When the customer got a first word. */
  answeredAt: number | null;
  abandonedAt: number | null;
}

/** One person's state from one instant to the next. */
export interface WorkPeriod {
  /** Logged in and available, or still busy with a Task in hand. */
  readonly present: boolean;
  readonly busy: boolean;
  /** Tasks in hand, each counted as 1 / its channel's baseline capacity. */
  readonly load: number;
  /** A channel with a Task in hand is set above its baseline. */
  readonly raised: boolean;
}

/** From this load on, a person is fully loaded. */
const FULL_LOAD = 0.9;
const MINUTE_MS = 60_000;

/** Adds up one person's spells. */
export class AgentMeter {
  presentMs = 0;
  busyMs = 0;
  strainMs = 0;
  #period: WorkPeriod = { present: false, busy: false, load: 0, raised: false };
  #since: number;

  constructor(at: number) {
    this.#since = at;
  }

  /** Begins a new spell at `at`. */
  change(at: number, spell: WorkPeriod): void {
    const lasted = Math.max(0, at - this.#since);
    const { present, busy, load, raised } = this.#period;
    if (present) this.presentMs += lasted;
    if (busy) this.busyMs += lasted;
    // A little slack for rounding.
    if (load >= FULL_LOAD - 1e-9 || raised) this.strainMs += lasted;
    this.#period = spell;
    this.#since = at;
  }

  /** Adds what has lasted until `at`. */
  close(at: number): void {
    this.change(at, this.#period);
  }
}

export interface ServiceFigures {
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  /** Answered within the target ÷ offered. */
  readonly serviceLevel: number;
  /** Accepted within the target ÷ offered: what TaskRouter's own statistics would report. */
  readonly acceptedLevel: number;
  readonly abandonment: number;
  readonly waitMedianMs: number;
  readonly waitP95Ms: number;
}

export interface DayFigures extends ServiceFigures {
  readonly byChannel: Readonly<Record<string, ServiceFigures>>;
  /** Share of the time at work with a Task in hand. */
  readonly occupancy: number;
  /** Time fully loaded, over everyone who was at work, minutes a day. */
  readonly strainMedianMin: number;
  readonly strainP95Min: number;
}

export interface DayMeasurements {
  readonly contacts: readonly Contact[];
  readonly agents: readonly Pick<AgentMeter, 'presentMs' | 'busyMs' | 'strainMs'>[];
  /** By channel: an answer within this is in time. */
  readonly targetMs: Readonly<Record<string, number>>;
  readonly endAt: number;
}

export function figures({ contacts, agents, targetMs, endAt }: DayMeasurements): DayFigures {
  const channels = [...new Set(contacts.map(({ channel }) => channel))].sort();
  const atWork = agents.filter(({ presentMs }) => presentMs > 0);
  const strain = atWork.map(({ strainMs }) => strainMs / MINUTE_MS);
  const present = sum(atWork.map(({ presentMs }) => presentMs));
  return {
    ...serviceFigures(contacts, targetMs, endAt),
    byChannel: Object.fromEntries(
      channels.map((name) => {
        const own = contacts.filter(({ channel }) => channel === name);
        return [name, serviceFigures(own, targetMs, endAt)];
      }),
    ),
    occupancy: ratio(sum(atWork.map(({ busyMs }) => busyMs)), present),
    strainMedianMin: percentile(strain, 0.5),
    strainP95Min: percentile(strain, 0.95),
  };
}

function serviceFigures(
  all: readonly Contact[],
  targetMs: DayMeasurements['targetMs'],
  endAt: number,
): ServiceFigures {
  const target = ({ channel }: Contact) => targetMs[channel] ?? 0;
  // A contact still waiting within its target counts neither for nor against.
  const contacts = all.filter(
    (each) =>
      each.answeredAt !== null ||
      each.abandonedAt !== null ||
      endAt - each.offeredAt > target(each),
  );
  const waits = contacts.map((each) => waitOf(each, endAt));
  const answered = contacts.filter(({ answeredAt }) => answeredAt !== null);
  const inTime = answered.filter((each) => waitOf(each, endAt) <= target(each));
  const taken = contacts.filter(
    (each) => each.acceptedAt !== null && each.acceptedAt - each.offeredAt <= target(each),
  );
  const abandoned = contacts.filter(({ abandonedAt }) => abandonedAt !== null);
  return {
    offered: contacts.length,
    answered: answered.length,
    abandoned: abandoned.length,
    serviceLevel: ratio(inTime.length, contacts.length),
    acceptedLevel: ratio(taken.length, contacts.length),
    abandonment: ratio(abandoned.length, contacts.length),
    waitMedianMs: percentile(waits, 0.5),
    waitP95Ms: percentile(waits, 0.95),
  };
}

function waitOf({ offeredAt, answeredAt, abandonedAt }: Contact, endAt: number): number {
  return (answeredAt ?? abandonedAt ?? endAt) - offeredAt;
}

/** Nearest rank: the smallest value that at least this share of all does not exceed. 0 if empty. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length - 1e-9));
  return sorted[Math.min(rank, sorted.length) - 1] ?? 0;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
