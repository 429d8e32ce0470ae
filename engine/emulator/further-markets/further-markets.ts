// Markets beside the Korean stocks, for whoever registers them: a few American stocks (HDFSCNT0) and the KOSPI200 future
// of any quarter (H0IFCNT0, H0IFASP0). They live on the simulated market's clock.
import type { Stream } from '../feed.ts';
import type { SimulatedMarket } from '../market/simulated-market.ts';
import { plainFrame } from '../wire.ts';
import { IndexFuture } from './index-future.ts';
import { OverseasStock } from './overseas-stock.ts';

export interface FurtherMarketsOptions {
  readonly market: SimulatedMarket;
  readonly seed: number;
}

/** Plausible prices in dollars; no quotes. */
const OVERSEAS_DOLLARS: Readonly<Record<string, number>> = {
  NASAAPL: 268,
  NASNVDA: 187,
  NASMSFT: 512,
  NASTSLA: 431,
  NASAMZN: 232,
  NASGOOGL: 281,
  NASMETA: 648,
  NASQQQ: 617,
  NYSJPM: 309,
  NYSKO: 71,
  NYSBRK: 498,
  AMSSPY: 676,
};
/** Delayed or paid, and the American day market by its own names. */
const OVERSEAS_KEY = /^(?:[DR](NAS|NYS|AMS)|R(BAQ|BAY|BAA))([A-Z]{1,8})$/;
const DAY_MARKETS: Readonly<Record<string, string>> = { BAQ: 'NAS', BAY: 'NYS', BAA: 'AMS' };
const QUARTERLY_FUTURE = /^(A01\d|101[0-9A-Z])(03|06|09|12)$/;
/** Records of one frame at most. */
const FRAME_RECORDS_MAX = 20;

export class FurtherMarkets {
  private readonly options: FurtherMarketsOptions;
  private readonly stocks = new Map<string, OverseasStock>();
  private readonly futures = new Map<string, IndexFuture>();

  constructor(options: FurtherMarketsOptions) {
    this.options = options;
  }

  offers(trId: string, trKey: string): boolean {
    return trId === 'HDFSCNT0' ? dollarsOf(trKey) !== undefined : QUARTERLY_FUTURE.test(trKey);
  }

  /** Of a TR and key that are offered. */
  stream(trId: string, trKey: string): Stream {
    if (trId === 'HDFSCNT0') return this.overseasTrades(trId, trKey);
    const future = this.future(trKey);
    if (trId === 'H0IFASP0') {
      return {
        flush() {
          const record = future.book();
          return record === undefined ? [] : [plainFrame(trId, 1, record)];
        },
        end() {},
      };
    }
    future.trades();
    future.tradesHeard = true;
    return {
      flush: () => frames(trId, future.trades()),
      end() {
        future.tradesHeard = false;
      },
    };
  }

  private overseasTrades(trId: string, trKey: string): Stream {
    const { market, seed } = this.options;
    const stock = this.stocks.get(trKey) ?? newStock(trKey, seed, market.timeUs);
    this.stocks.set(trKey, stock);
    // What was traded before the registration is not sent.
    stock.advanceTo(market.timeUs);
    return { flush: () => frames(trId, stock.advanceTo(market.timeUs)), end() {} };
  }

  private future(code: string): IndexFuture {
    const future = this.futures.get(code) ?? new IndexFuture({ code, ...this.options });
    this.futures.set(code, future);
    return future;
  }
}

function newStock(key: string, seed: number, startTimeUs: number): OverseasStock {
  return new OverseasStock({ key, seed, priceDollars: dollarsOf(key)!, startTimeUs });
}

function dollarsOf(key: string): number | undefined {
  const found = OVERSEAS_KEY.exec(key);
  if (found === null) return undefined;
  const [, venue, dayMarket, symbol] = found;
  return OVERSEAS_DOLLARS[`${venue ?? DAY_MARKETS[dayMarket]}${symbol}`];
}

function frames(trId: string, records: readonly string[]): string[] {
  const texts: string[] = [];
  for (let at = 0; at < records.length; at += FRAME_RECORDS_MAX) {
    const run = records.slice(at, at + FRAME_RECORDS_MAX);
    texts.push(plainFrame(trId, run.length, run.join('^')));
  }
  return texts;
}
