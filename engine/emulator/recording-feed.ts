// A recording on the wire: JSON lines with `raw` (a frame as KIS sent it) and, where it is known, `time_us` (UTC
// microseconds of its receipt). Lines are read as they are needed, so a recording may be larger than memory.
import { closeSync, openSync, readSync } from 'node:fs';
import { StartError } from '../start-error.ts';
import { type Delivery, type Feed, registrationName } from './feed.ts';
import { TRS, type TrKeyKind } from './tr-catalogue.ts';

export interface RecordingFeedOptions {
  readonly path: string;
  /** Pace of a recording without times (default 100); given, it overrides the recorded times. */
  readonly framesPerSecond?: number;
  /** Simulated time of the first frame where the recording has none, UTC microseconds. */
  readonly startTimeUs: number;
}

interface RecordedFrame {
  readonly delivery: Delivery;
  readonly timeUs: number | undefined;
}

const FRAMES_PER_SECOND = 100;
/** A plain data frame: TR id, and the first record's first field, which is its key. */
const FRAME = /^0\|([A-Z0-9]{8})\|\d{3}\|([^^|]{1,16})\^/;
/** What a recording holds is known only once it has been played: any key that KIS might know is taken. */
const KEYS: Readonly<Record<TrKeyKind, RegExp>> = {
  stock: /^[A-Z0-9]{6,7}$/,
  index: /^\d{4}$/,
  hts_id: /^$/,
  overseas: /^[A-Z0-9/.]{5,16}$/,
  future: /^[A-Z0-9]{6,9}$/,
  other: /^[A-Z0-9]{1,16}$/,
};

export class RecordingFeed implements Feed {
  /** Lines that hold no plain data frame: acknowledgements, PINGPONG, encrypted notices, whose keys are gone. */
  skipped = 0;

  private readonly options: RecordingFeedOptions;
  private readonly lines: Iterator<string>;
  private readonly startTimeUs: number;
  private readonly recordedFromUs: number | undefined;
  private upcoming: RecordedFrame | undefined;
  private played = 0;
  private elapsedUs = 0;

  /** Throws where the file cannot be read or holds no frame. */
  constructor(options: RecordingFeedOptions) {
    this.options = options;
    this.lines = linesOf(options.path);
    this.upcoming = this.read();
    if (this.upcoming === undefined) throw new StartError(`${options.path} holds no data frame`);
    this.recordedFromUs = options.framesPerSecond === undefined ? this.upcoming.timeUs : undefined;
    this.startTimeUs = this.recordedFromUs ?? options.startTimeUs;
  }

  get timeUs(): number {
    return this.startTimeUs + this.elapsedUs;
  }

  get nextDueUs(): number {
    if (this.upcoming === undefined) return Number.POSITIVE_INFINITY;
    if (this.recordedFromUs !== undefined) {
      // A line without a time, or with one that goes back, follows at once.
      return Math.max(this.elapsedUs, (this.upcoming.timeUs ?? this.timeUs) - this.recordedFromUs);
    }
    return Math.round((this.played * 1_000_000) / (this.options.framesPerSecond ?? FRAMES_PER_SECOND));
  }

  offers(trId: string, trKey: string): boolean {
    return KEYS[TRS.get(trId)?.keys ?? 'other'].test(trKey);
  }

  begin(): void {}

  end(): void {}

  advanceTo(elapsedUs: number): readonly Delivery[] {
    const deliveries: Delivery[] = [];
    while (this.upcoming !== undefined && this.nextDueUs <= elapsedUs) {
      deliveries.push(this.upcoming.delivery);
      this.elapsedUs = Math.max(this.elapsedUs, this.nextDueUs);
      this.played += 1;
      this.upcoming = this.read();
    }
    this.elapsedUs = elapsedUs;
    return deliveries;
  }

  private read(): RecordedFrame | undefined {
    for (let line = this.lines.next(); line.done !== true; line = this.lines.next()) {
      const frame = recordedFrame(line.value);
      if (frame !== undefined) return frame;
      this.skipped += 1;
    }
    return undefined;
  }
}

function recordedFrame(line: string): RecordedFrame | undefined {
  let row: unknown;
  try {
    row = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof row !== 'object' || row === null) return undefined;
  const { raw, time_us: timeUs } = row as { raw?: unknown; time_us?: unknown };
  if (typeof raw !== 'string') return undefined;
  const found = FRAME.exec(raw);
  if (found === null) return undefined;
  return {
    delivery: { registration: registrationName(found[1]!, found[2]!), frame: raw },
    timeUs: typeof timeUs === 'number' && Number.isSafeInteger(timeUs) ? timeUs : undefined,
  };
}

function* linesOf(path: string): Generator<string> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(1 << 16);
    const decoder = new TextDecoder();
    let rest = '';
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) {
      const lines = (rest + decoder.decode(chunk.subarray(0, length), { stream: true })).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(file);
  }
}
