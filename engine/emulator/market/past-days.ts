// Days before the first simulated one, made up: walks of daily returns with the same market and sector factors for all
// stocks, counted back from the first day's base price, so that history ends where the simulation begins. A day is a pure
// function of seed, instrument and date: whoever asks for it when, it is the same.
import { dateOfDay, dayNumber, isTradingDay, kstToUtcUs } from '../../../config/calendar.ts';
import { type Instrument, SECTORS } from '../../../config/instruments.ts';
import { floorToGrid, priceLimits } from '../../../config/tick-table.ts';
import { NXT_ACTIVITY } from './day-plan.ts';
import { MARKET_DEVIATION, OWN_DEVIATION, SECTOR_DEVIATION } from './factors.ts';
import { profileOf } from './profile.ts';
import { Random } from './random.ts';
import type { HistoryBar, MarketVenue } from './simulated-market.ts';

/** Trading days that can be asked for; older ones do not exist. */
export const PAST_DAYS_MAX = 750;
/** Streams of random numbers, apart from those of the running market. */
const FACTOR_STREAM = -1_000;
const FIRST_STOCK_STREAM = 1_000_000;
/** A whole day's return, the night included, is this much larger than that of the session. */
const WHOLE_DAY = 1.1;
const RETURN_MAX = 0.25;
const NIGHT_SHARE = 0.35;

export interface PastDay {
  readonly date: number;
  readonly openWon: number;
  readonly highWon: number;
  readonly lowWon: number;
  readonly closeWon: number;
  /** KRX's; NXT's is a share of it. */
  readonly volume: number;
}

/** Volumes and turnover of a venue's day from KRX's volume. */
export function barOfPastDay(day: PastDay, venue: MarketVenue, nxt: boolean): HistoryBar | undefined {
  const { date, openWon, highWon, lowWon, closeWon } = day;
  if (venue === 'NXT' && !nxt) return undefined;
  const nxtVolume = nxt ? Math.round(day.volume * NXT_ACTIVITY) : 0;
  const volume = venue === 'KRX' ? day.volume : venue === 'NXT' ? nxtVolume : day.volume + nxtVolume;
  // A price within the day's range, whole won.
  const averageWon = Math.round((openWon + highWon + lowWon + closeWon) / 4);
  return { startUs: kstToUtcUs(date, 0), openWon, highWon, lowWon, closeWon, volume, turnoverWon: volume * averageWon };
}

export class PastDays {
  private readonly seed: number;
  private readonly activity: number;
  /** Newest first. */
  private readonly dates: number[] = [];
  private readonly firstDate: number;
  private readonly factors = new Map<number, Float64Array>();

  constructor(seed: number, activity: number, firstDate: number) {
    this.seed = seed;
    this.activity = activity;
    this.firstDate = firstDate;
  }

  /** Trading days before the first one, newest first, back to `from` at most. */
  datesBackTo(from: number): readonly number[] {
    const { dates } = this;
    let day = dayNumber(dates.at(-1) ?? this.firstDate) - 1;
    for (; dates.length < PAST_DAYS_MAX && dateOfDay(day) >= from; day--) {
      if (isTradingDay(dateOfDay(day))) dates.push(dateOfDay(day));
    }
    const older = dates.findIndex((date) => date < from);
    return older < 0 ? dates : dates.slice(0, older);
  }

  /** Newest first, back to `from`; the newest closes at `closeWon`. Prices in shares of the first day. */
  *of(instrument: Instrument, place: number, closeWon: number, from: number): Generator<PastDay> {
    const { kind, market } = instrument;
    const dailyVolume = profileOf(instrument).dailyVolume * this.activity;
    for (const date of this.datesBackTo(from)) {
      const random = new Random(this.seed, FIRST_STOCK_STREAM + place * 65_536 + (dayNumber(date) & 65_535));
      const whole = WHOLE_DAY * (this.commonReturn(date, instrument) + OWN_DEVIATION * random.normal());
      const dayReturn = Math.max(-RETURN_MAX, Math.min(RETURN_MAX, whole));
      const beforeWon = floorToGrid(closeWon / (1 + dayReturn), kind, date, market);
      const { lower, upper } = priceLimits(beforeWon, kind, date, market);
      const within = (priceWon: number): number => {
        return Math.max(lower, Math.min(upper, floorToGrid(priceWon, kind, date, market)));
      };
      const openWon = within(beforeWon + NIGHT_SHARE * (closeWon - beforeWon) + 0.003 * closeWon * random.normal());
      const highWon = Math.max(within(Math.max(openWon, closeWon) * (1 + 0.008 * Math.abs(random.normal()))), closeWon);
      const lowWon = Math.min(within(Math.min(openWon, closeWon) * (1 - 0.008 * Math.abs(random.normal()))), closeWon);
      const volume = Math.ceil(dailyVolume * (0.7 + 0.6 * random.unit()) * (1 + 8 * Math.abs(dayReturn)));
      yield { date, openWon, highWon, lowWon, closeWon, volume };
      closeWon = beforeWon;
    }
  }

  private commonReturn(date: number, { sector, kind }: Instrument): number {
    let returns = this.factors.get(date);
    if (returns === undefined) {
      const random = new Random(this.seed, FACTOR_STREAM - dayNumber(date));
      returns = Float64Array.from({ length: SECTORS.length + 1 }, () => random.normal());
      this.factors.set(date, returns);
    }
    const [marketReturn] = returns;
    const sectorReturn = kind === 'stock' ? SECTOR_DEVIATION * returns[1 + SECTORS.indexOf(sector)] : 0;
    return MARKET_DEVIATION * marketReturn + sectorReturn;
  }
}
