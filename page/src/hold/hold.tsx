// Holding headroom: one dialog for pausing, resuming, releasing and reading anew. A refusal is
// shown in the daemon's own words.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { useTopics } from '../live/topics.ts';
import { pauseText, scopeText } from '../notices.tsx';
import { type Answer, Answered, AT_THE_PAGE, NOTHING, nameOf, order } from './answer.tsx';
import { EVERYTHING, type Scope } from './order.ts';
import { OrderForm } from './order-form.tsx';

export interface HoldProps {
  readonly live: Live;
  readonly session: Session;
}

/** The button in the frame: to hold everything or one rule, and to see what is paused now. */
export function Hold({ live, session }: HoldProps) {
  const [open, setOpen] = useState(false);
  useTopics(session.topics, 'session');
  return (
    <>
      <Who session={session} />
      {session.may('supervisor') && (
        <button type="button" onClick={() => setOpen(true)}>
          Hold…
        </button>
      )}
      {open && (
        <HoldDialog
          live={live}
          session={session}
          scope={EVERYTHING}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

function Who({ session }: { session: Session }) {
  const { view } = session;
  if (view?.name == null || view.name === 'local') return null;
  return (
    <span class="who">
      <span class="muted">
        {view.name}, {view.role}
      </span>{' '}
      <button type="button" class="quiet" onClick={() => void session.signOut()}>
        Sign out
      </button>
    </span>
  );
}

interface DialogProps extends HoldProps {
  readonly scope: Scope;
  readonly onClose: () => void;
}

export function HoldDialog({ live, session, scope, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useTopics(live.topics, 'status', 'rules');
  useEffect(() => dialog.current?.showModal(), []);
  const [by, setBy] = useState(nameOf(session));
  const fixed = scope.worker !== null;
  const title = fixed ? `Hold ${scopeText(scope, live.workers)}` : 'Hold';
  return (
    <dialog ref={dialog} class="hold" aria-labelledby="hold-title" onClose={onClose}>
      <div class="story-head">
        <h2 id="hold-title">{title}</h2>
        <button
          type="button"
          class="quiet"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          ✕
        </button>
      </div>
      <Paused live={live} scope={scope} by={by} />
      <OrderForm live={live} session={session} scope={scope} by={by} onBy={setBy} />
    </dialog>
  );
}

/** What is paused now, each with its own button to resume it. */
function Paused({ live, scope, by }: Pick<DialogProps, 'live' | 'scope'> & { by: string }) {
  const [answer, setAnswer] = useState<Answer>(NOTHING);
  const paused = (live.status?.paused ?? []).filter(
    ({ worker }) => scope.worker === null || worker === scope.worker,
  );
  // The outcome of the last one stays there to be read.
  if (paused.length === 0) return answer.text === '' ? null : <Answered answer={answer} />;
  return (
    <section aria-label="Paused now">
      <ul class="paused">
        {paused.map((pause) => (
          <li key={`${pause.rule} ${pause.worker} ${pause.channel}`}>
            <span>{pauseText(pause, live.workers)}</span>
            <button
              type="button"
              aria-label={`Resume: ${scopeText(pause, live.workers)}`}
              onClick={() =>
                void order(live, 'resume', {
                  ...pause,
                  by: by.trim() || AT_THE_PAGE,
                  reason: '',
                  until: '',
                }).then(setAnswer)
              }
            >
              Resume
            </button>
          </li>
        ))}
      </ul>
      <Answered answer={answer} />
    </section>
  );
}
