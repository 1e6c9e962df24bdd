/** What a Workspace needs of its engine: the clock, SIDs, the scheduler, and a record of events. */
import type { Doubts } from '../trouble/doubts.ts';
import type { EventRecord, Payload, Workspace } from './model.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sids } from './sids.ts';

export interface EventInput {
  readonly type: string;
  readonly resourceType: string;
  readonly resourceSid: string;
  readonly description: string;
  /** Called only if the payload is needed. */
  readonly payload: () => Payload;
}

export interface EngineContext {
  readonly accountSid: string;
  readonly now: () => number;
  readonly sids: Sids;
  readonly scheduler: Scheduler;
  readonly doubts: Doubts;
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  seq(): number;
  record(workspace: Workspace, happening: EventInput): void;
}
