// The trades of one registration as they were made, in order: the truth that the account of a fault day is held against.
// Read from the frames before anything spoils them.
import { sessionsOn } from '../../config/sessions.ts';
import { type Frame, frameKind, parseFrame, TRADE } from '../emulator/faults/frame-record.ts';
import { TRS } from '../emulator/tr-catalogue.ts';

export interface TrueTrade {
  readonly date: number;
  readonly shares: number;
  readonly won: number;
  /** 1, or 0 for a trade that the exchange's counts leave out: of an auction, or at the closing price. */
  readonly counted: number;
  /** The day's shares up to and with this one: with the date it names the trade. */
  readonly total: number;
  /** 1 in the after-market, in front of which the feed need not show what was traded. */
  readonly session: number;
}

const TOTAL = 13;
const SIDE = 21;
/** Aggressor's side as the wire has it: 1 bought, 5 sold, 3 nobody. */
const AUCTION_SIDE = '3';
/** No layout of trades is narrower; half a frame may well be. */
const WIDTH_MIN = 46;
const WIDTH_MAX = 64;

/** The trades that a client can read in a message: none of one that is no whole frame of trades. */
export function readableTrades(text: string): readonly TrueTrade[] {
  if (text.split('|').length !== 4 || frameKind(text.slice(2, text.indexOf('|', 2))) !== 'trade') return [];
  const frame = parseFrame(text);
  if (frame === undefined) return [];
  const [{ length: width } = []] = frame.records;
  if (width < WIDTH_MIN || width > WIDTH_MAX) return [];
  const trades = frame.records.map((fields) => tradeOf(frame.trId, fields));
  return trades.every(({ won, total }) => won > 0 && total > 0) ? trades : [];
}

function tradeOf(trId: Frame['trId'], fields: readonly string[]): TrueTrade {
  const shares = Number(fields[TRADE.volume]);
  const date = Number(fields[TRADE.businessDate]);
  return {
    date,
    shares,
    won: shares * Number(fields[TRADE.price]),
    counted: fields[SIDE] === AUCTION_SIDE ? 0 : 1,
    total: Number(fields[TOTAL]),
    session: sessionOf(trId, date, fields[TRADE.time]),
  };
}

function sessionOf(trId: string, date: number, clock: string): number {
  const second = Number(clock.slice(0, 2)) * 3600 + Number(clock.slice(2, 4)) * 60 + Number(clock.slice(4));
  const after = sessionsOn(date, TRS.get(trId)!.venue).find(({ phase }) => phase === 'after_market');
  return after !== undefined && second >= after.startSecond ? 1 : 0;
}

/** All trades of a registration, found by what names them. */
export class TradeTape {
  readonly trades: TrueTrade[] = [];
  private readonly places = new Map<string, number>();

  add(trades: readonly TrueTrade[]): void {
    for (const trade of trades) {
      this.places.set(nameOf(trade), this.trades.length);
      this.trades.push(trade);
    }
  }

  /** Throws where nobody made such a trade: then the account itself is wrong. */
  placeOf(trade: TrueTrade): number {
    const place = this.places.get(nameOf(trade));
    if (place === undefined) throw new Error(`nobody made a trade ${JSON.stringify(trade)}`);
    return place;
  }
}

function nameOf({ date, total }: TrueTrade): string {
  return `${date} ${total}`;
}
