/** The small contact centre: its Activities, Task Channels, people, TaskQueues and Workflow. */
import type { World } from '../world/world.ts';

export interface Person {
  readonly name: string;
  readonly team: 'support' | 'sales' | 'billing';
  readonly shift: 'day' | 'night';
  readonly languages: readonly string[];
  readonly hiredDaysAgo: number;
  readonly timezone: string;
  readonly tags: readonly string[];
}

const LONDON = 'Europe/London';
const MADRID = 'Europe/Madrid';
const NEW_YORK = 'America/New_York';

export const PEOPLE: readonly Person[] = [
  person('Ana', 'support', 'day', ['en', 'es'], 900, MADRID, ['senior']),
  person('Ben', 'support', 'day', ['en'], 20, LONDON, ['newcomer']),
  person('Chloe', 'support', 'night', ['en', 'fr'], 400, LONDON, ['holiday']),
  person('Dev', 'support', 'day', ['en'], 3, LONDON, ['newcomer']),
  person('Eva', 'sales', 'day', ['en', 'de'], 700, MADRID, ['senior', 'holiday']),
  person('Femi', 'sales', 'night', ['en'], 20, NEW_YORK, []),
  person('Gus', 'billing', 'day', ['en', 'es'], 1_500, NEW_YORK, ['senior']),
  person('Hana', 'billing', 'night', ['en'], 3, LONDON, ['newcomer', 'holiday']),
];

function person(
  name: string,
  team: Person['team'],
  shift: Person['shift'],
  languages: readonly string[],
  hiredDaysAgo: number,
  timezone: string,
  tags: readonly string[],
): Person {
  return { name, team, shift, languages, hiredDaysAgo, timezone, tags };
}

const DAY_MS = 86_400_000;

export function setUpSmallFloor(world: World): void {
  world.createActivity('Break', false);
  world.createTaskChannel('email', 'Email');
  for (const entry of PEOPLE) {
    const { name, hiredDaysAgo, ...attributes } = entry;
    const hired = new Date(world.now() - hiredDaysAgo * DAY_MS).toISOString().slice(0, 10);
    world.createWorker({ friendlyName: name, attributes: { ...attributes, hired_on: hired } });
  }
  const queues = ['Support', 'Sales', 'Billing'].map((name) =>
    world.createQueue(name, `team == "${name.toLowerCase()}"`),
  );
  const [support] = queues;
  world.createWorkflow('By topic', {
    task_routing: {
      filters: queues.map((queue) => ({
        filter_friendly_name: queue.friendlyName,
        expression: `topic == "${queue.friendlyName.toLowerCase()}"`,
        targets: [{ queue: queue.sid }],
      })),
      default_filter: { queue: support?.sid },
    },
  });
}
