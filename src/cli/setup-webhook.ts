// `headroom setup-webhook`: makes the Workspace send its events here, and shows the URL before and
// after.

import { openDirectTaskRouter } from '../daemon/direct-taskrouter.ts';
import { readSettings } from '../daemon/settings.ts';
import { callbackUrlFor, callbackUrlStatus } from './callback-url.ts';
import { EXIT, type Exit, type Io } from './io.ts';

export interface SetupWebhookOptions {
  readonly dryRun?: true;
  /** Also if another consumer receives the events now. */
  readonly yes?: true;
  readonly json?: true;
}

export async function setupWebhook(options: SetupWebhookOptions, io: Io): Promise<Exit> {
  const settings = await readSettings(io.env, { orEmulated: false });
  if ('problems' in settings) {
    for (const problem of settings.problems) io.err(problem);
    return EXIT.misused;
  }
  const { config } = settings;
  const direct = openDirectTaskRouter(config);
  if (direct === null || config.publicUrl === null) {
    io.err('PUBLIC_URL is not set: expected the URL under which Twilio reaches this daemon.');
    return EXIT.misused;
  }
  try {
    const before = (await direct.workspace.read()).eventCallbackUrl;
    const wanted = callbackUrlFor(config.publicUrl);
    const standing = callbackUrlStatus(before, config.publicUrl);
    const isForeign = standing === 'foreign' && options.yes === undefined;
    const changes = before !== wanted;
    const writes = changes && !isForeign && options.dryRun === undefined;
    const after = writes
      ? (await direct.workspace.setEventCallbackUrl(wanted)).eventCallbackUrl
      : before;
    if (options.json) io.out(JSON.stringify({ before, wanted, after, written: writes }, null, 2));
    else {
      io.out(`before: ${before === '' ? 'none' : before}`);
      if (writes) io.out(`after:  ${after}`);
      else if (changes) io.out(`wanted: ${wanted}${isForeign ? '' : ' (dry run: not written)'}`);
      else io.out('already set; nothing to change');
    }
    if (!isForeign || options.dryRun !== undefined) return EXIT.done;
    io.err(
      'Another consumer receives the events now and would stop receiving them. To replace it, add --yes. To forward events to it, set HEADROOM_FORWARD_URL to its URL.',
    );
    return EXIT.findings;
  } catch (error) {
    io.err(`TaskRouter: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.failed;
  } finally {
    direct.close();
  }
}
