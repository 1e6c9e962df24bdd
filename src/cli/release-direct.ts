// `headroom release --direct`: restores without the daemon, using the daemon's own environment.

import { type DirectRelease, releaseDirectly } from '../daemon/release-direct.ts';
import { ruleSource } from '../daemon/rule-source.ts';
import { readSettings } from '../daemon/settings.ts';
import { createLogger } from '../log.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { type OrderOptions, releasedLines, releaseMisuse } from './orders.ts';
import { identityOf } from './start.ts';
import { version } from './version.ts';
import { orderAuthor } from './worker-lookup.ts';

export async function releaseDirect(
  worker: string | undefined,
  options: OrderOptions,
  io: Io,
): Promise<Exit> {
  const wrong = releaseMisuse(worker, options);
  if (wrong !== null) return failWith(wrong, EXIT.misused, io);
  const settings = await readSettings(io.env, { orEmulated: false });
  if ('problems' in settings) {
    for (const problem of settings.problems) io.err(problem);
    return EXIT.misused;
  }
  const { config, tokens } = settings;
  const service = {
    ...{ config, tokens, identity: identityOf(config), rules: ruleSource(config) },
    ...{ log: createLogger({ logLevel: 'error' }), version: version() },
  };
  const by = orderAuthor(options.by, io);
  const reason = options.reason ?? 'released from the command line, without the daemon';
  const scope = { worker: worker ?? null, channel: options.channel ?? null };
  try {
    const done = await releaseDirectly(service, { ...scope, reason, by });
    if ('refused' in done) return failWith(done.sentence, EXIT.failed, io);
    return show(done, options, io);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const held = error instanceof Error && error.name === 'FolderHeld';
    const way = held ? '. If that is the daemon, omit --direct' : '';
    return failWith(`${cause}${way}.`, EXIT.failed, io);
  }
}

function failWith(sentence: string, exit: Exit, io: Io): Exit {
  io.err(sentence);
  return exit;
}

function show({ release, failed }: DirectRelease, options: OrderOptions, io: Io): Exit {
  if (options.json) io.out(JSON.stringify({ release, failed }, null, 2));
  else for (const line of releasedLines(release, 'restored')) io.out(line);
  for (const { worker, why } of failed) io.err(`${worker} could not be restored: ${why}`);
  return failed.length > 0 ? EXIT.failed : EXIT.done;
}
