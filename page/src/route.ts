// The current place on the page, in the part of the address after `#`, so that any view, with its
// search and the open story, is a link that can be shared.

import { useEffect, useMemo, useState } from 'preact/hooks';

export const VIEWS = ['floor', 'signals', 'timeline', 'journal', 'health'] as const;
export type View = (typeof VIEWS)[number];

export interface Route {
  readonly view: View;
  readonly query: Readonly<Record<string, string>>;
}

function routeOf(hash: string): Route {
  const [path = '', asked = ''] = hash.replace(/^#\/?/, '').split('?');
  const view = VIEWS.find((each) => each === path) ?? 'floor';
  return { view, query: Object.fromEntries(new URLSearchParams(asked)) };
}

export function hashOf({ view, query }: Route): string {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ''));
  return asked.size === 0 ? `#/${view}` : `#/${view}?${asked}`;
}

/** Goes there, as a step that the browser's back button undoes. */
export function go(route: Route): void {
  location.hash = hashOf(route);
}

/** Changes parts of the query; adds no step to the browser's history unless `step` is set. */
export function setQuery(change: Readonly<Record<string, string | null>>, step = false): void {
  const { view, query } = routeOf(location.hash);
  const next: Record<string, string> = { ...query };
  for (const [name, value] of Object.entries(change)) {
    if (value === null || value === '') delete next[name];
    else next[name] = value;
  }
  const hash = hashOf({ view, query: next });
  if (step) location.hash = hash;
  else {
    history.replaceState(null, '', hash);
    dispatchEvent(new HashChangeEvent('hashchange'));
  }
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const moved = () => setHash(location.hash);
    addEventListener('hashchange', moved);
    // It may have changed between the first drawing and this.
    moved();
    return () => removeEventListener('hashchange', moved);
  }, []);
  return useMemo(() => routeOf(hash), [hash]);
}
