// Starts that cannot succeed, and starts that are cut short: told in a line, with nothing left behind.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../config/paths.ts';
import { frameText, SyntheticStock } from '../engine/decode/synthetic-frames.ts';
import { KisignalProcess, ticksOf } from './kisignal-process.ts';

let folder: string;
const processes: KisignalProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-start-'));
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

function start(flags: string[] = [], environment: Record<string, string> = {}): KisignalProcess {
  const one = new KisignalProcess({ dataFolder: folder, flags, environment });
  processes.push(one);
  return one;
}

/** What a run leaves in its data folder only while it runs. */
function leftBehind(): string[] {
  const data = join(folder, 'emulator');
  return existsSync(data) ? readdirSync(data).filter((name) => /^(engine\.lock|emulator\.json)/.test(name)) : [];
}

describe('a start that cannot succeed', () => {
  async function expectRefused(one: KisignalProcess, message: RegExp): Promise<void> {
    expect(await one.exited).toBe(1);
    expect(one.errors).toMatch(message);
    expect(one.errors.trim().split('\n'), 'a line, and no stack').toHaveLength(1);
    expect(leftBehind()).toEqual([]);
  }

  it('names the key file or the recorded frames that are not there', async () => {
    const nowhere = join(folder, 'nowhere');
    await expectRefused(start([], { KISIGNAL_ENCRYPTION_KEY_FILE: nowhere }), /^journal\.encryptionKeyFile: ENOENT/);
    await expectRefused(start(['--frames', nowhere]), /^emulator\.framesFile: ENOENT/);
    writeFileSync(nowhere, 'nothing recorded\n');
    await expectRefused(start(['--frames', nowhere]), /holds no data frame/);
  }, 60_000);

  it('names a data folder that is none', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expectRefused(start(['--data-dir', file]), /^journal\.dataDir: ENOTDIR/);
  }, 60_000);

  it('names a port that is in use, and ends what it had started', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = String((server.address() as AddressInfo).port);
    await expectRefused(start([], { PROMETHEUS_PORT: port }), /^telemetry\.prometheusPort: .*EADDRINUSE/);
    await expectRefused(start(['--port', port]), new RegExp(`127.0.0.1:${port}`));
    await expectRefused(start(['--emulator-port', port]), /^the emulator ended with code 1.*EADDRINUSE/);
    server.close();
  }, 120_000);
});

it('a command that is called wrong says so, with exit code 2', async () => {
  const call = async (...args: string[]) => {
    const child = spawn(process.execPath, [join(packageRoot, 'dist', 'main.js'), ...args], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const errors = await text(child.stderr);
    return [child.exitCode ?? (await once(child, 'exit'))[0], errors.split('\n')[0]];
  };
  expect(await call('run', '--take-over')).toEqual([2, expect.stringMatching(/^--take-over replaces an ingest/)]);
  expect(await call('bench', 'nonsense')).toEqual([
    2,
    expect.stringMatching(/^there is no bench nonsense; there are /),
  ]);
  expect(await call('bench', '--rounds', 'many')).toEqual([2, '--rounds is a whole number from 1, found many']);
  expect(await call('fly')).toEqual([2, 'there is no command fly']);
});

describe('a start that is cut short', () => {
  it('by a signal ends in order', async () => {
    const one = start();
    await vi.waitUntil(() => existsSync(join(folder, 'emulator', 'engine.lock')), { timeout: 60_000, interval: 1 });
    await one.end();
    expect(leftBehind()).toEqual([]);
  }, 120_000);

  it('by a reader of its output that goes away ends in order', async () => {
    const main = join(packageRoot, 'dist', 'main.js');
    const child = spawn(process.execPath, [main, 'run', '--data-dir', folder, '--port', '0'], {
      cwd: folder,
      env: { ...process.env, KIS_ENV: 'emulator', KISIGNAL_TELEMETRY_STATUS_LINE_MS: '10' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString('utf8');
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(errors).toBe('');
    expect(leftBehind()).toEqual([]);
  }, 120_000);
});

it.each(['engine', 'gateway'])(
  'role %s ends when it is told to, though it still waits for Kafka',
  async (role) => {
    const one = start(['--role', role], { KAFKA_BROKERS: '127.0.0.1:1' });
    await one.until(() => one.log.some(({ msg }) => msg === 'waiting for the log'), 'it waits for Kafka');
    process.kill(one.pid, 'SIGTERM');
    expect(await one.exited).toBe(0);
  },
  120_000,
);

it('says at once that no registration was confirmed', async () => {
  const one = start(['--symbols', '999999']);
  const warning = () => one.log.find(({ msg }) => msg === 'no registration was confirmed: no data will come');
  await one.until(() => warning() !== undefined, 'the warning');
  expect(warning()).toMatchObject({ level: 'warn', leftOut: 2 });
  expect((await one.status()).feed).toMatchObject({
    registered: 0,
    leftOut: [{ trKey: '999999' }, { trKey: '999999' }],
  });
  await one.end();
}, 120_000);

it('says that the emulator of an earlier run goes on as it was started', async () => {
  const first = start(['--seed', '1']);
  await first.untilStatus((status) => ticksOf(status) > 0, 'ticks');
  await first.kill();
  const second = start(['--seed', '2']);
  await second.untilStatus((status) => ticksOf(status) > 0, 'ticks');
  const warning = second.log.find(({ level }) => level === 'warn');
  expect(warning).toMatchObject({ ignored: ['--seed=2'], inForce: ['--seed=1'] });
  await second.end();
}, 120_000);

it('calls recorded what was recorded, and shows what it could not read of it', async () => {
  const frames = join(folder, 'frames.jsonl');
  const stock = new SyntheticStock('005930', 274_000);
  const trade = (second: number, width: number): string[] =>
    stock.trade({ time: `09300${second}`, price: 275_000, volume: 5, side: 'buy' }, width);
  const torn = frameText('H0STCNT0', [['005930', 'torn\u0007']]);
  const raws = [frameText('H0STCNT0', [trade(1, 46)]), torn, frameText('H0STCNT0', [trade(2, 49)])];
  writeFileSync(frames, raws.map((raw) => `${JSON.stringify({ raw })}\n`).join(''));
  const one = start(['--frames', frames, '--symbols', '005930', '--log-level', 'debug']);
  const status = await one.untilStatus((status) => ticksOf(status) === 2, 'the recorded ticks');
  const quarantined = {
    reason: 'width_too_small',
    trId: 'H0STCNT0',
    bytes: torn.length,
    begins: torn.replace('\u0007', '.'),
  };
  expect(status).toMatchObject({
    source: 'recorded',
    simulated: false,
    recorded: true,
    quarantine: { counts: { width_too_small: 1 }, dropped: 0, newest: [quarantined] },
    bars: { lateTrades: expect.any(Number) },
    redis: null,
    gateway: { errors: {}, refused: {} },
  });
  expect(one.log.filter(({ msg }) => msg === 'frame quarantined')).toMatchObject([quarantined]);
  const widths = one.log.filter(({ msg }) => msg.startsWith('records of a width'));
  expect(widths).toMatchObject([{ level: 'warn', trId: 'H0STCNT0', width: 49 }]);
  const metrics = await (await fetch(new URL('/metrics', await one.url()))).text();
  for (const name of ['duplicates', 'clock_clamped', 'unjournaled_inputs', 'redis_failed_flushes'])
    expect(metrics).toContain(`\nkisignal_${name}_total 0\n`);
  await one.end();
}, 120_000);
