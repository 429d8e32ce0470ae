// Whether an index follows from the prices of its members: level ÷ its previous close against market value ÷ that of the
// previous closes. It is asked only where nearly all of the index's value is registered with us; live that is seldom so.
import { PRICE_SCALE } from '../decode/records.ts';
import type { InstrumentReference } from '../reference/reference.ts';
import type { InstrumentQuality } from './instrument-quality.ts';

/** Share of the members' market value that must be heard. */
const COVERAGE_MIN = 0.995;
/** Members move between the index's second and ours; what lasts is no such move. */
const TOLERANCE = 0.01;
const LASTS_SECONDS = 10;
/** An index that has not been heard for longer is not compared. */
const AGE_US_MAX = 5_000_000;

/** By KIS's keys: KOSPI, KOSDAQ, KOSPI200. */
const MEMBERSHIP: Readonly<Record<string, (one: InstrumentReference) => boolean>> = {
  '0001': ({ market }) => market === 'KOSPI',
  '1001': ({ market }) => market === 'KOSDAQ',
  '2001': ({ kospi200 }) => kospi200,
};

interface Member {
  readonly name: string;
  readonly listedShares: number;
  readonly basePrice: number;
}

/** Plain data; levels in 1/100 point. */
export interface SavedIndex {
  readonly code: string;
  readonly level: number;
  readonly previousClose: number;
  readonly timeUs: number;
  /** Seconds in a row that it was off, and whether that was found. */
  readonly offSeconds: number;
}

export interface IndexDeviation {
  readonly code: string;
  /** In points. */
  readonly expected: number;
  readonly found: number;
}

export class IndexCheck {
  private readonly levels = new Map<string, SavedIndex>();
  private readonly members = new Map<string, Member[]>();
  private readonly instruments: ReadonlyMap<string, InstrumentQuality>;

  /** @param instruments all of the engine's, by name */
  constructor(instruments: ReadonlyMap<string, InstrumentQuality>) {
    this.instruments = instruments;
  }

  /** The instruments of a day, as a source has them. */
  describe(references: readonly InstrumentReference[]): void {
    for (const [index, isMember] of Object.entries(MEMBERSHIP)) {
      const members = references.filter((one) => one.kind === 'stock' && one.listedShares > 0 && isMember(one));
      this.members.set(
        index,
        members.map(({ code, listedShares, basePriceWon }) => {
          return { name: `${code}.KRX`, listedShares, basePrice: basePriceWon * PRICE_SCALE };
        }),
      );
    }
  }

  /** A record of an index; both in 1/100 point. */
  take(code: string, level: number, change: number, timeUs: number): void {
    const offSeconds = this.levels.get(code)?.offSeconds ?? 0;
    this.levels.set(code, { code, level, previousClose: level - change, timeUs, offSeconds });
  }

  /** Once a second of regular trading. @returns those that have just been off for long enough */
  deviations(timeUs: number, date: number): IndexDeviation[] {
    const deviations: IndexDeviation[] = [];
    for (const index of this.levels.values()) {
      const expected = timeUs - index.timeUs > AGE_US_MAX ? 0 : this.expectedLevel(index, date);
      const isOff = expected > 0 && Math.abs(index.level - expected) > expected * TOLERANCE;
      const offSeconds = isOff ? index.offSeconds + 1 : 0;
      if (offSeconds !== index.offSeconds) this.levels.set(index.code, { ...index, offSeconds });
      if (offSeconds === LASTS_SECONDS) {
        deviations.push({ code: index.code, expected: expected / 100, found: index.level / 100 });
      }
    }
    return deviations;
  }

  clear(): void {
    this.levels.clear();
  }

  save(): SavedIndex[] {
    return [...this.levels.values()];
  }

  load(saved: readonly SavedIndex[]): void {
    for (const index of saved) this.levels.set(index.code, index);
  }

  /** In 1/100 point; 0 where too little of the index is heard. */
  private expectedLevel({ code, previousClose }: SavedIndex, date: number): number {
    let value = 0;
    let base = 0;
    let unheard = 0;
    for (const { name, listedShares, basePrice } of this.members.get(code) ?? []) {
      const quality = this.instruments.get(name);
      const last = quality?.last;
      const isToday = last !== undefined && last.price > 0 && last.businessDate === date;
      const memberBase = isToday ? last.price - last.change : basePrice;
      base += memberBase * listedShares;
      value += (isToday ? last.price : basePrice) * listedShares;
      if (!quality?.registered.trades) unheard += memberBase * listedShares;
    }
    return base === 0 || unheard > base * (1 - COVERAGE_MIN) ? 0 : previousClose * (value / base);
  }
}
