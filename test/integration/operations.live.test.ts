// Every operation of TaskRouter against a live account, driven by the SDK: `npm run test:live`. It
// only reads the Workspace that is named, unless it may make one of its own, which it deletes again.
//
//   LIVE_TWILIO_ACCOUNT_SID, LIVE_TWILIO_AUTH_TOKEN, LIVE_TWILIO_WORKSPACE_SID   needed
//   LIVE_TWILIO_OWN_WORKSPACE=1   makes a Workspace for all the rest, and deletes it
//   LIVE_TWILIO_BASE_URL          another TaskRouter, to try this file itself

import twilio from 'twilio';
import { expect, it } from 'vitest';
import { operationsContract, readsContract } from '../contract/operations.contract.ts';

const { env } = process;
const { LIVE_TWILIO_ACCOUNT_SID: account, LIVE_TWILIO_AUTH_TOKEN: token } = env;
const workspace = env.LIVE_TWILIO_WORKSPACE_SID;
const own = env.LIVE_TWILIO_OWN_WORKSPACE === '1';

if (!account || !token || !workspace) {
  it('has the credentials of a live account', () => {
    expect.fail(
      'nothing was asked of a live account: LIVE_TWILIO_ACCOUNT_SID, LIVE_TWILIO_AUTH_TOKEN and LIVE_TWILIO_WORKSPACE_SID have to be set',
    );
  });
} else {
  const subject = async () => ({
    v1: taskrouter(account, token),
    stranger: taskrouter(account, 'wrong'),
    close: async () => {},
  });
  const what = own ? '' : ' (reads only: LIVE_TWILIO_OWN_WORKSPACE is not 1)';
  readsContract(`a live account${what}`, workspace, subject);
  if (own) operationsContract('a Workspace of its own in a live account', subject);
}

function taskrouter(user: string, password: string) {
  const client = twilio(user, password);
  const { LIVE_TWILIO_BASE_URL: base } = env;
  if (base) client.taskrouter.baseUrl = base;
  return client.taskrouter.v1;
}
