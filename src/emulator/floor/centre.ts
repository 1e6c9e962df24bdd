/**
 * The contact centre of the simulated day as TaskRouter sees it: Activities, TaskQueues, Workflow,
 * Workers.
 */
import type { Worker } from '../world/model.ts';
import type { World } from '../world/world.ts';
import type { Colleague } from './crowd.ts';
import { staticCapacity, TEAMS } from './trade.ts';

const DAY_MS = 86_400_000;
/** How long a Reservation stays pending before it times out. */
const OFFER_SECONDS = 30;

/** A colleague and their Worker. */
export interface Staffed {
  readonly colleague: Colleague;
  readonly worker: Worker;
}

export function setUpCentre(world: World, crowd: readonly Colleague[]): readonly Staffed[] {
  world.createActivity('Break', false);
  world.createActivity('Lunch', false);
  world.createTaskChannel('email', 'Email');
  const staff = crowd.map((colleague) => ({ colleague, worker: hire(world, colleague) }));
  const queues = TEAMS.map((team) => ({
    team,
    plain: world.createQueue(titled(team), `team == "${team}"`),
    spanish: world.createQueue(
      `${titled(team)} Spanish`,
      `team == "${team}" AND languages HAS "es"`,
    ),
  }));
  const filter = (expression: string, queue: string) => ({
    filter_friendly_name: expression,
    expression,
    targets: [{ queue }],
  });
  world.createWorkflow(
    'By topic and language',
    {
      task_routing: {
        filters: queues.flatMap(({ team, plain, spanish }) => [
          filter(`topic == "${team}" AND language == "es"`, spanish.sid),
          filter(`topic == "${team}"`, plain.sid),
        ]),
        default_filter: { queue: queues[0]?.plain.sid },
      },
    },
    { taskReservationTimeout: OFFER_SECONDS },
  );
  return staff;
}

function hire(world: World, colleague: Colleague): Worker {
  const { name, team, shift, languages, timezone, tags, hiredDaysAgo } = colleague;
  const hired = new Date(world.now() - hiredDaysAgo * DAY_MS).toISOString().slice(0, 10);
  return world.createWorker({
    friendlyName: name,
    attributes: { team, shift, languages, timezone, tags, hired_on: hired },
    channels: Object.fromEntries(
      Object.entries(staticCapacity(team)).map(([channel, capacity]) => [channel, { capacity }]),
    ),
  });
}

function titled(team: string): string {
  return `${team.slice(0, 1).toUpperCase()}${team.slice(1)}`;
}
