// The KRX Open API (`GET /svc/apis/{category}/{name}?basDd=YYYYMMDD`): the exchange's own end-of-day figures. Days that are
// over are answered, today is not; a day without trading has an empty list.
import type { IncomingHttpHeaders } from 'node:http';
import { kstDate } from '../../../config/calendar.ts';
import type { Clock } from '../../clock.ts';
import { type HistoryBar, INDEX_CODES, type IndexCode, type SimulatedMarket } from '../market/simulated-market.ts';
import type { RestAnswer } from './answer.ts';
import { dateLater } from './dates.ts';
import { type Fields, fields, percent } from './fields.ts';
import { isin } from './isin.ts';
import type { Listing, ListingMarket, Listings } from './listings.ts';

export interface KrxOpenApiOptions {
  readonly market: SimulatedMarket;
  readonly listings: Listings;
  readonly clock: Clock;
  /** Any that is not empty where it is not given. */
  readonly keys?: ReadonlySet<string>;
  readonly requestsPerDay?: number;
}

export const KRX_REQUESTS_PER_DAY = 10_000;
const FACE_VALUE_WON = 100;
/** The longest closure is shorter, so the trading day before is among them. */
const DAYS_BACK = 14;
const MARKETS = { stk: 'KOSPI', ksq: 'KOSDAQ', knx: 'KONEX' } as const;
const INDEX_CLASSES: Readonly<Record<string, readonly IndexCode[]>> = { kospi: ['0001', '2001'], kosdaq: ['1001'] };
const INDEX_NAMES: Readonly<Record<IndexCode, string>> = { '0001': '코스피', '1001': '코스닥', '2001': '코스피 200' };
/** Served, and empty: the market has none of these. */
const EMPTY_NAMES = ['etp/etf_bydd_trd', 'etp/etn_bydd_trd', 'drv/fut_bydd_trd', 'drv/opt_bydd_trd', 'idx/krx_dd_trd'];
const NOT_DERIVATIVE = 'idx/drvprod_dd_trd';

export class KrxOpenApi {
  private readonly options: KrxOpenApiOptions;
  private readonly names: ReadonlyMap<string, (date: number) => readonly Fields[]>;
  private countedDate = 0;
  private readonly requests = new Map<string, number>();

  constructor(options: KrxOpenApiOptions) {
    this.options = options;
    const nothing = (): readonly Fields[] => [];
    this.names = new Map<string, (date: number) => readonly Fields[]>([
      ...Object.entries(MARKETS).flatMap(([name, market]): [string, (date: number) => readonly Fields[]][] => [
        [`sto/${name}_bydd_trd`, (date) => this.stockDays(market, date)],
        [`sto/${name}_isu_base_info`, (date) => this.stockFacts(market, date)],
      ]),
      ...Object.keys(INDEX_CLASSES).map((name): [string, (date: number) => readonly Fields[]] => [
        `idx/${name}_dd_trd`,
        (date) => this.indexDays(name, date),
      ]),
      ...[...EMPTY_NAMES, NOT_DERIVATIVE].map((name): [string, () => readonly Fields[]] => [name, nothing]),
    ]);
  }

  /** Undefined for a path that is not of this interface. */
  answer(url: URL, headers: IncomingHttpHeaders): RestAnswer | undefined {
    const name = /^\/svc\/apis\/([a-z]+\/[a-z_]+)$/.exec(url.pathname)?.[1];
    if (name === undefined) return undefined;
    const rows = this.names.get(name);
    const key = String(headers.auth_key ?? url.searchParams.get('AUTH_KEY') ?? '');
    if (key === '' || this.options.keys?.has(key) === false) return refused(401, 'Unauthorized Key');
    if (rows === undefined) return refused(404, 'Not Found');
    if (!this.withinLimit(key)) return refused(429, 'API limit exceeded');
    const date = Number(url.searchParams.get('basDd') ?? Number.NaN);
    if (!/^\d{8}$/.test(url.searchParams.get('basDd') ?? '')) return refused(400, 'basDd is YYYYMMDD');
    // What is not over is not published: the figures of a day appear on the next one.
    const published = date < this.options.market.businessDate;
    return { status: 200, body: { OutBlock_1: published ? rows(date) : [] } };
  }

  private withinLimit(key: string): boolean {
    const today = kstDate(this.options.clock.nowUs());
    if (today !== this.countedDate) {
      this.requests.clear();
      this.countedDate = today;
    }
    const count = (this.requests.get(key) ?? 0) + 1;
    this.requests.set(key, count);
    return count <= (this.options.requestsPerDay ?? KRX_REQUESTS_PER_DAY);
  }

  private stockDays(market: ListingMarket, date: number): readonly Fields[] {
    return this.listed(market, date).flatMap((listing) => {
      const { code } = listing;
      if (!this.options.market.has(code)) return [];
      const bars = this.options.market.dailyBars(code, 'KRX', dateLater(date, -DAYS_BACK), date, false);
      const bar = bars.at(-1);
      return bar === undefined || kstDate(bar.startUs) !== date ? [] : [stockDay(listing, date, bar, bars.at(-2))];
    });
  }

  private stockFacts(market: ListingMarket, date: number): readonly Fields[] {
    return this.listed(market, date).map(({ code, nameKo, nameEn, listedDate, listedShares }) =>
      fields({
        ISU_CD: isin(code),
        ISU_SRT_CD: code,
        ISU_NM: nameKo,
        ISU_ABBRV: nameKo,
        ISU_ENG_NM: nameEn,
        LIST_DD: listedDate,
        MKT_TP_NM: market,
        SECUGRP_NM: '주권',
        SECT_TP_NM: '',
        KIND_STKCERT_TP_NM: '보통주',
        PARVAL: FACE_VALUE_WON,
        LIST_SHRS: listedShares,
      }),
    );
  }

  private indexDays(name: string, date: number): readonly Fields[] {
    return INDEX_CODES.filter((code) => INDEX_CLASSES[name].includes(code)).flatMap((code) => {
      const bars = this.options.market.indexDailyBars(code, dateLater(date, -DAYS_BACK), date);
      const bar = bars.at(-1);
      return bar === undefined || kstDate(bar.startUs) !== date ? [] : [indexDay(name, code, date, bar, bars.at(-2))];
    });
  }

  private listed(market: ListingMarket, date: number): readonly Listing[] {
    return this.options.listings.listedOn(date).filter((listing) => listing.market === market);
  }
}

function stockDay(listing: Listing, date: number, bar: HistoryBar, before: HistoryBar | undefined): Fields {
  return fields({
    BAS_DD: date,
    ISU_CD: listing.code,
    ISU_NM: listing.nameKo,
    MKT_NM: listing.market,
    SECT_TP_NM: listing.market === 'KOSPI' ? '-' : '벤처기업부',
    TDD_CLSPRC: bar.closeWon,
    ...differenceFields('CMPPREVDD_PRC', bar.closeWon, before?.closeWon, 0),
    TDD_OPNPRC: bar.openWon,
    TDD_HGPRC: bar.highWon,
    TDD_LWPRC: bar.lowWon,
    ACC_TRDVOL: bar.volume,
    ACC_TRDVAL: Math.round(bar.turnoverWon),
    MKTCAP: withCommas(listing.listedShares * bar.closeWon),
    LIST_SHRS: withCommas(listing.listedShares),
  });
}

function indexDay(
  name: string,
  code: IndexCode,
  date: number,
  bar: HistoryBar,
  before: HistoryBar | undefined,
): Fields {
  return fields({
    BAS_DD: date,
    IDX_CLSS: name.toUpperCase(),
    IDX_NM: INDEX_NAMES[code],
    CLSPRC_IDX: bar.closeWon.toFixed(2),
    ...differenceFields('CMPPREVDD_IDX', bar.closeWon, before?.closeWon, 2),
    OPNPRC_IDX: bar.openWon.toFixed(2),
    HGPRC_IDX: bar.highWon.toFixed(2),
    LWPRC_IDX: bar.lowWon.toFixed(2),
    ACC_TRDVOL: withCommas(bar.volume),
    ACC_TRDVAL: withCommas(Math.round(bar.turnoverWon)),
    MKTCAP: '-',
  });
}

/** `-` where there was no day before. */
function differenceFields(name: string, close: number, before: number | undefined, decimals: number): Fields {
  if (before === undefined) return { [name]: '-', FLUC_RT: '-' };
  return { [name]: (close - before).toFixed(decimals), FLUC_RT: percent(close - before, before) };
}

function withCommas(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

function refused(status: number, message: string): RestAnswer {
  return { status, body: { respMsg: message, respCode: String(status) } };
}
