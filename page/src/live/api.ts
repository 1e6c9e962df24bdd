// The daemon's API as the page calls it: relative to the page's address, because PUBLIC_URL may
// contain a path, and with every failure as one sentence.

/** The API refused or could not be reached. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, sentence: string) {
    super(sentence);
    this.name = 'Refused';
    this.status = status;
  }
}

export type Query = Readonly<Record<string, string | number | null | undefined>>;

export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
  }
  const asked = params.size === 0 ? '' : `?${params}`;
  return `api/v1/${path}${asked}`;
}

export async function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return await call<T>(apiUrl(path, query), signal ? { signal } : {});
}

export async function send<T>(
  method: 'POST' | 'DELETE',
  path: string,
  body: object = {},
): Promise<T> {
  return await call<T>(apiUrl(path), {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** A dead connection may be reused unnoticed, and then never answers. */
const LATE_MS = 60_000;
/** Replaces the daemon's sentence about headers, which a person at the page cannot send. */
const SIGNED_OUT = 'Your session has ended. Sign in again.';

async function call<T>(url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    const late = AbortSignal.timeout(LATE_MS);
    const signal = init.signal ? AbortSignal.any([init.signal, late]) : late;
    response = await fetch(url, { ...init, credentials: 'same-origin', signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Refused(0, 'headroom cannot be reached.');
  }
  const text = await response.text();
  const answer = parsed(text);
  if (!response.ok) {
    const signedOut = response.status === 401 && url !== apiUrl('session');
    const sentence = signedOut ? SIGNED_OUT : errorText(answer, response.status);
    throw new Refused(response.status, sentence);
  }
  return answer as T;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function errorText(answer: unknown, status: number): string {
  const detail: unknown =
    typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'detail') : null;
  return typeof detail === 'string' ? detail : `headroom answered with status ${status}.`;
}
