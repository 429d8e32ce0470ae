import { appendFileSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Seal } from '../journal/format.ts';
import { type Anchor, AnchorError, Anchors, type AnchorsOptions, readAnchors } from './anchors.ts';

let home: string;
let lines: { level: number; msg: string }[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kisignal-anchors-'));
  lines = [];
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function anchors(options: Partial<AnchorsOptions>): Anchors {
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return new Anchors({ journalId: 'j', build: 'b', file: null, log, ...options });
}

function seal(offset: number): Seal {
  const hash = Buffer.alloc(32, offset);
  return { offset, timeUs: 5, previousHash: hash, chainHash: hash, signals: { count: 1, digest: hash } };
}

it('hands the newest head on to the log, a file and a callback, once each', async () => {
  const file = join(home, 'anchors.jsonl');
  const sent: Anchor[] = [];
  const one = anchors({ file, send: (anchor) => void sent.push(anchor) });
  one.handOn();
  for (const offset of [1, 2]) one.onSeal(seal(offset));
  one.handOn();
  one.handOn();
  one.onSeal(seal(3));
  await one.close();
  await one.close();
  expect(sent.map(({ offset }) => offset)).toEqual([2, 3]);
  expect(readAnchors(file)).toEqual(sent);
  expect(sent[0]).toMatchObject({ journalId: 'j', build: 'b', chainHash: '02'.repeat(32) });
  expect(lines).toHaveLength(2);
  expect(one.handedOn).toBe(2);
});

it('says once that a place takes nothing, counts it, and says when it does again', async () => {
  const file = join(home, 'anchors.jsonl');
  mkdirSync(file);
  const send = vi.fn().mockRejectedValue(new Error('away'));
  const one = anchors({ file, send });
  for (const offset of [1, 2, 3]) {
    one.onSeal(seal(offset));
    await one.close();
  }
  expect(one.failures).toEqual({ file: 3, send: 3 });
  expect(lines.filter(({ level }) => level === 50)).toHaveLength(2);
  rmdirSync(file);
  one.onSeal(seal(4));
  await one.close();
  expect(lines.some(({ msg }) => msg === 'anchors are handed on again')).toBe(true);
  expect(readAnchors(file).map(({ offset }) => offset)).toEqual([4]);
});

it('wait for a place that is slow, one at a time, and hold up nobody', async () => {
  const file = join(home, 'anchors.jsonl');
  const sent: number[] = [];
  let go = (): void => {};
  const send = ({ offset }: Anchor): Promise<void> => {
    sent.push(offset);
    return new Promise((resolve) => {
      go = resolve;
    });
  };
  const one = anchors({ file, send });
  for (const offset of [1, 2, 3]) {
    one.onSeal(seal(offset));
    one.handOn();
  }
  expect([sent, one.skipped, one.handedOn]).toEqual([[1], 2, 1]);
  go();
  const closed = one.close();
  await vi.waitUntil(() => sent.length === 2);
  go();
  await closed;
  expect(sent).toEqual([1, 3]);
  expect(readAnchors(file).map(({ offset }) => offset)).toEqual([1, 3]);
});

it('go on behind a line that a crash has cut off', async () => {
  const file = join(home, 'anchors.jsonl');
  for (const offset of [1, 2, 3]) {
    const one = anchors({ file });
    one.onSeal(seal(offset));
    await one.close();
    appendFileSync(file, '{"journalId":"j","build":"');
  }
  expect(readAnchors(file).map(({ offset }) => offset)).toEqual([1, 2, 3]);
});

it('are read but for a line that was cut off; what is no anchor is named', async () => {
  const file = join(home, 'anchors.jsonl');
  const one = anchors({ file });
  one.onSeal(seal(1));
  await one.close();
  appendFileSync(file, '{"journalId":"j"');
  expect(readAnchors(file)).toHaveLength(1);
  appendFileSync(file, '\n');
  expect(() => readAnchors(file)).toThrow(/line 2/);
  expect(() => readAnchors(join(home, 'nowhere'))).toThrow(AnchorError);
  writeFileSync(file, '');
  expect(readAnchors(file)).toEqual([]);
});
