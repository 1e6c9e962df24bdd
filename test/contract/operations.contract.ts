// The contract of the operations: the official SDK drives each against a TaskRouter, the emulator
// or a live account, in a Workspace that the contract creates and deletes itself. The reads can
// also be run on an existing Workspace.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CHANGES,
  CREATIONS,
  DELETIONS,
  type Kind,
  LIFE,
  NOWHERE,
  type Operation,
  READS,
  type Sids,
  type Space,
  type TaskRouter,
} from './operations.ts';

export interface OperationsSubject {
  readonly v1: TaskRouter;
  /** The same with a wrong password. */
  readonly stranger: TaskRouter;
  close(): Promise<void>;
}

const GONE = { status: 404, code: 20404 };
const INVALID = { status: 400, code: 20001 };
const ABSOLUTE = { status: 400, code: 40153 };
const NO_WORKSPACE = `WS${'0'.repeat(32)}`;

export function operationsContract(name: string, make: () => Promise<OperationsSubject>): void {
  describe(`the operations of TaskRouter, driven by the SDK: ${name}`, () => {
    let subject: OperationsSubject;
    let space: Space;
    const sids: Partial<Sids> = {};
    const known = () => ({ ...NOWHERE, ...sids });
    beforeAll(async () => {
      subject = await make();
      const friendlyName = `headroom contract ${randomUUID().slice(0, 8)}`;
      const { sid } = await subject.v1.workspaces.create({ friendlyName, template: 'NONE' });
      space = subject.v1.workspaces(sid);
    });
    afterAll(async () => {
      await space?.remove().catch(() => {}); // When a test failed before it was deleted.
      await subject?.close();
    });

    const succeeds = (operation: Operation) =>
      it(operation.name, async () => keep(sids, operation, await operation.call(space, known())));
    const each = (operations: readonly Operation[]) => operations.forEach(succeeds);

    it('CreateWorkspace and ListWorkspace', async () => {
      const { friendlyName } = await space.fetch();
      const found = await subject.v1.workspaces.list({ friendlyName });
      expect(found.map((each) => each.friendlyName)).toEqual([friendlyName]);
    });
    each(CREATIONS);
    it('a Task gets a Reservation and events', async () => {
      const { task } = known();
      await eventually(() => space.tasks(task).reservations.list({ limit: 1 }));
      await eventually(() => space.events.list({ taskSid: task, limit: 1 }));
    });
    each(READS);
    describe('what does not exist is reported as gone with 20404', () => {
      const seen = new Set<string>();
      for (const operation of LIFE) {
        if (seen.has(operation.name)) continue;
        seen.add(operation.name);
        it(operation.name, async () => {
          await expect(gone(operation)).rejects.toMatchObject(GONE);
        });
      }
    });
    refusals(() => ({ subject, space, sids: known() }));
    each(CHANGES);
    it('what is finished cannot be repeated', async () => {
      const again = CHANGES.find(({ name }) => name === 'UpdateTaskReservation');
      await expect(again?.call(space, known())).rejects.toMatchObject(INVALID);
    });
    each(DELETIONS);
    it('what was deleted is gone', async () => {
      for (const operation of DELETIONS)
        await expect(operation.call(space, known()), operation.name).rejects.toMatchObject(GONE);
    });
    it('DeleteWorkspace', async () => {
      expect(await space.remove()).toBe(true);
      await expect(space.fetch()).rejects.toMatchObject(GONE);
    });

    function gone({ of, call }: Operation): Promise<unknown> {
      if (of === null) return call(subject.v1.workspaces(NO_WORKSPACE), known());
      return call(space, { ...known(), [of]: NOWHERE[of] });
    }
  });
}

interface Refusing {
  readonly subject: OperationsSubject;
  readonly space: Space;
  readonly sids: Sids;
}

function refusals(at: () => Refusing): void {
  const refuses = (
    what: string,
    failure: Readonly<Record<string, number>>,
    call: (refusing: Refusing) => Promise<unknown>,
  ) =>
    it(`refuses ${what}`, async () => {
      await expect(call(at())).rejects.toMatchObject(failure);
    });
  const page = { pageNumber: 2, pageSize: 1 };
  const long = 'n'.repeat(65);
  refuses('a wrong password', { status: 401, code: 20003 }, ({ subject, sids }) =>
    subject.stranger.workspaces(NO_WORKSPACE).workers(sids.worker).fetch(),
  );
  refuses('an absolute page', ABSOLUTE, ({ space }) => space.workers.page(page));
  refuses('an absolute page of Tasks', ABSOLUTE, ({ space }) => space.tasks.page(page));
  refuses('an absolute page of TaskQueues', ABSOLUTE, ({ space }) => space.taskQueues.page(page));
  refuses('an Activity of too long a name', INVALID, ({ space }) =>
    space.activities.create({ friendlyName: long }),
  );
  refuses('a Task Channel whose name is no identifier', INVALID, ({ space }) =>
    space.taskChannels.create({ friendlyName: 'Fax', uniqueName: 'tele-fax' }),
  );
  refuses('a TaskQueue whose expression is none', INVALID, ({ space }) =>
    space.taskQueues.create({ friendlyName: 'Bad', targetWorkers: 'skill-level > 3' }),
  );
  refuses('a Workflow that is no JSON', INVALID, ({ space }) =>
    space.workflows.create({ friendlyName: 'Bad', configuration: 'all of it' }),
  );
  refuses('two Workers of one name', INVALID, ({ space }) =>
    space.workers.create({ friendlyName: 'ANA' }),
  );
  refuses('attributes that are no JSON', INVALID, ({ space, sids }) =>
    space.workers(sids.worker).update({ attributes: 'none' }),
  );
  refuses('a list of Workers by what is no expression', INVALID, ({ space }) =>
    space.workers.list({ targetWorkersExpression: 'skill-level > 3', limit: 1 }),
  );
  refuses('a Task of a Workflow that is not there', INVALID, ({ space }) =>
    space.tasks.create({ workflowSid: NOWHERE.workflow }),
  );
  refuses('the completion of a Task that nobody has', INVALID, ({ space, sids }) =>
    space.tasks(sids.spareTask).update({ assignmentStatus: 'completed' }),
  );
  refuses('a capacity below nothing', INVALID, ({ space, sids }) =>
    space.workers(sids.worker).workerChannels(sids.channel).update({ capacity: -1 }),
  );
  refuses('a change of a Worker under another version', { status: 412 }, ({ space, sids }) =>
    space.workers(sids.worker).update({ friendlyName: 'Bea', ifMatch: '999' }),
  );
  refuses('a change of a Task under another version', { status: 412 }, ({ space, sids }) =>
    space.tasks(sids.task).update({ priority: 9, ifMatch: '999' }),
  );
}

/** The reads alone, of a Workspace in use: those with nothing to read are left out, and say so. */
export function readsContract(
  name: string,
  workspaceSid: string,
  make: () => Promise<OperationsSubject>,
): void {
  describe(`the reads of TaskRouter, driven by the SDK: ${name}`, () => {
    let subject: OperationsSubject;
    const sids: Partial<Sids> = {};
    beforeAll(async () => {
      subject = await make();
    });
    afterAll(() => subject?.close());
    it.each(READS.map((read) => [read.name, read] as const))('%s', async (_, read) => {
      const { of } = read;
      const space = subject.v1.workspaces(workspaceSid);
      const known = { ...NOWHERE, ...sids };
      if (of === null || sids[of] !== undefined)
        return keep(sids, read, await read.call(space, known));
      // There is nothing of the kind, so this one must be gone.
      await expect(read.call(space, known), `no ${of} is there`).rejects.toMatchObject(GONE);
    });
  });
}

/** The first item of a list, or that of the contract's own Task Channel; known ones stay. */
function keep(sids: Partial<Sids>, { keeps }: Operation, answer: unknown): void {
  expect(answer).toBeTruthy();
  if (keeps === undefined || sids[keeps] !== undefined) return;
  const all = (Array.isArray(answer) ? answer : [answer]) as (
    | Record<string, unknown>
    | undefined
  )[];
  const own = all.find((one) => one?.taskChannelUniqueName === 'letters');
  const sid = (own ?? all[0])?.sid;
  if (typeof sid === 'string') sids[keeps as Kind] = sid;
}

/** TaskRouter takes a moment until things happen. */
async function eventually<T>(list: () => Promise<readonly T[]>): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    if ((await list()).length > 0) return;
    await pause(500);
  }
  expect.fail('nothing came within 20 s');
}
