/**
 * When each person arrives, takes breaks and leaves, in their own time zone. People finish the
 * Tasks in hand; some forget to change their Activity when they leave the desk.
 */
import type { Chance } from '../world/chance.ts';
import type { Agent } from './agent.ts';
import { chanceFor } from './distributions.ts';
import { asWorker, type Simulation } from './simulation.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Sales goes to lunch together; everyone else around the middle of the shift. */
const SALES_LUNCH_HOUR = 12.5;
const LUNCH_MS = 40 * MINUTE;
const BREAK_MS = 14 * MINUTE;

interface ScheduledBreak {
  readonly at: number;
  readonly forMs: number;
  readonly activity: 'Break' | 'Lunch';
}

export function scheduleShift(stage: Simulation, person: Agent): void {
  const { hours, timezone, name } = person.profile;
  if (hours === null) return;
  const chance = chanceFor(stage.seed, 'attendance', name);
  const midnight = midnightBefore(stage.dawn, timezone) - stage.dawn;
  const own = (hour: number) => midnight + hour * HOUR;
  // A shift that would start before the simulated day starts a day later instead.
  const shift = own(hours[0]) < 0 ? DAY : 0;
  const start = own(hours[0]) + shift + chance.between(-6, 8) * MINUTE;
  const end = own(hours[1]) + shift + chance.between(-3, 12) * MINUTE;
  stage.atOffset(Math.max(0, start), () => returnToDesk(person, stage));
  const lunch = own(SALES_LUNCH_HOUR) + shift;
  for (const pause of breaksOf(person, { start, end, lunch }, chance)) {
    const forgets = chance.happens(person.profile.habits.forgets);
    stage.atOffset(pause.at, () => leaveDesk(stage, person, pause.activity, forgets));
    stage.atOffset(pause.at + pause.forMs, () => returnToDesk(person, stage));
  }
  stage.atOffset(end, () => leaveDesk(stage, person, 'Offline', false));
}

function breaksOf(
  { profile }: Agent,
  { start, end, lunch }: { start: number; end: number; lunch: number },
  chance: Chance,
): readonly ScheduledBreak[] {
  const { team, habits } = profile;
  const long = (ms: number) => ms * habits.breakScale * chance.between(0.85, 1.15);
  const within = lunch > start + HOUR && lunch < end - HOUR;
  const noon =
    team === 'sales' && within
      ? lunch + chance.between(-2, 3) * MINUTE
      : start + (end - start) * chance.between(0.4, 0.6);
  const pauses: readonly ScheduledBreak[] = [
    { at: start + chance.between(1.6, 2.4) * HOUR, forMs: long(BREAK_MS), activity: 'Break' },
    { at: noon, forMs: long(LUNCH_MS), activity: 'Lunch' },
    { at: end - chance.between(1.2, 1.9) * HOUR, forMs: long(BREAK_MS), activity: 'Break' },
  ];
  return [...pauses].sort((a, b) => a.at - b.at);
}

function leaveDesk(stage: Simulation, person: Agent, activity: string, forgets: boolean): void {
  person.intendedActivity = activity;
  if (forgets) person.atDesk = false;
  else changeActivity(stage, person, activity);
  // Those who changed their Activity finish the Tasks in hand, but get no further offers.
  if (!forgets) person.atDesk = activity !== 'Offline';
}

function returnToDesk(person: Agent, stage: Simulation): void {
  person.intendedActivity = 'Available';
  person.atDesk = true;
  changeActivity(stage, person, 'Available');
}

/** Moves the Worker to the Activity, unless already in it. */
export function changeActivity(stage: Simulation, { worker }: Agent, activity: string): void {
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
