// The digest of a stream: SHA-256 over a canonical encoding of its derived messages, chained in blocks of 992 bytes so
// that the running state is a plain 1 KiB buffer, which a snapshot can hold (Node's hash objects cannot be saved).
//
//   block = digest of the blocks before it [32] | canonical bytes [up to 992];  digest = SHA-256(block)
//
// Canonical bytes of a value: number 01 f64-le, string 02 length:u32 utf-8, true 03, false 04, null 05, array 06
// count:u32 items, object 07 count:u32 values in the order of its keys (the order is part of the message's type).
import { hash } from 'node:crypto';

const BLOCK_BYTES = 1024;
/** A stream that seldom speaks is content with this; it grows to a whole block as it must. */
const BLOCK_BYTES_FIRST = 128;
const DIGEST_BYTES = 32;
const scratch = Buffer.alloc(1 << 16);
/** Bytes of several messages go to the block at once, but not so many that the next one might not fit. */
const GATHERED_BYTES_MAX = 1 << 15;
const view = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

type Value = number | string | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** Writes UTF-8; most texts are short ASCII, for which a call into the runtime costs more than the text. */
function encodeText(text: string, position: number): number {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return scratch.write(text, position, 'utf8');
    scratch[position + i] = code;
  }
  return text.length;
}

/** Writes the canonical bytes of a value at a position of the scratch buffer; the position behind it. */
function encode(value: Value, position: number): number {
  switch (typeof value) {
    case 'number':
      scratch[position] = 1;
      view.setFloat64(position + 1, value, true);
      return position + 9;
    case 'string': {
      scratch[position] = 2;
      const bytes = encodeText(value, position + 5);
      view.setUint32(position + 1, bytes, true);
      return position + 5 + bytes;
    }
    case 'boolean':
      scratch[position] = value ? 3 : 4;
      return position + 1;
  }
  if (value === null) {
    scratch[position] = 5;
    return position + 1;
  }
  if (Array.isArray(value)) {
    scratch[position] = 6;
    view.setUint32(position + 1, value.length, true);
    let end = position + 5;
    for (let i = 0; i < value.length; i++) end = encode(value[i], end);
    return end;
  }
  const object = value as { readonly [key: string]: Value };
  scratch[position] = 7;
  let count = 0;
  let end = position + 5;
  for (const key in object) {
    const item = object[key];
    // Most are numbers: no call for each of them.
    if (typeof item === 'number') {
      scratch[end] = 1;
      view.setFloat64(end + 1, item, true);
      end += 9;
    } else end = encode(item, end);
    count += 1;
  }
  view.setUint32(position + 1, count, true);
  return end;
}

export class StreamDigest {
  /** Block being filled; the first 32 bytes are the digest of all before it. As long as it had to be so far. */
  private block: Buffer = Buffer.alloc(BLOCK_BYTES_FIRST);
  private fill = DIGEST_BYTES;

  add(message: object): void {
    this.append(encode(message as Value, 0));
  }

  addAll(messages: readonly object[]): void {
    let bytes = 0;
    for (let i = 0; i < messages.length; i++) {
      if (bytes > GATHERED_BYTES_MAX) {
        this.append(bytes);
        bytes = 0;
      }
      bytes = encode(messages[i] as Value, bytes);
    }
    this.append(bytes);
  }

  /** Digest of all that was added so far, hexadecimal; adding may go on. */
  hex(): string {
    return hash('sha256', this.block.subarray(0, this.fill), 'hex');
  }

  save(): Uint8Array {
    return Uint8Array.prototype.slice.call(this.block, 0, this.fill);
  }

  load(saved: Uint8Array): void {
    this.reserve(saved.length);
    this.block.set(saved);
    this.fill = saved.length;
  }

  /** Takes the first bytes of the scratch buffer. */
  private append(bytes: number): void {
    this.reserve(this.fill + bytes);
    const { block } = this;
    let taken = 0;
    while (taken < bytes) {
      const take = Math.min(bytes - taken, BLOCK_BYTES - this.fill);
      scratch.copy(block, this.fill, taken, taken + take);
      this.fill += take;
      taken += take;
      if (this.fill === BLOCK_BYTES) {
        // As a string it takes half the time that a buffer takes, which is an object to be collected.
        block.write(hash('sha256', block, 'latin1'), 'latin1');
        this.fill = DIGEST_BYTES;
      }
    }
  }

  private reserve(bytes: number): void {
    if (bytes <= this.block.length || this.block.length === BLOCK_BYTES) return;
    let length = 2 * this.block.length;
    while (length < bytes && length < BLOCK_BYTES) length *= 2;
    const grown = Buffer.alloc(length);
    this.block.copy(grown, 0, 0, this.fill);
    this.block = grown;
  }
}

/** What `StreamDigest` says of a stream of this one message, as bytes in a latin-1 string. */
export function messageDigest(message: object): string {
  scratch.fill(0, 0, DIGEST_BYTES);
  const end = encode(message as Value, DIGEST_BYTES);
  let begin = 0;
  // A block's digest takes the place of its last bytes: there the next one begins.
  while (end - begin >= BLOCK_BYTES) {
    const digest = hash('sha256', scratch.subarray(begin, begin + BLOCK_BYTES), 'latin1');
    begin += BLOCK_BYTES - DIGEST_BYTES;
    scratch.write(digest, begin, 'latin1');
  }
  return hash('sha256', scratch.subarray(begin, end), 'latin1');
}
