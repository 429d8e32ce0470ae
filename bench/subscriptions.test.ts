// What an operator subscribes to while kisignal runs: by commands, beside it, through a restart; with HTTP to see it by.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kisignal } from './kisignal-command.ts';
import { KisignalProcess, type Status } from './kisignal-process.ts';

let folder: string;
const processes: KisignalProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-subscriptions-'));
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

function start(): KisignalProcess {
  const one = new KisignalProcess({ dataFolder: folder, flags: ['--symbols', '005930'] });
  processes.push(one);
  return one;
}

const command = (...words: string[]) => kisignal(folder, ...words, '--data-dir', folder);
const registered = (count: number) => (status: Status) => status.feed.registered === count;

it('is registered at once, quality and metrics tell of it, and a restart knows it', { timeout: 180_000 }, async () => {
  const first = start();
  await first.untilStatus(registered(2), 'the universe');
  const added = await command('subscribe', '000660', '035420', '--streams', 'trades,books,status', '--priority', '3');
  expect([added.code, added.out]).toEqual([0, expect.stringContaining(`The engine there (process ${first.pid})`)]);
  await first.untilStatus(registered(8), 'what was subscribed');
  await first.untilStatus(({ counters }) => (counters.ticks['H0STCNT0 KRX'] ?? 0) > 20, 'ticks');
  expect((await command('unsubscribe', '035420')).out).toContain('No longer subscribed');
  await first.untilStatus(registered(5), 'what is left');
  expect((await command('subscribe')).out.trim()).toBe('000660.KRX  trades,books,status  priority 3');

  const url = await first.url();
  const quality = (await (await fetch(new URL('/v1/quality', url))).json()) as {
    scores: { overall: number };
    instruments: { instrument: string }[];
  };
  expect(quality.scores.overall).toBeGreaterThan(90);
  expect(quality.instruments.map(({ instrument }) => instrument)).toContain('000660.KRX');
  const metrics = await (await fetch(new URL('/metrics', url))).text();
  for (const name of [
    'kisignal_data_quality_score{dimension="completeness"}',
    'kisignal_upstream_request_duration_seconds_count{operation=',
    '# TYPE kisignal_gaps_total counter',
    '# TYPE kisignal_alerts_total counter',
  ])
    expect(metrics).toContain(`\n${name}`);
  await first.end();

  const second = start();
  await second.untilStatus(registered(5), 'the same after a restart');
  await second.end();
  const refused = await command('subscribe', 'nonsense');
  expect([refused.code, refused.errors]).toEqual([1, expect.stringContaining('no code of KRX')]);
});
