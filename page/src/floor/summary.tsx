// The floor in a few large numbers; each is also a filter for the Workers it counts.

import type { WorkerFilter } from './rows.ts';

interface SummaryProps {
  readonly counts: Readonly<Record<WorkerFilter, number>>;
  readonly all: number;
  readonly only: WorkerFilter | null;
  readonly onPick: (only: WorkerFilter | null) => void;
}

const WORDS: readonly (readonly [WorkerFilter, string])[] = [
  ['attention', 'need attention'],
  ['draining', 'draining'],
  ['full', 'full'],
  ['paused', 'paused'],
  ['person', 'set by a person'],
  ['rule', 'set by rules'],
];

export function Summary({ counts, all, only, onPick }: SummaryProps) {
  return (
    <fieldset class="summary">
      <legend class="hidden">Show</legend>
      <Figure n={all} word="Workers" pressed={only === null} onPick={() => onPick(null)} />
      {WORDS.map(([name, word]) => (
        <Figure
          key={name}
          n={counts[name]}
          word={word}
          alert={name === 'attention'}
          pressed={only === name}
          onPick={() => onPick(name)}
        />
      ))}
    </fieldset>
  );
}

interface FigureProps {
  readonly n: number;
  readonly word: string;
  readonly pressed: boolean;
  readonly alert?: boolean;
  readonly onPick: () => void;
}

function Figure({ n, word, pressed, alert, onPick }: FigureProps) {
  const loud = n === 0 ? ' none' : alert ? ' loud' : '';
  return (
    <button type="button" class={`figure${loud}`} aria-pressed={pressed} onClick={onPick}>
      <strong>{n}</strong> <span>{word}</span>
    </button>
  );
}
