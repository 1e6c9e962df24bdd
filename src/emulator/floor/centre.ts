/**
 * The contact centre of the simulated day as TaskRouter sees it: Activities, TaskQueues, Workflow,
 * Workers.
 */
import type { Worker } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { staticCapacity, TEAMS } from './channel-profiles.ts';
import type { AgentProfile } from './staff.ts';

const DAY_MS = 86_400_000;
/** How long a Reservation stays pending before it times out. */
const OFFER_SECONDS = 30;

/** An agent's profile and their Worker. */
export interface StaffMember {
  readonly profile: AgentProfile;
  readonly worker: Worker;
}

export function setUpContactCentre(
  world: World,
  profiles: readonly AgentProfile[],
): readonly StaffMember[] {
  world.createActivity('Break', false);
  world.createActivity('Lunch', false);
  world.createTaskChannel('email', 'Email');
  const staff = profiles.map((profile) => ({ profile, worker: hire(world, profile) }));
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

function hire(world: World, profile: AgentProfile): Worker {
  const { name, team, shift, languages, timezone, tags, hiredDaysAgo } = profile;
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
