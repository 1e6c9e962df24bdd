/** The official SDK, unmodified but for its base URL, and plain HTTP where the SDK hides the wire. */
import twilio from 'twilio';
import {
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from '../../../src/emulator/emulator.ts';

export async function emulated(options: EmulatorOptions = {}) {
  const emulator = await startEmulator(options);
  return { emulator, ...clientOf(emulator) };
}

export function clientOf(
  emulator: Emulator,
  user = emulator.accountSid,
  password = emulator.authToken,
) {
  const client = twilio(user, password, { accountSid: emulator.accountSid });
  client.taskrouter.baseUrl = emulator.url;
  return { client, workspace: client.taskrouter.v1.workspaces(emulator.workspaceSid) };
}

export interface Wire {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** One plain request below the Workspace (or below /v1 for an absolute path). */
export async function wire(
  emulator: Emulator,
  method: string,
  path: string,
  more: {
    form?: Record<string, string>;
    json?: unknown;
    headers?: Record<string, string>;
    auth?: string | null;
  } = {},
): Promise<Wire> {
  const auth = more.auth === undefined ? `${emulator.accountSid}:${emulator.authToken}` : more.auth;
  const url = path.startsWith('http')
    ? path
    : `${emulator.url}/v1/Workspaces/${emulator.workspaceSid}${path}`;
  const headers: Record<string, string> = { ...more.headers };
  if (auth !== null) headers.authorization = `Basic ${Buffer.from(auth).toString('base64')}`;
  let body: string | null = null;
  if (more.form !== undefined) {
    body = new URLSearchParams(more.form).toString();
    headers['content-type'] = 'application/x-www-form-urlencoded';
  } else if (more.json !== undefined) {
    body = JSON.stringify(more.json);
    headers['content-type'] = 'application/json';
  }
  const response = await fetch(url, { method, headers, body });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: readJson(text, response.headers),
  };
}

/** An HTML answer has no fields. */
function readJson(text: string, headers: Headers): Record<string, unknown> {
  if (!headers.get('content-type')?.includes('json')) return {};
  return JSON.parse(text) as Record<string, unknown>;
}

/** The error body of the wire, whole. */
export function errorBody(status: number, code: number, message: unknown) {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}
