// The story of one Worker Channel, beside the floor: read when it is opened, and again whenever its
// Worker, the pauses or the rules change, and now and then for what conditions see.

import { useEffect, useRef, useState } from 'preact/hooks';
import { nameOf } from '../floor/channel-status.ts';
import { HoldHere } from '../hold/hold-here.tsx';
import { get, Refused } from '../live/api.ts';
import type { Live } from '../live/live.ts';
import type { Session } from '../live/session.ts';
import { useTopics } from '../live/topics.ts';
import type { LiveChannel, LiveExplanation } from '../live/types.ts';
import { hashOf, setQuery } from '../route.ts';
import {
  claimLine,
  headline,
  inactiveRuleLine,
  type Line,
  lastLine,
  nextLines,
  refusalText,
  settingText,
  shortReason,
  stepName,
} from './explanation-text.ts';

/** The values that conditions see change without any other notice. */
const REFRESH_MS = 20_000;

export interface WhyProps {
  readonly live: Live;
  readonly session: Session;
  readonly worker: string;
  readonly channel: string;
  readonly onClose: () => void;
}

export function Why({ live, session, worker, channel, onClose }: WhyProps) {
  const { told, fault } = useExplanation(live, worker);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [worker, channel]);
  const known = live.workers.get(worker);
  const name = nameOf(known ?? told?.worker ?? { friendlyName: null, sid: worker });
  const gone = live.complete && known === undefined;
  const found = told?.channels.find((each) => each.channel === channel);
  return (
    <aside
      class="story"
      aria-labelledby="story-title"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div class="story-head">
        <h2 id="story-title" tabIndex={-1} ref={heading}>
          Why: {name}, {channel}
        </h2>
        <button type="button" class="quiet" aria-label="Close details" onClick={onClose}>
          ✕
        </button>
      </div>
      {(gone || fault !== null) && (
        <p role="alert" class="fault-text">
          {gone ? 'This Worker is not known. It may have been deleted.' : fault}
        </p>
      )}
      {told && <Channels told={told} channel={channel} />}
      {told && found && <Story told={told} channel={found} name={name} />}
      {told && !found && fault === null && <p>{name} no longer has this Worker Channel.</p>}
      {!gone && (
        <div class="story-foot">
          <CopyLink />
          <HoldHere live={live} session={session} worker={worker} channel={channel} />
        </div>
      )}
    </aside>
  );
}

function useExplanation(live: Live, worker: string) {
  const [told, setTold] = useState<LiveExplanation | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  useTopics(live.topics, 'status');
  const version = live.workers.get(worker);
  // A pause, its end and other rules change the story without a change of the Worker.
  const { paused, rules } = live.status ?? {};
  const held = JSON.stringify([paused, rules?.id]);
  useEffect(() => {
    const leave = new AbortController();
    const read = () =>
      get<LiveExplanation>(`workers/${encodeURIComponent(worker)}/explain`, {}, leave.signal).then(
        (answer) => {
          setTold(answer);
          setFault(null);
        },
        (error) => {
          if (error instanceof Refused) setFault(error.message);
        },
      );
    void read();
    const timer = setInterval(() => void read(), REFRESH_MS);
    return () => {
      clearInterval(timer);
      leave.abort();
    };
  }, [worker, version, held]);
  return { told: told?.worker.sid === worker ? told : null, fault };
}

/** The Worker's other channels, one click away. */
function Channels({ told, channel }: { told: LiveExplanation; channel: string }) {
  return (
    <nav class="story-channels" aria-label="Channels of this Worker">
      {told.channels.map((each) => (
        <button
          key={each.channel}
          type="button"
          aria-current={each.channel === channel ? 'true' : undefined}
          onClick={() => setQuery({ channel: each.channel })}
        >
          {each.channel}
        </button>
      ))}
    </nav>
  );
}

interface StoryProps {
  readonly told: LiveExplanation;
  readonly channel: LiveChannel;
  readonly name: string;
}

function Story({ told, channel, name }: StoryProps) {
  const held = refusalText(channel);
  return (
    <>
      <p class="story-headline">{headline(name, channel)}</p>
      <p>{shortReason(told, channel)}</p>
      {held !== null && <p class="held-back">{held}</p>}
      {told.observing && <p>Observe mode: none of this is written.</p>}
      {channel.unanswered && <p>A write was sent. TaskRouter has not answered yet.</p>}
      <h3>How this was decided</h3>
      <ol class="fold">
        {channel.fold.map((step, i) => (
          <li key={`${i} ${step.step}`}>
            <span class="fold-step">{stepName(step)}</span>
            <span class="fold-by">{step.by.join(', ')}</span>
            <span class="fold-to">{settingText(step)}</span>
          </li>
        ))}
        <li class="fold-result">
          <span class="fold-step">Result</span>
          <span class="fold-by" />
          <span class="fold-to">{settingText(channel.result)}</span>
        </li>
      </ol>
      <h3>Claims</h3>
      {channel.claims.length === 0 ? (
        <p>No rule claims this channel.</p>
      ) : (
        <ul class="lines">
          {channel.claims.map((claim) => (
            <LineItem key={claim.rule} line={claimLine(claim)} />
          ))}
        </ul>
      )}
      <h3>Last change</h3>
      <p>
        <LineText line={lastLine(channel)} />
      </p>
      <p>
        <a href={hashOf({ view: 'journal', query: { worker: told.worker.sid } })}>
          Journal of {name}
        </a>
      </p>
      <h3>Next changes</h3>
      {nextLines(told, channel.channel).map((line) => (
        <p key={line}>{line}</p>
      ))}
      {told.silent.length > 0 && (
        <details>
          <summary>Rules that do not claim ({told.silent.length})</summary>
          <ul class="lines">
            {told.silent.map((rule) => (
              <LineItem key={rule.rule} line={inactiveRuleLine(rule)} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function LineItem({ line }: { line: Line }) {
  return (
    <li>
      <LineText line={line} />
    </li>
  );
}

function LineText({ line: { text, details } }: { line: Line }) {
  return (
    <>
      {text}
      {details.map((detail) => (
        <span key={detail} class="detail">
          {detail}
        </span>
      ))}
    </>
  );
}

function CopyLink() {
  const [done, setDone] = useState('');
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      setDone('Copied.');
    } catch {
      // Without permission to write to the clipboard, the address bar has the same link.
      setDone('Could not copy. The link is in the address bar.');
    }
  }
  return (
    <span>
      <button type="button" onClick={() => void copy()}>
        Copy link
      </button>{' '}
      <span role="status" class="muted">
        {done}
      </span>
    </span>
  );
}
