/**
 * What a day on the floor came to, in the figures contact centres go by: service level, waiting,
 * abandonment, occupancy, and how long each person's hands were full. Pure.
 */

/** One customer's Task. Instants are epoch ms; null: it did not come to that. */
export interface Contact {
  readonly channel: string;
  readonly offeredAt: number;
  /** Somebody took it: the click, before any word. */
  acceptedAt: number | null;
  /** The customer had a first word. */
  answeredAt: number | null;
  abandonedAt: number | null;
}

/** What is true of one person from one instant to the next. */
export interface Spell {
  /** Logged in and available, or still busy with what is in hand. */
  readonly present: boolean;
  readonly busy: boolean;
  /** Tasks in hand, each as the share of a person that its channel's baseline capacity makes it. */
  readonly load: number;
  /** A channel with work in hand is set above its baseline. */
  readonly raised: boolean;
}

/** From this load on, a person's hands are full. */
const FULL_LOAD = 0.9;
const MINUTE_MS = 60_000;

/** Adds up one person's spells. */
export class PersonMeter {
  presentMs = 0;
  busyMs = 0;
  strainMs = 0;
  #spell: Spell = { present: false, busy: false, load: 0, raised: false };
  #since: number;

  constructor(at: number) {
    this.#since = at;
  }

  /** From `at` on it is like this. */
  change(at: number, spell: Spell): void {
    const lasted = Math.max(0, at - this.#since);
    const { present, busy, load, raised } = this.#spell;
    if (present) this.presentMs += lasted;
    if (busy) this.busyMs += lasted;
    // A little slack, so that three thirds are a whole.
    if (load >= FULL_LOAD - 1e-9 || raised) this.strainMs += lasted;
    this.#spell = spell;
    this.#since = at;
  }

  /** Adds what has lasted until `at`. */
  close(at: number): void {
    this.change(at, this.#spell);
  }
}

export interface Served {
  readonly offered: number;
  readonly answered: number;
  readonly abandoned: number;
  /** Answered in time ÷ offered. */
  readonly serviceLevel: number;
  /** Accepted in time ÷ offered: what TaskRouter's own statistics would say. */
  readonly acceptedLevel: number;
  readonly abandonment: number;
  readonly waitMedianMs: number;
  readonly waitP95Ms: number;
}

export interface DayFigures extends Served {
  readonly byChannel: Readonly<Record<string, Served>>;
  /** Share of the time at work with something in hand. */
  readonly occupancy: number;
  /** Over everyone who was at work, minutes a day. */
  readonly strainMedianMin: number;
  readonly strainP95Min: number;
}

export interface Measured {
  readonly contacts: readonly Contact[];
  readonly people: readonly Pick<PersonMeter, 'presentMs' | 'busyMs' | 'strainMs'>[];
  /** By channel: answered within this is in time. */
  readonly targetMs: Readonly<Record<string, number>>;
  readonly endAt: number;
}

export function figures({ contacts, people, targetMs, endAt }: Measured): DayFigures {
  const channels = [...new Set(contacts.map(({ channel }) => channel))].sort();
  const atWork = people.filter(({ presentMs }) => presentMs > 0);
  const strain = atWork.map(({ strainMs }) => strainMs / MINUTE_MS);
  const present = sum(atWork.map(({ presentMs }) => presentMs));
  return {
    ...served(contacts, targetMs, endAt),
    byChannel: Object.fromEntries(
      channels.map((name) => {
        const own = contacts.filter(({ channel }) => channel === name);
        return [name, served(own, targetMs, endAt)];
      }),
    ),
    occupancy: ratio(sum(atWork.map(({ busyMs }) => busyMs)), present),
    strainMedianMin: percentile(strain, 0.5),
    strainP95Min: percentile(strain, 0.95),
  };
}

function served(all: readonly Contact[], targetMs: Measured['targetMs'], endAt: number): Served {
  const target = ({ channel }: Contact) => targetMs[channel] ?? 0;
  // Whoever still waits, and not yet too long, is neither served nor let down.
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

/** Nearest rank: the smallest value that so large a share of all does not exceed. 0 of nothing. */
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
