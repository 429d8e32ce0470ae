// Daily bars of one stock, as traded or adjusted for corporate actions. The trap: FID_ORG_ADJ_PRC means the opposite in
// the transaction for the last 30 days (FHKST01010400); this one, FHKST03010100, takes 0 for adjusted and 1 for raw.
import { kstDate, kstToUtcUs } from '../../../../config/calendar.ts';
import type { SessionVenue } from '../../../../config/sessions.ts';
import { type AnswerRow, rowsOf } from './answer.ts';
import type { KisRestClient } from './client.ts';
import { KisRestError } from './kis-rest-error.ts';
import { DAILY_BARS, MARKET_CODES } from './transactions.ts';

export interface DailyBar {
  /** YYYYMMDD. */
  readonly date: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly turnoverWon: number;
  /** FLNG_CLS_CODE: 00 none, 01 rights, 02 dividend, 03 distribution, 04 rights and dividend, 05 and 06 interim, 99. */
  readonly exRightsCode: string;
  /** PRTT_RATE, percent: what the day's base price lost against the close before by a split or rights; 0 for none. */
  readonly exRightsPercent: number;
}

export interface DailyBarsRequest {
  readonly code: string;
  readonly venue: SessionVenue;
  /** YYYYMMDD, both inclusive. */
  readonly from: number;
  readonly to: number;
  readonly prices: 'raw' | 'adjusted';
}

/** KIS gives 100 rows a call: some twenty years are 50 calls. */
const CALLS_MAX = 60;
const DAY_SECONDS = 86_400;

/** Oldest first. @throws KisRestError, `pages_max` for a period of more than 60 calls */
export async function dailyBars(client: KisRestClient, request: DailyBarsRequest): Promise<DailyBar[]> {
  const { code, venue, from, prices } = request;
  const bars = new Map<number, DailyBar>();
  let to = request.to;
  for (let call = 0; from <= to; call++) {
    if (call === CALLS_MAX) throw new KisRestError('pages_max', DAILY_BARS.trId);
    const answer = await client.ask(DAILY_BARS, {
      FID_COND_MRKT_DIV_CODE: MARKET_CODES[venue],
      FID_INPUT_ISCD: code,
      FID_INPUT_DATE_1: String(from),
      FID_INPUT_DATE_2: String(to),
      FID_PERIOD_DIV_CODE: 'D',
      FID_ORG_ADJ_PRC: prices === 'adjusted' ? '0' : '1',
    });
    const page = rowsOf(answer, 'output2')
      // A day without a row of its own (before the listing) stands there as an empty object.
      .filter((row) => row.text('stck_bsop_date') !== '')
      .map(dailyBar)
      .filter(({ date }) => date >= from && date <= to);
    if (page.length === 0) break;
    for (const bar of page) bars.set(bar.date, bar);
    to = dayBefore(Math.min(...page.map(({ date }) => date)));
  }
  return [...bars.values()].sort((one, other) => one.date - other.date);
}

function dailyBar(row: AnswerRow): DailyBar {
  return {
    date: row.date('stck_bsop_date'),
    open: row.number('stck_oprc'),
    high: row.number('stck_hgpr'),
    low: row.number('stck_lwpr'),
    close: row.number('stck_clpr'),
    volume: row.number('acml_vol'),
    turnoverWon: row.number('acml_tr_pbmn'),
    exRightsCode: row.text('flng_cls_code') || '00',
    exRightsPercent: row.numberOrZero('prtt_rate'),
  };
}

function dayBefore(date: number): number {
  return kstDate(kstToUtcUs(date, -DAY_SECONDS));
}
