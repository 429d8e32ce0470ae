// `journal stats`: what a journal holds, counted in one walk. Frames are counted by their envelope, which is there for
// every TR, decoded or not; those that do not decode are counted by why.
import { kstDate } from '../../../config/calendar.ts';
import { Decoder } from '../../decode/decoder.ts';
import type { FrameInput, Input } from '../../input.ts';
import { listSegments } from '../segments.ts';
import { type OnProgress, type Selection, selectEntries } from './selection.ts';
import { bytesText, countText, durationText, kstIso, table } from './text.ts';

/** Symbols and pauses shown; all are counted. */
const SHOWN = 10;
/** Symbols told apart; what comes beyond is no market that KIS has, and is counted together. */
const SYMBOLS_MAX = 100_000;
const OTHER_SYMBOLS = '(others)';
const MINUTE_US = 60_000_000;
/** Shorter times without an entry are the feed's own rhythm. */
const PAUSE_US_MIN = 1_000_000;

export interface StreamFigures {
  frames: number;
  records: number;
  bytes: number;
}

export interface Pause {
  /** Numbers of the entries before and after it. */
  readonly after: number;
  readonly from: string;
  readonly us: number;
}

export interface JournalStatistics {
  readonly folder: string;
  readonly entries: number;
  readonly batches: number;
  readonly batchEntriesMax: number;
  readonly from: string;
  readonly until: string;
  /** Of all segments on the disk, and of the frames that were walked over. */
  readonly diskBytes: number;
  readonly frameBytes: number;
  readonly entriesByKind: Readonly<Record<string, number>>;
  readonly entriesByDay: Readonly<Record<string, number>>;
  /** By TR id. */
  readonly streams: Readonly<Record<string, StreamFigures>>;
  /** Frames that do not decode, by why. */
  readonly undecoded: Readonly<Record<string, number>>;
  readonly symbols: number;
  /** Those with most records, first. */
  readonly busiest: readonly { readonly symbol: string; readonly records: number }[];
  /** By event; `lost` holds the reasons too. */
  readonly sessions: Readonly<Record<string, number>>;
  readonly commands: Readonly<Record<string, number>>;
  /** The busiest minute of engine time. */
  readonly peak: { readonly minute: string; readonly entries: number };
  /** The longest times without an entry of a second or more, longest first. */
  readonly pauses: readonly Pause[];
}

/**
 * @throws SelectionError where the folder holds no journal
 * @throws JournalDamaged where it cannot be read
 */
export function journalStatistics(
  folder: string,
  selection: Selection = {},
  onProgress?: OnProgress,
): JournalStatistics {
  const walk = new Walk();
  for (const { offset, entry } of selectEntries(folder, selection, onProgress)) {
    walk.take(offset, entry.batchId, entry.input);
  }
  const diskBytes = listSegments(folder).reduce((sum, { bytes }) => sum + bytes, 0);
  return { folder, diskBytes, ...walk.figures() };
}

/** A count for each name. */
class Counts extends Map<string, number> {
  add(name: string, by = 1): void {
    this.set(name, (this.get(name) ?? 0) + by);
  }

  /** Largest first. */
  sorted(): [string, number][] {
    return [...this].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  }
}

class Walk {
  private entries = 0;
  private batches = 0;
  private batchId = -1;
  private batchEntries = 0;
  private batchEntriesMax = 0;
  private firstUs = 0;
  private lastUs = 0;
  private lastOffset = 0;
  private frameBytes = 0;
  private minute = -1;
  private minuteEntries = 0;
  private peakMinute = 0;
  private peakEntries = 0;
  private readonly kinds = new Counts();
  private readonly days = new Counts();
  private readonly undecoded = new Counts();
  private readonly symbols = new Counts();
  private readonly sessions = new Counts();
  private readonly commands = new Counts();
  private readonly streams = new Map<string, StreamFigures>();
  private pauses: Pause[] = [];
  private readonly decoder = new Decoder();

  take(offset: number, batchId: number, input: Input): void {
    this.takeTime(offset, input.engineTimeUs);
    this.takeBatch(batchId);
    this.kinds.add(input.kind);
    if (input.kind === 'frame') this.takeFrame(input);
    if (input.kind === 'control') this.commands.add(input.command.type);
    if (input.kind === 'session') {
      this.sessions.add(input.event);
      if (input.event === 'lost') this.sessions.add(`lost: ${input.code ?? 'no reason'}`);
    }
  }

  private takeTime(offset: number, timeUs: number): void {
    if (this.entries === 0) this.firstUs = timeUs;
    else this.takePause(timeUs - this.lastUs);
    this.entries += 1;
    this.lastUs = timeUs;
    this.lastOffset = offset;
    const minute = Math.floor(timeUs / MINUTE_US);
    if (minute !== this.minute) this.minuteEntries = 0;
    this.minute = minute;
    this.minuteEntries += 1;
    if (this.minuteEntries > this.peakEntries) {
      this.peakEntries = this.minuteEntries;
      this.peakMinute = minute;
    }
    this.days.add(String(kstDate(timeUs)));
  }

  /** Keeps the longest ones only. */
  private takePause(us: number): void {
    if (us < PAUSE_US_MIN || (this.pauses.length === SHOWN && us <= this.pauses[SHOWN - 1].us)) return;
    const pause = { after: this.lastOffset, from: kstIso(this.lastUs), us };
    this.pauses = [...this.pauses, pause].sort((a, b) => b.us - a.us || a.after - b.after).slice(0, SHOWN);
  }

  private takeBatch(batchId: number): void {
    if (batchId !== this.batchId) {
      this.batches += 1;
      this.batchEntries = 0;
    }
    this.batchId = batchId;
    this.batchEntries += 1;
    this.batchEntriesMax = Math.max(this.batchEntriesMax, this.batchEntries);
  }

  private takeFrame({ bytes }: FrameInput): void {
    this.frameBytes += bytes.length;
    if (this.decoder.decode(bytes) === null) this.undecoded.add(this.decoder.failure);
    const head = headOf(bytes);
    const stream = this.streams.get(head.trId) ?? { frames: 0, records: 0, bytes: 0 };
    stream.frames += 1;
    stream.records += head.records;
    stream.bytes += bytes.length;
    this.streams.set(head.trId, stream);
    if (head.symbol === '') return;
    const known = this.symbols.has(head.symbol) || this.symbols.size < SYMBOLS_MAX;
    this.symbols.add(known ? head.symbol : OTHER_SYMBOLS, head.records);
  }

  figures(): Omit<JournalStatistics, 'folder' | 'diskBytes'> {
    const byRecords = [...this.streams].sort(([, a], [, b]) => b.records - a.records);
    return {
      entries: this.entries,
      batches: this.batches,
      batchEntriesMax: this.batchEntriesMax,
      from: this.entries === 0 ? '' : kstIso(this.firstUs),
      until: this.entries === 0 ? '' : kstIso(this.lastUs),
      frameBytes: this.frameBytes,
      entriesByKind: Object.fromEntries(this.kinds.sorted()),
      entriesByDay: Object.fromEntries(this.days),
      streams: Object.fromEntries(byRecords),
      undecoded: Object.fromEntries(this.undecoded.sorted()),
      symbols: this.symbols.size,
      busiest: this.symbols
        .sorted()
        .slice(0, SHOWN)
        .map(([symbol, records]) => ({ symbol, records })),
      sessions: Object.fromEntries(this.sessions.sorted()),
      commands: Object.fromEntries(this.commands.sorted()),
      peak: { minute: kstIso(this.peakMinute * MINUTE_US), entries: this.peakEntries },
      pauses: this.pauses,
    };
  }
}

/** Enough for a TR id, a count and a code. */
const HEAD_BYTES_MAX = 64;
const HEAD = /^[01]\|([A-Z0-9]{1,12})\|(\d{1,4})\|([^^|]{0,24})/;

/** TR id, records and first field of a frame. */
function headOf({ buffer, byteOffset, length }: Uint8Array): { trId: string; records: number; symbol: string } {
  const text = Buffer.from(buffer, byteOffset, Math.min(length, HEAD_BYTES_MAX)).toString('latin1');
  const [, trId = 'unreadable', count = '0', symbol = ''] = HEAD.exec(text) ?? [];
  return { trId, records: Number(count), symbol };
}

export function statisticsText(of: JournalStatistics): string {
  const { entries, batches, streams, pauses, peak, busiest } = of;
  const counts = (title: string, each: Readonly<Record<string, number>>): [string, string][] =>
    Object.entries(each).map(([name, count], i) => [i === 0 ? title : '', `${name}  ${countText(count)}`]);
  const head = table([
    ['journal', of.folder],
    ['entries', `${countText(entries)} in ${countText(batches)} batches of at most ${countText(of.batchEntriesMax)}`],
    ['disk', `${bytesText(of.diskBytes)}; frames are ${bytesText(of.frameBytes)}`],
    ['from', of.from],
    ['until', of.until],
    ['peak', `${countText(peak.entries)} entries in the minute ${peak.minute.slice(0, 16)}`],
    ...counts('kinds', of.entriesByKind),
    ...counts('days', of.entriesByDay),
    ...counts('sessions', of.sessions),
    ...counts('commands', of.commands),
    ...counts('undecoded', of.undecoded),
  ]);
  const rows = Object.entries(streams).map(([trId, { frames, records, bytes }]) => [
    trId,
    countText(frames),
    countText(records),
    bytesText(bytes),
  ]);
  const streamTable = table([['stream', 'frames', 'records', 'bytes'], ...rows], [1, 2, 3]);
  const symbolRows = busiest.map(({ symbol, records }) => [symbol, countText(records)]);
  const symbolTable = table([[`symbols: ${countText(of.symbols)}, busiest`, 'records'], ...symbolRows], [1]);
  const pauseRows = pauses.map(({ from, us, after }) => [
    durationText(us),
    `${from.slice(0, 19).replace('T', ' ')}`,
    countText(after),
  ]);
  const pauseTable = table([['longest pauses', 'from (KST)', 'after entry'], ...pauseRows], [2]);
  return [head, streamTable, symbolTable, pauseTable].join('\n');
}
