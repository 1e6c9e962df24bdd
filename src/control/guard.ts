// The guardrails that look at all Workers together, acting: one document that all replicas change by
// compare-and-set. A pass says where its Worker stands and what it would write; what it may write is
// entered before the write leaves, so that no two take the last place. The passes of one process
// that ask at the same time are answered by one change.

import { type Answer, type Ask, attend, type Books, EMPTY_BOOKS, ledgerOf } from '../core/books.ts';
import type { World } from '../core/decide.ts';
import { floorOf } from '../core/guardrails.ts';
import type { WorkerSid } from '../core/ids.ts';
import { earliest } from '../core/instants.ts';
import { amountOf } from '../core/limit.ts';
import type { Plan, PlannedWrite, Refusal } from '../core/plan.ts';
import type { Guardrails, RuleSet } from '../core/rules.ts';
import { mustSeeOpen, standsOf } from '../core/stands.ts';
import type { WorkerState } from '../core/state.ts';
import type { Clock, Queues, Store } from '../ports.ts';
import { SharedDocument } from './documents.ts';

export interface GuardDeps {
  readonly store: Store;
  readonly queues: Pick<Queues, 'addPass'>;
  readonly clock: Clock;
  rules(): RuleSet | null;
  world(): World;
}

/** How the guardrails stand, for status. */
export interface GuardView {
  readonly keepOpen: readonly {
    readonly group: string;
    readonly channel: string;
    readonly open: number;
    readonly atLeast: number;
  }[];
  /** Workers written in the window, and how many may be; null: there is no such guardrail. */
  readonly maxChange: { readonly written: number; readonly allowed: number } | null;
  /** Workers that wait for one of them. */
  readonly waiting: number;
}

interface Pending {
  readonly ask: Ask;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (why: unknown) => void;
}

const NOTHING: Answer = { writes: [], refused: [], lookAt: null };

export class Guard {
  readonly #deps: GuardDeps;
  readonly #books: SharedDocument<Books>;
  readonly #pending: Pending[] = [];
  #serving = false;

  constructor(deps: GuardDeps) {
    this.#deps = deps;
    this.#books = new SharedDocument(deps.store, 'guardrails', EMPTY_BOOKS);
  }

  /** Reads what others changed, for those who only look. */
  async fresh(): Promise<void> {
    if (this.#guardrails() !== null) await this.#books.fresh();
  }

  /**
   * What of this plan may be written, with the record that remembers where its Worker stands. Asks
   * the store only where there is something to say.
   */
  async attend(
    state: WorkerState,
    planned: Plan,
  ): Promise<{ readonly state: WorkerState; readonly planned: Plan }> {
    const rules = this.#deps.rules();
    if (rules === null || this.#guardrails() === null) return { state, planned };
    const before = state.stands ?? [];
    const stands = standsOf(rules, state, this.#deps.world(), this.#deps.clock.now(), before);
    const told = String(stands) === String(before) && state.stands !== undefined;
    const concerned = planned.writes.length > 0 || this.#awaits(state);
    if (told && !concerned) return { state, planned };
    const answer = await this.#ask({ worker: state.sid, stands, writes: planned.writes });
    return { state: { ...state, stands }, planned: after(planned, answer) };
  }

  /** This Worker is on record no more. */
  async gone(worker: WorkerSid): Promise<void> {
    if (!Object.hasOwn(this.#books.current().stands, worker) && this.#guardrails() === null) return;
    await this.#ask({ worker, stands: [], writes: [] });
  }

  mustSeeOpen(state: WorkerState): boolean {
    const rules = this.#deps.rules();
    if (rules === null || rules.guardrails.keepOpen.length === 0) return false;
    return mustSeeOpen(rules, state, this.#deps.world(), this.#deps.clock.now());
  }

  /** What would be refused if all of them asked now; changes nothing. */
  preview(
    asked: readonly { readonly state: WorkerState; readonly writes: readonly PlannedWrite[] }[],
  ): ReadonlyMap<string, Answer> {
    const rules = this.#deps.rules();
    const guardrails = this.#guardrails();
    if (rules === null || guardrails === null) return new Map();
    const at = this.#deps.clock.now();
    const asks = asked.map(({ state, writes }) => ({
      worker: state.sid,
      stands: standsOf(rules, state, this.#deps.world(), at, state.stands ?? []),
      writes,
    }));
    return attend(guardrails, this.#books.current(), asks, at).answers;
  }

  /** null: there is no guardrail that counts Workers. */
  view(): GuardView | null {
    const guardrails = this.#guardrails();
    if (guardrails === null) return null;
    const { maxChange } = guardrails;
    const books = this.#books.current();
    const { floors, claimable } = ledgerOf(guardrails, books);
    const since = this.#deps.clock.now() - (maxChange?.perMs ?? 0);
    return {
      keepOpen: floors.map(({ keep, members, open }) => ({
        ...{ group: keep.group, channel: keep.channel },
        ...{ open: open.size, atLeast: floorOf(keep, members.size) },
      })),
      maxChange: maxChange && {
        written: books.spent.filter(({ at }) => at > since).length,
        allowed: amountOf(maxChange.workers, claimable),
      },
      waiting: books.line.length,
    };
  }

  /** Whether this Worker may be in line, or hold a place that it needs no more. */
  #awaits({ sid, channels }: WorkerState): boolean {
    return (
      Object.values(channels).some(({ refused }) => refused !== null && REFUSED.has(refused)) ||
      this.#books.current().closing.some(({ worker }) => worker === sid)
    );
  }

  #guardrails(): Guardrails | null {
    const guardrails = this.#deps.rules()?.guardrails ?? null;
    if (guardrails === null) return null;
    return guardrails.keepOpen.length > 0 || guardrails.maxChange !== null ? guardrails : null;
  }

  #ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ ask, resolve, reject });
      if (!this.#serving) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#serving = true;
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0);
      try {
        const answers = await this.#answer(batch.map(({ ask }) => ask));
        for (const { ask, resolve } of batch) resolve(answers.get(ask.worker) ?? NOTHING);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#serving = false;
  }

  async #answer(asks: readonly Ask[]): Promise<ReadonlyMap<string, Answer>> {
    const guardrails = this.#deps.rules()?.guardrails ?? NONE;
    const at = this.#deps.clock.now();
    let [answers, call]: [ReadonlyMap<string, Answer>, readonly string[]] = [new Map(), []];
    await this.#books.change((books) => {
      const attended = attend(guardrails, books, asks, at);
      ({ answers, call } = attended);
      return same(attended.books, books) ? books : attended.books;
    });
    for (const sid of call) await this.#deps.queues.addPass(sid);
    return answers;
  }
}

/** Where everybody stands is long, and the same value where nothing of it changed. */
function same(a: Books, b: Books): boolean {
  const { stands: was, ...before } = b;
  const { stands: is, ...now } = a;
  return was === is && JSON.stringify(now) === JSON.stringify(before);
}

const NONE: Guardrails = { bounds: new Map(), keepOpen: [], maxChange: null, minDwellMs: 0 };
const REFUSED: ReadonlySet<string> = new Set(['keep_open.floor', 'max_change.spent']);

function after(planned: Plan, { writes, refused, lookAt }: Answer): Plan {
  // Of one channel one reason is told: what keeps all of it from being written.
  const held = new Set(refused.map(({ channel }) => channel));
  const others = planned.refusals.filter(({ channel }) => !held.has(channel));
  const refusals: readonly Refusal[] = [...others, ...refused];
  const mayWrite = planned.writes.filter((write) => writes.includes(write));
  return { writes: mayWrite, refusals, lookAt: earliest(planned.lookAt, lookAt) };
}
