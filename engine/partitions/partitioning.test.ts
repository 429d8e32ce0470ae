// A journal cut into any number of partitions gives, stream by stream, what it gives whole: the same messages under the
// same numbers, whatever happened. Only what a partition says of itself (`quality/engine`, `alerts/engine`) is its own.
import { hash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseArtifact, readArtifact } from '../../models/artifact.ts';
import { frameBytes } from '../decode/synthetic-frames.ts';
import type { Input } from '../input.ts';
import type { StreamUpdate } from '../messages.ts';
import { ForwardPassModel } from '../predict/forward-pass-model.ts';
import { type Disturbance, disturbance, disturbed } from '../test-disturbances.ts';
import { ARTIFACT_FOLDER, marketBatches, TEN, testMachine } from '../test-market.ts';
import { codesOf } from './frame-codes.ts';
import { partitionOf, sharesOf } from './partitioning.ts';
import { decodeShare, encodeShare } from './share.ts';

const SECOND = 1_000_000;
const artifact = parseArtifact(readArtifact(ARTIFACT_FOLDER).bytes);
const model = () => new ForwardPassModel(artifact);

let market: Input[][];
beforeAll(() => {
  market = marketBatches({ seconds: 6, startTimeUs: TEN - 3 * SECOND });
});

/** What each stream said, as one digest; the engine's own streams left out. */
class Digests {
  private readonly texts = new Map<string, string>();

  add(updates: readonly StreamUpdate[]): void {
    for (const { stream, messages } of updates) {
      if (stream.instrument.startsWith('engine')) continue;
      const text = (this.texts.get(stream.key) ?? '') + JSON.stringify(messages);
      this.texts.set(stream.key, hash('sha256', text, 'hex'));
    }
  }

  entries(): [string, string][] {
    return [...this.texts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function inPartitions(batches: readonly Input[][], references: Record<string, never>, count: number) {
  const digests = new Digests();
  const machines = Array.from({ length: count }, (_, index) =>
    testMachine({ references, model, partition: { index, count } }),
  );
  let firstOffset = 0;
  for (const [batchId, inputs] of batches.entries()) {
    const shares = sharesOf({ receivedUs: 1, inputs, firstOffset, batchId }, count);
    for (const [index, share] of shares.entries()) {
      if (share === null) continue;
      const read = decodeShare(encodeShare(share));
      if (typeof read === 'string') throw new Error(read);
      digests.add(machines[index].apply(read.inputs, read.offsets[0], false, read));
    }
    firstOffset += inputs.length;
  }
  return digests.entries();
}

describe('a journal in partitions', () => {
  it('gives every stream of an instrument as the whole journal does', () => {
    const plans = fc.array(fc.tuple(fc.nat(market.length - 1), disturbance), { maxLength: 20 });
    fc.assert(
      fc.property(plans, fc.constantFrom(2, 8), (plan: (readonly [number, Disturbance])[], count) => {
        const { batches, references } = disturbed(market, plan);
        const whole = inPartitions(batches, references as never, 1);
        expect(whole.length).toBeGreaterThan(10);
        expect(inPartitions(batches, references as never, count)).toEqual(whole);
      }),
      { numRuns: 8 },
    );
  });
});

describe('a share', () => {
  it('is read as it was written, and anything else is refused with what is the matter', () => {
    const inputs = market.flat().slice(0, 20);
    const offsets = inputs.map((_, i) => 100 + 3 * i);
    const share = { batchId: 7, receivedUs: 5, lastOffset: 999, lastTimeUs: TEN, offsets, inputs };
    const bytes = encodeShare(share);
    const read = decodeShare(bytes);
    expect(read).toEqual({ ...share, inputs: expect.any(Array) });
    expect(typeof read === 'string' ? [] : read.inputs.map(({ kind }) => kind)).toEqual(inputs.map(({ kind }) => kind));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(typeof decodeShare(bytes.subarray(0, length))).toBe('string');
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (noise) => typeof decodeShare(Buffer.from(noise)) === 'string'));
  });
});

describe('codes of a frame', () => {
  it('are told by its head, each once; of a whole market where it speaks of one', () => {
    expect(codesOf(frameBytes('H0STCNT0', [['005930', 'x']]))).toEqual(['005930']);
    expect(
      codesOf(
        frameBytes('H0STCNT0', [
          ['005930', 'x'],
          ['000660', 'y'],
          ['005930', 'z'],
        ]),
      ),
    ).toEqual(['005930', '000660']);
    expect(codesOf(frameBytes('HDFSCNT0', [['DNASAAPL', 'x']]))).toEqual(['AAPL']);
    expect(codesOf(frameBytes('H0STMKO0', [['005930', 'x']]))).toBe('all');
    expect(codesOf(new TextEncoder().encode('no frame'))).toEqual([]);
  });

  it('spread evenly over partitions, and are always the same one', () => {
    const codes = Array.from({ length: 2800 }, (_, i) => String(i * 10).padStart(6, '0'));
    const sizes = new Array(8).fill(0);
    for (const code of codes) sizes[partitionOf(code, 8)] += 1;
    for (const size of sizes) expect(size).toBeGreaterThan(250);
    expect(partitionOf('005930', 8)).toBe(partitionOf('005930', 8));
    expect(partitionOf('005930', 1)).toBe(0);
  });
});
