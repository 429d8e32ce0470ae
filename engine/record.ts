// A feed written to a journal and nothing else: no predictions, no gateway. What is recorded so replays like any journal,
// once its first entry is the start of a run.
import { filter, interval, merge, type Observable, Subscription } from 'rxjs';
import { monotonicUs } from './clock.ts';
import type { InputBatch } from './input.ts';
import type { Journal } from './journal/journal.ts';
import type { RecordedBatch, Recorder } from './journal/recorder.ts';

const FIGURES_MS = 1000;

export interface RecordingFigures {
  readonly entries: number;
  /** Since the figures before. */
  readonly entriesPerSecond: number;
  /** Appended by this recording. */
  readonly bytesWritten: number;
  /** Of the whole journal on the disk. */
  readonly diskBytes: number;
  /** Segments compressed by this run, and those that could not be. */
  readonly segmentsCompressed: number;
  readonly compressionFailures: number;
  /** Received while the journal could not be written: they are lost to it. */
  readonly unjournaled: number;
  readonly available: boolean;
}

export interface RecordFeedOptions {
  /** The start entry, the feed's sessions, the clock: all that is to be recorded. */
  readonly batches: readonly Observable<InputBatch>[];
  readonly recorder: Recorder;
  readonly journal: Journal;
  /** Time between two requests to make durable what was written. */
  readonly syncMs: number;
  /** Hears each batch in the turn in which it was written. */
  readonly onRecorded?: (batch: RecordedBatch) => void;
  readonly onFigures: (figures: RecordingFigures) => void;
  /** Milliseconds between figures. (1000) */
  readonly figuresMs?: number;
}

/** One line for a terminal. */
export function recordingLine(figures: RecordingFigures): string {
  const { entries, entriesPerSecond, diskBytes, segmentsCompressed, available } = figures;
  const megabytes = (diskBytes / 1e6).toFixed(1);
  const rate = Math.round(entriesPerSecond).toLocaleString('en');
  const lost = available ? '' : '  THE JOURNAL CANNOT BE WRITTEN';
  return `${entries.toLocaleString('en')} entries  ${rate}/s  ${megabytes} MB  ${segmentsCompressed} compressed${lost}`;
}

/** Records from here on, until it is unsubscribed; the journal stays open, and is closed by who opened it. */
export function recordFeed(options: RecordFeedOptions): Subscription {
  const { batches, recorder, journal, syncMs, onRecorded = () => {}, onFigures, figuresMs = FIGURES_MS } = options;
  const firstOffset = journal.nextOffset;
  const bytesBefore = journal.bytesWritten;
  let entriesBefore = 0;
  let shownUs = monotonicUs();

  const figures = (): RecordingFigures => {
    const entries = journal.nextOffset - firstOffset;
    const nowUs = monotonicUs();
    const entriesPerSecond = ((entries - entriesBefore) * 1e6) / Math.max(1, nowUs - shownUs);
    entriesBefore = entries;
    shownUs = nowUs;
    return {
      entries,
      entriesPerSecond,
      bytesWritten: journal.bytesWritten - bytesBefore,
      diskBytes: journal.bytes,
      segmentsCompressed: journal.compression?.segments ?? 0,
      compressionFailures: journal.compression?.failures ?? 0,
      unjournaled: recorder.unjournaledInputs,
      available: recorder.available,
    };
  };

  const running = new Subscription();
  running.add(interval(syncMs).subscribe(() => journal.sync()));
  running.add(interval(figuresMs).subscribe(() => onFigures(figures())));
  const received = merge(...batches).pipe(filter(({ inputs }) => inputs.length > 0));
  running.add(received.subscribe((batch) => onRecorded(recorder.record(batch))));
  // Last of all, so that even a recording shorter than the interval is told about.
  running.add(() => onFigures(figures()));
  return running;
}
