// A delivery signed as Twilio would sign it, sent by ourselves to the URL that Twilio was given:
// only a daemon that is reached by that URL, and verifies it with this token, answers 204.

import { signedBase, signUrl } from '../ingress/verify.ts';

export interface SelfDelivery {
  readonly publicUrl: string;
  readonly authToken: string;
  readonly workspaceSid: string;
  readonly timeoutMs: number;
}

/** Answers the status. The type of its event does not exist, so the event has no effect. */
export async function deliverToSelf(to: SelfDelivery): Promise<number> {
  const url = `${to.publicUrl}/webhooks/taskrouter`;
  const fields = { EventType: 'headroom.doctor', WorkspaceSid: to.workspaceSid };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-twilio-signature': signUrl(to.authToken, signedBase(url), fields) },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(to.timeoutMs),
    // Twilio does not sign for the target of a redirect.
    redirect: 'manual',
  });
  return response.status;
}
