// A delivery as Twilio would sign it, sent by ourselves to where Twilio was told to send them: only
// a daemon that is reached by that URL, and checks against it with this token, answers 204.

import { signedBase, signUrl } from '../ingress/verify.ts';

export interface SelfDelivery {
  readonly publicUrl: string;
  readonly authToken: string;
  readonly workspaceSid: string;
  readonly timeoutMs: number;
}

/** What it was answered. Its event is of a type that does not exist, so nothing comes of it. */
export async function deliverToSelf(to: SelfDelivery): Promise<number> {
  const url = `${to.publicUrl}/webhooks/taskrouter`;
  const fields = { EventType: 'headroom.doctor', WorkspaceSid: to.workspaceSid };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'x-twilio-signature': signUrl(to.authToken, signedBase(url), fields) },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout(to.timeoutMs),
    // Twilio does not sign for where a redirect leads.
    redirect: 'manual',
  });
  return response.status;
}
