// `headroom doctor`: whether everything around the daemon is as it should be, one line each, found
// by probing rather than by reading the configuration.

import type { Config } from '../config.ts';
import { likelyMeant } from '../core/nearest.ts';
import { queuesRead } from '../core/replay.ts';
import type { RuleSet } from '../core/rules.ts';
import { type DirectTaskRouter, openDirectTaskRouter } from '../daemon/direct-taskrouter.ts';
import { openBackend } from '../daemon/open-backend.ts';
import { deliverToSelf } from '../daemon/self-delivery.ts';
import { readSettings } from '../daemon/settings.ts';
import { loadRules } from '../language/folder.ts';
import { createLogger } from '../log.ts';
import { TASKROUTER_URL } from '../urls.ts';
import { callbackUrlFor, callbackUrlStatus } from './callback-url.ts';
import { rulesFolder } from './check.ts';
import { EXIT, type Exit, type Io } from './io.ts';
import { counted } from './show-problems.ts';

export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly about: string;
  readonly text: string;
}

/** Nothing is written here: permissions that a restricted key lacks show at the first write. */
const UNPROVEN = 'write permission was not tested, because that needs a write';

const LIMITS = { askMs: 10_000, skewMs: 30_000 } as const;

export async function doctor(options: { readonly json?: true }, io: Io): Promise<Exit> {
  const settings = await readSettings(io.env, { orEmulated: false });
  if ('problems' in settings) {
    for (const problem of settings.problems) io.err(problem);
    return EXIT.misused;
  }
  const { config, tokens } = settings;
  const rules = await checkRules(io);
  const hasToken = config.adminToken !== null || tokens.length > 0;
  const findings = [
    { level: 'ok', about: 'environment', text: 'complete' } as const,
    ...rules.findings,
    await checkStore(config),
    ...(await checkTaskRouter(config, rules.set)),
    ...(await checkPublicUrl(config)),
    hasToken
      ? finding('ok', 'tokens', 'at least one is configured')
      : finding(
          'warning',
          'tokens',
          'none is configured, so the page and the API answer 401; set HEADROOM_ADMIN_TOKEN',
        ),
  ];
  if (options.json) io.out(JSON.stringify({ findings }, null, 2));
  else
    for (const { level, about, text } of findings) io.out(`${level.padEnd(8)} ${about}: ${text}`);
  return findings.some(({ level }) => level === 'problem') ? EXIT.findings : EXIT.done;
}

function finding(level: Finding['level'], about: string, text: string): Finding {
  return { level, about, text };
}

async function checkRules(io: Io): Promise<{ set: RuleSet | null; findings: readonly Finding[] }> {
  const folder = rulesFolder(undefined, io);
  const { ruleSet, diagnostics } = await loadRules(folder);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  if (ruleSet === null) {
    const text = `${counted(errors, 'mistake')} in ${folder}: "headroom check" shows them`;
    return { set: null, findings: [finding('problem', 'rules', text)] };
  }
  const text = `${counted(ruleSet.rules.length, 'rule')} in ${folder}`;
  return { set: ruleSet, findings: [finding('ok', 'rules', text)] };
}

async function checkStore(config: Config): Promise<Finding> {
  const { workspaceSid, baseUrl } = config;
  if (workspaceSid === null) return finding('problem', 'store', 'TWILIO_WORKSPACE_SID is not set');
  const log = createLogger({ logLevel: 'silent' });
  try {
    const opened = await openBackend({ config, workspaceSid, taskrouter: baseUrl, log });
    try {
      await opened.backend.store.ping();
      const { describe } = opened.backend;
      return opened.notes.length === 0
        ? finding('ok', 'store', describe)
        : finding('warning', 'store', `${describe}; ${opened.notes.join('; ')}`);
    } finally {
      await opened.backend.close(0);
    }
  } catch (error) {
    // The daemon itself holds the data folder, so the store is fine as far as one can see.
    if (error instanceof Error && error.name === 'FolderHeld') {
      const text = `the data folder ${config.dataDir} is in use by ${Reflect.get(error, 'who')}; that is normal while the daemon runs`;
      return finding('ok', 'store', text);
    }
    return finding('problem', 'store', messageOf(error));
  }
}

async function checkTaskRouter(config: Config, rules: RuleSet | null): Promise<readonly Finding[]> {
  const direct = openDirectTaskRouter(config);
  if (direct === null) return [];
  try {
    const { friendlyName, eventCallbackUrl, eventsFilter } = await direct.workspace.read();
    return [
      finding('ok', 'TaskRouter', `the Workspace is "${friendlyName}"; ${UNPROVEN}`),
      await checkClock(config),
      checkCallbackUrl(eventCallbackUrl, config),
      ...(eventsFilter === ''
        ? []
        : [finding('warning', 'event callback', `only these events are sent: ${eventsFilter}`)]),
      ...(rules === null ? [] : await checkNames(direct, rules)),
    ];
  } catch (error) {
    return [finding('problem', 'TaskRouter', messageOf(error))];
  } finally {
    direct.close();
  }
}

function checkCallbackUrl(found: string, { publicUrl }: Config): Finding {
  const about = 'event callback';
  if (publicUrl === null)
    return finding('warning', about, 'PUBLIC_URL is not set, so it cannot be checked');
  const wanted = callbackUrlFor(publicUrl);
  const way = `expected ${wanted}: "headroom setup-webhook" sets it`;
  switch (callbackUrlStatus(found, publicUrl)) {
    case 'unset':
      return finding('problem', about, `the Workspace has none; ${way}`);
    case 'foreign':
      return finding('problem', about, `the Workspace has ${found}; ${way}`);
    case 'weak':
      return finding('warning', about, `${found}: a delivery answered 503 is not retried; ${way}`);
    case 'right':
      return finding('ok', about, found);
  }
}

/** Task Channels and TaskQueues that rules name and the Workspace does not have. */
async function checkNames(
  { gateway }: DirectTaskRouter,
  rules: RuleSet,
): Promise<readonly Finding[]> {
  const [channels, queues] = await Promise.all([gateway.taskChannels(), gateway.taskQueues()]);
  const claimed = rules.rules.flatMap(({ then }) => [...then.channels.keys()]);
  const read = rules.rules.flatMap(queuesRead);
  return [
    ...missingFindings(
      'Task Channel',
      claimed,
      channels.map(({ uniqueName }) => uniqueName),
    ),
    ...missingFindings(
      'TaskQueue',
      read,
      queues.flatMap(({ sid, friendlyName }) => [sid, friendlyName]),
    ),
  ];
}

function missingFindings(
  what: string,
  claimed: readonly string[],
  there: readonly string[],
): readonly Finding[] {
  const absent = [...new Set(claimed)].filter((name) => !there.includes(name));
  if (absent.length === 0)
    return [finding('ok', `${what}s`, 'the Workspace has all that the rules name')];
  return absent.map((name) => {
    const close = likelyMeant(name, there);
    const meant = close === null ? '' : `; the nearest is "${close}"`;
    return finding(
      'problem',
      `${what}s`,
      `rules name "${name}", which the Workspace does not have${meant}`,
    );
  });
}

async function checkClock({ baseUrl }: Config): Promise<Finding> {
  const signal = AbortSignal.timeout(LIMITS.askMs);
  const response = await fetch(baseUrl ?? TASKROUTER_URL, { method: 'HEAD', signal }).catch(
    () => null,
  );
  const theirs = Date.parse(response?.headers.get('date') ?? '');
  if (Number.isNaN(theirs))
    return finding('warning', 'clock', "TaskRouter's answer has no Date to compare with");
  const skew = Date.now() - theirs;
  const seconds = Math.round(Math.abs(skew) / 1_000);
  if (Math.abs(skew) <= LIMITS.skewMs)
    return finding('ok', 'clock', `within ${LIMITS.skewMs / 1_000} s of TaskRouter's`);
  const side = skew > 0 ? 'ahead of' : 'behind';
  return finding(
    'problem',
    'clock',
    `this machine is ${seconds} s ${side} TaskRouter, so schedules start and end at the wrong time`,
  );
}

async function checkPublicUrl(config: Config): Promise<readonly Finding[]> {
  const { publicUrl } = config;
  if (publicUrl === null) return [];
  const about = 'PUBLIC_URL';
  const url = `${publicUrl}/healthz`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(LIMITS.askMs) });
    if (!response.ok)
      return [finding('warning', about, `${url} answered ${response.status}, as seen from here`)];
    return [finding('ok', about, `${url} answers`), await checkDelivery(publicUrl, config)];
  } catch (error) {
    return [
      finding('warning', about, `${url} does not answer, as seen from here (${causeOf(error)})`),
    ];
  }
}

/** Tests reachability and signature at once, by a delivery signed for this URL. */
async function checkDelivery(publicUrl: string, config: Config): Promise<Finding> {
  const about = 'delivery';
  const url = `${publicUrl}/webhooks/taskrouter`;
  const status = await deliverToSelf({
    ...{ publicUrl, timeoutMs: LIMITS.askMs },
    authToken: config.authToken?.reveal() ?? '',
    workspaceSid: config.workspaceSid ?? '',
  });
  if (status === 204) return finding('ok', about, `a test delivery signed for ${url} was accepted`);
  const refused = `a test delivery signed for ${url} was refused: the daemon there has a different PUBLIC_URL or TWILIO_AUTH_TOKEN`;
  const other = `${url} answered ${status}: expected 204`;
  return finding('problem', about, status === 403 ? refused : other);
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error
    ? error.cause.message
    : messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
