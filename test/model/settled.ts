// How one Worker Channel should be set after a look: by a person's edit while it is in effect, by
// what the rules claim, or restored; and which part of the difference may be written now.

import {
  begins,
  type ChannelKnown,
  type Edit,
  type FieldKnown,
  isContested,
  lastWriteAt,
  mayLand,
} from './channel.ts';
import {
  bounded,
  type Claim,
  capacityOf,
  claimsOn,
  type CapacityResult as Folded,
  hasNumber,
  hasPause,
  winnerOf,
} from './fold.ts';
import type { Change } from './history.ts';
import type { Field, Rule, Rules } from './language.ts';

interface Look {
  readonly rules: Rules;
  readonly enforced: readonly Rule[];
  readonly now: number;
  readonly paused: boolean;
}

/** Settles the channel and returns what to write: nothing if nothing differs or may be written. */
export function settle(it: ChannelKnown, channel: string, look: Look): Change {
  const { rules, enforced, now, paused } = look;
  const claims = claimsOn(channel, enforced);
  const winner = winnerOf(claims);
  const winning = winner === null ? '' : `${winner.rule}=${winner.setting.set}`;
  const claimed = { capacity: hasNumber(claims), available: hasPause(claims) };
  const declared = rules.baseline[channel];
  const declaredOpen = declared === undefined ? undefined : true;
  const { is } = it;
  it.winner = winning;
  if (is === null) {
    it.capacity.claimed = claimed.capacity;
    it.available.claimed = claimed.available;
    return {};
  }
  const there = is.capacity as number;
  const starts = {
    capacity: startOf(it.capacity, claimed.capacity, declared, is.capacity),
    available: startOf(it.available, claimed.available, declaredOpen, is.available),
  };
  const mind = (field: Field) => mindOf(claims, field);
  const bounds = rules.bounds[channel];
  const number = (from: number | null, of: readonly Claim[]) => capacityOf(of, from, there);
  const alive = (field: Field, same: (value: number | boolean) => boolean) =>
    living(it[field].edit, { now, winning, mind: mind(field), same });
  const bare = number(starts.capacity as number | null, claims);
  const capacityEdit = alive(
    'capacity',
    (value) => bare !== null && bounded(bare, value as number, bounds) === value,
  );
  const availableEdit = alive(
    'available',
    (value) => (claimed.available ? false : starts.available) === value,
  );
  const hard = claims.filter((claim) => claim.hard);
  const folded: Folded | null =
    capacityEdit === null ? bare : number(capacityEdit.value as number, hard);
  const capacity = folded === null ? null : bounded(folded, there, bounds);
  const available =
    availableEdit === null
      ? claimed.available
        ? false
        : (starts.available as boolean | null)
      : hasPause(hard)
        ? false
        : (availableEdit.value as boolean);
  if (it.staleSince !== null) {
    notSure(it.capacity, claimed.capacity, capacityEdit, paused);
    notSure(it.available, claimed.available, availableEdit, paused);
    return {};
  }
  if (paused) {
    standBy(it.capacity, claimed.capacity, capacityEdit, mind('capacity'));
    standBy(it.available, claimed.available, availableEdit, mind('available'));
    return {};
  }
  keep(it.capacity, claimed.capacity, capacityEdit, {
    ...{ wanted: capacity, is: there, declared, unsure: mayLand(it, 'capacity', now) },
  });
  keep(it.available, claimed.available, availableEdit, {
    ...{ wanted: available, is: is.available, declared: declaredOpen },
    unsure: mayLand(it, 'available', now),
  });
  return difference(it, { capacity, available }, rules.dwellS * 1000, now);
}

function startOf(
  { home }: FieldKnown,
  claimed: boolean,
  declared: number | boolean | undefined,
  is: number | boolean,
): number | boolean | null {
  if ((claimed || home !== null) && declared !== undefined) return declared;
  if (home === null) return is;
  return home === 'unknown' ? null : home.value;
}

function mindOf(claims: readonly Claim[], field: Field): string {
  const asked = claims.map(({ rule, setting: { pause, ...numbers } }) =>
    field === 'available' ? (pause ? rule : '') : JSON.stringify([rule, numbers]),
  );
  return asked
    .filter((text) => text !== '' && !text.endsWith(',{}]'))
    .sort()
    .join();
}

/** An edit ends after its time, when another set wins, or when the rules ask for the same value. */
function living(
  found: Edit | null,
  look: {
    readonly now: number;
    readonly winning: string;
    readonly mind: string;
    same(value: number | boolean): boolean;
  },
): Edit | null {
  if (found === null || look.same(found.value)) return null;
  const since = begins(found.since, look.now);
  const until = found.until === null ? null : found.until - found.since + since;
  const edit = { ...found, since, until };
  if (edit.until === null) return edit.mind === null || edit.mind === look.mind ? edit : null;
  return look.now < edit.until && edit.winner === look.winning ? edit : null;
}

/** It has to be read first: until then nothing is claimed and nothing is restored. */
function notSure(field: FieldKnown, claimed: boolean, edit: Edit | null, paused: boolean): void {
  field.claimed = claimed && (paused || field.home !== null);
  field.edit = edit;
}

/** While everything is paused nothing is claimed; a value set where nothing claims is accepted. */
function standBy(field: FieldKnown, claimed: boolean, edit: Edit | null, mind: string): void {
  if (!claimed && (field.home === null || edit?.until === null)) {
    Object.assign(field, { home: null, claimed: false, edit: null, seenFree: true });
    return;
  }
  field.claimed = claimed;
  field.edit =
    edit !== null && edit.until === null && edit.mind === null ? { ...edit, mind } : edit;
}

/** A new claim keeps the value that was there; an ended one is over once that is restored. */
function keep(
  field: FieldKnown,
  claimed: boolean,
  edit: Edit | null,
  now: {
    readonly wanted: number | boolean | null;
    readonly is: number | boolean;
    readonly declared: number | boolean | undefined;
    readonly unsure: boolean;
  },
): void {
  const { home, seenFree } = field;
  field.claimed = claimed;
  field.edit = edit;
  if (claimed) {
    // If a fresh store finds the value that the rules want, it cannot know who set it.
    field.home ??= !seenFree && now.is === now.wanted ? 'unknown' : { value: now.is };
    return;
  }
  const back = now.declared ?? (home === null || home === 'unknown' ? null : home.value);
  const there = home === null || back === null || (now.is === back && edit === null && !now.unsure);
  if (there) Object.assign(field, { home: null, edit: null, seenFree: true });
}

/** What differs in the fields that headroom holds, less what has to wait. */
function difference(
  it: ChannelKnown,
  wanted: { readonly capacity: number | null; readonly available: boolean | null },
  dwellMs: number,
  now: number,
): Change {
  const { is } = it;
  if (is === null || isContested(it, now)) return {};
  const wrote = lastWriteAt(it);
  const waits = wrote !== null && Math.abs(now - wrote) < dwellMs;
  const holds = ({ claimed, home }: FieldKnown) => claimed || home !== null;
  const to: { capacity?: number; available?: boolean } = {};
  const { capacity, available } = wanted;
  if (holds(it.capacity) && capacity !== null && capacity !== is.capacity) {
    if (!waits || capacity < (is.capacity as number)) to.capacity = capacity;
  }
  if (holds(it.available) && available !== null && available !== is.available) {
    if (!waits || !available) to.available = available;
  }
  return to;
}
