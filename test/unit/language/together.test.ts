// Mistakes do not hide one another: of ten files with five mistakes each, all fifty are reported.

import { describe, expect, it } from 'vitest';
import { compileRules } from '../../../src/language/compile.ts';

const HEAD = 'version: 1\ndefaults: { timezone: Europe/London }\n';
const file = (...lines: readonly string[]) => `version: 1\n${lines.join('\n')}\n`;

/** Each with the places of its five mistakes. */
const FILES: readonly (readonly [text: string, told: readonly string[]])[] = [
  [
    `${HEAD}rules:\n  - name: a.b\n    who: suport\n    during: dya\n    then: { chat: 51, voice: puase }\n`,
    [
      '4:11 name.invalid',
      '5:10 group.unknown',
      '6:13 schedule.unknown',
      '7:19 capacity.too_high',
      '7:30 then.action',
    ],
  ],
  [
    file(
      'groups:',
      `  one: { where: 'worker.team == ' }`,
      `  two: { target_workers: 'team HAZ "a"' }`,
      '  three: {}',
      '  fo.ur: { queue: Support }',
      '  five: { queue: 5 }',
    ),
    [
      '3:33 condition.syntax',
      '4:32 target.invalid',
      '5:10 key.missing',
      '6:3 name.invalid',
      '7:18 value.unquoted',
    ],
  ],
  [
    file(
      'schedules:',
      '  s1: { hours: 22:00 }',
      '  s2: { days: mon-fry }',
      '  s3: { hours: "9-17" }',
      '  s4: { dates: ["2026-02-30"] }',
      '  s5: { timezone: Europe/Lodon, days: mon }',
    ),
    [
      '3:16 time.bare',
      '4:15 days.invalid',
      '5:16 hours.invalid',
      '6:17 date.invalid',
      '7:19 zone.invalid',
    ],
  ],
  [
    file(
      'rules:',
      '  - name: d1',
      '    who: everyone',
      '    why: Support: full',
      '    when: |',
      '      channel("voice").asigned >= 1',
      '        || activty.available',
      '    then: { chat: { min: 3, max: 2 } }',
      '    priority: high',
    ),
    [
      '5:10 yaml.colon_in_text',
      '7:24 condition.unknown_field',
      '8:12 condition.unknown_name',
      '9:26 then.min_over_max',
      '10:15 value.type',
    ],
  ],
  [
    file(
      'rules:',
      '  - name: e1',
      '    who: everyone',
      '    whem: activity.available',
      '    ramp: { since: hired_on, steps: { 1d: 1, 14d: end } }',
      '    then: { chat: 3 }',
      '    hard: yes',
    ),
    [
      '5:5 key.unknown',
      '6:11 ramp.unused',
      '6:20 attribute.invalid',
      '6:39 ramp.first_step',
      '8:11 value.yes_no',
    ],
  ],
  [
    file(
      'guardrails:',
      '  bounds: { chat: [5, 0], voice: [1] }',
      '  min_dwell: 60',
      '  max_change: { workers: 130%, per: 5m }',
      '  keep_open: [{ group: nobody, channel: chat, at_least: 1 }]',
    ),
    [
      '3:19 bounds.order',
      '3:34 bounds.length',
      '4:14 duration.no_unit',
      '5:26 amount.invalid',
      '6:24 group.unknown',
    ],
  ],
  [
    file(
      'calendars:',
      '  g1: { ics: nowhere.ics }',
      '  g2: {}',
      '  g3: { dates: [Christmas] }',
      '  g4: { dates: ["2026-12-25"], timezone: London }',
      '  g5: { date: ["2026-12-25"] }',
    ),
    [
      '3:14 ics.missing',
      '4:7 calendar.empty',
      '5:17 date.invalid',
      '6:42 zone.invalid',
      '7:9 key.unknown',
    ],
  ],
  [
    file(
      'rules:',
      '  - name: h1',
      '    who: []',
      '    release: { after: 0s }',
      '    limit: { workers: "3", pick: busiest }',
      '    then: { chat: -1 }',
    ),
    [
      '4:10 who.empty',
      '5:14 release.without_when',
      '5:23 duration.zero',
      '6:23 value.quoted_number',
      '6:34 value.choice',
      '7:19 capacity.negative',
    ],
  ],
  [
    `version: 1\ndefaults:\n  baseline: { chat: 2.5 }\n  if_stale: keep\n  opt_out: channel("chat").assigned > 0\n  human_edit: 2h\n  mode: enforced\n`,
    [
      '3:21 capacity.fractional',
      '4:13 value.choice',
      '5:12 condition.out_of_scope',
      '6:15 value.type',
      '7:9 value.choice',
    ],
  ],
  [
    'rules:\n  - name: j1\n    who: @all\n    when: channel("chat").load > 0.5\n    then: { chat: 2 }}\n  - { name: j1, who: everyone }\n',
    [
      '1:1 version.missing',
      '3:10 yaml.reserved_character',
      '4:19 when.feeds_itself',
      '5:22 yaml.extra_bracket',
      '6:5 key.missing',
      '6:13 rule.duplicate',
    ],
  ],
];

describe('mistakes together', () => {
  it('of ten files with five or more each are all reported, in the order of the files', () => {
    const sources = FILES.map(([text], index) => ({ name: `${index}.yaml`, text }));
    const { diagnostics } = compileRules([...sources].reverse());
    const told = diagnostics.map((d) => `${d.file} ${d.line}:${d.column} ${d.code}`);
    expect(told).toEqual(
      FILES.flatMap(([, places], index) => places.map((place) => `${index}.yaml ${place}`)),
    );
  });
});
