// What TaskRouter would send: the events of one Worker's break and one Reservation's life, taken
// from the emulator, varied so that each delivery is a distinct event, and signed in advance.

import twilio from 'twilio';
import { callbackParams } from '../../src/emulator/delivery/callback-params.ts';
import { startEmulator } from '../../src/emulator/emulator.ts';

/** The URL configured at Twilio: a proxy ends TLS, as in production. */
export const PUBLIC_URL = 'https://headroom.example.com';
export const PATH = '/webhooks/taskrouter';
export const AUTH_TOKEN = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
export const WORKSPACE_SID = `WS${'0'.repeat(31)}1`;

const WORKERS = 500;

export interface Delivery {
  readonly sid: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

type Fields = Readonly<Record<string, string>>;

export class Deliveries {
  readonly #kinds: readonly Fields[];
  readonly #made: Delivery[] = [];

  private constructor(kinds: readonly Fields[]) {
    this.#kinds = kinds;
  }

  /** Makes `count` deliveries at once; further ones are made on demand. */
  static async prepare(count: number): Promise<Deliveries> {
    const deliveries = new Deliveries(await kindsOfEvent());
    for (let n = 0; n < count; n++) deliveries.at(n);
    return deliveries;
  }

  get fields(): number {
    const all = this.#kinds.reduce((sum, kind) => sum + Object.keys(kind).length, 0);
    return Math.round(all / this.#kinds.length);
  }

  at(n: number): Delivery {
    this.#made[n] ??= signed(this.#vary(n));
    return this.#made[n];
  }

  #vary(n: number): Fields {
    const life = Math.floor(n / this.#kinds.length);
    const kind = this.#kinds[n % this.#kinds.length] ?? {};
    const at = Date.now();
    const own: Record<string, string> = {
      Sid: sid('EV', n),
      Timestamp: String(Math.floor(at / 1000)),
      TimestampMs: String(at),
      WorkerSid: sid('WK', life % WORKERS),
      WorkerName: `Agent ${life % WORKERS}`,
      TaskSid: sid('WT', life),
      ReservationSid: sid('WR', life),
      ResourceSid: kind.ResourceType === 'worker' ? sid('WK', life % WORKERS) : sid('WR', life),
    };
    return Object.fromEntries(
      Object.entries(kind).map(([name, value]) => [name, own[name] ?? value]),
    );
  }
}

async function kindsOfEvent(): Promise<readonly Fields[]> {
  const emulator = await startEmulator({ workspaceSid: WORKSPACE_SID });
  try {
    const { world } = emulator;
    const queue = world.createQueue('Support');
    const workflow = world.createWorkflow('Support', {
      task_routing: { default_filter: { queue: queue.sid } },
    });
    const attributes = { team: 'support', level: 3, languages: ['en', 'fr'], site: 'Cork' };
    const worker = world.createWorker({ friendlyName: 'Agent', attributes, activity: 'Offline' });
    world.setActivity(worker, 'Available');
    const task = world.createTask({
      workflow: workflow.sid,
      channel: 'chat',
      attributes: { customer: 'c-1029', reason: 'billing', language: 'en', waited: 12 },
    });
    const offered = world.reservations().find((reservation) => reservation.taskSid === task.sid);
    if (offered === undefined) throw new Error('the emulator made no Reservation');
    world.accept(offered.sid);
    world.complete(offered.sid);
    return ['worker.activity.update', 'created', 'accepted', 'completed']
      .map((type) => (type.includes('.') ? type : `reservation.${type}`))
      .map((type) => {
        const [event] = world.events(type);
        if (event === undefined) throw new Error(`the emulator made no ${type}`);
        return callbackParams(event, emulator.accountSid, world.doubts);
      });
  } finally {
    await emulator.stop();
  }
}

function signed(fields: Fields): Delivery {
  return {
    sid: fields.Sid ?? '',
    body: new URLSearchParams(fields).toString(),
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
      'User-Agent': 'TwilioProxy/1.1',
      Accept: '*/*',
      'X-Twilio-Signature': twilio.getExpectedTwilioSignature(AUTH_TOKEN, PUBLIC_URL + PATH, {
        ...fields,
      }),
    },
  };
}

function sid(prefix: string, n: number): string {
  return prefix + n.toString(16).padStart(32, '0');
}
