// Turns the files of a rules folder into a rule set, or into everything that is wrong with them.
// The last step before the core: the result is checked, complete and immutable.

import { createHash } from 'node:crypto';
import type { Group, Rule, RuleSet } from '../core/rules.ts';
import type { Zone } from '../core/schedule/schedule.ts';
import { wallToInstant } from '../core/schedule/zone.ts';
import { finishCalendar } from './calendars.ts';
import { checkChannels, checkZones } from './cross-checks.ts';
import type { SourceFile } from './decode.ts';
import { compareText, type Diagnostic, diagnostic, inOrder } from './diagnostic.ts';
import { LIMITS } from './limits.ts';
import { mergeDefaults, mergeGuardrails } from './merge.ts';
import type { RuleDraft } from './rule.ts';
import { type FileDraft, readRulesFile } from './rules-file.ts';
import { Session } from './session.ts';

export interface Compiled {
  /** null exactly when at least one diagnostic is an error. */
  readonly ruleSet: RuleSet | null;
  readonly diagnostics: readonly Diagnostic[];
}

const DAY_MS = 86_400_000;
/** The zone where a day ends last. */
const LAST_ZONE = 'Etc/GMT+12';

/**
 * `*.test.yaml` files are rule tests and ignored; other files are read where a calendar names them.
 */
export function compileRules(files: readonly SourceFile[]): Compiled {
  const used = [...files].filter(isUsed).sort((a, b) => compareText(a.name, b.name));
  const sources = used.filter(({ name }) => isRulesFile(name));
  const session = new Session();
  const drafts = sources.flatMap(
    (file) => readRulesFile(withoutByteOrderMark(file), session) ?? [],
  );
  const ruleSet = link(drafts, used, session);
  session.resolveNames();
  checkChannels(session);
  if (sources.length === 0) session.diagnostics.push(noRules('contains no *.yaml file'));
  else if (drafts.length === sources.length && ruleSet.rules.length === 0) {
    const broken = session.diagnostics.length > 0;
    if (!broken) session.diagnostics.push(noRules('contains no rule'));
  }
  const diagnostics = inOrder(session.diagnostics);
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  return { ruleSet: failed ? null : ruleSet, diagnostics };
}

export function isRulesFile(name: string): boolean {
  return /\.ya?ml$/i.test(name) && !isTestFile(name);
}

export function isTestFile(name: string): boolean {
  return /\.test\.ya?ml$/i.test(name);
}

function isUsed({ name }: SourceFile): boolean {
  return !isTestFile(name);
}

/** Callers that did not decode bytes may pass text with a byte order mark. */
function withoutByteOrderMark(file: SourceFile): SourceFile {
  return file.text.startsWith('\uFEFF') ? { ...file, text: file.text.slice(1) } : file;
}

function noRules(found: string): Diagnostic {
  const sentence = `the rules folder ${found}, expected at least one rule`;
  return diagnostic('folder.no_rules', '.', sentence);
}

/** The same files always have the same id, in whatever order they were read. */
function idOf(files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const { name, text } of files) hash.update(JSON.stringify([name, text]));
  return hash.digest('hex').slice(0, 12);
}

function link(
  drafts: readonly FileDraft[],
  files: readonly SourceFile[],
  session: Session,
): RuleSet {
  const merged = mergeDefaults(drafts);
  const { zone } = merged;
  const defaultZone = zone.kind === 'fixed' ? zone.id : null;
  const others = new Map(
    files.filter(({ name }) => !isRulesFile(name)).map(({ name, text }) => [name, text]),
  );
  const calendars = drafts
    .flatMap((draft) => draft.calendars)
    .map(({ key, value }) => finishCalendar(key, value, { files: others, defaultZone }));
  const schedules = drafts.flatMap((draft) => draft.schedules);
  checkZones(drafts, schedules, merged.zoneWritten, session);
  return {
    id: idOf(files),
    defaults: merged.defaults,
    guardrails: mergeGuardrails(drafts),
    groups: new Map(drafts.flatMap((draft) => draft.groups).map(groupEntry)),
    calendars: new Map(calendars.map((calendar) => [calendar.name, calendar])),
    schedules: new Map(schedules.map(({ key, value }) => [key, value])),
    rules: rulesOf(drafts, merged.defaults, session),
    sample: drafts.some(({ sample }) => sample),
  };
}

function groupEntry({ key, value }: FileDraft['groups'][number]): [string, Group] {
  return [key, { ...value, name: key }];
}

function rulesOf(
  drafts: readonly FileDraft[],
  defaults: RuleSet['defaults'],
  session: Session,
): readonly Rule[] {
  const rules = drafts.flatMap((draft) => draft.rules);
  const over = rules[LIMITS.rules];
  if (over !== undefined) {
    const sentence = `this is rule ${LIMITS.rules + 1}, expected at most ${LIMITS.rules} rules`;
    session.report('rules.too_many', over.at, sentence);
  }
  return rules.map((draft) => finishRule(draft, defaults));
}

function finishRule(draft: RuleDraft, defaults: RuleSet['defaults']): Rule {
  const until = draft.until === null ? null : dayEnd(draft.until, defaults.zone);
  return { ...draft, until, ifStale: draft.ifStale ?? defaults.ifStale };
}

/** If each Worker has its own zone, the day is over when it is over everywhere. */
function dayEnd(day: string, zone: Zone): number {
  const midnight = Date.parse(`${day}T00:00:00Z`) + DAY_MS;
  return wallToInstant(zone.kind === 'fixed' ? zone.id : LAST_ZONE, midnight, 'start');
}
