// TaskRouter's identifiers as distinct types, so that a Worker SID cannot be passed where a Worker
// Channel SID is meant. They are plain strings at run time; `isSid` is the only way in from
// outside.

declare const brand: unique symbol;
export type Sid<Kind extends string> = string & { readonly [brand]: Kind };

export type WorkspaceSid = Sid<'WS'>;
export type WorkerSid = Sid<'WK'>;
export type WorkerChannelSid = Sid<'WC'>;
export type TaskChannelSid = Sid<'TC'>;
export type ActivitySid = Sid<'WA'>;
export type ReservationSid = Sid<'WR'>;
export type TaskSid = Sid<'WT'>;
export type EventSid = Sid<'EV'>;

/** Two letters and 32 hexadecimal digits: the form of every SID that TaskRouter issues. */
const SID = /^[A-Z]{2}[0-9a-fA-F]{32}$/;

/** Whether `value` is a SID with this two-letter prefix, e.g. `isSid('WK', text)`. */
export function isSid<Kind extends string>(prefix: Kind, value: unknown): value is Sid<Kind> {
  return typeof value === 'string' && value.startsWith(prefix) && SID.test(value);
}
