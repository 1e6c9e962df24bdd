// Instants in words: in the viewer's own zone unless another is named, and never a bare number.

const clocks = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify(options);
  const known = clocks.get(key) ?? new Intl.DateTimeFormat('en-GB', options);
  clocks.set(key, known);
  return known;
}

export function msOf(at: number | string): number {
  return typeof at === 'number' ? at : Date.parse(at);
}

/** 14:05, or 14:05:09. */
export function clock(at: number | string, seconds = false, timeZone?: string): string {
  return format({
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds && { second: '2-digit' }),
    ...(timeZone && { timeZone }),
  }).format(msOf(at));
}

/** Mon 10 Jun. */
export function day(at: number | string, timeZone?: string): string {
  const options = { weekday: 'short', day: 'numeric', month: 'short' } as const;
  return format({ ...options, ...(timeZone && { timeZone }) }).format(msOf(at));
}

/** The time alone if it is today, otherwise with its day. */
export function when(at: number | string, now = Date.now(), seconds = false): string {
  return new Date(msOf(at)).toDateString() === new Date(now).toDateString()
    ? clock(at, seconds)
    : `${day(at)}, ${clock(at, seconds)}`;
}

/** 40 s, 12 min, 3 h, 2 days. */
export function durationText(ms: number): string {
  const s = Math.max(0, Math.round(ms / 1_000));
  if (s < 90) return `${s} s`;
  if (s < 90 * 60) return `${Math.round(s / 60)} min`;
  if (s < 36 * 3_600) return `${Math.round(s / 3_600)} h`;
  return `${Math.round(s / 86_400)} days`;
}

export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** What `<input type="datetime-local">` takes, in the viewer's zone. */
export function dateTimeInputValue(at: number): string {
  const shifted = at - new Date(at).getTimezoneOffset() * 60_000;
  return new Date(shifted).toISOString().slice(0, 16);
}
