/**
 * The people of a contact centre of any size, drawn from the seed: team, languages, time zone,
 * shift, time since hiring, and the habits that make each of them different.
 */
import type { Chance } from '../world/chance.ts';
import { TEAM_SHARE, TEAMS, type Team } from './channel-profiles.ts';
import { chanceFor, normal } from './distributions.ts';

export interface Habits {
  /** 1 is an experienced colleague; work takes `1 / speed` as long. */
  readonly speed: number;
  /** How much longer each Task takes for every other one in hand. */
  readonly distraction: number;
  readonly rejects: number;
  /** How often an offer goes unnoticed although nothing distracts. */
  readonly misses: number;
  /** How often the Activity is not changed when leaving the desk. */
  readonly forgets: number;
  /** Scales breaks and lunch. */
  readonly breakScale: number;
}

export interface AgentProfile {
  readonly name: string;
  readonly team: Team;
  readonly shift: 'day' | 'night';
  readonly languages: readonly string[];
  readonly timezone: string;
  readonly tags: readonly string[];
  readonly hiredDaysAgo: number;
  readonly habits: Habits;
  /** Hours of the shift in the person's own zone; past 24 is the next day. Null: not in today. */
  readonly hours: readonly [start: number, end: number] | null;
}

/** Share of the roster at work on a given day; the others are off, away or ill. */
const AT_WORK = 0.66;
const NIGHTS = 0.1;
const ZONES: readonly (readonly [share: number, zone: string, language: string | null])[] = [
  [0.7, 'Europe/London', null],
  [0.2, 'Europe/Madrid', 'es'],
  [0.1, 'America/New_York', null],
];
/** Start hours of day shifts; repeated ones are more frequent. */
const DAY_STARTS = [7, 8, 8, 9, 9, 9, 10, 10, 11] as const;
const NIGHT_STARTS = [19, 21] as const;
const SHIFT_HOURS = 8;

export function drawStaff(size: number, seed: number): readonly AgentProfile[] {
  return Array.from({ length: size }, (_, n) => drawProfile(n, size, seed));
}

/** Each colleague has a source of chance of their own: only team and name depend on the size. */
function drawProfile(n: number, size: number, seed: number): AgentProfile {
  const chance = chanceFor(seed, 'colleague', n);
  const team = teamOf((n + 0.5) / size);
  const night = chance.happens(NIGHTS);
  const [, timezone, language] = zoneOf(night ? 0 : chance.next());
  const hiredDaysAgo = chance.happens(0.08)
    ? Math.floor(chance.between(1, 14))
    : Math.floor(chance.between(28, 2_000));
  const fresh = hiredDaysAgo < 14;
  const start = chance.pick(night ? NIGHT_STARTS : DAY_STARTS) ?? 9;
  const spanish = language ?? (chance.happens(0.1) ? 'es' : null);
  return {
    name: `${nameOf(team)} ${String(n + 1).padStart(3, '0')}`,
    team,
    shift: night ? 'night' : 'day',
    languages: spanish === null ? ['en'] : ['en', spanish],
    timezone,
    tags: [
      ...(fresh ? ['newcomer'] : []),
      ...(hiredDaysAgo > 700 ? ['senior'] : []),
      ...(chance.happens(0.15) ? ['holiday'] : []),
    ],
    hiredDaysAgo,
    habits: drawHabits(chance, fresh),
    hours: chance.happens(AT_WORK) ? [start, start + SHIFT_HOURS] : null,
  };
}

function drawHabits(chance: Chance, fresh: boolean): Habits {
  const speed = Math.min(1.5, Math.max(0.6, 1 + 0.15 * normal(chance)));
  return {
    speed: fresh ? speed * 0.75 : speed,
    distraction: (fresh ? 0.35 : 0.2) * chance.between(0.7, 1.3),
    rejects: chance.between(0, 0.02),
    misses: chance.between(0, 0.02) * (fresh ? 2 : 1),
    forgets: chance.between(0, 0.25),
    breakScale: chance.between(0.8, 1.3),
  };
}

function teamOf(place: number): Team {
  let left = place;
  for (const team of TEAMS) {
    left -= TEAM_SHARE[team];
    if (left < 0) return team;
  }
  return 'billing';
}

function zoneOf(place: number): (typeof ZONES)[number] {
  let left = place;
  for (const zone of ZONES) {
    left -= zone[0];
    if (left < 0) return zone;
  }
  return [1, 'Europe/London', null];
}

function nameOf(team: Team): string {
  return `${team.slice(0, 1).toUpperCase()}${team.slice(1)}`;
}
