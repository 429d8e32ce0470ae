// How a closed segment is compressed: cut into blocks, each compressed alone, so that it is read, checked and given up
// block by block. The segment's header is a block of its own: it can be had without the rest.
//
//   file   = block*                     the 64 bytes of the segment's header, then BLOCK_BYTES each, the last one shorter
//   zstd   = skippable frame (its content: bytes of the frame behind it, u32), frame     as pzstd writes it
//   gzip   = member whose extra field `KJ` holds the member's bytes, u32                 as bgzip does, with wider blocks
//   its end: an empty frame (a skippable one of another number) or member (`KC`) with the CRC-32 of all bytes before it
//
// Both are standard files: `zstd -dc` and `zcat` give the segment back.
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';

export type Compression = 'zstd' | 'gzip';
/** `auto` is zstd where this Node has it, else gzip. */
export type CompressionChoice = 'auto' | Compression | 'none';

export const BLOCK_BYTES = 1 << 20;
/** Neither makes a block that does not compress larger by more than this. */
const GROWTH_BYTES_MAX = 4096;
const NODE_WITH_ZSTD = '22.15 or 23.8';
const ZSTD_LEVEL = 6;
const GZIP_LEVEL = 6;

const SKIPPABLE_FRAME = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]);
const GZIP_FIXED_BYTES = 10;
const GZIP_FLAGS_AT = 3;
const GZIP_HAS_EXTRA = 4;
const GZIP_EXTRA = Buffer.from([8, 0, 'K'.charCodeAt(0), 'J'.charCodeAt(0), 4, 0]);

/** What stands behind the last block; the checksum follows `lead`, and `rest` follows the checksum. */
const END: Readonly<Record<Compression, { readonly lead: Buffer; readonly rest: Buffer }>> = {
  zstd: { lead: Buffer.from([0x51, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]), rest: Buffer.alloc(0) },
  gzip: {
    lead: Buffer.from([0x1f, 0x8b, 8, GZIP_HAS_EXTRA, 0, 0, 0, 0, 0, 255, 8, 0, 0x4b, 0x43, 4, 0]),
    rest: Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  },
};

/** @param checksum CRC-32 of the file's bytes in front of it */
export function endMark(compression: Compression, checksum: number): Buffer {
  const { lead, rest } = END[compression];
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(checksum);
  return Buffer.concat([lead, bytes, rest]);
}

/** Whether the bytes that stand where a block might are the end's. */
export function isEndMark(compression: Compression, bytes: Buffer): boolean {
  const { lead } = END[compression];
  return bytes.subarray(0, lead.length).equals(lead);
}

/** False where a compressed file was changed, even if it still gives the same bytes; files without an end are not told. */
export function matchesEndMark(compression: Compression, file: Buffer): boolean {
  const { lead, rest } = END[compression];
  const at = file.length - lead.length - 4 - rest.length;
  if (at < 0 || !isEndMark(compression, file.subarray(at))) return true;
  return endMark(compression, zlib.crc32(file.subarray(0, at))).equals(file.subarray(at));
}

/** Bytes in front of a block that tell how long it is. */
export const LEAD_BYTES: Readonly<Record<Compression, number>> = {
  zstd: SKIPPABLE_FRAME.length + 4,
  gzip: GZIP_FIXED_BYTES + GZIP_EXTRA.length + 4,
};

/** This Node cannot do what is asked for, though the journal is whole; the message names one that can. */
export class CompressionUnavailable extends Error {
  constructor(what: string, options?: ErrorOptions) {
    super(`${what} Node ${NODE_WITH_ZSTD}; this is ${process.versions.node}`, options);
    this.name = 'CompressionUnavailable';
  }
}

const hasZstd = typeof zlib.zstdCompress === 'function';
const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);
const gunzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip);

/** @throws CompressionUnavailable where zstd is asked for and this Node has none */
export function chooseCompression(choice: CompressionChoice): Compression | null {
  if (choice === 'none') return null;
  if (choice === 'auto') return hasZstd ? 'zstd' : 'gzip';
  if (choice === 'zstd' && !hasZstd) {
    throw new CompressionUnavailable('journal.compression: zstd (auto and gzip work everywhere) needs');
  }
  return choice;
}

/** The block as it stands in the file, its lead included; the work is done beside the event loop. */
export async function compressBlock(compression: Compression, bytes: Buffer): Promise<Buffer> {
  const length = Buffer.alloc(4);
  if (compression === 'zstd') {
    const frame = await zstdCompress(bytes);
    length.writeUInt32LE(frame.length);
    return Buffer.concat([SKIPPABLE_FRAME, length, frame]);
  }
  const member = await gzip(bytes, { level: GZIP_LEVEL });
  member[GZIP_FLAGS_AT] |= GZIP_HAS_EXTRA;
  length.writeUInt32LE(member.length + GZIP_EXTRA.length + length.length);
  return Buffer.concat([member.subarray(0, GZIP_FIXED_BYTES), GZIP_EXTRA, length, member.subarray(GZIP_FIXED_BYTES)]);
}

/** Bytes of the block that begins with this lead, itself included; null where it is not the lead of a block. */
export function blockLength(compression: Compression, lead: Buffer): number | null {
  if (lead.length < LEAD_BYTES[compression]) return null;
  const marked =
    compression === 'zstd'
      ? lead.subarray(0, SKIPPABLE_FRAME.length).equals(SKIPPABLE_FRAME)
      : lead.subarray(GZIP_FIXED_BYTES, GZIP_FIXED_BYTES + GZIP_EXTRA.length).equals(GZIP_EXTRA);
  const told = lead.readUInt32LE(LEAD_BYTES[compression] - 4);
  const length = compression === 'zstd' ? LEAD_BYTES.zstd + told : told;
  return marked && length > LEAD_BYTES[compression] && length <= BLOCK_BYTES + GROWTH_BYTES_MAX ? length : null;
}

const LIMIT = { maxOutputLength: BLOCK_BYTES };

/**
 * @param block as it stands in the file
 * @throws Error where it is damaged
 */
export function decompressBlock(compression: Compression, block: Buffer): Buffer {
  if (compression === 'gzip') return zlib.gunzipSync(block, LIMIT);
  const frame = block.subarray(LEAD_BYTES.zstd);
  return hasZstd ? zlib.zstdDecompressSync(frame, LIMIT) : decompressInJavaScript(frame);
}

/** The same beside the event loop, for who has compressed it. */
export function decompressBlockAside(compression: Compression, block: Buffer): Promise<Buffer> {
  if (compression === 'gzip') return gunzip(block, LIMIT);
  return promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress)(block.subarray(LEAD_BYTES.zstd), LIMIT);
}

function zstdCompress(bytes: Buffer): Promise<Buffer> {
  const { ZSTD_c_compressionLevel: level, ZSTD_c_checksumFlag: checksum } = zlib.constants;
  const params = { [level]: ZSTD_LEVEL, [checksum]: 1 };
  return promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdCompress)(bytes, { params });
}

/** `fzstd` leaves the frame's checksum alone; each entry has its own. Loaded only where it is needed. */
function decompressInJavaScript(frame: Buffer): Buffer {
  const fzstd: { decompress(bytes: Uint8Array): Uint8Array } = createRequire(import.meta.url)('fzstd');
  const bytes = fzstd.decompress(frame);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
