/**
 * When each person arrives, takes breaks and leaves, in their own time zone. People finish the
 * Tasks in hand; some forget to change their Activity when they leave the desk.
 */
import type { Chance } from '../world/chance.ts';
import { chanceFor } from './draw.ts';
import type { Person } from './person.ts';
import { asWorker, type Stage } from './stage.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Sales goes to lunch together; everyone else around the middle of the shift. */
const SALES_LUNCH_HOUR = 12.5;
const LUNCH_MS = 40 * MINUTE;
const BREAK_MS = 14 * MINUTE;

interface Pause {
  readonly at: number;
  readonly forMs: number;
  readonly activity: 'Break' | 'Lunch';
}

export function attend(stage: Stage, person: Person): void {
  const { hours, timezone, name } = person.colleague;
  if (hours === null) return;
  const chance = chanceFor(stage.seed, 'attendance', name);
  const midnight = midnightBefore(stage.dawn, timezone) - stage.dawn;
  const own = (hour: number) => midnight + hour * HOUR;
  // A shift that would start before the simulated day starts a day later instead.
  const shift = own(hours[0]) < 0 ? DAY : 0;
  const start = own(hours[0]) + shift + chance.between(-6, 8) * MINUTE;
  const end = own(hours[1]) + shift + chance.between(-3, 12) * MINUTE;
  stage.atOffset(Math.max(0, start), () => sitDown(person, stage));
  const lunch = own(SALES_LUNCH_HOUR) + shift;
  for (const pause of pausesOf(person, { start, end, lunch }, chance)) {
    const forgets = chance.happens(person.colleague.habits.forgets);
    stage.atOffset(pause.at, () => leave(stage, person, pause.activity, forgets));
    stage.atOffset(pause.at + pause.forMs, () => sitDown(person, stage));
  }
  stage.atOffset(end, () => leave(stage, person, 'Offline', false));
}

function pausesOf(
  { colleague }: Person,
  { start, end, lunch }: { start: number; end: number; lunch: number },
  chance: Chance,
): readonly Pause[] {
  const { team, habits } = colleague;
  const long = (ms: number) => ms * habits.leisure * chance.between(0.85, 1.15);
  const within = lunch > start + HOUR && lunch < end - HOUR;
  const noon =
    team === 'sales' && within
      ? lunch + chance.between(-2, 3) * MINUTE
      : start + (end - start) * chance.between(0.4, 0.6);
  const pauses: readonly Pause[] = [
    { at: start + chance.between(1.6, 2.4) * HOUR, forMs: long(BREAK_MS), activity: 'Break' },
    { at: noon, forMs: long(LUNCH_MS), activity: 'Lunch' },
    { at: end - chance.between(1.2, 1.9) * HOUR, forMs: long(BREAK_MS), activity: 'Break' },
  ];
  return [...pauses].sort((a, b) => a.at - b.at);
}

function leave(stage: Stage, person: Person, activity: string, forgets: boolean): void {
  person.means = activity;
  if (forgets) person.atDesk = false;
  else moveTo(stage, person, activity);
  // Those who changed their Activity finish the Tasks in hand, but get no further offers.
  if (!forgets) person.atDesk = activity !== 'Offline';
}

function sitDown(person: Person, stage: Stage): void {
  person.means = 'Available';
  person.atDesk = true;
  moveTo(stage, person, 'Available');
}

/** Moves the Worker to the Activity, unless already in it. */
export function moveTo(stage: Stage, { worker }: Person, activity: string): void {
  if (worker.activitySid === stage.world.activity(activity).sid) return;
  stage.world.setActivity(worker, activity, asWorker(worker.sid));
}

/** The last midnight on the wall clock of `zone`, epoch ms. */
function midnightBefore(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value ?? 0);
  const gone = (part('hour') * 60 + part('minute')) * 60 + part('second');
  return at - gone * 1_000 - (((at % 1_000) + 1_000) % 1_000);
}
