// What the files of a journal folder are called: by the number of the segment's first entry, then by the form it is in.
import { join } from 'node:path';
import type { Compression } from './compression.ts';

const PLAIN = '.kisj';
const COMPRESSED: Readonly<Record<Compression, string>> = { zstd: `${PLAIN}.zst`, gzip: `${PLAIN}.gz` };
/** In the order of preference where a segment is there in several forms: a compression was cut off in between. */
const FORMS = [PLAIN, COMPRESSED.zstd, COMPRESSED.gzip];
const PART = '.part';

export function segmentPath(folder: string, firstOffset: number): string {
  return join(folder, `${String(firstOffset).padStart(16, '0')}${PLAIN}`);
}

export function compressedPath(path: string, compression: Compression): string {
  return path.slice(0, -PLAIN.length) + COMPRESSED[compression];
}

/** What is being written, and takes its name once it is whole. */
export function partPath(path: string): string {
  return path + PART;
}

/** A file that a compression left behind when it was cut off. */
export function isCompressionPart(name: string): boolean {
  return Object.values(COMPRESSED).some((form) => name.endsWith(form + PART));
}

/** Null: the segment as it was written. */
export function compressionOf(path: string): Compression | null {
  if (path.endsWith(COMPRESSED.zstd)) return 'zstd';
  return path.endsWith(COMPRESSED.gzip) ? 'gzip' : null;
}

/** Number of the first entry and rank among the segment's forms, the lowest of which counts; null: no segment. */
export function parseSegmentName(name: string): { firstOffset: number; rank: number } | null {
  const rank = FORMS.findIndex((form) => name.endsWith(form));
  if (rank === -1) return null;
  return { firstOffset: Number(name.slice(0, -FORMS[rank].length)), rank };
}

/** Paths of the other forms that the segment may be in. */
export function otherForms(path: string): string[] {
  const form = FORMS.find((form) => path.endsWith(form)) ?? PLAIN;
  return FORMS.filter((other) => other !== form).map((other) => path.slice(0, -form.length) + other);
}
