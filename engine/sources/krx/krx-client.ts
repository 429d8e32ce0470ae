// The KRX Open API: the exchange's own end-of-day data, one service and date a call, within a budget of calls a day. It
// says what the exchange says; on a day without trading that is nothing. Paths and fields are gathered from public
// clients and stand in one table below.
import { kstDate } from '../../../config/calendar.ts';
import { type Clock, hostClock, monotonicUs } from '../../clock.ts';
import type { DailyCloseReference } from '../../reference/reference.ts';
import { isObject, parsedObject } from '../kis/rest/answer.ts';
import { ExchangeError, exchange } from '../kis/rest/http-exchange.ts';
import { systemTimers, type Timers } from '../kis/timers.ts';
import { KrxError } from './krx-error.ts';
import { KrxRow } from './krx-row.ts';

export interface KrxClientOptions {
  /** `https://data-dbg.krx.co.kr/svc/apis`, or the emulator's. */
  readonly url: string;
  readonly authKey: string;
  /** The exchange allows 10,000. */
  readonly requestsPerDay: number;
  readonly requestTimeoutMs?: number;
  /** Counts the days of the budget. */
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly onLatency?: (service: string, seconds: number) => void;
}

export const KRX_URL = 'https://data-dbg.krx.co.kr/svc/apis';

export type KrxMarket = 'KOSPI' | 'KOSDAQ' | 'KONEX';
export type KrxSegment = KrxMarket | 'ETF' | 'ETN';
export type KrxIndexFamily = 'KRX' | 'KOSPI' | 'KOSDAQ';

const DAILY_SERVICES: Readonly<Record<KrxSegment, string>> = {
  KOSPI: 'sto/stk_bydd_trd',
  KOSDAQ: 'sto/ksq_bydd_trd',
  KONEX: 'sto/knx_bydd_trd',
  ETF: 'etp/etf_bydd_trd',
  ETN: 'etp/etn_bydd_trd',
};
const BASE_INFO_SERVICES: Readonly<Record<KrxMarket, string>> = {
  KOSPI: 'sto/stk_isu_base_info',
  KOSDAQ: 'sto/ksq_isu_base_info',
  KONEX: 'sto/knx_isu_base_info',
};
const INDEX_SERVICES: Readonly<Record<KrxIndexFamily, string>> = {
  KRX: 'idx/krx_dd_trd',
  KOSPI: 'idx/kospi_dd_trd',
  KOSDAQ: 'idx/kosdaq_dd_trd',
};

/** Prices in won; 0 where there was no trade. */
export interface KrxDailyPrice {
  readonly code: string;
  readonly nameKo: string;
  readonly date: number;
  readonly openWon: number;
  readonly highWon: number;
  readonly lowWon: number;
  readonly closeWon: number;
  readonly volume: number;
  readonly turnoverWon: number;
  readonly marketCapWon: number;
  readonly listedShares: number;
}

/** Levels in points. */
export interface KrxIndexDay {
  readonly name: string;
  readonly date: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly turnoverWon: number;
  /** Of the members together. */
  readonly marketCapWon: number;
}

export interface KrxBaseInfo {
  readonly code: string;
  readonly nameKo: string;
  readonly market: KrxMarket;
  /** YYYYMMDD. */
  readonly listedDate: number;
  readonly listedShares: number;
}

const BYTES_MAX = 16 * 1024 * 1024;

export class KrxClient {
  readonly counters = { requests: 0, failures: {} as Record<string, number> };
  private readonly options: KrxClientOptions;
  private readonly closing = new AbortController();
  private budgetDate = 0;
  private budgetLeft = 0;
  /** Services that answered 401 today: asking them again would only spend the budget. */
  private readonly unauthorized = new Set<string>();

  constructor(options: KrxClientOptions) {
    this.options = options;
  }

  /** Calls that the budget still allows today. */
  get requestsLeft(): number {
    this.turnDay();
    return this.budgetLeft;
  }

  /** All of a segment on a date; empty on a day without trading, or as long as there is nothing. @throws KrxError */
  async dailyPrices(segment: KrxSegment, date: number): Promise<KrxDailyPrice[]> {
    const prices = (await this.rows(DAILY_SERVICES[segment], date)).map((row) => ({
      code: row.code('ISU_CD'),
      nameKo: row.text('ISU_NM'),
      date: row.number('BAS_DD'),
      openWon: row.number('TDD_OPNPRC'),
      highWon: row.number('TDD_HGPRC'),
      lowWon: row.number('TDD_LWPRC'),
      closeWon: row.number('TDD_CLSPRC'),
      volume: row.number('ACC_TRDVOL'),
      turnoverWon: row.number('ACC_TRDVAL'),
      marketCapWon: row.number('MKTCAP'),
      listedShares: row.number('LIST_SHRS'),
    }));
    // Another day's rows are not this day's: the exchange has nothing yet.
    return prices.filter((price) => price.date === date);
  }

  /** All indices of a family on a date. @throws KrxError */
  async indexDay(family: KrxIndexFamily, date: number): Promise<KrxIndexDay[]> {
    return (await this.rows(INDEX_SERVICES[family], date)).map((row) => ({
      name: row.text('IDX_NM'),
      date: row.number('BAS_DD'),
      open: row.number('OPNPRC_IDX'),
      high: row.number('HGPRC_IDX'),
      low: row.number('LWPRC_IDX'),
      close: row.number('CLSPRC_IDX'),
      volume: row.number('ACC_TRDVOL'),
      turnoverWon: row.number('ACC_TRDVAL'),
      marketCapWon: row.number('MKTCAP'),
    }));
  }

  /** Who is listed on a date, under which name and with how many shares. @throws KrxError */
  async baseInfo(market: KrxMarket, date: number): Promise<KrxBaseInfo[]> {
    return (await this.rows(BASE_INFO_SERVICES[market], date)).map((row) => ({
      code: row.code('ISU_SRT_CD'),
      nameKo: row.text('ISU_ABBRV'),
      market,
      listedDate: row.number('LIST_DD'),
      listedShares: row.number('LIST_SHRS'),
    }));
  }

  /**
   * Closing price and volume of these codes on a date, to hold KIS's against; null as long as the exchange has nothing.
   * @throws KrxError
   */
  async crossCheck(date: number, codes: readonly string[]): Promise<DailyCloseReference | null> {
    const missing = new Set(codes);
    const rows: DailyCloseReference['rows'][number][] = [];
    for (const segment of Object.keys(DAILY_SERVICES) as KrxSegment[]) {
      if (missing.size === 0) break;
      const prices = await this.dailyPrices(segment, date);
      // Stocks come first: where the largest market has nothing, the others need not be asked.
      if (segment === 'KOSPI' && prices.length === 0) return null;
      for (const { code, closeWon, volume, turnoverWon } of prices)
        if (missing.delete(code)) rows.push({ code, closeWon, volume, turnoverWon });
    }
    return { kind: 'daily_close', source: 'KRX', venue: 'KRX', date, rows };
  }

  /** Ends what is under way with `closed`. */
  close(): void {
    this.closing.abort();
  }

  private async rows(service: string, date: number): Promise<KrxRow[]> {
    try {
      return await this.fetchRows(service, date);
    } catch (error) {
      const told = error instanceof ExchangeError ? new KrxError(error.code, service) : error;
      if (told instanceof KrxError) this.counters.failures[told.code] = (this.counters.failures[told.code] ?? 0) + 1;
      throw told;
    }
  }

  private async fetchRows(service: string, date: number): Promise<KrxRow[]> {
    this.turnDay();
    if (this.unauthorized.has(service)) throw new KrxError('unauthorized', service);
    if (this.budgetLeft <= 0) throw new KrxError('daily_limit', service);
    this.budgetLeft -= 1;
    this.counters.requests += 1;
    const { url: base, authKey, requestTimeoutMs = 10_000, timers = systemTimers, onLatency } = this.options;
    const url = new URL(`${base.replace(/\/$/, '')}/${service}`);
    url.searchParams.set('basDd', String(date));
    const sentUs = monotonicUs();
    const { status, bytes } = await exchange({
      url,
      headers: { AUTH_KEY: authKey, accept: 'application/json' },
      timeoutMs: requestTimeoutMs,
      bytesMax: BYTES_MAX,
      timers,
      closing: this.closing.signal,
    });
    onLatency?.(service, (monotonicUs() - sentUs) / 1_000_000);
    if (status === 401) this.unauthorized.add(service);
    // The exchange counts as well, over all who use the key: what it says of the day holds until the next.
    if (status === 429) this.budgetLeft = 0;
    if (status !== 200) throw new KrxError(ERRORS[status] ?? `http_${status}`, service);
    const list = parsedObject(bytes)?.OutBlock_1;
    if (!Array.isArray(list) || !list.every(isObject)) throw new KrxError('malformed', service);
    return list.map((fields) => new KrxRow(service, fields));
  }

  private turnDay(): void {
    const { clock = hostClock, requestsPerDay } = this.options;
    const date = kstDate(clock.nowUs());
    if (date === this.budgetDate) return;
    this.budgetDate = date;
    this.budgetLeft = requestsPerDay;
    this.unauthorized.clear();
  }
}

const ERRORS: Readonly<Record<number, string>> = { 401: 'unauthorized', 403: 'unauthorized', 429: 'daily_limit' };
