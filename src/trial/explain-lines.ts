// An explanation for people: per Worker Channel what is, what should be and why; then the rules
// that do not claim, and what comes next.

import type {
  ChannelExplained,
  ClaimExplained,
  Explanation,
  FoldStep,
  Next,
  RuleExplained,
  Setting,
} from './explain.types.ts';

export function explanationLines(found: Explanation): readonly string[] {
  const { worker, wall, stopped, channels, silent, next } = found;
  const who = worker.friendlyName ?? worker.sid;
  return [
    `${who} on ${wall}`,
    ...(stopped === null
      ? []
      : ['', `nothing is written: ${stopped.sentence} (${stopped.reason})`]),
    ...channels.flatMap(channelLines),
    ...(silent.length === 0
      ? []
      : ['', 'rules that do not claim:', ...silent.flatMap(silentLines)]),
    '',
    ...nextLines(next),
  ];
}

function channelLines(each: ChannelExplained): readonly string[] {
  const { channel, observed, result, told, claims, fold, shadow } = each;
  const now = observed === null ? 'not read' : setting(observed);
  const hand = observed?.assigned === undefined ? '' : `, ${observed.assigned} assigned`;
  return [
    '',
    `${channel}: ${setting(result)} (${told.reason}: ${told.sentence})`,
    `  TaskRouter has ${now}${hand}`,
    ...fold.map(foldLine),
    ...(shadow === null ? [] : [`  if rules in observe mode were enforced: ${setting(shadow)}`]),
    ...claims.flatMap(claimLines),
  ];
}

function setting({ capacity, available }: Setting): string {
  const open = available === null ? '' : available ? ', open' : ', paused';
  return `${capacity ?? 'unknown'}${open}`;
}

function foldLine({ step, capacity, available, by }: FoldStep): string {
  const from = by.length === 0 ? '' : `  (${by.join(', ')})`;
  return `  ${step.padEnd(8)} → ${setting({ capacity, available })}${from}`;
}

function claimLines(claim: ClaimExplained): readonly string[] {
  const { rule, asks, hard, priority, mode, why } = claim;
  const traits = [
    ...(priority === 0 ? [] : [`priority ${priority}`]),
    ...(hard ? ['hard'] : []),
    ...(mode === 'enforce' ? [] : [mode]),
  ];
  const more = traits.length === 0 ? '' : ` [${traits.join(', ')}]`;
  return [
    `  ${rule} claims ${asks.join(', ')}${more}: ${claim.sentence}${untilOf(claim)}${whereOf(claim)}`,
    ...(why === null ? [] : [`      “${why}”`]),
    ...seenLines(claim),
  ];
}

function silentLines(rule: RuleExplained): readonly string[] {
  return [
    `  ${rule.rule}: ${rule.sentence} (${rule.reason})${untilOf(rule)}${whereOf(rule)}`,
    ...rule.unknown.map((why) => `      ${why}`),
    ...seenLines(rule),
  ];
}

/** Until when it stays unchanged if only time passes. */
function untilOf({ until }: RuleExplained): string {
  return until === null ? '' : `, next time-based check ${until.wall}`;
}

function whereOf({ place: { file, line } }: RuleExplained): string {
  return `  ${file}:${line}`;
}

function seenLines({ seen }: RuleExplained): readonly string[] {
  return seen.map(({ condition, text, verdict, values }) => {
    const saw = values.length === 0 ? '' : ` (${values.join(', ')})`;
    return `      ${condition} ${text}: ${verdict}${saw}`;
  });
}

function nextLines({ lookAt, changes, hours }: Next): readonly string[] {
  const head = `in the next ${hours} h, if only time passes:`;
  if (changes.length === 0) {
    const look =
      lookAt === null
        ? 'no change'
        : `no change; next time-based check ${lookAt.replace(/\.\d+Z$/, 'Z')}`;
    return [`${head} ${look}`];
  }
  return [
    head,
    ...changes.map(
      ({ wall, channel, from, to, rule }) =>
        `  ${wall}: ${channel} ${setting(from)} → ${setting(to)} (${rule ?? 'restored to its baseline'})`,
    ),
  ];
}
