// The simulated market on the wire: KIS flushes each symbol's trades and books about five times a second, trades
// without loss and many to a frame, books as the latest snapshot. Symbols take turns, each at its own phase:
//
//   0 ms         phase of A            phase of B      200 ms         400 ms
//   ├─────────────┼──────────────────────┼──────────────┼──────────────┤
//                 A trades, A book       B trades …      the same again
import type { Audience } from './audience.ts';
import { type Delivery, type Feed, registrationName } from './feed.ts';
import {
  type BookFieldCount,
  INDEX_CODES,
  type IndexCode,
  type SimulatedMarket,
  type TradeFieldCount,
} from './market/market.ts';
import { isIndexTr, TRS, type TrVenue } from './tr-catalogue.ts';
import { plainFrame } from './wire.ts';

export interface MarketFeedOptions {
  readonly market: SimulatedMarket;
  readonly audience: Pick<Audience<unknown>, 'has'>;
  /** Microseconds between two flushes of one symbol. */
  readonly flushPeriodUs: number;
}

/** One appointment in the flush period. `revision` is that of the book or index last sent; trades use none. */
interface Slot {
  readonly phaseUs: number;
  readonly flush: () => void;
}

/** A TR and key under which a slot's content goes out. */
interface Target {
  readonly trId: string;
  readonly venue: TrVenue;
  readonly registration: string;
}

const TRADE_FIELDS: Record<'new' | 'old', TradeFieldCount> = { new: 47, old: 46 };
const BOOK_FIELDS: Record<'new' | 'old', Record<TrVenue, BookFieldCount>> = {
  new: { KRX: 63, NXT: 65, UN: 66 },
  old: { KRX: 62, NXT: 65, UN: 65 },
};

export class MarketFeed implements Feed {
  /** Record widths since 2026-09-14, or those before: KIS changes them between two frames. */
  layout: 'new' | 'old' = 'new';

  private readonly options: MarketFeedOptions;
  /** By phase; `next` is the slot that comes next in the period that began at `periodUs`. */
  private readonly slots: readonly Slot[];
  private next = 0;
  private periodUs = 0;
  /** Open-market time played so far; the market's own time also jumps across closes. */
  private elapsedUs = 0;
  private deliveries: Delivery[] = [];

  constructor(options: MarketFeedOptions) {
    this.options = options;
    const { market } = options;
    const slots: Slot[] = [];
    for (const code of market.codes) {
      market.watch(code, false);
      slots.push(this.slot(`trade ${code}`, this.tradeFlush(code)), this.slot(`book ${code}`, this.bookFlush(code)));
    }
    for (const code of INDEX_CODES) slots.push(this.slot(`index ${code}`, this.indexFlush(code)));
    this.slots = slots.sort((one, other) => one.phaseUs - other.phaseUs);
  }

  get timeUs(): number {
    return this.options.market.timeUs;
  }

  get nextDueUs(): number {
    return this.periodUs + this.slots[this.next]!.phaseUs;
  }

  offers(trId: string, trKey: string): boolean {
    return isIndexTr(trId) ? (INDEX_CODES as readonly string[]).includes(trKey) : this.options.market.has(trKey);
  }

  advanceTo(elapsedUs: number): readonly Delivery[] {
    this.deliveries = [];
    while (this.nextDueUs <= elapsedUs) {
      this.play(this.nextDueUs);
      this.slots[this.next]!.flush();
      this.next += 1;
      if (this.next === this.slots.length) {
        this.next = 0;
        this.periodUs += this.options.flushPeriodUs;
      }
    }
    this.play(elapsedUs);
    return this.deliveries;
  }

  private play(elapsedUs: number): void {
    this.options.market.advanceBy(elapsedUs - this.elapsedUs);
    this.elapsedUs = elapsedUs;
  }

  private slot(name: string, flush: () => void): Slot {
    return { phaseUs: phase(name, this.options.flushPeriodUs), flush };
  }

  private tradeFlush(code: string): () => void {
    const { market } = this.options;
    const targets = this.targets('trade', code);
    let watching = false;
    return () => {
      const heard = targets.filter((target) => this.options.audience.has(target.registration));
      if (watching !== heard.length > 0) {
        // A stream begins at its registration: what was traded before is not sent.
        watching = !watching;
        market.watch(code, watching);
      }
      if (!watching) return;
      for (const run of market.drainTradeRuns(code, undefined, TRADE_FIELDS[this.layout])) {
        for (const { trId, registration } of heard) {
          this.deliveries.push({ registration, frame: plainFrame(trId, run.count, run.payload) });
        }
      }
    };
  }

  private bookFlush(code: string): () => void {
    const { market } = this.options;
    const targets = this.targets('book', code).map((target) => ({ ...target, revision: -1 }));
    return () => {
      const revision = market.bookRevision(code);
      for (const target of targets) {
        if (target.revision === revision || !this.options.audience.has(target.registration)) continue;
        target.revision = revision;
        const payload = market.bookPayload(code, BOOK_FIELDS[this.layout][target.venue]);
        this.deliveries.push({ registration: target.registration, frame: plainFrame(target.trId, 1, payload) });
      }
    };
  }

  private indexFlush(code: IndexCode): () => void {
    const { market } = this.options;
    const registration = registrationName('H0UPCNT0', code);
    let sent = -1;
    return () => {
      const revision = market.indexRevision(code);
      if (sent === revision || !this.options.audience.has(registration)) return;
      sent = revision;
      this.deliveries.push({ registration, frame: plainFrame('H0UPCNT0', 1, market.indexPayload(code)) });
    };
  }

  /** The NXT and unified TRs stay silent for a stock that NXT does not trade. */
  private targets(content: 'trade' | 'book', code: string): Target[] {
    const { nxt } = this.options.market.instrument(code);
    return [...TRS]
      .filter(([, tr]) => tr.content === content && (nxt || tr.venue === 'KRX'))
      .map(([trId, tr]) => ({ trId, venue: tr.venue, registration: registrationName(trId, code) }));
  }
}

/** Spreads names over the milliseconds of the period (FNV-1a), the same in each run. */
function phase(name: string, periodUs: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return ((hash >>> 0) % (periodUs / 1000)) * 1000;
}
