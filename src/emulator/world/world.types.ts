/** What the operations of the in-process `World` take: names or objects where REST has SIDs. */
import type { Actor } from './model.ts';
import type { Ref } from './refs.ts';
import type { ChannelPatch } from './worker-channels.ts';

/** Who acts: an actor, or a person's name; by default the Workspace itself. */
export type ActorOptions = { readonly actor?: string | Actor | undefined };

/** Attributes as an object or as the JSON text; channels by unique name. */
export interface WorkerInput {
  friendlyName: string;
  attributes?: object | string | undefined;
  activity?: Ref | undefined;
  channels?: Readonly<Record<string, ChannelPatch>> | undefined;
}

export interface WorkerPatch {
  friendlyName?: string | undefined;
  attributes?: object | string | undefined;
  activity?: Ref | undefined;
  rejectPendingReservations?: boolean | undefined;
}

export interface TaskInput {
  channel?: string | undefined;
  attributes?: object | string | undefined;
  workflow?: Ref | undefined;
  queue?: Ref | undefined;
  worker?: Ref | undefined;
  ignoreCapacity?: boolean | undefined;
  priority?: number | undefined;
  timeout?: number | undefined;
}
