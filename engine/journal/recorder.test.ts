import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import type { ControlCommand, ControlInput, Input, SessionInput } from '../input.ts';
import { Journal } from './journal.ts';
import { readJournal } from './reader.ts';
import { Recorder, UNJOURNALED } from './recorder.ts';

const log = pino({ level: 'silent' });
const NINE = kstToUtcUs(20261123, 9 * 3600);
let folder: string;
let full = false;
let journal: Journal;
let recorder: Recorder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-recorder-'));
  full = false;
  const write = (fd: number, bytes: Uint8Array): number => {
    if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    return writeSync(fd, bytes);
  };
  journal = new Journal({
    folder,
    segmentBytesMax: 1 << 20,
    diskBudgetBytes: 1 << 30,
    log,
    disk: { write, truncate() {} },
  });
  recorder = new Recorder(journal, log);
});
afterEach(() => {
  journal.close();
  rmSync(folder, { recursive: true });
});

const start: ControlCommand = {
  type: 'start',
  epoch: 'e1',
  source: 'simulated',
  feed: 'f',
  configHash: 'c',
  modelHash: 'm',
  calendarHash: 'k',
  versions: { kisignal: '0', node: 'v20', backend: 'wasm' },
};

function record(...inputs: Input[]) {
  return recorder.record({ receivedUs: 0, inputs });
}

function clock(afterUs: number): Input {
  return { kind: 'clock', engineTimeUs: NINE + afterUs };
}

it('journals a batch and hands it on with the number of its first entry', () => {
  record({ kind: 'control', engineTimeUs: NINE, command: start });
  expect(record(clock(1), clock(2)).firstOffset).toBe(1);
  expect(record(clock(3)).firstOffset).toBe(3);
});

it('moves a time that goes back up to the last one, and counts it', () => {
  record(clock(1000));
  const { inputs } = record(clock(400), clock(1500), clock(1200));
  expect(inputs.map((input) => input.engineTimeUs - NINE)).toEqual([1000, 1500, 1500]);
  expect(recorder.clampedInputs).toBe(2);
});

it('on a full disk lets data flow unjournaled, and begins a new epoch with the sessions once there is room', () => {
  record({ kind: 'control', engineTimeUs: NINE, command: start });
  record({ kind: 'session', engineTimeUs: NINE, session: 's1', event: 'connected' });
  full = true;
  const failed = record(clock(10));
  expect(failed.firstOffset).toBe(-1);
  expect(failed.inputs).toHaveLength(2);
  expect(failed.inputs[0]).toMatchObject({ kind: 'control', command: { type: 'journal_unavailable' } });
  expect((failed.inputs[0] as { command: { epoch: string } }).command.epoch.startsWith(UNJOURNALED)).toBe(true);
  expect(recorder.available).toBe(false);
  // Still full: no second announcement. Room again, but the next attempt is not due: still unjournaled.
  expect(record(clock(1_500_000)).inputs).toHaveLength(1);
  full = false;
  expect(record(clock(1_600_000)).firstOffset).toBe(-1);
  const resumed = record(clock(3_000_000));
  expect(recorder.available).toBe(true);
  expect(resumed.inputs.map((input) => input.kind)).toEqual(['control', 'session', 'clock']);
  expect(resumed.firstOffset).toBe(2);
  const restarted = (resumed.inputs[0] as { command: typeof start }).command as { epoch: string };
  expect(restarted.epoch).not.toBe('e1');
  expect(restarted.epoch.startsWith(UNJOURNALED)).toBe(false);
  expect(recorder.unjournaledInputs).toBe(4);
  journal.close();
  const kinds = [...readJournal({ folder })].map((batch) => batch.inputs.map((input) => input.kind));
  expect(kinds).toEqual([['control'], ['session'], ['control', 'session', 'clock']]);
});

it('remembers what holds and was commanded while the journal was away, the newest of each kind', () => {
  const commands: ControlCommand[] = [
    { type: 'kill_switch', on: true, reason: 'test' },
    { type: 'subscriptions', wanted: [{ code: '005930', venue: 'KRX', streams: ['trades'], priority: 0 }] },
    { type: 'subscriptions', wanted: [] },
    { type: 'reference', kind: 'instruments', hash: 'a' },
    { type: 'reference', kind: 'minute_bars', hash: 'b' },
    { type: 'reference', kind: 'calendar', hash: 'c' },
  ];
  record({ kind: 'control', engineTimeUs: NINE, command: start });
  full = true;
  record(clock(10));
  for (const command of commands) record({ kind: 'control', engineTimeUs: NINE + 20, command });
  full = false;
  const { inputs } = record(clock(2_000_000));
  const [first, ...standing] = inputs.slice(0, -1).map((input) => (input as ControlInput).command);
  expect(first.type).toBe('start');
  expect(standing).toEqual([commands[0], commands[2], commands[3], commands[5]]);
});

it('begins the new epoch with the registrations that are held, so that a session that is lost then is known to hold them', () => {
  const event = (event: SessionInput['event'], session: string, trKey?: string): SessionInput => {
    const input = { kind: 'session', engineTimeUs: NINE, session, event } as const;
    return trKey === undefined ? input : { ...input, trId: 'H0STCNT0', trKey };
  };
  record({ kind: 'control', engineTimeUs: NINE, command: start });
  record(event('connected', 's1'), event('connected', 's2'));
  record(event('registered', 's1', '005930'), event('registered', 's1', '000660'), event('registered', 's2', '035420'));
  full = true;
  record(event('unregistered', 's1', '000660'), event('lost', 's2'));
  full = false;
  const { inputs } = record(clock(2_000_000));
  expect(inputs.slice(1, -1)).toMatchObject([
    { event: 'connected', session: 's1' },
    { event: 'registered', session: 's1', trKey: '005930' },
  ]);
});

it('halts behind a start entry that cannot be written, which would begin with signals', () => {
  full = true;
  const { inputs } = record({ kind: 'control', engineTimeUs: NINE, command: start });
  expect(inputs).toMatchObject([{ command: { type: 'start' } }, { command: { type: 'journal_unavailable' } }]);
});
