// What the API shows of the running control loop, made from the rules in force and the records.

import { backupPage } from '../control/backup.ts';
import { searchJournal } from '../control/journal-search.ts';
import { modeOf } from '../control/mode.ts';
import { pauseView } from '../control/pauses.ts';
import type { RuleSource } from '../control/rule-source.types.ts';
import type { WorkerSid } from '../core/ids.ts';
import { likelyMeant } from '../core/nearest.ts';
import type { Rule, RuleSet } from '../core/rules.ts';
import { channelIn } from '../core/state.ts';
import type { Live } from '../ingress/live.ts';
import { invalidParam } from '../ingress/query.ts';
import { compareSets } from '../live/compare.ts';
import { explainLive } from '../live/explain.ts';
import { explainPast, parseInstant, stateAt } from '../live/explain-at.ts';
import { planNow } from '../live/plan.ts';
import { signalsNow } from '../live/signals.ts';
import { TimeSlicer } from '../live/time-slices.ts';
import { Timeline } from '../live/timeline.ts';
import type { Control } from './wire-control.ts';

export function wireLive(
  control: Control,
  workspaceSid: string,
  compile: RuleSource['compile'],
): Live {
  const { facts, deps, guard, members, pauses, rules } = control;
  const timeline = new Timeline({
    store: deps.store,
    clock: deps.clock,
    observing: () => deps.observing(),
    lookaheadSources: () => ({
      world: deps.world(),
      shared: facts.keeper.sharedStates(),
      pauses: pauses.current(),
    }),
  });
  let comparing = false;
  return {
    async compare(files) {
      const { ruleSet, faults } = compile(files);
      if (ruleSet === null) return { faults };
      // A comparison occupies the processor for a while, so only one runs at a time.
      if (comparing) return { busy: 'Another comparison is running: try again.' };
      comparing = true;
      try {
        return { answer: await compareWithActive(ruleSet, control) };
      } finally {
        comparing = false;
      }
    },
    async rules() {
      await members.ensureFresh();
      const active = rules.active();
      return active === null ? [] : active.rules.map((rule) => ruleView(rule, active, control));
    },
    explain: (worker, query) => explainWorker(worker, query, control),
    async plan(query) {
      const active = rules.active();
      await Promise.all([members.ensureFresh(), guard.ensureFresh()]);
      return active === null ? null : await planNow(deps, active, query);
    },
    async timeline() {
      await Promise.all([members.ensureFresh(), pauses.ensureFresh(), facts.keeper.ensureFresh()]);
      const active = rules.active();
      return active === null ? null : await timeline.now(active);
    },
    async backup(query) {
      const { store, clock } = deps;
      return await backupPage({ store, workspaceSid, now: () => clock.now() }, query);
    },
    async signals(hours) {
      const active = rules.active();
      if (active === null) return null;
      const { keeper } = facts;
      return await signalsNow({
        store: deps.store,
        rules: active,
        at: deps.clock.now(),
        hours,
        queue: (name) => keeper.queue(name),
        claims: (rule) => keeper.sharedVerdict(rule)?.claims ?? null,
      });
    },
  };
}

async function explainWorker(
  worker: WorkerSid,
  { channel, at: text }: Parameters<Live['explain']>[1],
  { deps, members, pauses, rules }: Control,
): Promise<object | string | null> {
  const found = await deps.records.load(worker);
  if (found === null) return null;
  const { state } = found;
  const active = rules.active();
  await members.ensureFresh();
  if (active === null) return 'No valid rule set has ever been loaded.';
  if (channel !== undefined && channelIn(state, channel) === undefined) {
    const close = likelyMeant(channel, Object.keys(state.channels));
    const meant = close === null ? '' : `; the nearest is ${JSON.stringify(close)}`;
    return `The Worker has no Worker Channel ${JSON.stringify(channel)}${meant}.`;
  }
  const sources = { world: deps.world(), at: deps.clock.now(), store: deps.store };
  const over = (name: string) => pauses.forChannel(worker, name);
  const request = { state, rules: active, ...sources, over, members, observing: deps.observing() };
  if (text === undefined) return await explainLive(request, channel);
  const at = parseInstant(text, active);
  if (at === null) throw invalidParam('at', text, 'an instant such as 2026-06-10T09:00');
  if (at <= request.at) {
    return await explainPast(state, { at, channel }, (query) => searchJournal(deps.store, query));
  }
  const then = await new TimeSlicer().run(stateAt(request, at));
  if (then === null)
    throw invalidParam('at', text, 'a time closer to now: too many changes until then');
  return await explainLive({ ...request, state: then, at }, channel);
}

async function compareWithActive(proposed: RuleSet, control: Control) {
  const { facts, deps, members, pauses, rules, where } = control;
  await Promise.all([
    members.ensureFresh(),
    pauses.ensureFresh(),
    facts.keeper.ensureFresh(),
    rules.ensureFresh(),
  ]);
  const active = rules.active();
  const shared = facts.keeper.sharedStates();
  const world = deps.world();
  const known = { shared, pauses: pauses.current() };
  const deciding = { ...where, observeAll: false };
  const modeThere = (rule: Rule) => modeOf(rule, proposed, deciding);
  return await compareSets({
    store: deps.store,
    at: deps.clock.now(),
    observing: deps.observing(),
    before: active === null ? null : { rules: active, world, ...known },
    after: { rules: proposed, world: { ...world, modeOf: modeThere }, ...known },
  });
}

function ruleView(rule: Rule, active: RuleSet, { where, members, pauses }: Control) {
  const pause = pauses.forRule(rule.name);
  return {
    name: rule.name,
    /** The mode that it runs in here, which may be weaker than the one written. */
    mode: modeOf(rule, active, where),
    file: rule.at.file,
    line: rule.at.line,
    column: rule.at.column,
    priority: rule.priority,
    hard: rule.hard,
    until: rule.until === null ? null : new Date(rule.until).toISOString(),
    channels: [...rule.then.channels.keys(), ...(rule.then.any === null ? [] : ['any'])],
    why: rule.why,
    /** How many members its `limit` has now, and may have; null: it has no limit. */
    limit: members.view(rule),
    paused: pause === null ? null : pauseView(pause),
  };
}
