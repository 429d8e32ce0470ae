// The journal's bytes against themselves: headers, checksums of records, seals and their chain, from the first kept
// segment on. What is damaged is named with its place, and the check goes on behind it.
import { hash } from 'node:crypto';
import { chainBeginning, chainHashOf } from '../journal/chain.ts';
import {
  decodeHeader,
  decodeRecord,
  type Entry,
  HEADER_BYTES,
  JournalDamaged,
  type Seal,
  type SegmentHeader,
} from '../journal/format.ts';
import { findRecord, isTornHeader, listSegments, type SegmentFile } from '../journal/segments.ts';
import type { CheckedJournal, NamedContent, Part, PlacedSeal } from './checked-journal.ts';
import type { Finding } from './findings.ts';
import { isTornTail, segmentBytes } from './segment-bytes.ts';

export type OnFraction = (fraction: number) => void;

/** @param journalId what the chain begins from; null where that is not known */
export function checkJournal(
  folder: string,
  journalId: string | null,
  onFraction: OnFraction = () => {},
): CheckedJournal {
  const check = new JournalCheck(journalId);
  const segments = listSegments(folder);
  for (const [i, segment] of segments.entries()) {
    check.segment(segment, segments[i + 1] ?? null);
    onFraction((i + 1) / segments.length);
  }
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const firstOffset = segments[0]?.firstOffset ?? 0;
  return { ...check.result(), segments: segments.length, bytes, firstOffset };
}

class JournalCheck {
  private readonly findings: Finding[] = [];
  private readonly seals: PlacedSeal[] = [];
  private readonly parts: Part[] = [];
  private readonly contents = new Map<string, NamedContent>();
  private readonly beginning: Buffer | null;
  /** The chain's hash; null where it is not known: at the first kept segment, and behind damage. */
  private head: Buffer | null;
  private firstHash: Buffer | null = null;
  private isFirst = true;
  private isChained = false;
  private offset = 0;
  private unchainedEntries = 0;

  constructor(journalId: string | null) {
    this.beginning = journalId === null ? null : chainBeginning(journalId);
    this.head = this.beginning;
  }

  result() {
    const { findings, seals, parts, contents, firstHash, offset, unchainedEntries } = this;
    if (unchainedEntries > 0) {
      const message = `${unchainedEntries} entries stand in segments of format version 1, which have no chain`;
      findings.push({ code: 'unchained', message });
    }
    return { findings, seals, parts, contents, firstHash, nextOffset: offset };
  }

  segment(segment: SegmentFile, next: SegmentFile | null): void {
    const { path, firstOffset } = segment;
    if (this.isFirst) {
      this.offset = firstOffset;
      if (firstOffset > 0) this.head = null;
    }
    if (next === null && isTornHeader(segment)) {
      this.tell('torn_tail', 'a segment was being made', path, [0, segment.bytes]);
      return;
    }
    if (firstOffset !== this.offset) {
      const entries = [Math.min(this.offset, firstOffset), Math.max(this.offset, firstOffset)] as const;
      this.tell(
        'entries_missing',
        `expected entry ${this.offset}, found ${firstOffset}`,
        path,
        [0, HEADER_BYTES],
        entries,
      );
      this.head = null;
      this.offset = firstOffset;
    }
    const { bytes, damage } = segmentBytes(segment);
    const hasHeader = damage === null || bytes.length >= HEADER_BYTES;
    const header = hasHeader ? this.header(bytes, path, firstOffset) : null;
    this.isFirst = false;
    const damaged = hasHeader ? this.records(bytes, segment, next, header, damage !== null) : null;
    if (damage !== null) this.head = null;
    const end = next?.firstOffset ?? this.offset;
    if (damage !== null) this.tell('entry_damaged', damage.what, path, damage.bytes, [this.offset, end]);
    if (damaged !== null && next !== null) this.resume(end, damaged);
    // How many entries could not be read, the next segment alone can tell.
    if (damage !== null || damaged !== null) this.offset = next?.firstOffset ?? this.offset;
  }

  /** Null where it is damaged; what stands behind it is read all the same. */
  private header(bytes: Buffer, path: string, firstOffset: number): SegmentHeader | null {
    let header: SegmentHeader;
    try {
      header = decodeHeader(bytes, path);
    } catch (error) {
      if (!(error instanceof JournalDamaged)) throw error;
      this.tell('header_damaged', error.message, path, [0, HEADER_BYTES], [firstOffset, firstOffset]);
      this.head = null;
      return null;
    }
    if (header.firstOffset !== firstOffset) {
      const message = `its name says that it begins with entry ${firstOffset}, its header ${header.firstOffset}`;
      this.tell('header_damaged', message, path, [12, 20], [firstOffset, firstOffset]);
    }
    const { previousHash } = header;
    if (previousHash === null) {
      if (this.isChained) {
        this.tell(
          'chain_broken',
          'a segment without a chain stands behind one that has it',
          path,
          [8, 10],
          [firstOffset, firstOffset],
        );
      }
      // A chain behind it begins anew.
      this.head = this.beginning;
    } else {
      const expected = this.head;
      if (expected !== null && !previousHash.equals(expected)) {
        this.tell(
          'chain_broken',
          'it does not continue what stands before it',
          path,
          [28, 60],
          [firstOffset, firstOffset],
        );
      }
      this.head = previousHash;
    }
    if (this.isFirst) this.firstHash = previousHash;
    this.isChained = previousHash !== null;
    return header;
  }

  private records(
    bytes: Buffer,
    { path, firstOffset }: SegmentFile,
    next: SegmentFile | null,
    header: SegmentHeader | null,
    isCut: boolean,
  ): Finding | null {
    let blockAt = 0;
    let blockOffset = firstOffset;
    let damaged: Finding | null = header === null ? this.findings[this.findings.length - 1] : null;
    let at = Math.min(HEADER_BYTES, bytes.length);
    while (at < bytes.length) {
      const record = recordAt(bytes, at);
      if (typeof record === 'string') {
        const found = findRecord(bytes, at + 1);
        const end = found === -1 ? bytes.length : found;
        const isEnd = found === -1 && (next === null || isCut);
        if (isEnd && (isCut || isTornTail(bytes.subarray(at)))) {
          if (!isCut) this.tell('torn_tail', `half a record of ${end - at} bytes`, path, [at, end]);
          break;
        }
        damaged = this.tell(
          'entry_damaged',
          'a record does not match its checksum',
          path,
          [at, end],
          [this.offset, this.offset + 1],
        );
        this.offset += 1;
        at = end;
        continue;
      }
      if ('seal' in record) {
        if (damaged === null) this.seal(record.seal, bytes, blockAt, at, path, blockOffset);
        else this.resume(record.seal.offset, damaged);
        this.isChained = true;
        this.head = record.seal.chainHash;
        this.offset = record.seal.offset;
        this.seals.push({ ...record.seal, file: path, byte: at });
        damaged = null;
        blockAt = at + record.bytes;
        blockOffset = this.offset;
      } else {
        this.note(record);
      }
      at += record.bytes;
    }
    if (damaged !== null || isCut) this.head = null;
    else if (header?.previousHash === null) this.unchainedEntries += this.offset - firstOffset;
    else if (at > blockAt) this.unsealed(path, [blockAt, at], [blockOffset, this.offset], next === null);
    return damaged;
  }

  private seal(seal: Seal, bytes: Buffer, from: number, at: number, path: string, fromOffset: number): void {
    const entries = [fromOffset, this.offset] as const;
    const follows = this.head === null || seal.previousHash.equals(this.head);
    if (!follows) {
      this.tell('chain_broken', 'a seal does not continue the one before it', path, [from, at], entries);
    } else if (seal.offset !== this.offset) {
      const message = `a seal says that ${seal.offset} entries stand before it, there are ${this.offset}`;
      this.tell('chain_broken', message, path, [from, at], entries);
    } else if (!chainHashOf(hash('sha256', bytes.subarray(from, at), 'buffer'), seal).equals(seal.chainHash)) {
      this.tell('chain_broken', 'a seal does not close the bytes in front of it', path, [from, at], entries);
    }
  }

  /** What stands behind damage tells how many entries there were, and so how many of them cannot be read. */
  private resume(offset: number, damaged: Finding): void {
    const from = damaged.entries?.[0] ?? offset;
    const lost = Math.max(0, offset - this.offset + (damaged.code === 'entry_damaged' ? 1 : 0));
    this.findings[this.findings.indexOf(damaged)] = { ...damaged, entries: [from, from + lost] };
  }

  private unsealed(
    path: string,
    bytes: readonly [number, number],
    entries: readonly [number, number],
    isLast: boolean,
  ): void {
    if (isLast) {
      if (entries[1] > entries[0])
        this.tell('unsealed_tail', `${entries[1] - entries[0]} entries`, path, bytes, entries);
      return;
    }
    this.tell('chain_broken', 'the segment does not end with a seal', path, bytes, entries);
    this.head = null;
  }

  private note({ input }: Entry): void {
    const { offset } = this;
    this.offset += 1;
    if (input.kind !== 'control') return;
    const { command } = input;
    if (command.type === 'reference') this.name(command.hash, `reference data (${command.kind})`, offset);
    if (command.type !== 'start') return;
    this.parts.push({ fromOffset: offset, start: command });
    this.name(command.configHash, 'settings', offset);
    this.name(command.modelHash, 'model', offset);
    this.name(command.calendarHash, 'calendar', offset);
  }

  private name(hash: string, what: string, offset: number): void {
    if (!this.contents.has(hash)) this.contents.set(hash, { hash, what, offset });
  }

  private tell(
    code: Finding['code'],
    message: string,
    file: string,
    bytes: readonly [number, number],
    entries?: readonly [number, number],
  ): Finding {
    const finding: Finding = { code, message, file, bytes, ...(entries && { entries }) };
    this.findings.push(finding);
    return finding;
  }
}

/** A checksum that fits proves no sense: what was rewritten may still be no JSON. */
function recordAt(bytes: Buffer, at: number): ReturnType<typeof decodeRecord> {
  try {
    return decodeRecord(bytes, at);
  } catch {
    return 'invalid';
  }
}
