// URLs from the environment: what may be logged of one, and which may receive personal data.

/** Twilio's own TaskRouter. */
export const TASKROUTER_URL = 'https://taskrouter.twilio.com';

export function parseUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}

/** Scheme, host and path of a URL: what may be logged of it. */
export function redactUrl(value: string): string {
  const url = parseUrl(value);
  return url === null ? '[secret]' : `${url.protocol}//${url.host}${url.pathname}`;
}

/** Whether this host can only be reached from the machine itself. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);
}

/** Over TLS, or within this machine. */
export function isTlsOrLoopback(value: string): boolean {
  const url = parseUrl(value);
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}
