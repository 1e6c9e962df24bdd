// What a daemon is started with: its configuration, its identity at TaskRouter, and what tests
// replace.

import type { Config } from '../config.ts';
import type { RuleSource } from '../control/rule-source.types.ts';
import type { TokenEntry } from '../ingress/tokens.ts';
import type { Log } from '../log.ts';
import type { Clock } from '../ports.ts';

/** Everything that the daemon cannot work without, already checked. */
export interface Identity {
  readonly accountSid: string;
  readonly authToken: string;
  readonly workspaceSid: NonNullable<Config['workspaceSid']>;
  /** null: Twilio itself. */
  readonly baseUrl: string | null;
  /** It runs against an emulator that was started beside it. */
  readonly emulated: boolean;
}

export interface ServiceOptions {
  readonly config: Config;
  readonly identity: Identity;
  readonly tokens: readonly TokenEntry[];
  readonly rules: RuleSource;
  readonly log: Log;
  readonly version: string;
  readonly clock?: Clock;
}
