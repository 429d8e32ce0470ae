// Tells loss from the data: a KIS trade has no sequence number, but its cumulative volume, turnover and trade counts
// chain from record to record, so what is missing between two records is known to the share. Whatever comes late fills
// the hole that it left; what fits no hole was seen before, or corrects what was.
//
//   accumulated volume   …──┤ record ├──hole──┤ record ├──…
//                           └ (total − volume, total] ┘
import { PRICE_SCALE, SIDE_BUY, SIDE_SELL, type TradeColumns } from '../decode/records.ts';

/**
 * - `first`: no predecessor that day, and nobody knows what was before it
 * - `next`: it follows
 * - `gap`: shares are missing in front of it
 * - `between_sessions`: shares changed hands between two sessions, where the feed shows none of it (block trades, trading
 *   at the close price): no loss
 * - `late`: it was missing until now, and fills what it had left open
 * - `duplicate`: seen already
 * - `inconsistent`: its own volume contradicts the chain; it is taken as a new beginning
 * - `correction`: the exchange has taken trades back: totals go on from a lower one
 */
export type SequenceVerdict =
  | 'first'
  | 'next'
  | 'gap'
  | 'between_sessions'
  | 'late'
  | 'duplicate'
  | 'inconsistent'
  | 'correction';

export interface Gap {
  shares: number;
  turnoverWon: number;
  /** 0 where the lost trades were auction trades, which the counters leave out. */
  trades: number;
}

/**
 * A stretch of the day's totals that no record covers: after `from`, up to and with `to`. One between two sessions is no
 * loss, but records of it that come late are no duplicates either.
 */
interface Hole {
  readonly fromShares: number;
  readonly toShares: number;
  readonly turnoverWon: number;
  readonly trades: number;
  readonly isLoss: boolean;
}

/** The cumulative fields of one record. */
interface Totals {
  businessDate: number;
  seconds: number;
  session: number;
  volume: number;
  turnoverWon: number;
  trades: number;
}

export interface SavedSequence {
  readonly last: Totals;
  readonly holes: readonly Hole[];
  readonly recent: Float64Array;
  readonly recentAt: number;
  readonly suspect: Totals;
}

/** Holes that may still be filled; beyond them the oldest is a loss for good. */
const HOLES_MAX = 64;
/** Totals remembered to know a record again; older ones are known by their second. */
const RECENT_MAX = 64;
const NO_TOTALS: Totals = { businessDate: 0, seconds: 0, session: 0, volume: 0, turnoverWon: 0, trades: 0 };

export class TradeSequence {
  /** The newest record, and its day (0: none yet). */
  readonly last: Totals = { ...NO_TOTALS };
  /** What the last verdict speaks of: missing (`gap`, `between_sessions`), or filled in of a gap (`late`). */
  readonly gap: Gap = { shares: 0, turnoverWon: 0, trades: 0 };
  private holes: Hole[] = [];
  /** Totals of the last records, as a ring. */
  private readonly recent = new Float64Array(RECENT_MAX);
  private recentAt = 0;
  /** A record whose total went back without having been seen: a correction, if the next one goes on from it. */
  private suspect: Totals = { ...NO_TOTALS };

  /**
   * @param session number of the session that the record's second lies in; sessions of a day count upwards
   * @param wholeDay whether records were expected from the day's beginning: the first one then shows a loss as well
   */
  accept(columns: TradeColumns, record: number, session = 0, wholeDay = false): SequenceVerdict {
    const { last } = this;
    const date = columns.businessDate[record];
    const volume = columns.volume[record];
    const total = columns.accumulatedVolume[record];
    if (date < last.businessDate) return 'duplicate';
    if (date > last.businessDate) {
      this.reset();
      if (!wholeDay || total <= volume) return this.follow(columns, record, session, 'first');
      // The day's totals begin at nothing.
      last.session = session;
      this.openHole(columns, record, total - volume, true);
      return this.follow(columns, record, session, 'gap');
    }
    const missing = total - last.volume - volume;
    if (missing === 0 && total > last.volume) return this.follow(columns, record, session, 'next');
    if (total <= last.volume) return this.lookBack(columns, record, session);
    if (missing < 0) return this.follow(columns, record, session, 'inconsistent');
    const isLoss = session === last.session || this.tradesMissing(columns, record) > 0;
    this.openHole(columns, record, missing, isLoss);
    return this.follow(columns, record, session, isLoss ? 'gap' : 'between_sessions');
  }

  /** What was lost in front of a record of that verdict; `unknown` where it is the first that came, or contradicts them. */
  missingBefore(columns: TradeColumns, record: number, verdict: SequenceVerdict): Gap | 'unknown' | null {
    switch (verdict) {
      case 'gap':
        return this.gap;
      case 'first':
        return columns.accumulatedVolume[record] > columns.volume[record] ? 'unknown' : null;
      case 'inconsistent':
      case 'correction':
        return 'unknown';
      default:
        return null;
    }
  }

  /** Shares of the day that no record has covered so far. */
  get missingShares(): number {
    const losses = this.holes.filter(({ isLoss }) => isLoss);
    return losses.reduce((shares, { fromShares, toShares }) => shares + toShares - fromShares, 0);
  }

  /**
   * The day's totals by another source, after its last record: what they have more is lost behind it.
   * @returns false where nothing is missing, else the loss stands in `gap`
   */
  closeDay(businessDate: number, volume: number, turnoverWon: number): boolean {
    const { last, gap } = this;
    if (businessDate !== last.businessDate || volume <= last.volume) return false;
    gap.shares = volume - last.volume;
    gap.turnoverWon = turnoverWon - last.turnoverWon;
    gap.trades = 0;
    this.rememberHole(true);
    last.volume = volume;
    last.turnoverWon = turnoverWon;
    return true;
  }

  /** Another feed: its numbers do not continue the last one's. */
  reset(): void {
    Object.assign(this.last, NO_TOTALS);
    this.suspect = { ...NO_TOTALS };
    this.holes = [];
    this.recent.fill(0);
  }

  save(): SavedSequence {
    return {
      last: { ...this.last },
      holes: this.holes.map((hole) => ({ ...hole })),
      recent: this.recent.slice(),
      recentAt: this.recentAt,
      suspect: { ...this.suspect },
    };
  }

  load(saved: SavedSequence): void {
    Object.assign(this.last, saved.last);
    this.holes = saved.holes.map((hole) => ({ ...hole }));
    this.recent.set(saved.recent);
    this.recentAt = saved.recentAt;
    this.suspect = { ...saved.suspect };
  }

  private follow(columns: TradeColumns, record: number, session: number, verdict: SequenceVerdict): SequenceVerdict {
    readTotals(this.last, columns, record, session);
    this.recent[this.recentAt] = this.last.volume;
    this.recentAt = (this.recentAt + 1) % RECENT_MAX;
    return verdict;
  }

  /** A record whose total is not beyond the last one. */
  private lookBack(columns: TradeColumns, record: number, session: number): SequenceVerdict {
    const { suspect, last } = this;
    const total = columns.accumulatedVolume[record];
    const volume = columns.volume[record];
    if (this.recent.includes(total)) return 'duplicate';
    if (this.fillHole(columns, record)) return 'late';
    if (columns.timeSeconds[record] < last.seconds) return 'duplicate';
    if (suspect.businessDate === last.businessDate && suspect.volume + volume === total) {
      this.holes = this.holes.filter(({ toShares }) => toShares <= suspect.volume);
      return this.follow(columns, record, session, 'correction');
    }
    readTotals(suspect, columns, record, session);
    return 'duplicate';
  }

  private openHole(columns: TradeColumns, record: number, shares: number, isLoss: boolean): void {
    this.measure(columns, record, shares);
    this.rememberHole(isLoss);
  }

  /** What is missing behind the last record stands in `gap`. */
  private rememberHole(isLoss: boolean): void {
    const { last, gap, holes } = this;
    if (holes.length === HOLES_MAX) holes.shift();
    const { shares, turnoverWon, trades } = gap;
    holes.push({ fromShares: last.volume, toShares: last.volume + shares, turnoverWon, trades, isLoss });
  }

  /** Takes a late record out of the hole that it left; what remains at its sides stays open. */
  private fillHole(columns: TradeColumns, record: number): boolean {
    const total = columns.accumulatedVolume[record];
    const volume = columns.volume[record];
    const at = this.holes.findIndex(({ fromShares, toShares }) => total - volume >= fromShares && total <= toShares);
    if (at === -1) return false;
    const { gap } = this;
    const { fromShares, toShares, turnoverWon, trades, isLoss } = this.holes[at];
    gap.shares = isLoss ? volume : 0;
    gap.turnoverWon = isLoss ? worthOf(columns, record) : 0;
    gap.trades = isLoss && isCounted(columns, record) ? 1 : 0;
    // How a hole's won and trades divide between its two sides nobody knows: they go to the first that is left.
    const rest = { turnoverWon: turnoverWon - gap.turnoverWon, trades: Math.max(0, trades - gap.trades), isLoss };
    const sides: Hole[] = [];
    if (total - volume > fromShares) sides.push({ fromShares, toShares: total - volume, ...rest });
    if (total < toShares) {
      const remaining = sides.length === 0 ? rest : { turnoverWon: 0, trades: 0, isLoss };
      sides.push({ fromShares: total, toShares, ...remaining });
    }
    this.holes.splice(at, 1, ...sides);
    return true;
  }

  private measure(columns: TradeColumns, record: number, shares: number): void {
    const { gap, last } = this;
    gap.shares = shares;
    gap.turnoverWon = columns.accumulatedTurnover[record] - last.turnoverWon - worthOf(columns, record);
    gap.trades = this.tradesMissing(columns, record);
  }

  private tradesMissing(columns: TradeColumns, record: number): number {
    const counted = isCounted(columns, record) ? 1 : 0;
    return Math.max(0, countOf(columns, record) - this.last.trades - counted);
  }
}

function readTotals(totals: Totals, columns: TradeColumns, record: number, session: number): void {
  totals.businessDate = columns.businessDate[record];
  totals.seconds = columns.timeSeconds[record];
  totals.session = session;
  totals.volume = columns.accumulatedVolume[record];
  totals.turnoverWon = columns.accumulatedTurnover[record];
  totals.trades = countOf(columns, record);
}

function countOf(columns: TradeColumns, record: number): number {
  return columns.sellTrades[record] + columns.buyTrades[record];
}

/** Auction trades have no aggressor, and the exchange does not count them. */
function isCounted(columns: TradeColumns, record: number): boolean {
  const side = columns.side[record];
  return side === SIDE_BUY || side === SIDE_SELL;
}

function worthOf(columns: TradeColumns, record: number): number {
  return (columns.price[record] * columns.volume[record]) / PRICE_SCALE;
}
