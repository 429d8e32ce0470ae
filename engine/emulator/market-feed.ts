// The simulated market on the wire, as KIS delivers it: trades without loss and many to a frame, books and expected
// executions as the latest snapshot, market status at once. Whatever nobody has registered costs nothing.
import { type Delivery, type Feed, partsOf, registrationName, type Stream } from './feed.ts';
import { FlushPlan } from './flush-plan.ts';
import type { FurtherMarkets } from './further-markets/further-markets.ts';
import { INDEX_CODES, type IndexCode, type MarketVenue, type SimulatedMarket } from './market/simulated-market.ts';
import { TRS } from './tr-catalogue.ts';
import { plainFrame } from './wire.ts';
import { WIRE_WIDTHS, type WireWidths, widthsOn } from './wire-widths.ts';

export interface MarketFeedOptions {
  readonly market: SimulatedMarket;
  /** Microseconds between two flushes of one symbol. */
  readonly flushPeriodUs: number;
  /** Overseas trades and index futures; without them, their TRs have no keys. */
  readonly furtherMarkets?: FurtherMarkets;
}

const STATUS_TR = { KRX: 'H0STMKO0', NXT: 'H0NXMKO0', UN: 'H0UNMKO0' } as const;
/** Market status is looked for so often in a period, because it is sent at once. */
const STATUS_LOOKS = 10;
const STATUS = 'status';

/** Record widths since 2026-09-14, or those before. */
export type WireLayout = 'new' | 'old';

export class MarketFeed implements Feed {
  /** From the next flush on; undefined for the widths of the simulated day. */
  layout: WireLayout | undefined;

  private readonly options: MarketFeedOptions;
  private readonly plan: FlushPlan;
  private readonly streams = new Map<string, Stream>();
  /** Registrations of market status. */
  private readonly statusHeard = new Set<string>();
  /** Open-market time played so far; the market's own time also jumps across closes. */
  private elapsedUs = 0;
  private deliveries: Delivery[] = [];

  constructor(options: MarketFeedOptions) {
    this.options = options;
    this.plan = new FlushPlan(options.flushPeriodUs);
    for (const code of options.market.codes) options.market.watch(code, 'KRX', false);
  }

  get timeUs(): number {
    return this.options.market.timeUs;
  }

  get nextDueUs(): number {
    return this.plan.nextDueUs;
  }

  /** Between two frames, as KIS did it; again to go back. */
  switchLayout(): void {
    this.layout = this.widths === WIRE_WIDTHS[0] ? 'old' : 'new';
  }

  offers(trId: string, trKey: string): boolean {
    switch (TRS.get(trId)?.keys) {
      case 'stock':
        return this.options.market.has(trKey);
      case 'index':
        return isIndex(trKey);
      case 'overseas':
      case 'future':
        return this.options.furtherMarkets?.offers(trId, trKey) ?? false;
      default:
        return /^[0-9A-Z]{1,16}$/.test(trKey);
    }
  }

  begin(trId: string, trKey: string): void {
    const registration = registrationName(trId, trKey);
    if (TRS.get(trId)?.content === 'status') {
      if (this.statusHeard.size === 0) this.beginStatus();
      this.statusHeard.add(registration);
      return;
    }
    const stream = this.streamOf(trId, trKey);
    if (stream === undefined) return;
    this.streams.set(registration, stream);
    this.plan.add(registration, () => {
      const frames = stream.flush();
      // What the frames tell has its status in front of it: first VI off, then the trade that ended it.
      if (this.statusHeard.size > 0) this.flushStatus();
      for (const frame of frames) this.deliveries.push({ registration, frame });
    });
  }

  end(trId: string, trKey: string): void {
    const registration = registrationName(trId, trKey);
    if (this.statusHeard.delete(registration) && this.statusHeard.size === 0) this.plan.remove(STATUS);
    this.streams.get(registration)?.end();
    if (this.streams.delete(registration)) this.plan.remove(registration);
  }

  advanceTo(elapsedUs: number): readonly Delivery[] {
    this.deliveries = [];
    this.plan.advanceTo(elapsedUs, (playedUs) => {
      this.options.market.advanceBy(playedUs - this.elapsedUs);
      this.elapsedUs = playedUs;
    });
    return this.deliveries;
  }

  private get widths(): WireWidths {
    const [newest, before] = WIRE_WIDTHS;
    if (this.layout === undefined) return widthsOn(this.options.market.businessDate);
    return this.layout === 'new' ? newest : before;
  }

  /** Undefined where nothing will ever come: silent TRs, and NXT and unified ones of a stock that NXT does not trade. */
  private streamOf(trId: string, trKey: string): Stream | undefined {
    const { market, furtherMarkets } = this.options;
    const { content, keys, venue } = TRS.get(trId)!;
    if (keys === 'overseas' || keys === 'future') return furtherMarkets?.stream(trId, trKey);
    if (content === 'index' || content === 'expected_index') return this.indexStream(trId, trKey as IndexCode);
    if (keys !== 'stock' || (venue !== 'KRX' && !market.instrument(trKey).nxt)) return undefined;
    if (content === 'trade') return this.tradeStream(trId, trKey, venue);
    if (content === 'book') {
      return this.snapshots(trId, market.phase(venue) !== 'closed', {
        revision: () => market.bookRevision(trKey, venue),
        payload: () => market.bookPayload(trKey, venue, this.widths.book[venue]),
      });
    }
    if (content === 'expected') {
      return this.snapshots(trId, false, {
        revision: () => market.expectedRevision(trKey, venue),
        payload: () => market.expectedPayload(trKey, venue, this.widths.expected[venue]),
      });
    }
    return undefined;
  }

  /** It begins at its registration: what was traded before is not sent. */
  private tradeStream(trId: string, code: string, venue: MarketVenue): Stream {
    const { market } = this.options;
    market.watch(code, venue, true);
    return {
      flush: () =>
        market
          .drainTradeRuns(code, venue, undefined, this.widths.trade)
          .map((run) => plainFrame(trId, run.count, run.payload)),
      end: () => market.watch(code, venue, false),
    };
  }

  private indexStream(trId: string, code: IndexCode): Stream {
    const { market } = this.options;
    return trId === 'H0UPCNT0'
      ? this.snapshots(trId, market.phase('KRX') !== 'closed', {
          revision: () => market.indexRevision(code),
          payload: () => market.indexPayload(code),
        })
      : this.snapshots(trId, false, {
          revision: () => market.expectedIndexRevision(code),
          payload: () => market.expectedIndexPayload(code),
        });
  }

  /** The latest state, once for each flush in which it changed; `current` sends also the one that stands. */
  private snapshots(
    trId: string,
    current: boolean,
    source: { readonly revision: () => number; readonly payload: () => string },
  ): Stream {
    let sent = current ? -1 : source.revision();
    return {
      flush: () => {
        const revision = source.revision();
        if (revision === sent) return [];
        sent = revision;
        return [plainFrame(trId, 1, source.payload())];
      },
      end() {},
    };
  }

  private beginStatus(): void {
    const { market } = this.options;
    market.drainStatus(); // What was before is not sent.
    for (let look = 0; look < STATUS_LOOKS; look += 1) {
      this.plan.add(STATUS, () => this.flushStatus(), look, STATUS_LOOKS);
    }
  }

  private flushStatus(): void {
    for (const { code, venue, payload } of this.options.market.drainStatus()) {
      const registration = registrationName(STATUS_TR[venue], code);
      if (!this.statusHeard.has(registration)) continue;
      this.deliveries.push({ registration, frame: plainFrame(partsOf(registration)[0], 1, payload) });
    }
  }
}

function isIndex(key: string): key is IndexCode {
  return (INDEX_CODES as readonly string[]).includes(key);
}
