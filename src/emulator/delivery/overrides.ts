/**
 * Connection overrides: what the fragment of a callback URL asks for (`#rc=5&rp=all&rt=3000`). The
 * fragment itself is neither sent nor signed.
 */
export type RetryPolicy = '4xx' | '5xx' | 'ct' | 'rt' | 'all';

export interface Overrides {
  /** The URL as it is requested and signed: without fragment, and without user and password. */
  readonly url: string;
  /** Basic auth from the URL's user and password. */
  readonly authorization: string | null;
  readonly connectMs: number;
  readonly readMs: number;
  /** All attempts together. */
  readonly totalMs: number;
  readonly retries: number;
  readonly policies: ReadonlySet<RetryPolicy>;
}

const POLICIES: readonly RetryPolicy[] = ['4xx', '5xx', 'ct', 'rt', 'all'];

/** Null unless it is an http or https URL. Values out of range are clamped. */
export function parseOverrides(callbackUrl: string): Overrides | null {
  const url = URL.canParse(callbackUrl) ? new URL(callbackUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  const settings = new URLSearchParams(url.hash.slice(1));
  const number = (name: string, fallback: number, [min, max]: [number, number]) => {
    const text = settings.get(name);
    if (text === null || !/^\d+$/.test(text)) return fallback;
    return Math.min(max, Math.max(min, Number(text)));
  };
  const policies = (settings.get('rp') ?? '')
    .split(',')
    .flatMap((text) => POLICIES.find((policy) => policy === text.trim()) ?? []);
  const authorization =
    url.username === ''
      ? null
      : `Basic ${Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64')}`;
  return {
    url: withoutUserAndFragment(callbackUrl),
    authorization,
    connectMs: number('ct', 5_000, [100, 10_000]),
    readMs: number('rt', 15_000, [100, 15_000]),
    totalMs: number('tt', 15_000, [100, 15_000]),
    retries: number('rc', 1, [0, 5]),
    policies: new Set(policies.length === 0 ? ['ct'] : policies),
  };
}

/**
 * Edits the text instead of using URL: the receiver checks the signature over the exact characters
 * of the URL it configured.
 */
function withoutUserAndFragment(callbackUrl: string): string {
  const bare = callbackUrl.replace(/#.*$/s, '');
  return bare.replace(/^(https?:\/\/)[^/?@]*@/i, '$1');
}

export type Outcome =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'unconnected' | 'unanswered' | 'aborted'; readonly error: string };

export function mayRetry(outcome: Outcome, policies: ReadonlySet<RetryPolicy>): boolean {
  const isListed = (policy: RetryPolicy) => policies.has(policy) || policies.has('all');
  switch (outcome.kind) {
    case 'unconnected':
      return isListed('ct');
    case 'unanswered':
      return isListed('rt');
    case 'aborted':
      return false;
    case 'answered':
      if (outcome.status >= 500) return isListed('5xx');
      return outcome.status >= 400 && isListed('4xx');
  }
}
