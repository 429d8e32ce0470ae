// Data quality of an engine: its instruments, what concerns none of them, and what only shows between two of them. It
// reads engine time and journal entries only, so a replay finds the same.
import { kstDate, kstToUtcUs } from '../../config/calendar.ts';
import { findInstrument } from '../../config/instruments.ts';
import { isDomestic } from '../../config/venues.ts';
import type { Venue } from '../decode/records.ts';
import type { InstrumentReference } from '../reference/reference.ts';
import type { SavedClockSteps } from './clock-offset.ts';
import { isRegular, QualityContext } from './context.ts';
import { Evidence, type SavedEvidence } from './evidence.ts';
import { DIMENSIONS, type FindingKind, type FindingListener } from './findings.ts';
import { addressOf } from './frame-address.ts';
import { IndexCheck, type SavedIndex } from './index-check.ts';
import { InstrumentQuality, type QualityShared, type SavedInstrumentQuality } from './instrument-quality.ts';
import { FeedTime } from './receipts.ts';
import { newScores, overallOf, type QualitySettings, type Scores } from './score.ts';
import { type SavedSubject, Subject } from './subject.ts';
import { UnifiedCheck } from './unified-check.ts';

/** Findings kept of all instruments together. */
const EVIDENCE_MAX = 1024;
const PERIOD_US = 1_000_000;
const DAY_SECONDS = 86_400;

export interface QualityOptions {
  readonly settings: QualitySettings;
  /** Hears every finding, in order. */
  readonly onFinding?: FindingListener;
}

/** What trading is like for an instrument now: fills in `phase`, `auction` and `halted`. */
export type DescribeTrading = (instrument: InstrumentQuality, context: QualityContext) => void;

export interface SavedQuality {
  readonly date: number;
  readonly nextDueUs: number;
  readonly timeUs: number;
  readonly timed: boolean;
  readonly findings: Partial<Record<FindingKind, number>>;
  readonly instruments: readonly {
    readonly code: string;
    readonly venue: Venue;
    readonly saved: SavedInstrumentQuality;
  }[];
  readonly engine: SavedSubject;
  readonly evidence: SavedEvidence;
  readonly clock: SavedClockSteps;
  readonly indices: readonly SavedIndex[];
  readonly unified: readonly (readonly [code: string, belowSeconds: number])[];
}

export class Quality {
  /** The one context of all checks: set its time and entry first, then what concerns the instrument. */
  readonly context = new QualityContext();
  readonly settings: QualitySettings;
  /** What concerns no single stream. */
  readonly engine: Subject;
  readonly evidence = new Evidence(EVIDENCE_MAX);
  /** Engine time from which on `advance` has something to do. */
  nextDueUs = 0;
  /** The day whose evidence this is. */
  private date = 0;
  private dayEndUs = 0;
  private findings: Partial<Record<FindingKind, number>> = {};
  private references: ReadonlyMap<string, InstrumentReference> = new Map();
  private referenceDate = 0;
  private readonly feedTime: FeedTime;
  private readonly shared: QualityShared;
  private readonly byName = new Map<string, InstrumentQuality>();
  private readonly indices = new IndexCheck(this.byName);
  private readonly unified = new UnifiedCheck();
  private readonly scratch = newScores();

  constructor({ settings, onFinding = () => {} }: QualityOptions) {
    this.settings = settings;
    const report: FindingListener = (finding) => {
      this.evidence.add(finding);
      this.findings[finding.kind] = (this.findings[finding.kind] ?? 0) + 1;
      onFinding(finding);
    };
    this.engine = new Subject('engine', ['engine'], report);
    this.feedTime = new FeedTime(this.engine);
    this.shared = { settings, feedTime: this.feedTime, report };
  }

  /** The instrument's, made where it is new. */
  instrument(code: string, venue: Venue): InstrumentQuality {
    const name = `${code}.${venue}`;
    let instrument = this.byName.get(name);
    if (instrument === undefined) {
      instrument = new InstrumentQuality(code, venue, this.shared);
      this.byName.set(name, instrument);
      // Until the masters come, what ships is known of its kind.
      const shipped = isDomestic(venue) ? findInstrument(code) : undefined;
      if (shipped !== undefined) instrument.describeKind(shipped.kind, shipped.market);
      const reference = this.references.get(code);
      if (reference !== undefined && isDomestic(venue)) instrument.bounds.describe(reference, this.referenceDate);
      const krx = this.byName.get(`${code}.KRX`);
      const unified = this.byName.get(`${code}.UN`);
      if (krx !== undefined && unified !== undefined) this.unified.add(krx, unified);
    }
    return instrument;
  }

  /** By name, as `005930.KRX`. */
  named(name: string): InstrumentQuality | undefined {
    return this.byName.get(name);
  }

  all(): Iterable<InstrumentQuality> {
    return this.byName.values();
  }

  /** Our clock against the exchange's, microseconds, with the shortest way of a record. */
  get clockOffsetUs(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { receipts } of this.byName.values()) least = Math.min(least, receipts.offsetUs ?? least);
    return Number.isFinite(least) ? least : 0;
  }

  /** False where the feed is a recording of another day. */
  set timed(timed: boolean) {
    this.feedTime.timed = timed;
  }

  /** An entry of the journal begins: call it for each, before anything else. @param ofAll it concerns every code */
  enter(timeUs: number, offset: number, ofAll = true): void {
    const { context } = this;
    context.offset = offset;
    if (timeUs !== context.timeUs) {
      context.timeUs = timeUs;
      if (timeUs >= this.dayEndUs) {
        context.date = kstDate(timeUs);
        this.dayEndUs = kstToUtcUs(context.date, DAY_SECONDS);
      }
    }
    this.feedTime.steps.advance(timeUs, context.date !== this.date, ofAll);
  }

  /** Once a second of engine time: silence, what shows between instruments, and the day's roll. */
  advance(describe: DescribeTrading): void {
    const { context } = this;
    const { timeUs, date } = context;
    this.nextDueUs = timeUs - (timeUs % PERIOD_US) + PERIOD_US;
    if (date !== this.date) this.openDay(date);
    let regular = false;
    for (const instrument of this.byName.values()) {
      describe(instrument, context);
      instrument.advance(context);
      if (instrument.venue === 'KRX' && isRegular(context)) regular = true;
    }
    for (const { unified, missing, expected, found } of this.unified.lapses()) {
      unified.find('unified_below_krx', context, missing, expected, found);
    }
    if (!regular) return;
    for (const { expected, found } of this.indices.deviations(timeUs, date)) {
      this.engine.find('index_off', 'engine', context, Math.abs(found - expected), expected, found);
    }
  }

  /** A frame that went to quarantine; it counts for the stream that its head names, or for the engine. */
  undecodable(frame: Uint8Array): void {
    const address = addressOf(frame);
    const instrument = address === null ? undefined : this.byName.get(`${address.code}.${address.venue}`);
    if (instrument === undefined || (address?.kind !== 'trade' && address?.kind !== 'book')) {
      this.engine.find('undecodable', 'engine', this.context, 1, 0, 1);
      return;
    }
    instrument.undecodable(address.kind === 'trade' ? 'trades' : 'books', this.context);
  }

  /** A record of an index; both in 1/100 point. */
  index(code: string, level: number, change: number): void {
    this.indices.take(code, level, change, this.context.timeUs);
  }

  /** The instruments of a day as a source has them. Not saved: after a `load`, the newest must be given again. */
  describe(references: readonly InstrumentReference[], date: number): void {
    this.references = new Map(references.map((one) => [one.code, one]));
    this.referenceDate = date;
    this.indices.describe(references);
    for (const { code, venue, bounds } of this.byName.values()) {
      const reference = this.references.get(code);
      if (reference !== undefined && isDomestic(venue)) bounds.describe(reference, date);
    }
  }

  /** Fills in the engine's scores of the day: the mean of its instruments, less what concerns none of them. */
  score(into: Scores): Scores {
    return this.mean(into, (subject) => subject.score(this.scratch, this.settings.weights));
  }

  /** The same from the last five minutes. */
  scoreCurrent(into: Scores): Scores {
    const { timeUs } = this.context;
    return this.mean(into, (subject) => subject.scoreCurrent(this.scratch, this.settings.weights, timeUs));
  }

  /** Findings of the day by kind, of all together; kinds without one are left out. */
  counts(): Partial<Record<FindingKind, number>> {
    return { ...this.findings };
  }

  /** Another feed: its numbers and its clock are not the last one's. */
  forgetFeed(): void {
    this.feedTime.steps.reset();
    this.indices.clear();
    for (const instrument of this.byName.values()) instrument.forgetFeed();
  }

  /** Sessions came or went: books begin anew. */
  interrupt(): void {
    for (const instrument of this.byName.values()) instrument.interrupt();
  }

  save(): SavedQuality {
    return {
      date: this.date,
      nextDueUs: this.nextDueUs,
      timeUs: this.context.timeUs,
      timed: this.feedTime.timed,
      findings: { ...this.findings },
      instruments: [...this.byName.values()].map((one) => ({ code: one.code, venue: one.venue, saved: one.save() })),
      engine: this.engine.save(),
      evidence: this.evidence.save(),
      clock: this.feedTime.save(),
      indices: this.indices.save(),
      unified: this.unified.save(),
    };
  }

  /** Into a new one only. */
  load(saved: SavedQuality): void {
    this.date = saved.date;
    this.nextDueUs = saved.nextDueUs;
    this.context.timeUs = saved.timeUs;
    this.context.date = kstDate(saved.timeUs);
    this.feedTime.timed = saved.timed;
    this.findings = { ...saved.findings };
    for (const { code, venue, saved: one } of saved.instruments) this.instrument(code, venue).load(one);
    this.engine.load(saved.engine);
    this.evidence.load(saved.evidence);
    this.feedTime.load(saved.clock);
    this.indices.load(saved.indices);
    this.unified.load(saved.unified);
  }

  private openDay(date: number): void {
    this.date = date;
    this.findings = {};
    this.engine.openDay();
    this.evidence.clear();
    for (const instrument of this.byName.values()) instrument.openDay();
  }

  private mean(into: Scores, score: (subject: Subject) => Scores): Scores {
    for (const dimension of DIMENSIONS) into[dimension] = 0;
    for (const { subject } of this.byName.values()) {
      const one = score(subject);
      for (const dimension of DIMENSIONS) into[dimension] += one[dimension];
    }
    const { size } = this.byName;
    const own = score(this.engine);
    for (const dimension of DIMENSIONS) {
      into[dimension] = ((size === 0 ? 100 : into[dimension] / size) * own[dimension]) / 100;
    }
    into.overall = overallOf(into, this.settings.weights);
    return into;
  }
}
