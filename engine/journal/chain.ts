// The chain of hashes that the journal's writer keeps: what has been written since the last seal, and the seal that closes
// it. A seal is made first and counts only once it stands on the disk, so that a write that fails leaves the chain as it was.
//
//   chain = SHA-256(previous | SHA-256(bytes of the segment since the last seal, its header included) | offset | timeUs |
//           signals | signalsDigest);  the first previous = SHA-256(journal id)
import { createHash, type Hash, hash } from 'node:crypto';
import {
  CHAINED_VERSION,
  decodeHeader,
  decodeRecord,
  ENTRY_HEADER_BYTES,
  HEADER_BYTES,
  NOTHING_DERIVED,
  SEAL_KIND,
  type Seal,
  type SignalsSoFar,
} from './format.ts';
import { readSegment } from './segment-source.ts';

export interface ChainOptions {
  /** Names the journal; the chain begins from it. */
  readonly journalId: string;
  /** A seal is due after so many bytes of the journal, or so much engine time. */
  readonly sealBytes: number;
  readonly sealMs: number;
  /** Of the state machine, when all that the journal holds was applied; without it seals say that nothing was derived. */
  readonly signals?: () => SignalsSoFar;
  /** Called once a seal has been written. */
  readonly onSeal?: (seal: Seal) => void;
}

export type ChainState = Pick<ChainOptions, 'sealBytes' | 'sealMs' | 'signals' | 'onSeal'>;

/** Of a journal that has a chain already and is opened by someone who asks for none: it goes on all the same. */
const DEFAULTS = { sealBytes: 65_536, sealMs: 1000 };
/** Small writes are collected before they are hashed: a call costs as much as some hundred bytes. */
const STAGE_BYTES = 8192;

/** Where a journal's chain begins. */
export function chainBeginning(journalId: string): Buffer {
  return hash('sha256', journalId, 'buffer');
}

/** @param blockHash SHA-256 of the bytes that the seal closes */
export function chainHashOf(
  blockHash: Buffer,
  { previousHash, offset, timeUs, signals }: Omit<Seal, 'chainHash'>,
): Buffer {
  const numbers = Buffer.alloc(24);
  numbers.writeDoubleLE(offset, 0);
  numbers.writeDoubleLE(timeUs, 8);
  numbers.writeDoubleLE(signals.count, 16);
  return hash('sha256', Buffer.concat([previousHash, blockHash, numbers, signals.digest]), 'buffer');
}

export class Chain {
  private readonly options: ChainState;
  private head: Buffer;
  /** Engine time of the last seal, or at which the chain was taken up. */
  private sealedUs: number;
  private block: Hash = createHash('sha256');
  private blockBytes = 0;
  private readonly stage = Buffer.allocUnsafe(STAGE_BYTES);
  private staged = 0;
  /** True while nothing but a segment's header stands behind the last seal. */
  private isBegun = false;

  constructor(head: Buffer, sealedUs: number, options: ChainState = DEFAULTS) {
    this.head = head;
    this.sealedUs = sealedUs;
    this.options = options;
  }

  /** What the next segment's header names. */
  get hash(): Buffer {
    return this.head;
  }

  get isSealed(): boolean {
    return this.blockBytes === 0;
  }

  /** Whether a seal belongs in front of a batch of this engine time. */
  isDue(timeUs: number): boolean {
    if (this.blockBytes === 0) return false;
    const { sealBytes, sealMs } = this.options;
    // A segment begins with a seal behind its header: what was derived up to there stands in it, whatever is pruned.
    return this.isBegun || this.blockBytes >= sealBytes || timeUs - this.sealedUs >= sealMs * 1000;
  }

  /** Another segment begins, behind a seal; or a header that nothing followed is replaced. */
  begin(header: Buffer): void {
    this.restart();
    this.add(header);
    this.isBegun = true;
  }

  /** These bytes were written. */
  add(bytes: Uint8Array): void {
    this.isBegun = false;
    this.blockBytes += bytes.length;
    if (this.staged + bytes.length > STAGE_BYTES) this.flush();
    if (bytes.length > STAGE_BYTES) {
      this.block.update(bytes);
      return;
    }
    this.stage.set(bytes, this.staged);
    this.staged += bytes.length;
  }

  /** The seal that closes all that was added, for the journal's next entry; nothing changes until it is `written`. */
  seal(offset: number, timeUs: number): Seal {
    this.flush();
    const signals = this.options.signals?.() ?? NOTHING_DERIVED;
    const unlinked = { offset, timeUs, previousHash: this.head, signals };
    return { ...unlinked, chainHash: chainHashOf(this.block.copy().digest(), unlinked) };
  }

  written(seal: Seal): void {
    this.head = seal.chainHash;
    this.sealedUs = Math.max(this.sealedUs, seal.timeUs);
    this.restart();
    this.options.onSeal?.(seal);
  }

  private restart(): void {
    this.block = createHash('sha256');
    this.blockBytes = 0;
    this.staged = 0;
    this.isBegun = false;
  }

  private flush(): void {
    if (this.staged > 0) this.block.update(this.stage.subarray(0, this.staged));
    this.staged = 0;
  }
}

/**
 * The chain as a segment leaves it that was written last and was put right: from its last seal on the bytes are hashed
 * again. Null where it has none; one is begun with the next segment, if it is asked for.
 */
export function chainOf(path: string, options: ChainOptions | undefined): Chain | null {
  const bytes = readSegment(path);
  const header = decodeHeader(bytes, path);
  if (header.version !== CHAINED_VERSION) return null;
  const { end, seal } = lastSeal(bytes);
  const chain = new Chain(seal?.chainHash ?? header.previousHash!, seal?.timeUs ?? header.createdUs, options);
  if (bytes.length === HEADER_BYTES) chain.begin(bytes);
  else if (end < bytes.length) chain.add(bytes.subarray(end));
  return chain;
}

/** Hops from length to length: the checksums were looked at when the folder was put right. */
function lastSeal(bytes: Buffer): { end: number; seal: Seal | null } {
  let end = 0;
  let found = -1;
  for (let at = HEADER_BYTES; at + 12 <= bytes.length; ) {
    const next = at + ENTRY_HEADER_BYTES + bytes.readUInt32LE(at);
    if (bytes.readUInt8(at + 8) === SEAL_KIND) {
      found = at;
      end = next;
    }
    at = next;
  }
  const record = found === -1 ? null : decodeRecord(bytes, found);
  return { end, seal: record !== null && typeof record !== 'string' && 'seal' in record ? record.seal : null };
}
