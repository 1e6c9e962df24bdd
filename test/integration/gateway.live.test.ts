// The gateway's contract against a live account: `npm run test:live`. Only reads, unless a Worker is
// named whose `chat` may be changed for a moment; it is put back whatever happens.
//
//   LIVE_TWILIO_ACCOUNT_SID, LIVE_TWILIO_AUTH_TOKEN, LIVE_TWILIO_WORKSPACE_SID   needed
//   LIVE_TWILIO_WORKER_SID   may be written; without it the first one with `chat` is read
//   LIVE_TWILIO_BASE_URL     another TaskRouter, to try this file itself

import { expect, it } from 'vitest';
import { isSid, type WorkerSid } from '../../src/core/ids.ts';
import type { Gateway } from '../../src/ports.ts';
import { createGateway } from '../../src/taskrouter/gateway.ts';
import { type GatewaySubject, gatewayContract } from '../contract/gateway.contract.ts';

const { env } = process;
const missing = ['ACCOUNT_SID', 'AUTH_TOKEN', 'WORKSPACE_SID']
  .map((name) => `LIVE_TWILIO_${name}`)
  .filter((name) => !env[name]);
const named = env.LIVE_TWILIO_WORKER_SID;

if (missing.length > 0) {
  it('has the credentials of a live account', () => {
    expect.fail(`nothing was asked of a live account: ${missing.join(', ')} not set`);
  });
} else {
  const what = named === undefined ? 'reads only: LIVE_TWILIO_WORKER_SID is not set' : 'one Worker';
  gatewayContract(`a live account (${what})`, live, { writes: named !== undefined });
}

async function live(): Promise<GatewaySubject> {
  const gateway = liveGateway();
  const worker = named === undefined ? await firstWithChat(gateway) : workerSid(named);
  const { friendlyName } = await gateway.worker(worker);
  const before = await gateway.channel(worker, 'chat');
  return {
    ...{ gateway, worker, workerName: friendlyName ?? '', workers: 1, task: null },
    async close() {
      if (named !== undefined) {
        const { capacity, available } = before;
        await gateway.setChannel(worker, before.sid, { capacity, available });
      }
      gateway.close();
    },
  };
}

function liveGateway() {
  const accountSid = env.LIVE_TWILIO_ACCOUNT_SID ?? '';
  const workspaceSid = env.LIVE_TWILIO_WORKSPACE_SID ?? '';
  if (!isSid('WS', workspaceSid)) throw new Error('LIVE_TWILIO_WORKSPACE_SID is no WS SID');
  return createGateway({
    ...{
      username: accountSid,
      password: env.LIVE_TWILIO_AUTH_TOKEN ?? '',
      accountSid,
      workspaceSid,
    },
    ...{ baseUrl: env.LIVE_TWILIO_BASE_URL ?? null, edge: null, region: null },
    beforeCall: async () => {},
    clock: { now: Date.now },
  });
}

function workerSid(text: string): WorkerSid {
  if (!isSid('WK', text)) throw new Error('LIVE_TWILIO_WORKER_SID is no WK SID');
  return text;
}

async function firstWithChat(gateway: Gateway): Promise<WorkerSid> {
  for await (const { sid } of gateway.workers('list')) {
    const channels = await gateway.channels(sid);
    if (channels.some(({ uniqueName }) => uniqueName === 'chat')) return sid;
  }
  throw new Error('no Worker of this Workspace has a Worker Channel `chat`');
}
