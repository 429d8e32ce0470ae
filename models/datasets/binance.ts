// Recordings of Binance market data (nkaz001/hftbacktest, MIT) as books and trades. A line is the receive time in
// nanoseconds, a space, and the raw message: a REST snapshot of 1000 levels, depth diffs, book tickers, trades.
// The book is snapshot plus diffs, whose chain of ids must not break; the ticker is newer than the diffs and overlays
// the top. A later file goes on where the earlier one ended, without a snapshot of its own.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { BOOK_LEVELS, BookColumns, PRICE_SCALE } from '../../engine/decode/records.ts';
import { PriceLevels } from './price-levels.ts';

/** Who takes the events, in the order they were received. Record 0 of `columns` is the book; it is reused. */
export interface MarketListener {
  /** `quote`: the best bid or ask changed in price or size. */
  book(columns: BookColumns, timeUs: number, quote: boolean): void;
  trade(price: number, volume: number, sign: number, timeUs: number): void;
}

export class DatasetError extends Error {
  constructor(place: string, message: string) {
    super(`${place}: ${message}`);
    this.name = 'DatasetError';
  }
}

type Level = readonly [price: string, size: string];

interface Message {
  readonly lastUpdateId?: number;
  readonly bids?: readonly Level[];
  readonly asks?: readonly Level[];
  readonly stream?: string;
  readonly data?: StreamData;
}

/** Fields by the names of the exchange; which of them a message has depends on its stream. */
interface StreamData {
  readonly U: number;
  readonly u: number;
  readonly pu?: number;
  readonly b: string | readonly Level[];
  readonly B: string;
  readonly a: string | readonly Level[];
  readonly A: string;
  readonly p: string;
  readonly q: string;
  readonly m: boolean;
}

/** Plays gz files of one instrument, earliest first. @throws {DatasetError} with file and line */
export function playBinance(files: readonly string[], listener: MarketListener): void {
  const player = new BinancePlayer(listener);
  for (const file of files) {
    const text = gunzipSync(readFileSync(file)).toString('utf8');
    let line = 1;
    let start = 0;
    while (start < text.length) {
      const end = text.indexOf('\n', start);
      const stop = end < 0 ? text.length : end;
      if (stop > start) player.line(text.slice(start, stop), `${file}:${line}`);
      start = stop + 1;
      line++;
    }
  }
}

export class BinancePlayer {
  private readonly listener: MarketListener;
  private readonly columns = new BookColumns();
  private readonly bids = new PriceLevels('bid');
  private readonly asks = new PriceLevels('ask');
  /** Diffs that came before the snapshot. */
  private early: StreamData[] = [];
  /** Last id applied to the depth; undefined before the snapshot. */
  private depthId: number | undefined;
  /** After the snapshot the first diff only has to straddle it. */
  private chained = false;
  private tickerId = 0;
  private tickerBid = 0;
  private tickerBidSize = 0;
  private tickerAsk = 0;
  private tickerAskSize = 0;

  constructor(listener: MarketListener) {
    this.listener = listener;
    this.columns.count = 1;
  }

  /** @param place file and line, for the message of an error */
  line(line: string, place: string): void {
    const space = line.indexOf(' ');
    const timeUs = Number(line.slice(0, space - 3));
    if (!(timeUs > 0)) throw new DatasetError(place, 'a line starts with the receive time in nanoseconds');
    const message = parseMessage(line.slice(space + 1), place);
    if (message.lastUpdateId !== undefined) {
      this.snapshot(message, place);
      this.emit(timeUs);
      return;
    }
    const { stream, data } = message;
    if (stream === undefined || data === undefined)
      throw new DatasetError(place, 'neither a snapshot nor a stream message');
    const kind = stream.slice(stream.indexOf('@') + 1);
    if (kind.startsWith('depth')) this.depth(data, timeUs, place);
    else if (kind === 'bookTicker') this.ticker(data, timeUs);
    else if (kind === 'trade') {
      // `m`: the buyer was the maker, so the seller was the aggressor.
      this.listener.trade(scaledPrice(data.p), Number(data.q), data.m ? -1 : 1, timeUs);
    }
  }

  private snapshot(message: Message, place: string): void {
    this.bids.clear();
    this.asks.clear();
    setLevels(this.bids, message.bids ?? []);
    setLevels(this.asks, message.asks ?? []);
    this.depthId = message.lastUpdateId;
    this.chained = false;
    const early = this.early;
    this.early = [];
    for (const diff of early) this.applyDiff(diff, place);
  }

  private depth(data: StreamData, timeUs: number, place: string): void {
    if (this.depthId === undefined) {
      this.early.push(data);
      return;
    }
    this.applyDiff(data, place);
    this.emit(timeUs);
  }

  private applyDiff(data: StreamData, place: string): void {
    const last = this.depthId ?? 0;
    if (data.u <= last && !this.chained) return;
    // Futures name the previous event's id (pu); on spot the first id follows the previous event's last.
    const follows = this.chained
      ? data.pu === undefined
        ? data.U === last + 1
        : data.pu === last
      : data.U <= last + 1 && data.u >= last;
    if (!follows) {
      throw new DatasetError(
        place,
        `gap in the depth: expected to follow ${last}, found U ${data.U} pu ${data.pu ?? '-'}`,
      );
    }
    this.depthId = data.u;
    this.chained = true;
    setLevels(this.bids, data.b as readonly Level[]);
    setLevels(this.asks, data.a as readonly Level[]);
  }

  private ticker(data: StreamData, timeUs: number): void {
    this.tickerId = data.u;
    this.tickerBid = scaledPrice(data.b as string);
    this.tickerBidSize = Number(data.B);
    this.tickerAsk = scaledPrice(data.a as string);
    this.tickerAskSize = Number(data.A);
    if (this.depthId !== undefined) this.emit(timeUs);
  }

  /** Writes the ten best levels of each side and passes them on. */
  private emit(timeUs: number): void {
    const { columns } = this;
    const overlay = this.tickerId >= (this.depthId ?? 0);
    const bid = columns.bidPrice[0];
    const bidSize = columns.bidSize[0];
    const ask = columns.askPrice[0];
    const askSize = columns.askSize[0];
    fill(columns.bidPrice, columns.bidSize, this.bids, overlay ? this.tickerBid : 0, this.tickerBidSize);
    fill(columns.askPrice, columns.askSize, this.asks, overlay ? this.tickerAsk : 0, this.tickerAskSize);
    const quote =
      bid !== columns.bidPrice[0] ||
      ask !== columns.askPrice[0] ||
      bidSize !== columns.bidSize[0] ||
      askSize !== columns.askSize[0];
    this.listener.book(columns, timeUs, quote);
  }
}

/** A `topPrice` of 0: the depth itself has the top. Levels the newer top has left behind are skipped. */
function fill(prices: Float64Array, sizes: Float64Array, levels: PriceLevels, topPrice: number, topSize: number): void {
  let level = 0;
  let from = 0;
  if (topPrice > 0) {
    prices[0] = topPrice;
    sizes[0] = topSize;
    level = 1;
    from = levels.find(topPrice);
    if (from < levels.count && levels.prices[from] === topPrice) from++;
  }
  for (; level < BOOK_LEVELS; level++, from++) {
    prices[level] = from < levels.count ? levels.prices[from] : 0;
    sizes[level] = from < levels.count ? levels.sizes[from] : 0;
  }
}

function setLevels(side: PriceLevels, levels: readonly Level[]): void {
  for (const [price, size] of levels) side.set(scaledPrice(price), Number(size));
}

function scaledPrice(text: string): number {
  return Math.round(Number(text) * PRICE_SCALE);
}

function parseMessage(text: string, place: string): Message {
  try {
    return JSON.parse(text) as Message;
  } catch (error) {
    throw new DatasetError(place, error instanceof Error ? error.message : String(error));
  }
}
