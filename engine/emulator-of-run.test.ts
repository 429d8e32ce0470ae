// Which emulator a run gets, with which keys, and what is said where it is not the one that the configuration asks for.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { instrumentsForLoad } from '../config/instruments.ts';
import { packageRoot } from '../config/paths.ts';
import { configSchema } from '../config/schema.ts';
import type { EmulatorProcess } from './emulator/emulator-process.ts';
import { testEmulator } from './emulator/test-emulator.ts';
import { emulatedKeys, newEmulator, runningEmulator, sayIgnored } from './emulator-of-run.ts';
import { dataLayout } from './engine.ts';
import { Journal } from './journal/journal.ts';

const MAIN = join(packageRoot, 'dist', 'main.js');
let folder: string;
const started: EmulatorProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-emulator-of-run-'));
});
afterEach(() => {
  for (const one of started.splice(0)) one.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('finds the one at the addresses given, its own where none are, and none where none lives', async () => {
  const { restUrl, webSocketUrl } = await testEmulator({ identity: 'somebody’s' });
  const given = configSchema.parse({ source: { kis: { restUrl, webSocketUrl } } });
  expect(await runningEmulator(given, folder)).toMatchObject({ identity: 'somebody’s', found: true });
  expect(await runningEmulator(configSchema.parse({}), folder)).toBeNull();
});

it('starts one that is told all of the configuration, goes on behind the journal, and is found again', async () => {
  // A simulated market that was fast has a journal ahead of the clock.
  const lastTimeUs = Date.UTC(2027, 0, 5, 3) * 1000;
  const journal = new Journal({
    folder: dataLayout(folder).journal,
    segmentBytesMax: 1 << 20,
    diskBudgetBytes: 1 << 30,
    log: pino({ level: 'silent' }),
  });
  journal.append([{ kind: 'clock', engineTimeUs: lastTimeUs }]);
  journal.close();
  const config = configSchema.parse({
    source: { kis: { htsId: 'personal' } },
    emulator: { seed: 5, symbols: 3, environment: 'paper', startTime: '2026-11-23T01:00:00Z' },
  });
  const one = await newEmulator(config, folder, MAIN);
  started.push(one);
  expect(one.startTimeUs).toBeGreaterThan(lastTimeUs);
  expect(one.args).toContain('--seed=5');
  expect(one.args).toContain('--rules=paper');
  expect(one.args.join(' ')).not.toContain('personal');
  one.remember();
  const again = await runningEmulator(config, folder);
  expect(again).toMatchObject({ identity: one.identity, found: true, args: one.args });

  const warn = vi.fn();
  const log = Object.assign(pino({ level: 'silent' }), { warn });
  sayIgnored(config, again!, log);
  expect(warn).not.toHaveBeenCalled();
  sayIgnored(configSchema.parse({ ...config, emulator: { ...config.emulator, seed: 6 } }), again!, log);
  expect(warn).toHaveBeenCalledWith({ ignored: ['--seed=6'], inForce: ['--seed=5'] }, expect.any(String));
  // One that somebody else started was told nothing by us.
  warn.mockClear();
  sayIgnored(config, { ...again!, args: [] }, log);
  expect(warn).not.toHaveBeenCalled();
});

it('has keys for every session that the universe needs, each once, with some to spare', () => {
  const needed = (symbols: number, registrationsMax: number): number => {
    const codes = instrumentsForLoad(symbols).map(({ code }) => code);
    const keys = emulatedKeys(
      configSchema.parse({ universe: { symbols: codes }, emulator: { registrationsMax, symbols } }),
    );
    expect(new Set(keys.map(({ appKey }) => appKey)).size).toBe(keys.length);
    return keys.length;
  };
  const spare = needed(1, 41) - 1;
  expect(spare).toBeGreaterThan(0);
  expect(needed(60, 41) - spare).toBe(3);
  expect(needed(20, 41) - spare).toBe(1);
  expect(needed(21, 41) - spare).toBe(2);
  expect(needed(2800, 6000) - spare).toBe(1);
});
