/**
 * What is not known for certain about TaskRouter, each as a switch. The first value of each is the
 * emulator's default; software tested against it should also pass under every other.
 */
import { invalid } from '../world/refusal.ts';

export const DOUBTS = {
  /** The docs say `attributes` is null in Worker lists, their example shows it. */
  listAttributes: ['shown', 'null'],
  /** How a callback writes `WorkerChannelAvailable`. */
  channelAvailableForm: ['true', '1'],
  /** Whether `WorkerChannelAvailableCapacity` is a percentage or a number of Tasks. */
  availableCapacityUnit: ['percent', 'tasks'],
  /** Whether an update that changes nothing still sends an event. */
  noOpUpdates: ['silent', 'told'],
  /** Which resource a Worker Channel's events name: the Worker, or the Worker Channel. */
  channelEventResource: ['worker', 'channel'],
  /** Captured callbacks have `ResourceType` in lower case, the docs print it capitalized. */
  resourceTypeCase: ['lower', 'capitalized'],
  /** Whether a channel write raises its Worker's version. */
  channelWriteVersion: ['raised', 'kept'],
  /** Whether a 429 carries Retry-After. */
  retryAfter: ['unsent', 'sent'],
  /** In which order callbacks are sent: up to sixteen at once, one at a time, or shuffled. */
  eventOrder: ['at-once', 'in-turn', 'mixed'],
  /** Whether `task.created` precedes or follows the events of Workflow and TaskQueue. */
  taskCreatedOrder: ['first', 'last'],
  /** Whether a Task Channel's SID is accepted where a Worker Channel's is expected. */
  taskChannelSidAsChannel: ['refused', 'taken'],
  /** Whether a Worker Channel's unique name is matched ignoring case. */
  channelNameCase: ['exact', 'any'],
  /** What happens to a capacity above 50. */
  capacityAboveMax: ['refused', 'taken'],
  /** What happens to a PageSize above 1000, which the SDK sends for a large limit. */
  pageSizeAboveMax: ['clamped', 'refused'],
  /** Whether a pending Reservation is withdrawn when its channel is made unavailable. */
  pauseWithdrawsPending: ['no', 'yes'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type Doubts = { -readonly [K in keyof typeof DOUBTS]: (typeof DOUBTS)[K][number] };
type DoubtName = keyof Doubts;

const NAMES = Object.keys(DOUBTS) as DoubtName[];

export function resolveDoubts(chosen: Partial<Doubts> = {}): Doubts {
  const first = Object.fromEntries(NAMES.map((name) => [name, DOUBTS[name][0]]));
  return { ...first, ...validateDoubts(chosen) } as Doubts;
}

/**
 * Every variant that differs from the defaults in a single doubt, for suites that test them all.
 */
export function doubtVariants(): { name: string; doubts: Partial<Doubts> }[] {
  return NAMES.flatMap((name) =>
    DOUBTS[name].slice(1).map((value) => ({
      name: `${name}: ${value}`,
      doubts: { [name]: value } as Partial<Doubts>,
    })),
  );
}

/** Refuses names and values that are not in the table. */
export function validateDoubts(chosen: object): Partial<Doubts> {
  for (const [name, value] of Object.entries(chosen)) {
    const values: readonly string[] | undefined = DOUBTS[name as DoubtName];
    if (values === undefined) throw invalid(`'${name}' is no doubt: ${NAMES.join(', ')}`);
    if (!values.includes(String(value)))
      throw invalid(`'${String(value)}' is no setting of ${name}: ${values.join(', ')}`);
  }
  return chosen;
}
