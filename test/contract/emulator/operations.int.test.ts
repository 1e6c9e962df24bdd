// Every operation of TaskRouter against the emulator, driven by the SDK. The same contract runs
// against a live account: `npm run test:live`.

import { expect, it } from 'vitest';
import { seedWorkspace } from '../../openapi/operations.ts';
import { operationsContract, readsContract } from '../operations.contract.ts';
import { DRIVEN } from '../operations.ts';
import { clientOf, emulated } from './support.ts';

const WORKSPACE = `WS${'a'.repeat(32)}`;

async function subject() {
  const { emulator, client } = await emulated({ workspaceSid: WORKSPACE });
  seedWorkspace(emulator);
  const stranger = clientOf(emulator, emulator.accountSid, 'wrong').client;
  return {
    v1: client.taskrouter.v1,
    stranger: stranger.taskrouter.v1,
    close: () => emulator.stop(),
  };
}

operationsContract('the emulator', subject);
readsContract('the emulator, a Workspace in use', WORKSPACE, subject);

it('drives the 61 operations that Twilio describes', () => {
  // test/openapi holds the names to the description itself.
  expect(DRIVEN.size).toBe(61);
});
