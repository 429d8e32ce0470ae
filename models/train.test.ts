// Training and evaluation end to end, on small recordings of a made-up market; and the shipped artifact on real ones.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEATURE_NAMES } from '../engine/features/order-book-features.ts';
import { ForwardPassModel } from '../engine/predict/forward-pass-model.ts';
import { parseArtifact, readArtifact, requireFeatures } from './artifact.ts';
import { readCard } from './card.ts';
import { findRecordings, loadRecording } from './datasets/recordings.ts';
import { ROW_WIDTH } from './datasets/samples.ts';
import { writeTestRecording } from './datasets/test-recording.ts';
import { evaluateCommand, MODEL } from './evaluate.ts';
import { streamProgress } from './progress.ts';
import type { Recipe } from './recipe.ts';
import { fitBaselines, RULER, scoreAll } from './scoreboard.ts';
import { trainCommand } from './train.ts';
import { gatherRows, rowsBefore, rowsOutside, rowsWithin, timeQuantile } from './training-rows.ts';

const SHARED = join(process.env.KISIGNAL_SHARED_DATA ?? join(import.meta.dirname, '../../shared/data'), 'binance-l2');
const SHIPPED = join(import.meta.dirname, 'artifacts', 'next-mid-move');

const QUICK: Recipe = {
  seed: 1,
  quoteStride: 1,
  logisticRidge: 1e-3,
  boosting: { trees: 10, depth: 2, learningRate: 0.3, rowsPerLeafMin: 100, ridge: 1 },
  network: { hidden: [8, 4], epochs: 6, batchRows: 32, learningRate: 0.01, ridge: 1e-4 },
  spans: 2,
};

let folder: string;
let output = '';
const progress = streamProgress({ write: (text) => (output += text) });

function train(name: string, options: { seed?: number; evaluate?: boolean } = {}): string {
  return trainCommand({
    dataDir: folder,
    out: join(folder, name),
    recipe: QUICK,
    progress,
    evaluate: false,
    ...options,
  }).hash;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-train-'));
  writeTestRecording(join(folder, 'spot-one-20240808.gz'), { seed: 1, seconds: 120, quotesPerSecond: 12 });
  writeTestRecording(join(folder, 'spot-two-20240808.gz'), { seed: 2, seconds: 120, quotesPerSecond: 12 });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('training', () => {
  it('gives the same bytes for the same seed and recordings, others for another seed', () => {
    const hash = train('first');
    expect(train('second')).toBe(hash);
    for (const file of ['model.json', 'weights.bin', 'card.json', 'card.md']) {
      expect(readFileSync(join(folder, 'second', file))).toEqual(readFileSync(join(folder, 'first', file)));
    }
    expect(train('third', { seed: 2 })).not.toBe(hash);
  });

  it('writes an artifact that the engine takes, and a card that names its data', () => {
    const hash = train('whole');
    const artifact = parseArtifact(readArtifact(join(folder, 'whole')).bytes, 'whole', hash);
    requireFeatures(artifact, FEATURE_NAMES);
    const card = readCard(join(folder, 'whole', 'card.json'));
    expect(card).toMatchObject({ hash, recipe: QUICK });
    expect(card.data.map(({ file }) => file)).toEqual(['spot-one-20240808.gz', 'spot-two-20240808.gz']);
  });

  it('evaluates each instrument and each later time without having trained on it, and the ruler gains nothing on itself', () => {
    train('evaluated');
    const { boards, seen } = evaluateCommand({ artifact: join(folder, 'evaluated'), dataDir: folder, progress });
    expect(seen).toBe(true);
    expect(boards.map(({ kind }) => kind)).toEqual([
      ...Array(4).fill('instrument'),
      ...Array(6).fill('time'),
      ...Array(2).fill('artifact'),
    ]);
    for (const { rows, scores } of boards) {
      expect(rows).toBeGreaterThan(0);
      expect(scores.map(({ forecaster }) => forecaster)).toEqual([
        'persistence',
        RULER,
        'logistic, all features',
        MODEL,
      ]);
      expect(scores[1].gain).toEqual({ mean: 0, low: 0, high: 0 });
      for (const { logLoss, accuracy } of scores) {
        expect(logLoss.mean).toBeGreaterThan(0);
        expect(accuracy.low).toBeLessThanOrEqual(accuracy.mean);
        expect(accuracy.mean).toBeLessThanOrEqual(accuracy.high);
      }
    }
    // The made-up market is imbalance and nothing else: the network must find it, on the instrument it has not seen.
    const unseen = boards.filter(({ kind, regime }) => kind === 'instrument' && regime === 'quotes');
    for (const { scores } of unseen) {
      expect(scores[3].logLoss.mean).toBeLessThan(scores[0].logLoss.mean - 0.02);
    }
    expect(output).toContain('training without spot-one');
    expect(output).toContain('gain over imbalance');
  });
});

describe('cuts in time', () => {
  it('keep labels out of what came before and features out of what came after', () => {
    const table = gatherRows(findRecordings(folder).map(loadRecording), { regimes: ['quotes'], quoteStride: 1 });
    const fromUs = timeQuantile(table, 0.4);
    const untilUs = timeQuantile(table, 0.6);
    const inside = rowsWithin(table, fromUs, untilUs);
    const outside = rowsOutside(table, fromUs, untilUs);
    expect(inside.count).toBeGreaterThan(0);
    expect(Math.min(...inside.timeUs)).toBeGreaterThanOrEqual(fromUs + 10_000_000);
    expect(Math.max(...inside.timeUs)).toBeLessThan(untilUs);
    for (let r = 0; r < outside.count; r++) {
      expect(outside.labelTimeUs[r] < fromUs || outside.timeUs[r] >= untilUs + 10_000_000).toBe(true);
    }
    expect(Math.max(...rowsBefore(table, fromUs).labelTimeUs)).toBeLessThan(fromUs);
  });

  it('select regimes and instruments, and thin the quotes only', () => {
    const recordings = findRecordings(folder).map(loadRecording);
    const one = gatherRows(recordings, { regimes: ['quotes'], quoteStride: 4, instruments: (index) => index === 1 });
    expect(one.count).toBe(Math.ceil(recordings[1].quotes.count / 4));
    expect(new Set(one.instrument)).toEqual(new Set([1]));
    const frames = gatherRows(recordings, { regimes: ['frames'], quoteStride: 4 });
    expect(frames.count).toBe(
      recordings.flatMap(({ frames: list }) => list).reduce((sum, { count }) => sum + count, 0),
    );
  });
});

describe('progress', () => {
  it('renews one line on a terminal and writes a line a stage elsewhere', () => {
    const said = (isTTY: boolean) => {
      let text = '';
      const to = streamProgress({ isTTY, write: (part) => (text += part) });
      to.step('reading', 'a');
      to.step('reading', 'b');
      to.step('training');
      to.print('done');
      return text;
    };
    expect(said(false)).toBe('reading\ntraining\ndone\n');
    expect(said(true)).toBe('\r\u001b[2Kreading: a\r\u001b[2Kreading: b\r\u001b[2Ktraining\r\u001b[2Kdone\n');
  });
});

describe('the shipped artifact', () => {
  it.skipIf(!existsSync(SHARED))(
    'calls the next move of spot ETH better than its calibrated imbalance (skipped without KISIGNAL_SHARED_DATA)',
    () => {
      const recordings = findRecordings(SHARED).filter(({ instrument }) => instrument === 'spot-ethusdt');
      const table = gatherRows(recordings.map(loadRecording), { regimes: ['quotes'], quoteStride: 1 });
      const model = new ForwardPassModel(parseArtifact(readArtifact(SHIPPED).bytes));
      const up = new Float32Array(table.count);
      model.predict(table.rows, table.count, up);
      const forecasters = fitBaselines(table, 1e-3);
      forecasters.set(MODEL, (_table, row) => up[row]);
      const scores = scoreAll(forecasters, table);
      expect(table.rows.length).toBe(table.count * ROW_WIDTH);
      expect(scores.find(({ forecaster }) => forecaster === MODEL)?.gain.low).toBeGreaterThan(0);
    },
  );
});
