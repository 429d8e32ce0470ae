import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { serveMetrics } from './metrics-server.ts';

const servers: Server[] = [];
const lines: string[] = [];
const log = pino({}, { write: (line: string) => lines.push(line) });
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(metrics: () => Promise<string>, host = '127.0.0.1', port = 0): Promise<AddressInfo> {
  const server = await serveMetrics({ host, port, metrics, log });
  servers.push(server);
  return server.address() as AddressInfo;
}

it('serves the metrics and nothing else, on the host given', async () => {
  const { address, port } = await serve(async () => 'a 1\n', '0.0.0.0');
  expect(address).toBe('0.0.0.0');
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
    'a 1\n',
  ]);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
});

it('answers 500 where the metrics cannot be read, and goes on', async () => {
  let fails = true;
  const { port } = await serve(async () => {
    if (fails) throw new Error('no figures today');
    return 'a 1\n';
  });
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(500);
  expect(lines.join('')).toContain('no figures today');
  fails = false;
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
});

it('says which setting names a port that is in use', async () => {
  const { port } = await serve(async () => '');
  await expect(serve(async () => '', '127.0.0.1', port)).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/^telemetry\.prometheusPort: .*EADDRINUSE/),
  });
});
