// The form for an order: what, which, until when, why and who.

import { useId, useState } from 'preact/hooks';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { scopeText } from '../notices.tsx';
import { dateTimeInputValue, localZone } from '../ui/time.ts';
import { ACT_WORDS, type OrderAction, type Scope } from './order.ts';
import { NO_OUTCOME, type OrderOutcome, OutcomeMessage, sendOrder } from './send-order.tsx';

interface FormProps {
  readonly live: Live;
  readonly session: Session;
  readonly scope: Scope;
  /** The name for the journal. */
  readonly by: string;
  readonly onBy: (name: string) => void;
  /** The outcome of the last order that this form gave. */
  readonly answer: OrderOutcome;
  readonly onAnswer: (answer: OrderOutcome) => void;
}

/** At least one character that is not a space. */
const A_WORD = '.*\\S.*';

const OFFERED: readonly OrderAction[] = ['pause', 'release', 'resync', 'reload'];

export function OrderForm({ live, session, scope, by, onBy, answer, onAnswer }: FormProps) {
  const [act, setAct] = useState<OrderAction>('pause');
  const [rule, setRule] = useState('');
  const [reason, setReason] = useState('');
  const [until, setUntil] = useState('');
  const id = useId();
  const fixed = scope.worker !== null;
  const offered = OFFERED.filter(
    (each) =>
      (!fixed || each === 'pause' || each === 'release') &&
      (each !== 'reload' || session.may('admin')),
  );
  const needsReason = act === 'pause' || act === 'release';

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    onAnswer({ text: 'Sending…', fault: false });
    const named = act === 'pause' && rule !== '' ? rule : null;
    onAnswer(await sendOrder(live, act, { ...scope, rule: named, reason, by, until }));
  }

  return (
    // An outcome is that of the order as it was sent, and goes once another one is entered.
    <form onSubmit={(event) => void submit(event)} onInput={() => onAnswer(NO_OUTCOME)}>
      <fieldset class="acts">
        <legend class="hidden">Action</legend>
        {offered.map((each) => (
          <label key={each}>
            <input
              type="radio"
              name={`${id}act`}
              checked={act === each}
              onChange={() => setAct(each)}
            />{' '}
            {ACT_WORDS[each].verb}
          </label>
        ))}
      </fieldset>
      <p class="muted">{ACT_WORDS[act].means}</p>
      {act === 'pause' && !fixed && (
        <p class="field">
          <label for={`${id}rule`}>Scope</label>
          <select
            id={`${id}rule`}
            value={rule}
            onChange={(event) => setRule(event.currentTarget.value)}
          >
            <option value="">Everything</option>
            {live.rules.map(({ name }) => (
              <option key={name} value={name}>
                Rule {name}
              </option>
            ))}
          </select>
        </p>
      )}
      {act === 'pause' && <Until id={`${id}until`} value={until} onChange={setUntil} />}
      {needsReason && (
        <p class="field">
          <label for={`${id}reason`}>Reason</label>
          <input
            id={`${id}reason`}
            value={reason}
            required
            pattern={A_WORD}
            title="A few words"
            maxLength={500}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </p>
      )}
      <p class="field">
        <label for={`${id}by`}>Your name</label>
        <input
          id={`${id}by`}
          value={by}
          required
          pattern={A_WORD}
          title="A name"
          maxLength={128}
          autocomplete="name"
          onInput={(event) => onBy(event.currentTarget.value)}
        />
      </p>
      <p>
        <button type="submit" class="main">
          {ACT_WORDS[act].verb}
          {act === 'pause' || act === 'release' ? ` ${wholeScope(scope, rule, act, live)}` : ''}
        </button>
      </p>
      <OutcomeMessage answer={answer} />
    </form>
  );
}

/** `everything`, `the rule day-chat`, `Ana’s chat`: what the button is about to affect. */
function wholeScope(scope: Scope, rule: string, act: OrderAction, live: Live): string {
  const named = act === 'pause' && rule !== '' ? rule : null;
  const text = scopeText({ ...scope, rule: named }, live.workers);
  return scope.worker === null ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

const ENDS: readonly (readonly [string, number])[] = [
  ['15 min', 15],
  ['1 hour', 60],
  ['4 hours', 240],
];

interface UntilProps {
  readonly id: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Until({ id, value, onChange }: UntilProps) {
  return (
    <div class="field">
      <label for={id}>Until</label>
      <span class="until">
        <input
          id={id}
          type="datetime-local"
          value={value}
          aria-describedby={`${id}hint`}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
        {ENDS.map(([word, minutes]) => (
          <button
            key={word}
            type="button"
            onClick={() => onChange(dateTimeInputValue(Date.now() + minutes * 60_000))}
          >
            {word}
          </button>
        ))}
      </span>
      <span id={`${id}hint`} class="muted hint">
        In your time zone, {localZone()}. Leave empty to pause until someone resumes it.
      </span>
    </div>
  );
}
