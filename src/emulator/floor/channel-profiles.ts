/**
 * The contact centre's business: its teams and channels, how many contacts of each kind arrive
 * when, how long they take, and how long customers wait.
 */
import type { HourlyShape } from './arrivals.ts';

const MINUTE = 60_000;

export type Team = 'support' | 'sales' | 'billing';
export type ChannelName = 'voice' | 'chat' | 'sms' | 'email';

export const TEAMS: readonly Team[] = ['support', 'sales', 'billing'];
export const CHANNELS: readonly ChannelName[] = ['voice', 'chat', 'sms', 'email'];

export interface ChannelProfile {
  /** Share of all contacts. */
  readonly share: number;
  /** Mean work of an experienced person with nothing else in hand, without wrap-up. */
  readonly handleMs: number;
  readonly spread: number;
  readonly wrapUpMs: number;
  /**
   * Work until the customer gets a first word: none for a call, reading and typing for a message.
   * Accepting a chat during a call does not answer the customer yet.
   */
  readonly firstResponseMs: number;
  /** Mean patience of a customer in the queue; null: waits indefinitely. */
  readonly patienceMs: number | null;
  /** An answer within this counts as in time. */
  readonly targetMs: number;
}

export const CHANNEL_PROFILES: Readonly<Record<ChannelName, ChannelProfile>> = {
  voice: channelProfile(0.42, { handle: 6, wrapUp: 1, firstWord: 0, patience: 4, target: 20_000 }),
  chat: channelProfile(0.4, { handle: 9, wrapUp: 0.5, firstWord: 20, patience: 8, target: 60_000 }),
  sms: channelProfile(0.1, {
    handle: 6,
    wrapUp: 0.25,
    firstWord: 20,
    patience: 90,
    target: 10 * MINUTE,
  }),
  email: channelProfile(0.08, {
    handle: 8,
    wrapUp: 0.25,
    firstWord: 60,
    patience: null,
    target: 240 * MINUTE,
  }),
};

function channelProfile(
  share: number,
  /** In minutes; `firstWord` in seconds, `target` in ms. */
  minutes: {
    handle: number;
    wrapUp: number;
    firstWord: number;
    patience: number | null;
    target: number;
  },
): ChannelProfile {
  return {
    share,
    handleMs: minutes.handle * MINUTE,
    spread: 0.6,
    wrapUpMs: minutes.wrapUp * MINUTE,
    firstResponseMs: minutes.firstWord * 1_000,
    patienceMs: minutes.patience === null ? null : minutes.patience * MINUTE,
    targetMs: minutes.target,
  };
}

export const TEAM_SHARE: Readonly<Record<Team, number>> = {
  support: 0.5,
  sales: 0.25,
  billing: 0.25,
};

/** What the centre's administrator has set by hand; nothing else changes it. */
export function staticCapacity(team: Team): Readonly<Record<ChannelName, number>> {
  return { voice: 1, chat: team === 'support' ? 3 : 2, sms: 2, email: 2 };
}

/** From 06:00: peaks in the late morning and the afternoon, and a quiet night. */
export const DAY_SHAPE: HourlyShape = [
  2, 4, 7, 10, 12, 12, 10.5, 9.5, 10, 10.5, 10, 8.5, 7, 5.5, 4.5, 3.5, 2.5, 2, 1.2, 1, 0.8, 0.8, 1,
  1.3,
];

/** Bursts per day, each for one team: an outage, a mailing, a price change. */
export const BURSTS = { perDay: 3, forMs: [20 * MINUTE, 50 * MINUTE], times: [1.8, 3] } as const;
