// Sentences that the daemon wrote for a log, as people read them: instants in their own time zone,
// and identifiers shortened to what tells them apart.

import { when } from './time.ts';

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g;
const SID = /\b([A-Z]{2}[0-9a-f]{4})[0-9a-f]{24}([0-9a-f]{4})\b/g;

export function readableText(text: string): string {
  return text.replace(INSTANT, (at) => when(at)).replace(SID, '$1…$2');
}
