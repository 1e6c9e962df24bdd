// Merges the `defaults` and `guardrails` of several files. A field may be in one file only, so that
// nobody has to ask which of two wins.

import type { Defaults, Guardrails } from '../core/rules.ts';
import type { Zone } from '../core/schedule/schedule.ts';
import type { DefaultsDraft, GuardrailsDraft } from './guardrails.ts';
import type { FileDraft } from './rules-file.ts';
import type { SourceValue } from './source-value.ts';

const UTC: Zone = { kind: 'fixed', id: 'UTC' };
const TWO_HOURS_MS = 7_200_000;
const NINETY_SECONDS_MS = 90_000;

export interface MergedDefaults {
  readonly defaults: Defaults;
  readonly zone: Zone;
  readonly zoneWritten: boolean;
}

export function mergeDefaults(drafts: readonly FileDraft[]): MergedDefaults {
  const written = drafts.flatMap((draft) => draft.defaults ?? []);
  checkOnce('defaults', written);
  const values: DefaultsDraft['values'] = Object.assign({}, ...written.map((each) => each.values));
  const zone = values.timezone ?? UTC;
  return {
    zone,
    zoneWritten: written.some(({ spots }) => spots.timezone !== undefined),
    defaults: {
      zone,
      mode: values.mode ?? null,
      respectMs: values.human_edit ?? TWO_HOURS_MS,
      ifStale: values.if_stale ?? 'hold',
      staleAfterMs: values.stale_after ?? NINETY_SECONDS_MS,
      optOut: values.opt_out ?? null,
      baseline: values.baseline ?? new Map(),
    },
  };
}

export function mergeGuardrails(drafts: readonly FileDraft[]): Guardrails {
  const written = drafts.flatMap((draft) => draft.guardrails ?? []);
  checkOnce('guardrails', written);
  const values: GuardrailsDraft['values'] = Object.assign(
    {},
    ...written.map((each) => each.values),
  );
  return {
    bounds: values.bounds ?? new Map(),
    keepOpen: values.keep_open ?? [],
    maxChange: values.max_change ?? null,
    // Nothing is held back by default.
    minDwellMs: values.min_dwell ?? 0,
  };
}

type Written = { readonly spots: Readonly<Record<string, SourceValue | undefined>> };

function checkOnce(what: 'defaults' | 'guardrails', written: readonly Written[]): void {
  const first = new Map<string, SourceValue>();
  for (const [name, spot] of written.flatMap(({ spots }) => Object.entries(spots))) {
    if (spot === undefined) continue;
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, spot);
      continue;
    }
    const { file, line } = before.place;
    const where = `already given in ${file}, line ${line}`;
    spot.report(`${what}.duplicate`, `"${spot.label}" is ${where}, expected it in one file only`);
  }
}
