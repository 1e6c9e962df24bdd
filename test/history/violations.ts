// Which laws were broken by what has happened to the loop so far: for each Worker those of one
// Worker, and for several Workers also those of several together.

import type { WorkerSid } from '../../src/core/ids.ts';
import {
  endsWhereTheModelSays,
  knowsRealSettings,
  type Real,
  respectsDwell,
  writesOnlyWhatIsWanted,
} from '../model/laws.ts';
import { replay } from '../model/model.ts';
import {
  explainsRefusals,
  heldBack,
  nothingHeldNeedlessly,
  respectsKeepOpen,
  respectsLimits,
  respectsMaxChange,
} from '../model/multi-worker-laws.ts';
import { courseOf, ownOf } from '../model/workers.ts';
import type { Loop } from './loop.ts';

export async function violationsIn(loop: Loop): Promise<readonly string[]> {
  const lost = loop.unabsorbed().map((sid) => `${sid} was taken and never came to be known`);
  return [...lost, ...(loop.workers.length === 1 ? alone(loop) : await violationsOfSeveral(loop))];
}

function alone(loop: Loop): readonly string[] {
  const { history, worker } = loop;
  return [
    ...endsWhereTheModelSays(history, realOf(loop, worker)),
    ...writesOnlyWhatIsWanted(replay(history)),
    ...respectsDwell(history),
  ];
}

async function violationsOfSeveral(loop: Loop): Promise<readonly string[]> {
  const { history, workers, now } = loop;
  const course = courseOf(workers, history, now);
  const each = workers.flatMap((worker) => {
    const verdict = course.verdicts.get(worker) ?? replay([]);
    return [
      ...knowsRealSettings(verdict, realOf(loop, worker)),
      ...writesOnlyWhatIsWanted(verdict),
      ...respectsDwell(ownOf(history, worker)),
    ].map((wrong) => `${worker}: ${wrong}`);
  });
  const refused = await loop.refused();
  const held = heldBack(course);
  return [
    ...each,
    ...respectsKeepOpen(course),
    ...respectsMaxChange(course),
    ...respectsLimits(course),
    ...nothingHeldNeedlessly(held),
    ...explainsRefusals(
      held,
      (worker, channel) => refused.get(worker as WorkerSid)?.[channel] ?? null,
    ),
  ];
}

function realOf({ world }: Loop, worker: WorkerSid): Real {
  const channels = [...world.worker(worker).channels.values()];
  return Object.fromEntries(
    channels.map(({ taskChannelUniqueName, configuredCapacity: capacity, available }) => [
      taskChannelUniqueName,
      { capacity, available },
    ]),
  );
}
