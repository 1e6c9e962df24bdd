/**
 * Tasks waiting for a Worker, in order and grouped by their needs: either every Task of a group can
 * find a Worker or none can, so a long queue costs no more to scan than a short one.
 */
import type { Task } from './model.ts';

export class WaitingTasks {
  readonly #groups = new Map<string, Task[]>();
  readonly #groupOf = new Map<string, string>();
  /** Groups that found no Worker when last checked. */
  readonly unmatched = new Set<string>();

  get size(): number {
    return this.#groupOf.size;
  }

  has(sid: string): boolean {
    return this.#groupOf.has(sid);
  }

  /** A Task that is already waiting is placed anew: its needs or its place may have changed. */
  add(task: Task, { group, lifo }: { group: string; lifo: boolean }): void {
    this.delete(task.sid);
    const tasks = this.#groups.get(group) ?? [];
    tasks.splice(place(tasks, task, lifo), 0, task);
    this.#groups.set(group, tasks);
    this.#groupOf.set(task.sid, group);
    this.unmatched.delete(group);
  }

  delete(sid: string): void {
    const group = this.#groupOf.get(sid);
    if (group === undefined) return;
    this.#groupOf.delete(sid);
    const tasks = this.#groups.get(group) ?? [];
    const at = tasks.findIndex((task) => task.sid === sid);
    if (at >= 0) tasks.splice(at, 1);
    if (tasks.length > 0) return;
    this.#groups.delete(group);
    this.unmatched.delete(group);
  }

  /** All in order, except the groups that the reader adds to `passedOver` on the way. */
  *inOrder(passedOver: ReadonlySet<string>): Generator<{ task: Task; group: string }> {
    const cursors = new Map([...this.#groups.keys()].map((group) => [group, 0]));
    for (;;) {
      const head = this.#first(cursors, passedOver);
      if (head === null) return;
      yield head;
      // A Task that found a Worker has left the line, and the next has moved into its place.
      const at = cursors.get(head.group) ?? 0;
      if (this.#groups.get(head.group)?.[at] === head.task) cursors.set(head.group, at + 1);
    }
  }

  #first(
    cursors: ReadonlyMap<string, number>,
    passedOver: ReadonlySet<string>,
  ): { task: Task; group: string } | null {
    let first: { task: Task; group: string } | null = null;
    for (const [group, at] of cursors) {
      const task = this.#groups.get(group)?.[at];
      if (task === undefined || passedOver.has(group)) continue;
      if (first === null || compare(task, first.task) < 0) first = { task, group };
    }
    return first;
  }
}

/** Higher priority first, then the older. */
function compare(a: Task, b: Task): number {
  return b.priority - a.priority || a.virtualStartTime - b.virtualStartTime || a.seq - b.seq;
}

function place(tasks: readonly Task[], task: Task, lifo: boolean): number {
  const order = (a: Task, b: Task) =>
    lifo && a.priority === b.priority ? compare(b, a) : compare(a, b);
  let [low, high] = [0, tasks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = tasks[middle];
    if (other !== undefined && order(other, task) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
