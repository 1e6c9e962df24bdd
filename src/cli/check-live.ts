// `headroom check --live`: reads what rules refer to (Workers, Task Channels, TaskQueues,
// Activities) from the TaskRouter in the environment, within HEADROOM_RATE; writes nothing.

import { readConfig } from '../config.ts';
import { parseTarget, type TargetExpression } from '../core/expression.ts';
import type { Place, RuleSet } from '../core/rules.ts';
import { newWorker, type WorkerState } from '../core/state.ts';
import { openDirectTaskRouter } from '../daemon/direct-taskrouter.ts';
import type { SourceFile } from '../language/decode.ts';
import type { Gateway, WorkerReading } from '../ports.ts';
import type { Finding } from '../trial/lint/finding.ts';
import { lintLive, type Workspace } from '../trial/lint/workspace-checks.ts';
import { modeOf } from '../trial/situation.ts';

export type LiveCheck = (set: RuleSet, files: readonly SourceFile[]) => Promise<readonly Finding[]>;

const NEEDED = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_WORKSPACE_SID'] as const;

/** A function that asks TaskRouter, or why it cannot be asked. */
export function liveCheckOf(
  env: Readonly<Record<string, string | undefined>>,
): LiveCheck | { readonly problems: readonly string[] } {
  const read = readConfig(env);
  const missing = NEEDED.filter((name) => !env[name]).map(
    (name) => `check --live needs ${name}, which is not set`,
  );
  if (missing.length > 0) return { problems: missing };
  if ('problems' in read) return read;
  return async (set, files) => {
    const direct = openDirectTaskRouter(read.config);
    if (direct === null) return [];
    try {
      return lintLive(set, await workspaceOf(direct.gateway, set, files));
    } finally {
      direct.close();
    }
  };
}

async function workspaceOf(
  gateway: Gateway,
  set: RuleSet,
  files: readonly SourceFile[],
): Promise<Workspace> {
  const at = Date.now();
  const channels = await gateway.taskChannels();
  const queues = await gateway.taskQueues();
  const activities = Object.fromEntries(
    (await gateway.activities()).map(({ sid, friendlyName: name, available }) => [
      sid,
      { name, available },
    ]),
  );
  const workers: WorkerState[] = [];
  for await (const found of gateway.workers('read')) {
    // A listing may omit the attributes; then that Worker is read individually.
    const whole = found.attributes === null ? await gateway.worker(found.sid) : found;
    workers.push(stateOf(whole, at));
  }
  const unknown = { unknown: 'not asked' };
  return {
    workers,
    at,
    taskChannels: channels.map(({ uniqueName }) => uniqueName),
    taskQueues: queues.flatMap(({ friendlyName, sid }) => [friendlyName, sid]),
    world: {
      directory: { activities },
      queue: () => unknown,
      group: () => unknown,
      blindUntil: at,
      queueTarget: (name) =>
        targetOf(queues.find((q) => q.friendlyName === name || q.sid === name)),
      blocked: () => null,
      modeOf: (rule) => modeOf(rule, set),
    },
    place: (name, from) => placeOf(name, from, files),
  };
}

function targetOf(queue: { readonly targetWorkers: string } | undefined): TargetExpression | null {
  const parsed = queue === undefined ? null : parseTarget(queue.targetWorkers);
  return parsed?.ok ? parsed.expression : null;
}

function stateOf(found: WorkerReading, at: number): WorkerState {
  const stamp = { at, sid: 'read' };
  const { activitySid: activity, activityName: name, available } = found;
  return {
    ...newWorker(found.sid, at),
    name: { ...stamp, value: found.friendlyName },
    attributes: { ...stamp, value: attributesOf(found.attributes) },
    activities: [{ ...stamp, activity, name, available }],
  };
}

function attributesOf(text: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The first place at or after `from` that has the name as a word, else one in the other files. */
export function placeOf(name: string, from: Place, files: readonly SourceFile[]): Place {
  const word = new RegExp(`(?<![\\w-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`);
  const first = files.find((file) => file.name === from.file);
  const others = files.filter((file) => file !== first && /\.ya?ml$/.test(file.name));
  for (const file of first === undefined ? others : [first, ...others]) {
    const lines = file.text.split(/\r\n|\r|\n/);
    const start = file === first ? from.line - 1 : 0;
    for (let i = start; i < lines.length; i += 1) {
      const found = word.exec((lines[i] ?? '').replace(/(^|\s)#.*$/, '$1'));
      if (found !== null) return { file: file.name, line: i + 1, column: found.index + 1 };
    }
  }
  return from;
}
