// `headroom init`: a first rules folder with a test beside it, and an .env to fill in. Existing
// files are never changed.

import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EXIT, type Exit, type Io } from './io.ts';

const RULES = `# What headroom does with each Worker Channel. "headroom check" finds mistakes, "headroom test" runs
# rules.test.yaml, "headroom schema" gives editors a JSON Schema.
version: 1
defaults:
  timezone: Europe/London     # an IANA name
  mode: observe               # decide and record, write nothing; change to enforce when ready
  baseline: { chat: 1 }       # what a channel goes back to when no rule claims it
schedules:
  day: { days: mon-fri, hours: "08:30-17:30" }
rules:
  - name: day-chat
    who: everyone
    during: day
    then: { chat: 3 }
    why: "Day shift: three chats"
`;

const TESTS = `# Each test runs on a clock of its own, in the zone of defaults.timezone.
rules: [rules.yaml]
tests:
  - name: three chats during the day, one after it
    worker: { channels: { chat: 1 } }
    walk: { from: "2026-06-10T08:00", to: "2026-06-10T18:00" }
    expect:
      - { at: "2026-06-10T08:30", chat: 3, because: day-chat }
      - { at: "2026-06-10T17:30", chat: baseline }
    changes: 2
`;

const env = (
  adminToken: string,
) => `# Give this to "headroom start", e.g. with node --env-file=.env. Keep it out of version control.
TWILIO_ACCOUNT_SID=
TWILIO_AUTH_TOKEN=
TWILIO_WORKSPACE_SID=
# Scheme and host under which Twilio reaches this daemon; then run "headroom setup-webhook".
PUBLIC_URL=
# Gives access to the page and the API. This one was drawn at random; one of your own needs at least
# 16 characters where they are reached from elsewhere.
HEADROOM_ADMIN_TOKEN=${adminToken}
# Redis or Valkey in production; without it the store is ./data, for one process.
REDIS_URL=
`;

const FILES = [
  ['rules/rules.yaml', () => RULES],
  ['rules/rules.test.yaml', () => TESTS],
  ['.env', () => env(randomBytes(24).toString('hex'))],
] as const;

export async function init(options: { readonly folder: string }, io: Io): Promise<Exit> {
  for (const [name, text] of FILES) {
    const path = join(options.folder, name);
    try {
      await mkdir(dirname(path), { recursive: true });
      const isNew = await writeNew(path, text(), name === '.env' ? 0o600 : 0o644);
      io.out(`${isNew ? 'written' : 'exists, not changed'}: ${path}`);
    } catch (error) {
      const code = error instanceof Error ? Reflect.get(error, 'code') : null;
      io.err(`${path}: it cannot be written (${code ?? String(error)}).`);
      return EXIT.failed;
    }
  }
  const there = options.folder === '.' ? '' : `cd ${options.folder}, `;
  io.out(`next: ${there}headroom check, headroom test, then fill in .env and run headroom doctor`);
  return EXIT.done;
}

/** False if a file of this name exists already. */
async function writeNew(path: string, text: string, mode: number): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode });
    return true;
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EEXIST') return false;
    throw error;
  }
}
