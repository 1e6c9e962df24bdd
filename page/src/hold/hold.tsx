// Holding headroom: one dialog for pausing, resuming, releasing and reading anew. A refusal is
// shown in the daemon's own words.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Refused } from '../live/api.ts';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { useTopics } from '../live/topics.ts';
import { pauseText, scopeText } from '../notices.tsx';
import { EVERYTHING, type Scope } from './order.ts';
import { OrderForm } from './order-form.tsx';
import {
  ANONYMOUS_AUTHOR,
  NO_OUTCOME,
  type OrderOutcome,
  OutcomeMessage,
  sendOrder,
  sessionName,
} from './send-order.tsx';

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
          Actions…
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
  const [fault, setFault] = useState('');
  async function signOut(): Promise<void> {
    try {
      await session.signOut();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setFault(`Could not sign out: ${error.message}`);
    }
  }
  if (view?.name == null || view.name === 'local') return null;
  return (
    <span class="who">
      <span class="muted">
        {view.name}, {view.role}
      </span>{' '}
      <button type="button" class="quiet" onClick={() => void signOut()}>
        Sign out
      </button>
      {fault !== '' && (
        <span role="alert" class="fault-text">
          {fault}
        </span>
      )}
    </span>
  );
}

/** The outcome of the last order, and which part of the dialog gave it. */
interface Said {
  readonly at: 'paused' | 'form';
  readonly answer: OrderOutcome;
}

interface DialogProps extends HoldProps {
  readonly scope: Scope;
  readonly onClose: () => void;
}

export function HoldDialog({ live, session, scope, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useTopics(live.topics, 'status', 'rules');
  useEffect(() => dialog.current?.showModal(), []);
  const [by, setBy] = useState(sessionName(session));
  const [said, setSaid] = useState<Said>({ at: 'form', answer: NO_OUTCOME });
  const heading = useRef<HTMLHeadingElement>(null);
  /** Only the last outcome is shown: an earlier one would contradict it. */
  const answerAt = (at: Said['at']) => (said.at === at ? said.answer : NO_OUTCOME);
  const fixed = scope.worker !== null;
  const title = fixed ? `Pause or release ${scopeText(scope, live.workers)}` : 'Actions';
  return (
    <dialog ref={dialog} class="hold" aria-labelledby="hold-title" onClose={onClose}>
      <div class="story-head">
        <h2 id="hold-title" tabIndex={-1} ref={heading}>
          {title}
        </h2>
        <button
          type="button"
          class="quiet"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          ✕
        </button>
      </div>
      <Paused
        live={live}
        scope={scope}
        by={by}
        onAnswer={(answer) => {
          setSaid({ at: 'paused', answer });
          // The button that had the focus goes with the pause.
          if (!answer.fault) heading.current?.focus();
        }}
      />
      <OutcomeMessage answer={answerAt('paused')} />
      <OrderForm
        live={live}
        session={session}
        scope={scope}
        by={by}
        onBy={setBy}
        answer={answerAt('form')}
        onAnswer={(answer) => setSaid({ at: 'form', answer })}
      />
    </dialog>
  );
}

interface PausedProps extends Pick<DialogProps, 'live' | 'scope'> {
  readonly by: string;
  readonly onAnswer: (answer: OrderOutcome) => void;
}

/** What is paused now, each with its own button to resume it. */
function Paused({ live, scope, by, onAnswer }: PausedProps) {
  const paused = (live.status?.paused ?? []).filter(
    ({ worker }) => scope.worker === null || worker === scope.worker,
  );
  if (paused.length === 0) return null;
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
                void sendOrder(live, 'resume', {
                  ...pause,
                  by: by.trim() || ANONYMOUS_AUTHOR,
                  reason: '',
                  until: '',
                }).then(onAnswer)
              }
            >
              Resume
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
