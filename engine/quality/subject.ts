// Whom findings speak of: an instrument with its streams, or the engine. It takes their points and keeps the newest as
// evidence; what is a finding, the checks decide.
import type { QualityContext } from './context.ts';
import { Evidence, type SavedEvidence } from './evidence.ts';
import {
  DIMENSIONS,
  FINDING_KINDS,
  FINDINGS,
  type FindingKind,
  type FindingListener,
  type FindingStream,
} from './findings.ts';
import { Ledger } from './ledger.ts';
import { CURRENT_GAIN, type DimensionWeights, overallOf, type Scores, scoreOf } from './score.ts';

/** Findings kept of one instrument. */
const EVIDENCE_MAX = 32;
const RECENT_US = 5 * 60_000_000;

export interface SavedSubject {
  readonly ledgers: readonly Float64Array[];
  readonly evidence: SavedEvidence;
  readonly lastFindingUs: number;
}

export class Subject {
  readonly name: string;
  readonly evidence = new Evidence(EVIDENCE_MAX);
  /** Engine time of its last finding; 0: none yet. */
  lastFindingUs = 0;
  private readonly streams: readonly FindingStream[];
  private readonly ledgers: readonly Ledger[];
  private readonly report: FindingListener;

  constructor(name: string, streams: readonly FindingStream[], report: FindingListener) {
    this.name = name;
    this.streams = streams;
    this.ledgers = streams.map(() => new Ledger());
    this.report = report;
  }

  /** A deduction. @returns the points that it took */
  find(
    kind: FindingKind,
    stream: FindingStream,
    { timeUs, offset }: QualityContext,
    amount: number,
    expected: number,
    found: number,
    severity = 1,
  ): number {
    const points = FINDINGS[kind].points * severity;
    this.lastFindingUs = timeUs;
    this.ledger(stream).deduct(kind, points, timeUs);
    const finding = { kind, instrument: this.name, stream, timeUs, offset, amount, expected, found, points };
    this.evidence.add(finding);
    this.report(finding);
    return points;
  }

  ledger(stream: FindingStream): Ledger {
    return this.ledgers[this.streams.indexOf(stream)];
  }

  /** Fills in the day's scores, of one stream or of all. */
  score(into: Scores, weights: DimensionWeights, stream?: FindingStream): Scores {
    for (const [number, dimension] of DIMENSIONS.entries()) {
      let points = 0;
      for (const ledger of this.ledgersOf(stream)) points += ledger.points(number);
      into[dimension] = scoreOf(points);
    }
    into.overall = overallOf(into, weights);
    return into;
  }

  /** Fills in the scores as they would be if the whole day went on like the last five minutes. */
  scoreCurrent(into: Scores, weights: DimensionWeights, timeUs: number): Scores {
    const clean = timeUs - this.lastFindingUs > RECENT_US;
    for (const [number, dimension] of DIMENSIONS.entries()) {
      let points = 0;
      if (!clean) for (const ledger of this.ledgers) points += ledger.recentPoints(number, timeUs);
      into[dimension] = scoreOf(points * CURRENT_GAIN);
    }
    into.overall = overallOf(into, weights);
    return into;
  }

  /** Findings of the day by kind, of one stream or of all; kinds without one are left out. */
  counts(stream?: FindingStream): Partial<Record<FindingKind, number>> {
    const counts: Partial<Record<FindingKind, number>> = {};
    for (const kind of FINDING_KINDS) {
      let count = 0;
      for (const ledger of this.ledgersOf(stream)) count += ledger.count(kind);
      if (count > 0) counts[kind] = count;
    }
    return counts;
  }

  openDay(): void {
    for (const ledger of this.ledgers) ledger.openDay();
    this.evidence.clear();
  }

  save(): SavedSubject {
    return {
      ledgers: this.ledgers.map(({ state }) => state.slice()),
      evidence: this.evidence.save(),
      lastFindingUs: this.lastFindingUs,
    };
  }

  load(saved: SavedSubject): void {
    for (const [i, state] of saved.ledgers.entries()) this.ledgers[i].state.set(state);
    this.evidence.load(saved.evidence);
    this.lastFindingUs = saved.lastFindingUs;
  }

  private ledgersOf(stream?: FindingStream): readonly Ledger[] {
    return stream === undefined ? this.ledgers : [this.ledger(stream)];
  }
}
