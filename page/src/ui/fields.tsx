// The small form fields that several views use, each with its label.

import { useId } from 'preact/hooks';
import { dateTimeInputValue, localZone } from './time.ts';

interface SearchProps {
  readonly label: string;
  readonly value: string;
  readonly onSearch: (text: string) => void;
}

export function Search({ label, value, onSearch }: SearchProps) {
  return (
    <input
      type="search"
      class="search"
      aria-label={label}
      placeholder={label}
      value={value}
      spellcheck={false}
      onInput={(event) => onSearch(event.currentTarget.value)}
    />
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: Readonly<Record<T, string>>;
  readonly onChoose: (value: T) => void;
}

export function Choice<T extends string>({ label, value, options, onChoose }: ChoiceProps<T>) {
  const id = useId();
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value as T)}>
        {(Object.entries(options) as [T, string][]).map(([key, word]) => (
          <option key={key} value={key}>
            {word}
          </option>
        ))}
      </select>
    </span>
  );
}

interface InstantProps {
  readonly label: string;
  /** epoch ms */
  readonly at: number | null;
  /** With an ISO instant, or null for none. */
  readonly onChoose: (at: string | null) => void;
}

/** A day and a time in the viewer's zone. */
export function Instant({ label, at, onChoose }: InstantProps) {
  const id = useId();
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        max="9999-12-31T23:59"
        title={`In your time zone, ${localZone()}`}
        value={at === null ? '' : dateTimeInputValue(at)}
        onChange={({ currentTarget: { value } }) =>
          onChoose(value === '' ? null : new Date(value).toISOString())
        }
      />
    </span>
  );
}
