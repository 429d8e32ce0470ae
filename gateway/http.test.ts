// The HTTP side over each transport, with requests as no well-behaved client would send them.

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Gateway, GatewayOptions } from './gateway.ts';
import { Feed, startGateway, TRANSPORTS } from './gateway-fixture.ts';
import type { StaticMount } from './static-files.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

let folder: string;
let dashboard: StaticMount[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-http-'));
  mkdirSync(join(folder, 'page/parts'), { recursive: true });
  writeFileSync(join(folder, 'secret.json'), '"secret"');
  writeFileSync(join(folder, 'page/index.html'), '<!doctype html><title>kisignal</title>');
  writeFileSync(join(folder, 'page/parts/chart.js'), 'export {};');
  writeFileSync(join(folder, 'page/parts/chart.ts'), 'export {};');
  writeFileSync(join(folder, 'page/.env.json'), '{}');
  writeFileSync(join(folder, 'lib.mjs'), 'export {};');
  dashboard = [
    { path: '/', folder: join(folder, 'page') },
    { path: '/vendor/lib.js', file: join(folder, 'lib.mjs') },
  ];
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(TRANSPORTS)('HTTP over $name', ({ kind }) => {
  let gateway: Gateway;

  afterEach(async () => {
    await gateway?.close('test over');
  });

  async function start(options: Partial<GatewayOptions> = {}): Promise<void> {
    gateway = await startGateway(new Feed(), { transport: kind, dashboard, ...options });
  }

  function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: gateway.port, path, method, headers });
      request.on('error', reject);
      request.on('response', async (response) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      request.end();
    });
  }

  it('serves the page and its files with their types and a content security policy', async () => {
    await start();
    for (const [path, type, body] of [
      ['/', 'text/html; charset=utf-8', '<!doctype html><title>kisignal</title>'],
      ['/index.html?lang=ko', 'text/html; charset=utf-8', '<!doctype html><title>kisignal</title>'],
      ['/parts/chart.js', 'text/javascript; charset=utf-8', 'export {};'],
      ['/vendor/lib.js', 'text/javascript; charset=utf-8', 'export {};'],
    ] as const) {
      const answer = await get(path);
      expect([path, answer.status, answer.headers['content-type'], answer.body]).toEqual([path, 200, type, body]);
      expect(answer.headers['content-security-policy']).toContain("default-src 'self'");
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    const known = await get('/', { 'if-none-match': String((await get('/')).headers.etag) });
    expect([known.status, known.body]).toEqual([304, '']);
    const head = await get('/', {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '38', '']);
  });

  it('serves nothing else, however it is asked', async () => {
    await start();
    for (const path of [
      '/../secret.json',
      '/%2e%2e/secret.json',
      '/parts/../../secret.json',
      '/..%2fsecret.json',
      '//secret.json',
      '/parts',
      '/parts/',
      '/parts/chart.ts',
      '/.env.json',
      '/__proto__',
      '/%00',
      '/constructor',
      join(folder, 'secret.json'),
    ]) {
      const answer = await get(path);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.body).not.toContain('"secret"');
    }
    expect(JSON.parse((await get('/parts')).body)).toMatchObject({ error: { slug: 'not_found' } });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await get('/', {}, method)).status).toBe(405);
    }
    expect((await get('/v1/stream')).status).toBe(426);
    expect([gateway.stats.refused.get('method_not_allowed'), gateway.stats.refused.get('upgrade_required')]).toEqual([
      4, 1,
    ]);
  });

  it('tells health, readiness, status, quality and metrics from what it is given', async () => {
    let isReady = false;
    await start({
      ready: () => isReady,
      status: () => ({ market: '장중', ticks: 7 }),
      quality: () => ({ scores: { overall: 99.5 }, evidence: [{ kind: 'gap', instrument: '005930.KRX', offset: 4 }] }),
      metrics: async () => 'kisignal_ticks_total 7\n',
    });
    expect(await get('/healthz')).toMatchObject({ status: 200, body: 'ok\n' });
    expect(await get('/readyz')).toMatchObject({ status: 503 });
    isReady = true;
    expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
    const status = await get('/v1/status');
    expect(JSON.parse(status.body)).toEqual({ market: '장중', ticks: 7 });
    expect(status.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    const quality = await get('/v1/quality');
    expect(JSON.parse(quality.body)).toEqual({
      scores: { overall: 99.5 },
      evidence: [{ kind: 'gap', instrument: '005930.KRX', offset: 4 }],
    });
    expect(quality.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
    const metrics = await get('/metrics');
    expect(metrics.body).toBe('kisignal_ticks_total 7\n');
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it('answers 500 where a callback throws, and lives on', async () => {
    await start({
      status: () => {
        throw new Error('broken');
      },
      quality: () => {
        throw new Error('broken');
      },
      metrics: () => Promise.reject(new Error('broken')),
    });
    for (const path of ['/v1/status', '/v1/quality', '/metrics']) {
      const answer = await get(path);
      expect(answer.status).toBe(500);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { slug: 'failed' } });
    }
    expect((await get('/healthz')).status).toBe(200);
  });

  it('refuses foreign pages and foreign names, over HTTP and at the handshake', async () => {
    await start({ allowedOrigins: ['https://desk.example.com'] });
    const own = `http://127.0.0.1:${gateway.port}`;
    for (const [headers, status] of [
      [{ host: 'evil.example' }, 403],
      [{ host: `evil.example:${gateway.port}`, origin: `http://evil.example:${gateway.port}` }, 403],
      [{ origin: 'http://evil.example' }, 403],
      [{ origin: 'http://localhost:1' }, 403],
      [{ origin: 'null' }, 403],
      [{ origin: own }, 200],
      [{ origin: `http://localhost:${gateway.port}` }, 200],
      [{ origin: 'https://desk.example.com' }, 200],
      [{}, 200],
    ] as [Record<string, string>, number][]) {
      for (const path of ['/', '/v1/status', '/v1/quality', '/metrics']) {
        expect([headers, (await get(path, headers)).status]).toEqual([headers, status]);
      }
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/v1/stream`, { headers });
      socket.on('error', () => {});
      const answered = once(socket, status === 200 ? 'open' : 'unexpected-response');
      const [, response] = await answered;
      if (status !== 200) expect(response.statusCode).toBe(403);
      socket.terminate();
    }
    expect(gateway.stats.refused.get('foreign_host')).toBe(10);
    expect(gateway.stats.refused.get('foreign_origin')).toBe(15);
  });
});

it('does not start where a file of the page is missing or of no known type', async () => {
  const missing = [{ path: '/x.js', file: join(folder, 'missing.js') }];
  await expect(startGateway(new Feed(), { dashboard: missing })).rejects.toThrow(/ENOENT/);
  const source = [{ path: '/chart', file: join(folder, 'page/parts/chart.ts') }];
  await expect(startGateway(new Feed(), { dashboard: source })).rejects.toThrow(/content type/);
});
