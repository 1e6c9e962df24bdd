// The reference part of docs/rules.md, generated from the fields that read the rules, so that it
// can neither lack a field nor name one that is gone.

import { calendarFields } from './calendars.ts';
import { CODES } from './codes.ts';
import {
  defaultsFields,
  guardrailsFields,
  keepOpenFields,
  maxChangeFields,
  respectFields,
} from './guardrails.ts';
import type { Field, Fields } from './mapping.ts';
import { limitFields, ruleFields, stepFields } from './rule.ts';
import { fileFields } from './rules-file.ts';
import { cronFields, scheduleFields } from './schedules.ts';
import { rampFields, settingFields } from './then.ts';
import { releaseFields, whenFields } from './when.ts';
import { groupFields, whoFields } from './who.ts';

const TABLES: readonly (readonly [title: string, fields: Fields])[] = [
  ['A rules file', fileFields],
  ['`defaults`', defaultsFields],
  ['`defaults.human_edit`', respectFields],
  ['`guardrails`', guardrailsFields],
  ['An entry of `guardrails.keep_open`', keepOpenFields],
  ['`guardrails.max_change`', maxChangeFields],
  ['A group', groupFields],
  ['A calendar', calendarFields],
  ['A schedule', scheduleFields],
  ['`cron` of a schedule', cronFields],
  ['A rule', ruleFields],
  ['`who` as a mapping', whoFields],
  ['`when` as a mapping', whenFields],
  ['`release`', releaseFields],
  ['`ramp`', rampFields],
  ['A channel in `then` as a mapping', settingFields],
  ['`limit`', limitFields],
  ['`limit.step`', stepFields],
];

export function referenceMarkdown(): string {
  return [...TABLES.map(([title, fields]) => table(title, fields)), codes()].join('\n\n');
}

function table(title: string, fields: Fields): string {
  const rows = Object.entries(fields).map(([name, field]) => row(name, field));
  return [`### ${title}`, '', '| field | takes | |', '|---|---|---|', ...rows].join('\n');
}

function row(name: string, { shape, doc, required }: Field<unknown>): string {
  const shown = required === true ? `**\`${name}\`**` : `\`${name}\``;
  return `| ${shown} | ${cell(shape.expected)} | ${cell(doc)} |`;
}

/** Every code that people may filter on, in the order of the file that defines them. */
function codes(): string {
  const rows = Object.entries(CODES).map(
    ([code, { severity, meaning }]) => `| \`${code}\` | ${severity} | ${cell(meaning)} |`,
  );
  const head = ['### What `check` tells', '', '| code | | |', '|---|---|---|'];
  return [...head, ...rows].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
