import { describe, expect, it } from 'vitest';
import { Quarantine } from './quarantine.ts';

describe('quarantine', () => {
  it('keeps the newest frames, counts all, and counts what it drops', () => {
    const quarantine = new Quarantine({ capacity: 3 });
    expect(quarantine.frames()).toEqual([]);
    for (let i = 0; i < 5; i++) quarantine.add(Uint8Array.of(i), i === 0 ? 'empty' : 'field', 1000 + i);
    expect(quarantine.frames().map(({ bytes, engineTimeUs }) => [bytes[0], engineTimeUs])).toEqual([
      [2, 1002],
      [3, 1003],
      [4, 1004],
    ]);
    expect([quarantine.total, quarantine.dropped]).toEqual([5, 2]);
    expect(JSON.parse(JSON.stringify(quarantine.counts))).toEqual({ empty: 1, field: 4 });
  });

  it('gives frames oldest first before it is full', () => {
    const quarantine = new Quarantine({ capacity: 4 });
    for (let i = 0; i < 3; i++) quarantine.add(Uint8Array.of(i), 'field', i);
    expect(quarantine.frames().map(({ bytes }) => bytes[0])).toEqual([0, 1, 2]);
  });

  it('keeps a cut copy, and the length of the whole', () => {
    const quarantine = new Quarantine({ bytesPerFrameMax: 4 });
    const frame = Buffer.from('0|H0STCNT0|');
    quarantine.add(frame, 'envelope', 1);
    frame.fill(0);
    const [{ bytes, byteLength, reason }] = quarantine.frames();
    expect([Buffer.from(bytes).toString(), byteLength, reason]).toEqual(['0|H0', 11, 'envelope']);
  });

  it('must hold at least one frame', () => {
    expect(() => new Quarantine({ capacity: 0 })).toThrow(RangeError);
  });
});
