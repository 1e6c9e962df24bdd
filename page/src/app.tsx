// The page's frame: navigation, whether what is shown is current, and what everyone should know at
// once.

import type { ComponentChildren } from 'preact';
import { Floor } from './floor/floor.tsx';
import { Health } from './health/health.tsx';
import { Hold } from './hold/hold.tsx';
import { SignIn } from './hold/sign-in.tsx';
import { JournalView } from './journal/journal.tsx';
import type { Live } from './live/live.ts';
import type { Session } from './live/session.ts';
import { useTopics } from './live/topics.ts';
import { Notices } from './notices.tsx';
import { hashOf, type Route, useRoute, VIEWS, type View } from './route.ts';
import { Signals } from './signals/signals.tsx';
import { Timeline } from './timeline/timeline.tsx';
import { focusContent } from './ui/focus.ts';
import { when } from './ui/time.ts';

const TITLES: Readonly<Record<View, string>> = {
  floor: 'Floor',
  signals: 'Signals',
  timeline: 'Timeline',
  journal: 'Journal',
  health: 'Health',
};

export interface Shared {
  readonly live: Live;
  readonly session: Session;
  readonly route: Route;
}

export function App({ live, session }: { live: Live; session: Session }) {
  const route = useRoute();
  useTopics(live.topics, 'link');
  useTopics(session.topics, 'session');
  document.title = `${TITLES[route.view]} – headroom`;
  if (live.link === 'refused') return <SignIn session={session} />;
  return (
    <>
      <button type="button" class="skip" onClick={focusContent}>
        Skip to content
      </button>
      <header class="top">
        <span class="brand">headroom</span>
        <nav aria-label="Views">
          {VIEWS.map((view) => (
            <a
              key={view}
              href={hashOf({ view, query: {} })}
              aria-current={view === route.view ? 'page' : undefined}
            >
              {TITLES[view]}
            </a>
          ))}
        </nav>
        <LinkState live={live} />
        <Hold live={live} session={session} />
      </header>
      <Notices live={live} />
      <main key={route.view} id="main" tabIndex={-1} class={`view-${route.view}`}>
        {viewOf({ live, session, route })}
      </main>
    </>
  );
}

function viewOf({ live, session, route }: Shared): ComponentChildren {
  switch (route.view) {
    case 'floor':
      return <Floor live={live} session={session} route={route} />;
    case 'journal':
      return <JournalView live={live} route={route} />;
    case 'signals':
      return <Signals live={live} route={route} />;
    case 'timeline':
      return <Timeline live={live} />;
    case 'health':
      return <Health live={live} session={session} />;
  }
}

function LinkState({ live }: { live: Live }) {
  return (
    <span class={`link ${live.link}`} role="status">
      {linkText(live)}
    </span>
  );
}

function linkText({ link, heardAt }: Live): string {
  switch (link) {
    case 'connecting':
      return 'connecting…';
    case 'live':
      return 'live';
    case 'silent':
      return heardAt === null ? 'no data' : `no data since ${when(heardAt)}`;
    case 'away':
      return 'disconnected';
    case 'refused':
      return '';
  }
}
