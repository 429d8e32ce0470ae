// What the configuration says the emulator plays.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { configSchema } from '../../config/schema.ts';
import { StartError } from '../start-error.ts';
import { emulatorFeed } from './emulate.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-emulate-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function market(settings: Record<string, unknown>) {
  const { emulator } = configSchema.parse({ emulator: { symbols: 3, ...settings } });
  const feed = emulatorFeed(emulator);
  if (feed.kind !== 'market') throw new Error('a recording');
  return feed.market;
}

it('is the regular session, or the whole day', () => {
  const startTime = '2026-09-21T22:00:00Z'; // 07:00 in Korea
  const regular = market({ startTime });
  expect([regular.codes.length, regular.phase('KRX')]).toEqual([3, 'continuous']);
  const all = market({ startTime, sessions: 'all' });
  expect([all.phase('KRX'), all.phase('NXT')]).toEqual(['closed', 'pre']);
});

it('is as many symbols as asked, made-up ones behind the real ones', () => {
  const { codes } = market({ symbols: 2_800 });
  expect(new Set(codes).size).toBe(2_800);
  expect(codes.at(-1)).toMatch(/^9Z\d{4}$/);
});

it('has the events of its file, and refuses a file that it cannot follow', () => {
  const eventsFile = join(folder, 'events.json');
  const settings = { startTime: '2026-09-22T00:59:55Z', eventsFile };
  writeFileSync(eventsFile, JSON.stringify([{ second: 36_000, event: { type: 'halt', code: '005930' } }]));
  const halted = market(settings);
  expect(halted.quote('005930').halted).toBe(false);
  halted.advanceBy(10_000_000);
  expect(halted.quote('005930').halted).toBe(true);
  writeFileSync(eventsFile, JSON.stringify([{ second: 36_000, event: { type: 'halt', code: '999999' } }]));
  expect(() => market(settings)).toThrow(StartError);
  expect(() => market({ eventsFile: join(folder, 'none.json') })).toThrow(StartError);
});
