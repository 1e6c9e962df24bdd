// Many clients of the stream, and slow ones: none may make the daemon buffer more than is bounded.

import { connect, type Socket } from 'node:net';
import express from 'express';
import { afterEach, expect, it } from 'vitest';
import { LIMITS } from '../../src/ingress/limits.ts';
import { type Listener, listen } from '../../src/ingress/listen.ts';
import { createStreams, type StreamFrame } from '../../src/ingress/stream.ts';
import { openStreamClient, type StreamClient } from '../support/stream-client.ts';
import { waitFor } from '../support/wait.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A feed by hand: what is sent goes to all who joined. */
async function start(mayStay: () => boolean = () => true) {
  const takers = new Set<(frame: StreamFrame) => void>();
  const streams = createStreams({
    async subscribe(take) {
      take({ event: 'hello', id: 'here', data: '{}' });
      takers.add(take);
      return () => void takers.delete(take);
    },
    position: () => 'now',
  });
  const app = express().get('/stream', streams.handler(mayStay));
  const listener: Listener = await listen(app, '127.0.0.1', 0);
  cleanUps.push(() => listener.close(100));
  const send = (data: string, event = 'workers') => {
    for (const take of [...takers]) take({ event, id: null, data });
  };
  return {
    url: `http://127.0.0.1:${listener.port}/stream`,
    port: listener.port,
    send,
    takers,
    streams,
  };
}

async function join(url: string): Promise<StreamClient> {
  const listening = await openStreamClient(url);
  cleanUps.push(() => listening.close());
  return listening;
}

it('beyond the maximum of clients the next one is told to retry, until one leaves', async () => {
  const { url, takers } = await start();
  const all = await Promise.all(Array.from({ length: LIMITS.streams }, () => join(url)));
  expect(all.map(({ status }) => status)).toEqual(Array(LIMITS.streams).fill(200));
  const refused = await fetch(url);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await refused.json()).toMatchObject({ detail: '100 streams are open already.' });

  all[0]?.close();
  await waitFor('it has left', () => takers.size === LIMITS.streams - 1);
  expect((await join(url)).status).toBe(200);
});

it('a client that stops reading is sent a bounded amount, then told of the gap', async () => {
  const { port, send, takers } = await start();
  const socket: Socket = connect(port, '127.0.0.1');
  cleanUps.push(() => socket.destroy());
  let got = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    got += text;
  });
  socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await waitFor('hello', () => got.includes('event: hello') && takers.size === 1);
  socket.pause();

  // Two hundred megabytes, of which the kernel takes some and headroom buffers next to nothing.
  const frame = JSON.stringify('x'.repeat(100_000));
  for (let n = 0; n < 2_000; n += 1) {
    send(frame);
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  socket.resume();
  await waitFor('what comes later is told again', () => {
    send('"later"', 'journal');
    return got.includes('data: "later"');
  });
  expect(got.length).toBeLessThan(50_000_000);
  const gap = got.lastIndexOf('id: now\nevent: gap');
  expect(gap).toBeGreaterThan(0);
  expect(got.slice(gap)).not.toContain('xxx');
});

it('41: a client that loses its access is disconnected at the next heartbeat', async () => {
  const may = { stay: true };
  const { url, takers, streams } = await start(() => may.stay);
  const page = await join(url);
  await page.waitUntil('hello', () => page.received.length === 1);
  await waitFor('a sign of life', () => page.heartbeats.length > 0, 2 * LIMITS.streamBeatMs);
  // And one that a browser's EventSource receives too.
  await page.waitUntil('alive', () => page.received.at(-1)?.event === 'alive');
  may.stay = false;
  await page.ended;
  expect(takers.size).toBe(0);
  streams.close();
  expect((await fetch(url)).status).toBe(503);
});
