// Verifies that a delivery is Twilio's, by the SDK's own functions, before anything else looks at
// it. Never throws: what cannot be verified is not genuine. The scheme has no timestamp, so it does
// not prevent replays; events are counted once by their id instead.

import { createHash, timingSafeEqual } from 'node:crypto';
import twilio from 'twilio';

export interface Delivery {
  /** The `X-Twilio-Signature` header. */
  readonly signature: string;
  /** The URL that Twilio was given, with the query as received. */
  readonly url: string;
}

/** Whether one of `tokens` (the current one, the previous one) signed this form. */
export function verifyForm(
  tokens: readonly string[],
  delivery: Delivery,
  params: Readonly<Record<string, string | string[]>>,
): boolean {
  return tokens.some((token) => isSigned(token, delivery, params));
}

/**
 * For a JSON body only the URL is signed, so this is known before the body is read; the hash in the
 * URL then covers the body.
 */
export function verifyUrl(tokens: readonly string[], delivery: Delivery): boolean {
  return tokens.some((token) => isSigned(token, delivery, {}));
}

/** Whether the URL's `bodySHA256` is the hash of these bytes. */
export function verifyBody(url: string, raw: Buffer): boolean {
  if (!URL.canParse(url)) return false;
  const claimed = Buffer.from(new URL(url).searchParams.get('bodySHA256')?.toLowerCase() ?? '');
  const actual = Buffer.from(createHash('sha256').update(raw).digest('hex'));
  return claimed.length === actual.length && timingSafeEqual(claimed, actual);
}

/** The signature that Twilio would make with this token. */
export function signUrl(
  token: string,
  url: string,
  params: Readonly<Record<string, string | string[]>>,
): string {
  return twilio.getExpectedTwilioSignature(token, url, params);
}

function isSigned(
  token: string,
  { signature, url }: Delivery,
  params: Readonly<Record<string, string | string[]>>,
): boolean {
  // The SDK tries the URL with and without its port, as given and normalised.
  try {
    return twilio.validateRequest(token, signature, url, params);
  } catch {
    return false;
  }
}

/** `PUBLIC_URL` as signatures cover it: without user, password and trailing slash. */
export function signedBase(publicUrl: string): string {
  return publicUrl.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1').replace(/\/+$/, '');
}
