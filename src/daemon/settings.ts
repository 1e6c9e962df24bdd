// All that a start needs to know: the environment, the tokens file that it names, and what is
// missing for a real TaskRouter. Problems are reported together, those of single variables first.

import { type Config, missingForLive, readConfig, startKind } from '../config.ts';
import { readTokensFile, type TokenEntry } from '../ingress/tokens.ts';
import { isLoopback } from '../urls.ts';

export interface Settings {
  readonly config: Config;
  readonly tokens: readonly TokenEntry[];
  /** Nothing points at a TaskRouter: one has to be emulated beside the daemon. */
  readonly emulated: boolean;
}

export interface Refused {
  readonly problems: readonly string[];
  /** No variable of a real start is set: the user may only want to try headroom. */
  readonly nothingSet: boolean;
}

export async function readSettings(
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly orEmulated: boolean },
): Promise<Settings | Refused> {
  const read = readConfig(env);
  if ('problems' in read) return { problems: read.problems, nothingSet: false };
  const { config } = read;
  const nothingSet = startKind(config) === 'emulated';
  const emulated = nothingSet && options.orEmulated;
  const tokens =
    config.tokensFile === null ? { tokens: [] } : await readTokensFile(config.tokensFile);
  const problems = [
    ...('problems' in tokens ? tokens.problems : []),
    ...(emulated ? [] : missingForLive(config)),
    ...shortToken(config),
  ];
  if ('problems' in tokens || problems.length > 0) return { problems, nothingSet };
  return { config, tokens: tokens.tokens, emulated };
}

const ADMIN_TOKEN_LEAST = 16;

/** On the user's own machine any will do; what is reachable from elsewhere must not be guessed. */
function shortToken({ adminToken, publicUrl, host }: Config): readonly string[] {
  const length = adminToken?.reveal().length ?? ADMIN_TOKEN_LEAST;
  if (length >= ADMIN_TOKEN_LEAST || (publicUrl === null && isLoopback(host))) return [];
  return [
    `HEADROOM_ADMIN_TOKEN has ${length} characters: expected ${ADMIN_TOKEN_LEAST} or more where the API is reached from elsewhere, e.g. by openssl rand -hex 24.`,
  ];
}
