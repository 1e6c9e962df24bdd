// The Worker Channels that are contested now. Passes report new ones; whether one still is
// contested is read from its Worker's record, so no walk over all Workers is needed.

import { isSid, type WorkerSid } from '../core/ids.ts';
import { contestedUntil, isContested } from '../core/observe.ts';
import { channelIn } from '../core/state.ts';
import type { Clock, JournalEntry, Store } from '../ports.ts';
import type { Records } from './records.ts';
import { SharedDocument } from './shared-document.ts';

export interface ContestedView {
  readonly worker: string;
  readonly friendlyName: string | null;
  readonly channel: string;
  /** ISO instant, unless others edit it again before. */
  readonly until: string;
}

interface ContestedChannel {
  readonly worker: WorkerSid;
  readonly channel: string;
}

/** Beyond this the newest are kept: somebody has to look at the first of them anyway. */
const MOST = 200;

export class Contested {
  readonly #document: SharedDocument<readonly ContestedChannel[]>;
  readonly #records: Pick<Records, 'load'>;
  readonly #clock: Clock;

  constructor(store: Store, records: Pick<Records, 'load'>, clock: Clock) {
    this.#document = new SharedDocument<readonly ContestedChannel[]>(store, 'contested', []);
    this.#records = records;
    this.#clock = clock;
  }

  /** Notes the contested channels in these journal entries. */
  async note(
    entries: readonly Pick<JournalEntry, 'reason' | 'worker' | 'channel'>[],
  ): Promise<void> {
    const channels = entries.flatMap(({ reason, worker, channel }): ContestedChannel[] =>
      reason === 'channel.contested' && worker !== null && isSid('WK', worker) && channel !== null
        ? [{ worker, channel }]
        : [],
    );
    if (channels.length === 0) return;
    await this.#document.refresh();
    await this.#document.change((before) => {
      const others = before.filter((each) => !channels.some((one) => isSame(each, one)));
      return [...others, ...channels].slice(-MOST);
    });
  }

  async view(): Promise<readonly ContestedView[]> {
    const before = await this.#document.ensureFresh();
    const at = this.#clock.now();
    const found: ContestedView[] = [];
    const over: ContestedChannel[] = [];
    for (const each of before) {
      const state = (await this.#records.load(each.worker))?.state;
      const channel = state && channelIn(state, each.channel);
      if (!channel || !isContested(channel, at)) over.push(each);
      else {
        const until = new Date(contestedUntil(channel, at)).toISOString();
        found.push({ ...each, friendlyName: state.name?.value ?? null, until });
      }
    }
    if (over.length > 0) {
      await this.#document.change((now) =>
        now.filter((each) => !over.some((one) => isSame(each, one))),
      );
    }
    return found;
  }
}

function isSame(a: ContestedChannel, b: ContestedChannel): boolean {
  return a.worker === b.worker && a.channel === b.channel;
}
