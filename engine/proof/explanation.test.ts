import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { SessionPhase } from '../../config/sessions.ts';
import { dataLayout } from '../data-folder.ts';
import { listSegments } from '../journal/segments.ts';
import { denialOf, GateInput } from '../signals/gates.ts';
import { testSettings } from '../test-market.ts';
import { explain } from './explanation.ts';
import { gateEvidence } from './gate-evidence.ts';
import { explanationText } from './report-text.ts';
import { BUILD, type TestFolder, writeTestFolder } from './test-data-folder.ts';
import { VerifyError } from './verify.ts';

let data: string;
let folder: TestFolder;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'kisignal-explain-'));
  folder = await writeTestFolder(data);
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

it('explains each signal as it was published, with all that made it', async () => {
  const { signals } = folder;
  for (const published of [signals[0], signals[signals.length >> 1], signals[signals.length - 1]]) {
    const found = await explain({ dataFolder: data, id: published.id, build: BUILD });
    expect(found.signal).toEqual(published);
    expect(found.proven).toBe(true);
    expect(found.position.offset).toBe(published.journalOffset);
    expect(found.seal!.offset).toBeGreaterThan(published.journalOffset);
    expect(found.run).toMatchObject({ modelHash: published.modelHash, configHash: published.configHash });
    expect(found.prediction).toMatchObject({ side: published.side, confidence: published.confidence });
    expect(found.prediction.probabilityMin).toBe(testSettings().signals.probabilityMin);
    expect(found.gates.every(({ passed }) => passed)).toBe(true);
    expect(found.features.length).toBeGreaterThan(20);
    expect(found.books.at(-1)!.message.timeUs).toBeLessThanOrEqual(published.timeUs);
    expect(found.entries.map(({ offset }) => offset)).toContain(published.journalOffset);
    const text = explanationText(found);
    for (const word of [published.id, published.modelHash, 'imbalance_1', 'price_collar', BUILD]) {
      expect(text).toContain(word);
    }
  }
});

it('proves what is sealed, though a run was cut off behind it', async () => {
  const cut = mkdtempSync(join(tmpdir(), 'kisignal-explain-cut-'));
  onTestFinished(() => rmSync(cut, { recursive: true, force: true }));
  cpSync(data, cut, { recursive: true });
  const { journal } = dataLayout(cut);
  const last = listSegments(journal).at(-1)!.path;
  appendFileSync(last, readFileSync(last).subarray(60, 90));
  const [{ id }] = folder.signals;
  expect((await explain({ dataFolder: cut, id, build: BUILD })).proven).toBe(true);
});

it('says why a signal is not proven', async () => {
  const other = mkdtempSync(join(tmpdir(), 'kisignal-explain-derived-'));
  onTestFinished(() => rmSync(other, { recursive: true, force: true }));
  const { signals } = await writeTestFolder(other, { derives: false });
  const [{ id }] = signals;
  const recorded = await explain({ dataFolder: other, id, build: BUILD });
  expect(recorded).toMatchObject({ proven: false, signal: signals[0], seal: { signals: -1 } });
  expect(explanationText(recorded)).toContain('whoever wrote that derived no signals');
  expect(explanationText({ ...recorded, seal: null })).toContain('no seal stands behind it yet');
});

it('says what there is not, and which build is needed', async () => {
  const [{ id }] = folder.signals;
  await expect(explain({ dataFolder: data, id, build: 'another' })).rejects.toThrow(/build_needed.*test-build/);
  await expect(explain({ dataFolder: data, id: '005930.KRX:0', build: BUILD })).rejects.toThrow(/signal_missing/);
  await expect(explain({ dataFolder: data, id: '005930.KRX:999999', build: BUILD })).rejects.toThrow(/signal_missing/);
  await expect(explain({ dataFolder: data, id: 'nonsense', build: BUILD })).rejects.toThrow(VerifyError);
});

it('tells of the gates what the gates say', () => {
  const settings = testSettings().signals;
  const timeUs = 1_800_000_000_000_000;
  const ago = fc.integer({ min: 0, max: 90_000_000 }).map((us) => timeUs - us);
  const inputs = fc.record({
    haltReason: fc.constantFrom(null, null, null, 'kill_switch', 'journal_unavailable' as const),
    phase: fc.constantFrom<SessionPhase>('continuous', 'continuous', 'closed'),
    stopped: fc.constantFrom(false, false, false, true),
    outsideLimits: fc.constantFrom(false, false, false, true),
    bookTimeUs: ago,
    bid: fc.constantFrom(0, 7_000_000),
    ask: fc.constantFrom(6_990_000, 7_000_000, 7_010_000, 7_100_000),
    lastPrice: fc.constantFrom(0, 7_005_000, 8_000_000),
    lastGapUs: fc.oneof(fc.constant(0), ago),
    qualityScore: fc.integer({ min: 0, max: 100 }),
    signalTimesUs: fc.array(ago, { maxLength: 70 }).map((times) => times.sort((a, b) => a - b)),
  });
  fc.assert(
    fc.property(inputs, fc.boolean(), (fields, isFresh) => {
      const input = Object.assign(new GateInput(), fields, { timeUs }, isFresh && { bookTimeUs: timeUs });
      const denied = gateEvidence(input, settings).find(({ passed }) => !passed);
      expect(denied?.gate ?? null).toBe(denialOf(input, settings));
    }),
    { numRuns: 2000 },
  );
});
