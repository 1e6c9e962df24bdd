/**
 * What a Workspace needs of its engine: the clock, SIDs, the agenda, and a place to record events.
 */
import type { Doubts } from '../trouble/doubts.ts';
import type { Agenda } from './agenda.ts';
import type { EventRecord, Payload, Workspace } from './model.ts';
import type { Sids } from './sids.ts';

export interface Happening {
  readonly type: string;
  readonly resourceType: string;
  readonly resourceSid: string;
  readonly description: string;
  /** Called only if the payload is needed. */
  readonly payload: () => Payload;
}

export interface Heart {
  readonly accountSid: string;
  readonly now: () => number;
  readonly sids: Sids;
  readonly agenda: Agenda;
  readonly doubts: Doubts;
  /** Oldest first. */
  readonly events: readonly EventRecord[];
  seq(): number;
  record(workspace: Workspace, happening: Happening): void;
}
