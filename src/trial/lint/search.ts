// The bounded search through the situations in which some rules are for the Worker and in their
// time, in a fixed order, until a question is answered or a limit is reached.

import { isUnknown } from '../../core/facts.ts';
import type { Rule, RuleSet } from '../../core/rules.ts';
import { mergeWindows } from '../../core/schedule/days.ts';
import type { Window } from '../../core/schedule/schedule.ts';
import { zoneFor } from '../../core/schedule/zone.ts';
import { type ChannelSetting, decideIn, newSituation, type Situation } from '../situation.ts';
import { type Dimension, type Dimensions, dimensionsOf, type Option } from './dimensions.ts';
import { LINT_LIMITS as LIMITS } from './limits.ts';
import { clockChanges, instantsIn, type Range, RuleWindows, subtract } from './time.ts';

/** How a search ended. */
export interface SearchResult<T> {
  readonly found: T | null;
  /** Whether nothing that could matter was left out. */
  readonly complete: boolean;
}

export interface SituationTrial {
  readonly situation: Situation;
  /** The facts that were chosen, for a witness. */
  readonly chosen: readonly string[];
}

export type OptionSet = readonly Option[];

export class Search {
  readonly set: RuleSet;
  readonly from: number;
  readonly times: RuleWindows;
  readonly range: Range;
  readonly #channels: Readonly<Record<string, ChannelSetting>>;
  readonly #clockChanges: readonly number[];
  readonly #subsets = new Map<string, RuleSet>();
  #left: number = LIMITS.evaluations;
  #stopped = false;

  constructor(set: RuleSet, from: number) {
    this.set = set;
    this.from = Math.ceil(from / 60_000) * 60_000;
    this.range = { from: this.from, to: this.from + LIMITS.horizonMs };
    this.times = new RuleWindows(set);
    this.#channels = channelsOf(set);
    const zone = zoneFor(set.defaults.zone, {});
    this.#clockChanges = clockChanges(isUnknown(zone) ? 'UTC' : zone, this.range);
  }

  /** True once the linter has tried as much as it may in total. */
  get exhausted(): boolean {
    return this.#stopped || this.#left <= 0;
  }

  /** Another limit was reached: further questions are skipped. */
  stop(): void {
    this.#stopped = true;
  }

  /** The same rule set with only these rules. */
  subset(rules: readonly Rule[]): RuleSet {
    const key = rules.map(({ name }) => name).join('\n');
    const known = this.#subsets.get(key) ?? { ...this.set, rules };
    this.#subsets.set(key, known);
    return known;
  }

  /** Kinds of Worker that all these rules are for. */
  workerModels(
    rules: readonly Rule[],
    dims: Dimensions,
  ): { models: OptionSet[]; complete: boolean } {
    const models: OptionSet[] = [];
    let tried = 0;
    for (const model of product(dims.workers)) {
      tried += 1;
      if (tried > LIMITS.people) return { models, complete: false };
      if (!this.#isForAll(rules, model)) continue;
      models.push(model);
      if (models.length >= LIMITS.models) return { models, complete: false };
    }
    return { models, complete: true };
  }

  /**
   * Goes through the situations of `rules` until `test` answers. `beside`: further rules whose
   * facts and boundaries are tried too, even if they are not for the Worker or not in their time.
   */
  find<T>(
    rules: readonly Rule[],
    beside: readonly Rule[],
    test: (trial: SituationTrial) => T | null,
  ): SearchResult<T> {
    const dims = dimensionsOf([...rules, ...beside], this.set);
    const { models, complete } = this.workerModels(rules, dims);
    let whole = complete && dims.exact && (beside.length === 0 || !dims.byWorker);
    let left: number = LIMITS.situations;
    for (const model of models) {
      for (const at of this.#instants(rules, beside, model, dims)) {
        let combinations = 0;
        for (const facts of product(dims.facts)) {
          combinations += 1;
          left -= 1;
          this.#left -= 1;
          if (combinations > LIMITS.facts || left < 0) {
            whole = false;
            break;
          }
          if (this.#left < 0) return { found: null, complete: false };
          const found = test(this.#trial(at, [...model, ...facts]));
          if (found !== null) return { found, complete: whole };
        }
      }
    }
    return { found: null, complete: whole };
  }

  /** The windows of one rule for one kind of Worker. */
  windows(rule: Rule, model: OptionSet, range: Range): readonly Window[] {
    return this.times.windows(rule, this.#trial(this.from, model).situation.attributes, range);
  }

  #instants(
    rules: readonly Rule[],
    beside: readonly Rule[],
    model: OptionSet,
    dims: Dimensions,
  ): readonly number[] {
    const { attributes } = this.#trial(this.from, model).situation;
    const open = this.times.windowsOf(rules, attributes, this.range);
    const others = beside.map((rule) => this.times.windows(rule, attributes, this.range));
    // Another answer is likeliest where one of the others, or all of them, are out of their time.
    const gaps = [...others, mergeWindows(others.flat())].flatMap((each) =>
      subtract(open, each).slice(0, 1),
    );
    const boundaries = [
      ...gaps.map(({ start }) => start),
      ...others.flatMap((each) => each.slice(0, 2).flatMap(({ start, end }) => [start, end])),
    ];
    const written = dims.instants.flatMap((at) => [at - 1_000, at, at + 1_000]);
    return instantsIn(open, [...boundaries, ...written, ...this.#clockChanges], LIMITS.instants);
  }

  #trial(at: number, options: readonly Option[]): SituationTrial {
    const made = newSituation(at, this.#channels);
    for (const option of options) option.set(made);
    return { situation: made, chosen: options.flatMap(({ label }) => label || []) };
  }

  #isForAll(rules: readonly Rule[], model: OptionSet): boolean {
    const { situation: s } = this.#trial(this.from, model);
    const { stopped, verdicts } = decideIn(s, this.subset(rules), {});
    return stopped === null && verdicts.every(({ reason }) => reason !== 'rule.outside_who');
  }
}

/** Every Worker Channel that the rules name, at its declared baseline. */
function channelsOf(set: RuleSet): Record<string, ChannelSetting> {
  const names = new Set<string>(set.defaults.baseline.keys());
  for (const { then, when, release } of set.rules) {
    for (const name of then.channels.keys()) names.add(name);
    for (const each of [when?.enter, when?.exit, release?.or]) {
      for (const name of each?.reads.channels ?? []) names.add(name);
    }
  }
  if (names.size === 0) names.add('chat');
  const { baseline } = set.defaults;
  const now = (name: string) => ({
    capacity: baseline.get(name) ?? 1,
    available: true,
    assigned: 0,
  });
  return Object.fromEntries([...names].sort().map((name) => [name, now(name)]));
}

/** All combinations of one option per dimension; the first dimension varies slowest. */
export function* product(dimensions: readonly Dimension[]): Generator<Option[]> {
  const [first, ...rest] = dimensions;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const option of first.options) {
    for (const others of product(rest)) yield [option, ...others];
  }
}
