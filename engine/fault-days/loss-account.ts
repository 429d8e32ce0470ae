// What of one instrument's trades is missing, came late or came twice: once as it must be found, from the trades that
// were made and those that arrived, and once as the engine found it. Both are the same kind of account, so that a day
// is right where they are equal.
import type { TradeTape, TrueTrade } from './trade-tape.ts';

export interface Amount {
  records: number;
  shares: number;
  won: number;
  /** Trades that the exchange counts. */
  trades: number;
}

export interface Missing {
  readonly shares: number;
  readonly won: number;
  readonly trades: number;
}

export interface LossAccount {
  /** Each gap, in the order in which the record behind it came. */
  readonly gaps: Missing[];
  /** Each record that came after later ones, and so filled a gap. */
  readonly late: Missing[];
  /** Behind a day's last record, found by its close, which tells no number of trades. */
  readonly tails: Omit<Missing, 'trades'>[];
  /** Records that came again. */
  duplicates: number;
}

export function newAccount(): LossAccount {
  return { gaps: [], late: [], tails: [], duplicates: 0 };
}

export function noAmount(): Amount {
  return { records: 0, shares: 0, won: 0, trades: 0 };
}

export function addTrade(amount: Amount, { shares, won, counted }: TrueTrade): void {
  amount.records += 1;
  amount.shares += shares;
  amount.won += won;
  amount.trades += counted;
}

/** Follows which of a tape's trades arrive, and says what must be found. */
export class ArrivalAccount {
  readonly expected = newAccount();
  /** Lost behind a day's last record. */
  readonly tails = noAmount();
  /** Lost with all other trades of a day: there is no record that the close could be held against. */
  readonly wholeDays = noAmount();
  private readonly tape: TradeTape;
  private readonly arrived: Uint8Array;
  /** Places that were passed by without having been missed. */
  private readonly unmissed = new Set<number>();
  /** Place of the newest trade that arrived; −1: none yet. */
  private last = -1;

  constructor(tape: TradeTape) {
    this.tape = tape;
    this.arrived = new Uint8Array(tape.trades.length);
  }

  /** A trade can be read. */
  arrive(trade: TrueTrade): void {
    const { tape, arrived, expected } = this;
    const place = tape.placeOf(trade);
    const newest = tape.trades[this.last];
    if (arrived[place] === 1 || (newest !== undefined && trade.date < newest.date)) {
      expected.duplicates += 1;
      return;
    }
    arrived[place] = 1;
    if (place < this.last) this.fill(place);
    else this.follow(place);
  }

  /** A day's close was told. */
  close(date: number): void {
    const { tape } = this;
    const behind = tape.trades.slice(this.last + 1).filter((trade) => trade.date === date);
    if (behind.length === 0) return;
    if (tape.trades[this.last]?.date !== date) {
      for (const trade of behind) addTrade(this.wholeDays, trade);
      return;
    }
    for (const trade of behind) addTrade(this.tails, trade);
    const { shares, won } = missing(behind);
    this.expected.tails.push({ shares, won });
  }

  /** Lost in front of the after-market, where no counted trade is missing: it looks like what no feed shows. */
  get betweenSessions(): Amount {
    const amount = noAmount();
    for (const place of this.unmissed) addTrade(amount, this.tape.trades[place]);
    return amount;
  }

  /** What never arrived. */
  get lost(): Amount {
    const lost = noAmount();
    for (const [place, trade] of this.tape.trades.entries()) if (this.arrived[place] === 0) addTrade(lost, trade);
    return lost;
  }

  /** Of what no gap had told of, nothing is filled. */
  private fill(place: number): void {
    this.expected.late.push(missing(this.unmissed.delete(place) ? [] : [this.tape.trades[place]]));
  }

  private follow(place: number): void {
    const { trades } = this.tape;
    const { date, session } = trades[place];
    const skipped = trades.slice(this.last + 1, place).filter((trade) => trade.date === date);
    const before = trades[this.last];
    this.last = place;
    if (skipped.length === 0) return;
    const gap = missing(skipped);
    if (before?.date === date && session > before.session && gap.trades === 0) {
      for (let at = place - skipped.length; at < place; at++) this.unmissed.add(at);
    } else this.expected.gaps.push(gap);
  }
}

function missing(trades: readonly TrueTrade[]): Missing {
  const amount = noAmount();
  for (const trade of trades) addTrade(amount, trade);
  const { shares, won, trades: counted } = amount;
  return { shares, won, trades: counted };
}
