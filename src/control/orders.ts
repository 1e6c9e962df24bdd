// What people may order: to pause everything or a part of it, to resume it, to release it. An order
// is stored first, then journalled with its author, then the Workers in its scope get a pass, which
// carries it out.

import type { WorkerSid } from '../core/ids.ts';
import { iso } from '../core/instants.ts';
import { likelyMeant } from '../core/nearest.ts';
import type { Reason } from '../core/reasons.ts';
import { channelIn } from '../core/state.ts';
import type { JournalEntry } from '../ports.ts';
import { type Holdings, holdings } from './holdings.ts';
import { PAUSE_LIMITS, type Pause, type Pauses, type Scope, TooManyPauses } from './pauses.ts';
import { type ResyncDeps, requestAllPasses } from './resync.ts';

export interface Order extends Scope {
  readonly by: string;
}

export interface PauseOrder extends Order {
  /** epoch ms */
  readonly until: number | null;
  readonly reason: string;
}

/** Why an order cannot be carried out, in one sentence, and whether something does not exist. */
export interface Refusal {
  readonly refused: 'missing' | 'conflict';
  readonly sentence: string;
}

export interface OrdersDeps {
  readonly control: ResyncDeps;
  readonly pauses: Pauses;
  /** How long the answer to an order waits for its passes to be requested, ms. */
  readonly passRequestWaitMs?: number;
  onError(error: unknown): void;
}

const PASS_REQUEST_WAIT_MS = 2_000;

export class Orders {
  readonly #deps: OrdersDeps;

  constructor(deps: OrdersDeps) {
    this.#deps = deps;
  }

  async pause(order: PauseOrder, released = false): Promise<{ pause: Pause } | Refusal> {
    const { control, pauses } = this.#deps;
    const missing = await this.#missing(order);
    if (missing !== null) return missing;
    const { rule, worker, channel, until, reason, by } = order;
    const pause = {
      rule,
      worker,
      channel,
      until,
      reason,
      by,
      since: control.clock.now(),
      released,
    };
    let over: readonly Pause[];
    try {
      over = await pauses.begin(pause);
    } catch (error) {
      if (!(error instanceof TooManyPauses)) throw error;
      const sentence = `${PAUSE_LIMITS.most} pauses exist already, the maximum; resume some first.`;
      return { refused: 'conflict', sentence };
    }
    const end = until === null ? 'until resumed' : `until ${iso(until)}`;
    const what = released ? 'restored and paused' : 'paused';
    const text = `${scopeText(pause)} ${what} ${end}: ${reason}`;
    await this.#carryOut(async () => {
      await this.#reportEnded(over);
      await this.#journal(pause, released ? 'pause.release' : 'pause.begun', text, by);
      await this.#lookAgain(pause);
    });
    return { pause };
  }

  /** Ends the pause of exactly this scope. null: there was none. */
  async resume(order: Order): Promise<{ ended: Pause | null } | Refusal> {
    const { ended, over } = await this.#deps.pauses.end(order);
    await this.#carryOut(async () => {
      await this.#reportEnded(over);
      if (ended === null) return;
      await this.#journal(order, 'pause.ended', `${scopeText(order)} resumed`, order.by);
      await this.#lookAgain(order);
    });
    return ended === null ? ((await this.#missing(order)) ?? { ended }) : { ended };
  }

  /** Pauses the scope until it is resumed, and restores what headroom holds in it. */
  async release(
    order: Omit<PauseOrder, 'until'>,
  ): Promise<{ pause: Pause; holdings: Holdings } | Refusal> {
    const { control } = this.#deps;
    if (control.observing()) {
      const sentence = 'HEADROOM_MODE=observe: nothing is written, so nothing can be restored.';
      return { refused: 'conflict', sentence };
    }
    const missing = await this.#missing(order);
    if (missing !== null) return missing;
    // Before the pause, because its passes change what is reported here.
    const held = await holdings(order, control);
    const paused = await this.pause({ ...order, until: null }, true);
    return 'refused' in paused ? paused : { ...paused, holdings: held };
  }

  /** Reports the pauses that ended by themselves, and looks at their Workers again. */
  async expire(): Promise<void> {
    const over = await this.#deps.pauses.expire();
    await this.#carryOut(() => this.#reportEnded(over));
  }

  /** What is stored already has to be acted on, even if the store goes down now. */
  async #carryOut(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#deps.pauses.owePasses();
      throw error;
    }
  }

  async #reportEnded(pauses: readonly Pause[]): Promise<void> {
    for (const pause of pauses) {
      const text = `${scopeText(pause)} resumed: the pause by ${pause.by} ended`;
      await this.#journal(pause, 'pause.ended', text, 'headroom');
      await this.#lookAgain(pause);
    }
  }

  async #missing({ rule, worker, channel }: Scope): Promise<Refusal | null> {
    const missing = (sentence: string): Refusal => ({ refused: 'missing', sentence });
    if (rule !== null) {
      const names = this.#deps.control.rules()?.rules.map((each) => each.name) ?? [];
      if (names.includes(rule)) return null;
      return missing(`There is no rule ${JSON.stringify(rule)}${suggestion(rule, names)}.`);
    }
    if (worker === null) return null;
    const found = await this.#deps.control.records.load(worker);
    if (found === null) return missing(`No Worker ${worker} is known.`);
    const unread = found.state.listedAt === null;
    if (channel === null || unread || channelIn(found.state, channel) !== undefined) return null;
    const names = Object.keys(found.state.channels);
    const name = JSON.stringify(channel);
    return missing(`The Worker has no Worker Channel ${name}${suggestion(channel, names)}.`);
  }

  async #journal(scope: Scope, reason: Reason, text: string, actor: string): Promise<void> {
    const { rule, worker, channel } = scope;
    const entry: JournalEntry = {
      ...{ at: this.#deps.control.clock.now(), worker, workerName: null, channel, rule },
      ...{ reason, text, actor, from: null, to: null },
    };
    await this.#deps.control.journal.append([entry]);
  }

  /** Waits for a limited time: in a large Workspace this takes long, and the passes come anyway. */
  async #lookAgain({ worker }: Scope): Promise<void> {
    const { control, pauses, onError } = this.#deps;
    if (worker !== null) return await control.queues.addPass(worker);
    const all = requestAllPasses(control).catch((error: unknown) => {
      pauses.owePasses();
      onError(error);
    });
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#deps.passRequestWaitMs ?? PASS_REQUEST_WAIT_MS);
    });
    await Promise.race([all, patience]);
    clearTimeout(timer);
  }
}

function suggestion(name: string, names: readonly string[]): string {
  const close = likelyMeant(name, names);
  return close === null ? '' : `; the nearest is ${JSON.stringify(close)}`;
}

export function scopeText({ rule, worker, channel }: Scope): string {
  if (rule !== null) return `rule ${rule}`;
  if (worker === null) return 'everything';
  return channel === null ? `Worker ${worker as WorkerSid}` : `${channel} of Worker ${worker}`;
}
