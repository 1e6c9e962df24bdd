/**
 * What is not known for sure about TaskRouter, each as a switch. The first value of each is what
 * the emulator does unless told otherwise; whatever is tested against it should stand under every
 * other.
 */
import { invalid } from '../world/refusal.ts';

export const DOUBTS = {
  /** The docs say `attributes` is null in Worker lists, their example shows it. */
  listAttributes: ['shown', 'null'],
  /** How a callback spells `WorkerChannelAvailable`. */
  channelAvailableForm: ['true', '1'],
  /** Whether `WorkerChannelAvailableCapacity` is a percentage or a number of Tasks. */
  availableCapacityUnit: ['percent', 'tasks'],
  /** Whether an update that changes nothing is told all the same. */
  noOpUpdates: ['silent', 'told'],
  /**
   * What a Worker Channel's events call their resource: the Worker, or the Worker Channel itself.
   */
  channelEventResource: ['worker', 'channel'],
  /** Captured callbacks have `ResourceType` in lower case, the docs print it capitalized. */
  resourceTypeCase: ['lower', 'capitalized'],
  /** Whether a channel write raises the version of its Worker. */
  channelWriteVersion: ['raised', 'kept'],
  /** Whether a 429 carries Retry-After. */
  retryAfter: ['unsent', 'sent'],
  /** In which order callbacks leave: up to sixteen at once, one after another, or mixed up. */
  eventOrder: ['at-once', 'in-turn', 'mixed'],
  /** Whether `task.created` is told before or after the Workflow and TaskQueue it enters. */
  taskCreatedOrder: ['first', 'last'],
  /** Whether a Task Channel's SID is taken where a Worker Channel's is expected. */
  taskChannelSidAsChannel: ['refused', 'taken'],
  /** Whether a Worker Channel's unique name is found in another case. */
  channelNameCase: ['exact', 'any'],
  /** What becomes of a capacity above 50. */
  capacityAboveMax: ['refused', 'taken'],
  /** What becomes of a PageSize above 1000, which the SDK sends for a large limit. */
  pageSizeAboveMax: ['clamped', 'refused'],
  /**
   * Whether a Task's Reservation that is pending is withdrawn when its channel is made unavailable.
   */
  pauseWithdrawsPending: ['no', 'yes'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type Doubts = { -readonly [K in keyof typeof DOUBTS]: (typeof DOUBTS)[K][number] };
type DoubtName = keyof Doubts;

const NAMES = Object.keys(DOUBTS) as DoubtName[];

export function settledDoubts(chosen: Partial<Doubts> = {}): Doubts {
  const first = Object.fromEntries(NAMES.map((name) => [name, DOUBTS[name][0]]));
  return { ...first, ...checked(chosen) } as Doubts;
}

/**
 * Every setting that differs from the usual one in a single doubt, for suites that walk through
 * all.
 */
export function everyDoubt(): { name: string; doubts: Partial<Doubts> }[] {
  return NAMES.flatMap((name) =>
    DOUBTS[name].slice(1).map((value) => ({
      name: `${name}: ${value}`,
      doubts: { [name]: value } as Partial<Doubts>,
    })),
  );
}

/** Refuses names and values that are not in the table. */
export function checked(chosen: object): Partial<Doubts> {
  for (const [name, value] of Object.entries(chosen)) {
    const values: readonly string[] | undefined = DOUBTS[name as DoubtName];
    if (values === undefined) throw invalid(`'${name}' is no doubt: ${NAMES.join(', ')}`);
    if (!values.includes(String(value)))
      throw invalid(`'${String(value)}' is no setting of ${name}: ${values.join(', ')}`);
  }
  return chosen;
}
