import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLOCK_BYTES, blockLength, compressBlock, decompressBlock, decompressBlockAside } from './compression.ts';

const TEXT = 'the header of a segment, and then some more of the same, and the same, and the same';
/** As Node 24 wrote it. */
const ZSTD_BLOCK = Buffer.from(
  'UCpNGAQAAABOAAAAKLUv/QRYDQIAdAN0aGUgaGVhZGVyIG9mIGEgc2VnbWVudCwgYW5kIHRoZW4gc29tZSBtb3JlIG9mIHRoZSBzYW1lAgAxE7hRKCi1ZJyE',
  'base64',
);
const hasZstd = typeof zlib.zstdCompress === 'function';

describe('a block', () => {
  it('gives its bytes back and tells its length, whatever they are', async () => {
    const bytes = fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 5000 }), fc.constant(new Uint8Array(BLOCK_BYTES)));
    for (const compression of hasZstd ? (['gzip', 'zstd'] as const) : (['gzip'] as const)) {
      await fc.assert(
        fc.asyncProperty(bytes, async (content) => {
          const block = await compressBlock(compression, Buffer.from(content));
          expect(blockLength(compression, block)).toBe(block.length);
          expect(decompressBlock(compression, block).equals(content)).toBe(true);
          expect((await decompressBlockAside(compression, block)).equals(content)).toBe(true);
        }),
        { numRuns: 50 },
      );
    }
  });

  it('that gives more than a block is refused before it fills the memory', async () => {
    const bomb = await compressBlock('gzip', Buffer.alloc(BLOCK_BYTES + 1));
    expect(() => decompressBlock('gzip', bomb)).toThrow(/larger/);
  });

  it('of zstd is read by any Node, with its own zstd or the package fzstd', () => {
    expect(decompressBlock('zstd', ZSTD_BLOCK).toString()).toBe(TEXT);
  });
});
