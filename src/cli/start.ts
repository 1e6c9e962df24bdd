// `headroom start`: the daemon, until it is stopped. Everything missing or wrong is reported at
// once. With nothing configured and `--or-emulated` it starts an emulator of its own.

import { join } from 'node:path';
import { type Config, describeConfig } from '../config.ts';
import { isSid } from '../core/ids.ts';
import type { Identity } from '../daemon/options.ts';
import { ruleSource } from '../daemon/rule-source.ts';
import { type Service, startService } from '../daemon/service.ts';
import { type Refused, readSettings, type Settings } from '../daemon/settings.ts';
import { type Emulator, startEmulator } from '../emulator/emulator.ts';
import { persistChannels } from '../emulator/floor/saved-channels.ts';
import { createLogger, type Log } from '../log.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { GRACE_MS, type StopHandlers, untilStopped } from './lifecycle.ts';
import { version } from './version.ts';

/** Where the emulator listens if that port is free. */
const EMULATOR_PORT = 4010;

export async function start(options: { readonly orEmulated: boolean }, io: Io): Promise<Exit> {
  const settings = await readSettings(io.env, options);
  if ('problems' in settings) return refuse(settings, io);
  const { config, emulated } = settings;
  const log = createLogger({ logLevel: config.logLevel, plain: emulated });
  try {
    return emulated ? await runEmulated(settings, log, io) : await runLive(settings, log);
  } catch (error) {
    log.error({ cause: messageOf(error) }, `headroom cannot start: ${messageOf(error)}`);
    return EXIT.failed;
  }
}

function refuse({ problems, nothingSet }: Refused, io: Io): Exit {
  io.err('headroom cannot start:');
  for (const problem of problems) io.err(`  ${problem}`);
  if (nothingSet)
    io.err('To try headroom without Twilio, run npm start, which starts an emulator.');
  return EXIT.misused;
}

function daemon({ config, tokens }: Settings, identity: Identity, log: Log): Promise<Service> {
  const rules = ruleSource(config);
  return startService({ config, identity, tokens, rules, log, version: version() });
}

async function runLive(settings: Settings, log: Log): Promise<Exit> {
  const { config } = settings;
  log.info({ config: describeConfig(config) }, 'configuration, including defaults');
  const identity = identityOf(config);
  const service = await daemon(settings, identity, log);
  announce(service, identity, config, log);
  return await untilStopped(async () => {
    log.info({}, 'stopping: finishing current work');
    await service.stop();
    log.info({}, 'stopped');
  }, stopHandlers(log));
}

async function runEmulated(settings: Settings, log: Log, io: Io): Promise<Exit> {
  const { config } = settings;
  const emulator = await startDevEmulator(config, log);
  const { accountSid, authToken, workspaceSid } = emulator;
  if (!isSid('WS', workspaceSid)) throw new Error('the emulator made no Workspace');
  const identity: Identity = {
    accountSid,
    authToken,
    workspaceSid,
    baseUrl: emulator.url,
    emulated: true,
  };
  io.out(
    `emulated: no Twilio account is set, so a TaskRouter with a small contact centre was started at ${emulator.url}; to go live see "Go live" in README.md`,
  );
  let service: Service;
  try {
    service = await daemon(settings, identity, log);
  } catch (error) {
    await emulator.stop();
    throw error;
  }
  emulator.world.setEventCallbackUrl(
    `${config.publicUrl ?? service.url}/webhooks/taskrouter#rc=5&rp=all&rt=3000`,
  );
  announce(service, identity, config, log);
  io.out(
    `writes that TaskRouter received: ${emulator.url}/emulator/calls?method=POST&path=Channels`,
  );
  io.out(`to act as a person who sets a channel by hand: ${manualEditCommand(emulator)}`);
  return await untilStopped(async () => {
    await service.stop();
    await emulator.stop();
  }, stopHandlers(log));
}

/** As one would call Twilio's API; works as pasted. The token opens only this emulator. */
function manualEditCommand({ url, accountSid, authToken, workspaceSid, world }: Emulator): string {
  const worker = world.workers()[0]?.sid ?? 'WK…';
  const channel = `${url}/v1/Workspaces/${workspaceSid}/Workers/${worker}/Channels/chat`;
  return `curl -u ${accountSid}:${authToken} -d Capacity=5 ${channel}`;
}

async function startDevEmulator(config: Config, log: Log): Promise<Emulator> {
  const options = {
    floor: 'small',
    log: (line: string) => log.info({ part: 'floor' }, line),
  } as const;
  const emulator = await startEmulator({ ...options, port: EMULATOR_PORT }).catch(
    (error: unknown) => {
      if (error instanceof Error && Reflect.get(error, 'code') === 'EADDRINUSE') {
        return startEmulator({ ...options, port: 0 });
      }
      throw error;
    },
  );
  persistChannels(emulator.world, join(config.dataDir, 'emulator.json'));
  return emulator;
}

export function identityOf(config: Config): Identity {
  const { accountSid, authToken, workspaceSid, baseUrl } = config;
  if (accountSid === null || authToken === null || workspaceSid === null) {
    throw new Error('unreachable: missingForLive asked for these');
  }
  return { accountSid, authToken: authToken.reveal(), workspaceSid, baseUrl, emulated: false };
}

/** What a person needs right after the start: the address, and what to enter at Twilio. */
function announce(service: Service, identity: Identity, config: Config, log: Log): void {
  const webhook = `${config.publicUrl ?? service.url}/webhooks/taskrouter`;
  log.info(
    { url: service.url, store: service.backend.describe },
    `headroom listens on ${service.url}, store: ${service.backend.describe}, page: ${config.publicUrl ?? service.url}/`,
  );
  for (const note of service.notes) if (!identity.emulated) log.warn({}, note);
  if (identity.emulated) return;
  log.info(
    {},
    `the Workspace's event callback URL: ${webhook}#rc=5&rp=all&rt=3000 (without the part after #, Twilio does not retry a delivery answered 503)`,
  );
  if (config.publicUrl !== null && config.adminToken === null && config.tokensFile === null) {
    log.warn({}, 'no token is configured, so the API answers 401: set HEADROOM_ADMIN_TOKEN');
  }
}

function stopHandlers(log: Log): StopHandlers {
  return {
    onFault: (err) => log.error({ err }, 'unexpected error; stopping'),
    onLate: () =>
      log.error(
        {},
        `not stopped within ${GRACE_MS / 1000} s; unfinished work is left for the next start`,
      ),
  };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const port = Reflect.get(error, 'code') === 'EADDRINUSE';
  return port ? `${error.message}: set HEADROOM_PORT to another port` : error.message;
}
