// The event callback URL that a Workspace should have, and what is wrong with the one it has.

/**
 * Twilio's connection overrides: retry on any failure, up to five times, after 3 s without answer.
 */
const OVERRIDES = { rc: '5', rp: 'all', rt: '3000' } as const;

export function callbackUrlFor(publicUrl: string): string {
  const overrides = Object.entries(OVERRIDES).map(([name, value]) => `${name}=${value}`);
  return `${publicUrl}/webhooks/taskrouter#${overrides.join('&')}`;
}

/** `foreign`: another consumer receives the events now. */
export type CallbackUrlStatus = 'unset' | 'right' | 'weak' | 'foreign';

export function callbackUrlStatus(found: string, publicUrl: string): CallbackUrlStatus {
  if (found === '') return 'unset';
  const wanted = callbackUrlFor(publicUrl);
  if (bare(found) !== bare(wanted)) return 'foreign';
  const [, fragment = ''] = found.split('#');
  const set = new URLSearchParams(fragment);
  const isRetried = Number(set.get('rc') ?? 0) >= 1 && set.get('rp') !== null;
  return isRetried ? 'right' : 'weak';
}

function bare(url: string): string {
  const [place = ''] = url.split('#');
  return URL.canParse(place) ? new URL(place).href.replace(/\/+$/, '') : place;
}
