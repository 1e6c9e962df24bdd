// One life of the loop, from its start to its death or stop: the real control loop, assembled as in
// the daemon, on a store and a TaskRouter that outlive it.

import { CONTROL_LIMITS, type ControlDeps } from '../../src/control/deps.ts';
import { DirectoryKeeper } from '../../src/control/directory.ts';
import { Guard } from '../../src/control/guard.ts';
import { ruleOfKey } from '../../src/control/keys.ts';
import type { MembershipDocument } from '../../src/control/member-documents.ts';
import { Members } from '../../src/control/members.ts';
import { modeOf } from '../../src/control/mode.ts';
import { Pauses } from '../../src/control/pauses.ts';
import { reconcile } from '../../src/control/reconcile.ts';
import { Records } from '../../src/control/records.ts';
import { type ResyncDeps, ResyncRunner, requestAllPasses } from '../../src/control/resync.ts';
import { PROPAGATION_MS } from '../../src/control/shared-document.ts';
import type { World as Around } from '../../src/core/decide.ts';
import type { WorkerSid } from '../../src/core/ids.ts';
import type { RuleSet } from '../../src/core/rules.ts';
import type { World } from '../../src/emulator/world/world.ts';
import type { Store } from '../../src/ports.ts';
import { type Carry, memoryGateway } from '../support/memory/gateway.ts';
import type { MemoryQueues } from '../support/memory/queues.ts';
import type { MemoryStore } from '../support/memory/store.ts';
import { CrashControl } from './call-faults.ts';
import { overrideMethods } from './override-methods.ts';
import { PassRecorder } from './pass-recorder.ts';
import { type HistoryRecorder, recordedGateway } from './recorder.ts';

const HOUR = 3_600_000;
/** Documents that are read again after a while by the machine's own clock. */
const TOGETHER = /^(guardrails:|members:|limits$|resync$|lease:)/;

export interface LoopProcessParts extends HistoryRecorder {
  readonly world: World;
  readonly store: MemoryStore;
  readonly queues: MemoryQueues;
  now: number;
  rules(): RuleSet;
  carry(fate: CrashControl): Carry;
  turn(): Promise<void>;
}

export class LoopProcess {
  readonly fate = new CrashControl();
  readonly deps: ResyncDeps;
  readonly pauses: Pauses;
  readonly resyncs: ResyncRunner;
  readonly members: Members;
  readonly #parts: LoopProcessParts;

  constructor(parts: LoopProcessParts) {
    this.#parts = parts;
    const { fate } = this;
    const store = storeOf(parts, fate);
    const queues = { addPass: fate.guard(parts.queues).addPass };
    const clock = { now: () => parts.now };
    const records = new Records(store);
    const carry = parts.carry(fate);
    const inner = memoryGateway(parts.world, { now: clock.now, carry, turn: () => parts.turn() });
    const gateway = recordedGateway(inner, parts);
    const directory = new DirectoryKeeper(store, gateway);
    this.pauses = new Pauses(store, clock.now);
    const rules = () => parts.rules();
    const world = () => aroundOf(directory, rules(), this.members);
    const common = { store, records, queues, clock, rules, world };
    const spread = async () => {
      fate.point();
      parts.now += PROPAGATION_MS;
      fate.point();
    };
    const groupSizes = { records, listed: () => this.resyncs.hasSucceeded() };
    this.members = new Members({ ...common, awaitPropagation: spread });
    this.deps = {
      ...{ ...common, gateway, directory, pauses: this.pauses },
      ...{ members: this.members, guard: new Guard({ ...common, groupSizes }) },
      journal: { append: (entries) => store.appendJournal(entries) },
      observing: () => false,
      limits: { ...CONTROL_LIMITS, resyncMs: 6 * HOUR },
    };
    this.resyncs = new ResyncRunner(
      { ...this.deps, alone: true },
      { info: () => {}, error: () => {} },
    );
  }

  async restore(): Promise<void> {
    await this.deps.directory.restore();
    await this.pauses.refresh();
    await this.members.rulesChanged();
  }

  /** Other rules are in effect, or people ordered something that concerns all. */
  async lookAgain(): Promise<void> {
    await this.members.rulesChanged();
    await requestAllPasses(this.deps);
  }

  async pass(key: string): Promise<void> {
    await this.members.ensureFresh();
    const rule = ruleOfKey(key);
    if (rule !== null) return await this.members.runPass(rule);
    const worker = key as WorkerSid;
    const recorder = new PassRecorder(this.deps, this.#parts, worker);
    const passing: ControlDeps = {
      ...{ ...this.deps, store: recorder.store(), records: recorder.records() },
      ...{ gateway: recorder.gateway(), guard: recorder.guard() },
    };
    await reconcile(worker, passing);
  }
}

/** The loop may die at every call that reaches the store; the members that rules take are noted. */
function storeOf(parts: LoopProcessParts, fate: CrashControl): Store {
  const taken = new Map<string, string>();
  const guarded: Store = fate.guard<Store>(parts.store);
  return overrideMethods(guarded, {
    // How often these are read depends on the machine's speed, so the loop may die only at changes.
    getDocument: async (name) =>
      await (TOGETHER.test(name) ? parts.store : guarded).getDocument(name),
    putDocument: async (name, value, expected) => {
      fate.point();
      const put = await parts.store.putDocument(name, value, expected);
      const [, rule] = /^members:(.*)$/.exec(name) ?? [];
      if (put && rule !== undefined) {
        const { members } = (value as unknown as MembershipDocument).membership;
        // It may be another part of the document that changed.
        if (taken.get(rule) !== String(members)) parts.note({ kind: 'members', rule, members });
        taken.set(rule, String(members));
      }
      // From here on it applies to the next life, whatever happens to this one.
      if (put && name === 'pauses') {
        const { pauses } = value as { readonly pauses: readonly unknown[] };
        parts.note({ kind: 'paused', paused: pauses.length > 0 });
      }
      fate.point();
      return put;
    },
  });
}

function aroundOf(directory: DirectoryKeeper, rules: RuleSet, members: Members): Around {
  return {
    directory: directory.current(),
    queue: () => ({ unknown: 'no queues here' }),
    group: () => ({ unknown: 'no groups here' }),
    blindUntil: 0,
    blindTo: () => 0,
    queueTarget: () => null,
    blocked: () => null,
    isChosen: (rule, worker) => members.has(rule, worker),
    modeOf: (rule) => modeOf(rule, rules, { live: false, observeAll: false }),
  };
}
