// Sends an order and shows the outcome; a refusal in the daemon's own words.

import { Refused, send } from '../live/api.ts';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { type OrderAction, type OrderInput, orderBody } from './order.ts';

export interface OrderOutcome {
  readonly text: string;
  readonly fault: boolean;
}

export const NO_OUTCOME: OrderOutcome = { text: '', fault: false };

const PASSED: OrderOutcome = {
  text: 'That time has passed. Choose a later one, or leave the field empty.',
  fault: true,
};

/** What a release answers about the channels that it cannot restore. */
interface Released {
  readonly release?: { readonly channels?: number; readonly unknown?: readonly unknown[] };
}

export async function sendOrder(
  live: Live,
  act: OrderAction,
  form: Omit<OrderInput, 'act'>,
): Promise<OrderOutcome> {
  const { until } = form;
  if (act === 'pause' && until !== '' && Date.parse(until) <= Date.now()) return PASSED;
  try {
    const answer = await send<Released>('POST', act, orderBody({ ...form, act }));
    return { text: doneText(act, answer), fault: false };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // Asks for a sign-in at once instead of at the stream's next event.
    if (error.status === 401) void live.read();
    return { text: error.message, fault: true };
  }
}

function doneText(act: OrderAction, { release }: Released): string {
  switch (act) {
    case 'pause':
      return 'Paused.';
    case 'resume':
      return 'Resumed.';
    case 'resync':
      return 'Resync started. Health shows when it is done.';
    case 'reload':
      return 'Rules reloaded.';
    case 'release': {
      const unknown = release?.unknown?.length ?? 0;
      if (unknown === 0) return 'Released. Channels are being restored to their baselines.';
      return `Released. ${unknown} ${unknown === 1 ? 'channel has' : 'channels have'} no known baseline and ${unknown === 1 ? 'stays' : 'stay'} unchanged.`;
    }
  }
}

/** The author of an order whose sender gave no name. */
export const ANONYMOUS_AUTHOR = 'someone on the page';

/** The name for the journal, until another is entered. */
export function sessionName({ view }: Session): string {
  const name = view?.name ?? '';
  return name === 'local' ? '' : name;
}

export function OutcomeMessage({ answer }: { answer: OrderOutcome }) {
  return (
    <p role={answer.fault ? 'alert' : 'status'} class={answer.fault ? 'fault-text' : ''}>
      {answer.text}
    </p>
  );
}
