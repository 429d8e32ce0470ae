import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StartError } from '../start-error.ts';
import { parseMarketEvent, readScenario } from './scenario-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-scenario-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function read(content: unknown) {
  const path = join(folder, 'events.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readScenario(path, new Set(['005930']));
}

it('gives the events as they were written down', () => {
  const events = [
    { second: 36_000, event: { type: 'fat_finger', code: '005930', side: 'buy' } },
    { date: 20260922, second: 40_000, event: { type: 'circuit_breaker' } },
    { second: 0, event: { type: 'volatility_interruption', code: '005930', kind: 'static' } },
  ];
  expect(read(events)).toEqual(events);
  expect(read([])).toEqual([]);
});

it.each([
  ['{no json', /cannot be read as JSON$/],
  [{}, /events\.json: .*array/],
  [[{ second: 90_000, event: { type: 'circuit_breaker' } }], /0\.second: /],
  [[{ second: 1, event: { type: 'earthquake' } }], /0\.event\.type: /],
  [[{ second: 1, event: { type: 'halt', code: '999999' } }], /0\.event\.code: the market has no 999999$/],
  [[{ second: 1, event: { type: 'sidecar', side: 'up' } }], /0\.event\.side: /],
  [[{ second: 1, event: { type: 'circuit_breaker' }, at: 1 }], /at/],
])('says where %j is wrong', (content, problem) => {
  expect(() => read(content)).toThrow(StartError);
  expect(() => read(content)).toThrow(problem);
});

it('names a file that is not there', () => {
  expect(() => readScenario(join(folder, 'none.json'), new Set())).toThrow(/emulator\.eventsFile: .*none\.json/);
});

it('takes one event by itself', () => {
  expect(parseMarketEvent({ type: 'limit_up', code: '005930' })).toEqual({ type: 'limit_up', code: '005930' });
  expect(parseMarketEvent({ type: 'limit_up' })).toMatch(/^code: /);
});
