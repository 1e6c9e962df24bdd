// What a person orders from the page, as the API expects it: pure.

export type OrderAction = 'pause' | 'resume' | 'release' | 'resync' | 'reload';

export interface Scope {
  readonly rule: string | null;
  readonly worker: string | null;
  readonly channel: string | null;
}

export const EVERYTHING: Scope = { rule: null, worker: null, channel: null };

export interface OrderInput extends Scope {
  readonly act: OrderAction;
  readonly reason: string;
  readonly by: string;
  /** As `datetime-local` gives it, in the viewer's zone; empty: until resumed. */
  readonly until: string;
}

export function orderBody({ act, rule, worker, channel, reason, by, until }: OrderInput): object {
  const scope = {
    ...(rule !== null && act !== 'release' && { rule }),
    ...(worker !== null && { worker }),
    ...(channel !== null && { channel }),
  };
  switch (act) {
    case 'pause': {
      const end = until === '' ? {} : { until: new Date(until).toISOString() };
      return { ...scope, ...end, reason, by };
    }
    case 'release':
      return { ...scope, reason, by };
    case 'resume':
      return { ...scope, by };
    case 'resync':
    case 'reload':
      return { by };
  }
}

export const ACT_WORDS: Readonly<
  Record<OrderAction, { readonly verb: string; readonly means: string }>
> = {
  pause: {
    verb: 'Pause',
    means: 'headroom stops writing; current settings stay. A paused rule stops claiming.',
  },
  resume: { verb: 'Resume', means: 'Rules apply again.' },
  release: {
    verb: 'Release',
    means:
      'Pauses headroom and restores each channel to its baseline. Manual edits that are still respected stay.',
  },
  resync: { verb: 'Resync', means: 'Reads all Workers from TaskRouter again.' },
  reload: { verb: 'Reload rules', means: 'Reads the rules folder now.' },
};
