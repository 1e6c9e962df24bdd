// What a condition can see, and the value for what is not known. Unknown is never false: it carries
// its reason up to the rule that asked.

/** A fact that is not known now; `unknown` is the reason, a sentence for people. */
export interface Unknown {
  readonly unknown: string;
}

export type Known<T> = T | Unknown;

export function isUnknown(value: unknown): value is Unknown {
  return typeof value === 'object' && value !== null && 'unknown' in value;
}

export type Attributes = Readonly<Record<string, unknown>>;

export interface WorkerFacts {
  readonly sid: string;
  readonly friendlyName: string;
  readonly attributes: Attributes;
}

/** Instants are epoch ms. `availableSince` is null while the Activity is not available. */
export interface ActivityFacts {
  readonly name: Known<string>;
  readonly available: Known<boolean>;
  readonly since: Known<number>;
  readonly availableSince: Known<number> | null;
}

/** The setting is unknown from an event that changed it until the next read. */
export interface ChannelFacts {
  readonly capacity: Known<number>;
  readonly available: Known<boolean>;
  readonly assigned: number;
  /** assigned ÷ capacity; capacity 0 counts as 1. */
  readonly load: Known<number>;
}

/** Each field may be unknown by itself: a rule test, for example, gives only what it needs. */
export interface QueueFacts {
  readonly waiting: Known<number>;
  readonly longestWaitMs: Known<number>;
  readonly eligible: Known<number>;
  readonly availableWorkers: Known<number>;
}

export interface GroupFacts {
  readonly size: Known<number>;
  readonly available: Known<number>;
  readonly load: Known<number>;
}

/** One consistent view of all facts, for one Worker at one instant. */
export interface Facts {
  /** epoch ms */
  readonly at: number;
  readonly worker: Known<WorkerFacts>;
  readonly activity: ActivityFacts;
  /** Every Worker Channel by unique name, for `channels`. */
  readonly channels: Known<ReadonlyMap<string, ChannelFacts>>;
  channel(uniqueName: string): Known<ChannelFacts>;
  queue(friendlyName: string): Known<QueueFacts>;
  group(name: string): Known<GroupFacts>;
  /** Distinct Reservations with this event in the last `windowMs`; `since` narrows it further. */
  count(eventType: string, windowMs: number, since?: number): Known<number>;
}
